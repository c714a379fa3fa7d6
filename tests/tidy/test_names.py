"""Names say what a thing is for, and modules say it in a sentence."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.project import OURS, PRODUCT, ROOT, expect_none, files, functions, sources

SAYS_NOTHING = frozenset(
    "base common data helper helpers info manager managers misc stuff util utils".split()
)
SAYS_LITTLE = ("process_", "handle_")


def test_no_module_has_a_name_that_says_nothing() -> None:
    expect_none(
        (
            str(source.path)
            for source in sources()
            if SAYS_NOTHING & {source.path.stem, *source.path.parent.parts}
        ),
        "Name it after the noun of the trade it serves (docs/glossary.md):",
    )


def test_no_class_or_function_has_a_name_that_says_nothing() -> None:
    classes = (
        (source, node)
        for source in sources(PRODUCT)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        and node.name.endswith(("Manager", "Helper", "Utils", "Base", "Info"))
    )
    vague = (
        (source, function)
        for source in sources(PRODUCT)
        for function in functions(source)
        if function.name.startswith(SAYS_LITTLE)
    )
    expect_none(
        (f"{source.path}:{node.lineno} {node.name}" for source, node in [*classes, *vague]),
        "Use the verb or noun of the trade instead (docs/glossary.md):",
    )


def test_every_module_says_what_it_is_for() -> None:
    expect_none(
        (str(source.path) for source in sources() if not ast.get_docstring(source.tree)),
        "Begin it with a docstring: what it is for, and what it will not do:",
    )


def test_every_folder_of_code_is_a_package() -> None:
    """A folder without `__init__.py` is invisible to the contracts about imports."""
    known = set(files())
    folders = {source.path.parent for source in sources(PRODUCT)}
    expect_none(
        (f"{folder}/" for folder in sorted(folders) if folder / "__init__.py" not in known),
        "Add an __init__.py with a docstring to:",
    )


@pytest.mark.parametrize("name", PRODUCT)
def test_our_top_level_names_are_ours(name: str) -> None:
    """Each exists as somebody else's package too, and an installed one would win."""
    found = subprocess.run(
        [sys.executable, "-I", "-c", f"import {name}; print({name}.__file__)"],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert Path(found.stdout.strip() or "/nowhere").is_relative_to(ROOT), (
        f"'import {name}' finds {found.stdout.strip() or found.stderr.strip()}: "
        f"uninstall that package, or install this project with 'make demo'."
    )


def test_our_folders_are_the_ones_the_plan_fixes() -> None:
    extra = {path.parts[0] for path in files() if path.suffix == ".py" and len(path.parts) > 1}
    expect_none(
        sorted(extra - set(OURS)),
        "The top level is fixed (docs/architecture.md): move the code below one of its folders:",
    )
