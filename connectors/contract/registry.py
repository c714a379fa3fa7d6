"""Finds the connectors there are: installed packages' entry points, and this checkout's own.

Imports only the connector that is asked for. One that is broken is told of, not hidden, and does
not stop the others.
"""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final

import msgspec

from connectors.contract.manifest import Manifest
from oms.kernel.errors import Invalid, NotFound

GROUP: Final = "oms.connectors"

_CHECKOUT: Final = Path(__file__).resolve().parents[2] / "pyproject.toml"


class Refusal(msgspec.Struct, frozen=True):
    """An entry that is not usable, and why."""

    key: str
    entry: str
    sentence: str
    remedy: str


class Registry:
    """The connectors by key. Made once; `discover()` makes it from what is there."""

    def __init__(self, entries: Iterable[EntryPoint]) -> None:
        self._entries: Mapping[str, EntryPoint] = {entry.name: entry for entry in entries}

    def keys(self) -> tuple[str, ...]:
        """Names of all entries, usable or not, sorted; imports nothing."""
        return tuple(sorted(self._entries))

    def get(self, key: str) -> Manifest[Any]:
        """The manifest under `key`, or `NotFound`; `Invalid` if what stands there is none."""
        entry = self._entries.get(key)
        if entry is None:
            raise NotFound(
                "connector.unknown",
                f"There is no connector '{key}'.",
                f"Known: {', '.join(self.keys()) or 'none'}.",
            )
        return _loaded(entry)

    def all(self) -> tuple[list[Manifest[Any]], list[Refusal]]:
        """Every usable manifest and every refused entry, each sorted by key."""
        manifests, refusals = [], []
        for key in self.keys():
            try:
                manifests.append(self.get(key))
            except Invalid as refused:
                entry = self._entries[key].value
                refusals.append(Refusal(key, entry, refused.sentence, refused.remedy))
        return manifests, refusals


def discover(checkout: Path = _CHECKOUT) -> Registry:
    """The registry of this installation: entries of `checkout`, then those of installed packages.

    A checkout that is run without being installed has no entry points of its own, so its
    pyproject.toml is read; an installed package may replace one of its connectors by name.
    """
    return Registry([*_entries_of(checkout), *entry_points(group=GROUP)])


def _entries_of(pyproject: Path) -> list[EntryPoint]:
    if not pyproject.is_file():
        return []
    project = tomllib.loads(pyproject.read_text("utf-8")).get("project", {})
    declared = project.get("entry-points", {}).get(GROUP, {})
    return [EntryPoint(name, value, GROUP) for name, value in declared.items()]


def _loaded(entry: EntryPoint) -> Manifest[Any]:
    try:
        found = entry.load()
    except Exception as broken:
        raise _refused(entry, f"cannot be imported ({type(broken).__name__}: {broken})") from broken
    if not isinstance(found, Manifest):
        raise _refused(entry, f"is a {type(found).__name__}, not a Manifest")
    if found.key != entry.name:
        raise _refused(entry, f"calls itself '{found.key}'")
    return found


def _refused(entry: EntryPoint, why: str) -> Invalid:
    return Invalid(
        "connector.refused",
        f"Connector '{entry.name}': {entry.value} {why}.",
        f"Mend or uninstall the package that declares it under '{GROUP}'.",
    )
