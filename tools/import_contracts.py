"""A kind of import-linter contract that it lacks: some packages may import only what is listed."""

from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression


class OnlyContract(Contract):
    """Each package in `packages` imports itself, `allowed_modules`, and code that is not ours.

    Both lists may hold wildcards. A package that does not exist yet breaks nothing.
    """

    type_name = "only"

    packages = fields.SetField(subfield=fields.ModuleExpressionField())
    allowed_modules = fields.SetField(subfield=fields.ModuleExpressionField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001, ARG002 - theirs
        allowed = _names(graph, self.allowed_modules)
        wrong = [
            f"{importer} imports {imported}"
            for package in sorted(_names(graph, self.packages))
            for importer in sorted({package, *graph.find_descendants(package)})
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if _is_ours(graph, imported) and not _is_within(imported, allowed | {package})
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong, "allowed": sorted(allowed)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for sentence in check.metadata["wrong"]:
            output.print_error(sentence)
        output.print(f"They may import only: {', '.join(check.metadata['allowed'])}.")


def _names(graph: ImportGraph, field: fields.SetField) -> set[str]:
    expressions = cast("set[ModuleExpression]", field)  # the class holds the field, we its value
    return {module.name for module in module_expressions_to_modules(graph, expressions)}


def _is_ours(graph: ImportGraph, module: str) -> bool:
    return not graph.is_module_squashed(module)


def _is_within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
