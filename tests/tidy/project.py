"""The project as text and syntax trees, read once for all tidy tests."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PRODUCT: Final = ("config", "connectors", "fulfillment", "oms", "returns", "routing")
OURS: Final = (*PRODUCT, "benchmarks", "tests", "tools")


class Source(msgspec.Struct, frozen=True):
    """One Python file: `path` is relative to the project's root."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """Its dotted name, `oms.orders.store`."""
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")


@cache
def files() -> tuple[PurePosixPath, ...]:
    """Every file that is in the repository or would be with the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = (PurePosixPath(name) for name in sorted(set(listed.split("\0"))) if name)
    return tuple(path for path in paths if (ROOT / path).is_file())


@cache
def texts() -> tuple[tuple[PurePosixPath, str], ...]:
    """Every file that is text, with what it says."""
    found = []
    for path in files():
        try:
            found.append((path, (ROOT / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture or a font
    return tuple(found)


@cache
def sources(tops: tuple[str, ...] = OURS) -> tuple[Source, ...]:
    """The Python files under these top-level folders."""
    return tuple(
        Source(path=path, text=text, tree=ast.parse(text, filename=str(path)))
        for path, text in texts()
        if path.suffix == ".py" and path.parts[0] in tops
    )


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method in it, however deep."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported: for `from a import b` both `a` and `a.b`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def expect_none(findings: Iterable[str], remedy: str) -> None:
    """Fail with every finding and the one thing to do about them."""
    found = [f"  {finding}" for finding in findings]
    if found:
        pytest.fail("\n".join([remedy, *found]), pytrace=False)
