"""The flat-file connector as the registry finds it."""

from collections.abc import Iterator

import msgspec

from connectors.contract.capabilities import Capability
from connectors.contract.files import FileOutcome, FileSource
from connectors.contract.manifest import ConnectorKind, Manifest, QualityLevel, Surroundings
from connectors.marketplace.flat_file.layout import Layout, parse
from connectors.marketplace.flat_file.reader import FileReading


class FlatFileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`layout` is the text of the mapping's TOML, `name` what refusals call it."""

    layout: str
    name: str = "the mapping"


class FlatFile:
    """Reads files of one layout. Needs neither network nor clock."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def read_file(self, source: FileSource, start: str = "") -> Iterator[FileOutcome]:
        """See `ReadsFiles.read_file`."""
        return FileReading(self.layout, source, start).outcomes()


def build(settings: FlatFileSettings, _surroundings: Surroundings) -> FlatFile:
    """A reader for the layout in `settings`; `Invalid` if that is no layout."""
    return FlatFile(parse(settings.layout, settings.name))


MANIFEST = Manifest(
    key="flat_file",
    label="CSV or JSON lines",
    kind=ConnectorKind.MARKETPLACE,
    capabilities=frozenset({Capability.READS_FILES}),
    settings=FlatFileSettings,
    build=build,
    docs="docs/import.md",
    quality=QualityLevel.SAMPLES,
)
