"""Every package has the same rooms; another one stands in the decisions log with its reason."""

import re
from pathlib import PurePosixPath

from tests.tidy.project import PRODUCT, ROOT, Source, expect_none, imports, sources

DECISION = "docs/decisions/0007-rooms-beyond-the-common-ones.md"

ROOMS = frozenset(
    "__init__ model machine events tables store service queries reactions effects".split()
)
BUSINESS = {
    *("oms/catalog", "oms/inventory", "oms/customers", "oms/orders", "oms/sourcing"),
    *("oms/payments", "oms/accounting", "oms/insight", "oms/automation"),
    *("fulfillment", "returns"),
}
SPECIAL = {
    "config": frozenset("settings".split()),
    "oms/kernel": frozenset("ids money quantity address clock errors events machine".split()),
    "oms/platform": ROOMS
    | frozenset(
        "database transaction gate outbox dispatch inbox idempotency sequences jobs arq_worker"
        " http_client audit logging metrics secrets".split()
    ),
    "oms/platform/security": None,
    "oms/platform/migrations": None,
    "oms/ledger": ROOMS | frozenset("goods journal posting check export".split()),
    "routing": frozenset("model rules cost solve wave explain simulate".split()),
}
"""Folders whose rooms the plan names one by one; None where it leaves them open."""

CONNECTOR = frozenset("__init__ connector manifest client wire mapping".split())
OPEN = ("oms/http", "oms/web", "connectors/contract", "connectors/engine", "connectors/testing")
MAY_KNOW_TABLES = {
    "oms/ledger": frozenset("goods journal check export".split()),
}


def reasoned_rooms() -> dict[str, str]:
    """Module or folder → reason, from the table in the decisions log."""
    text = (ROOT / DECISION).read_text()
    return dict(re.findall(r"^\| `([^`]+)` \| (.+?) \|$", text, flags=re.MULTILINE))


def test_a_package_has_only_the_rooms_of_the_plan() -> None:
    reasoned = reasoned_rooms()
    expect_none(
        (
            str(source.path)
            for source in sources(PRODUCT)
            if not _is_in_plan(source.path) and not _is_reasoned(source.path, reasoned)
        ),
        f"Move it into a room of docs/architecture.md, or give the reason as a line of {DECISION}:",
    )


def test_a_reason_in_the_log_is_about_something_that_exists() -> None:
    expect_none(
        (name for name in reasoned_rooms() if not (ROOT / name).exists()),
        f"Remove its line from {DECISION}:",
    )


def test_only_store_and_queries_know_the_columns_of_their_tables() -> None:
    expect_none(
        (
            f"{source.path}:{line} imports {name}"
            for source in sources(PRODUCT)
            for line, name in imports(source)
            if name.endswith(".tables") and not _may_know(source, name)
        ),
        "Ask the owner's store.py (to change) or queries.py (to read) instead:",
    )


def test_every_package_stands_on_a_floor() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    packages = {
        ".".join(source.path.parts[:2]).removesuffix(".py")
        for source in sources(("oms", "connectors"))
        if source.path.parts[1] != "__init__.py"
    }
    kinds = {package for package in packages if f'"{package}.*"' in text}
    expect_none(
        sorted(
            package
            for package in packages - kinds - {"connectors.testing"}
            if f"({package})" not in text
        ),
        "Give it a floor in the import-linter contract (pyproject.toml) and docs/architecture.md:",
    )


def test_the_floors_have_no_exceptions() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(), (
        "Remove ignore_imports from pyproject.toml: tell it as an event, or move the value down."
    )


def _is_in_plan(path: PurePosixPath) -> bool:
    folder = str(path.parent)
    if path.parts[0] == "connectors" and len(path.parts) > 3 and not folder.startswith(OPEN):
        return path.stem in CONNECTOR
    if path.stem == "__init__" or folder == "oms" or folder.startswith(OPEN):
        return True
    if _business_package(path):
        return path.stem in ROOMS
    for above in path.parents:
        if str(above) in SPECIAL:
            rooms = SPECIAL[str(above)]
            return rooms is None or (str(above) == folder and path.stem in rooms)
    return str(path).startswith(("oms/bootstrap/", "oms/cli/"))


def _business_package(path: PurePosixPath) -> str | None:
    return next((str(above) for above in path.parents if str(above) in BUSINESS), None)


def _is_reasoned(path: PurePosixPath, reasoned: dict[str, str]) -> bool:
    return str(path) in reasoned or any(f"{above}/" in reasoned for above in path.parents)


def _may_know(source: Source, tables: str) -> bool:
    owner = PurePosixPath(*tables.split(".")[:-1])
    if str(source.path).startswith(("oms/platform/migrations/", "oms/bootstrap")):
        return True  # they gather the tables of the whole house, and look into none
    if not source.path.is_relative_to(owner):
        return False
    rooms = MAY_KNOW_TABLES.get(str(owner), frozenset()) | {"store", "queries"}
    return source.path.stem in rooms
