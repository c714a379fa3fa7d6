"""What is installed is exactly what was tested, whoever serves it."""

import re
import tomllib
from typing import Any

import pytest

from tests.tidy.project import ROOT, expect_none

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.txt"))
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;]+)(?: ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
REMEDY = "Run 'make lock' instead of editing it:"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    expect_none(
        (
            f"{name}:{number} {line}"
            for number, line in enumerate(lines, start=1)
            if not PINNED.match(line) and not HASH.match(line)
        ),
        REMEDY,
    )


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    following = zip(lines, [*lines[1:], ""], strict=True)
    expect_none(
        (line for line, after in following if PINNED.match(line) and not HASH.match(after)),
        REMEDY,
    )


def test_the_tests_run_on_the_versions_that_are_shipped() -> None:
    core, dev = _versions("requirements.txt"), _versions("requirements-dev.txt")
    expect_none(
        (
            f"{name}: {sorted(core[name])} shipped, {sorted(dev.get(name, set()))} tested"
            for name in core
            if core[name] != dev.get(name)
        ),
        "Run 'make lock', which locks both together:",
    )


def test_every_dependency_is_locked() -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {_name(requirement) for requirement in project["project"]["dependencies"]}
    expect_none(
        sorted(wanted - set(_versions("requirements.txt"))),
        "Run 'make lock'; it is not locked yet:",
    )


def _versions(lock: str) -> dict[str, set[str]]:
    """Name → versions: more than one where they differ by Python version."""
    versions: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if match := PINNED.match(line):
            versions.setdefault(match[1], set()).add(match[2])
    return versions


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=;! ]", requirement, maxsplit=1)[0].lower().replace("_", "-")
