"""Reads one file from its beginning or from a cursor on: bytes to lines, records, groups, messages.

A cursor names the last outcome that was seen and the bytes read until then. Continuing reads those
again without mapping them, which a gzip file asks for anyway, and so sees if the file has changed.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from connectors.contract.errors import Unreadable
from connectors.contract.files import FileOutcome, FileSource
from connectors.marketplace.flat_file.csv_rows import CsvRecords
from connectors.marketplace.flat_file.groups import Gatherer, Group
from connectors.marketplace.flat_file.json_rows import JsonRecords
from connectors.marketplace.flat_file.layout import FileFormat, Layout, column_of
from connectors.marketplace.flat_file.mapping import FileNames, Mapper
from connectors.marketplace.flat_file.records import RecordReader, Wanted
from connectors.marketplace.flat_file.source import LineSource

_CURSOR: Final = re.compile(r"1\.([0-9a-f]+)\.([0-9]+)\.([0-9a-f]+)\.([0-9]+)\.([0-9]+)\.(m|e)")


class Place(msgspec.Struct, frozen=True, gc=False):
    """How far reading came: up to `line`, `crc` over all bytes until there.

    There `groups` groups were complete, and of the last one `items` outcomes were seen. At the
    end of a file groups are complete that might go on in a longer file.
    """

    layout: int = 0
    line: int = 0
    crc: int = 0
    groups: int = 0
    items: int = 0
    is_end: bool = False

    def cursor(self) -> str:
        end = "e" if self.is_end else "m"
        return f"1.{self.layout:x}.{self.line}.{self.crc:x}.{self.groups}.{self.items}.{end}"

    @classmethod
    def of(cls, cursor: str) -> "Place":
        found = _CURSOR.fullmatch(cursor)
        if found is None:
            raise Unreadable(
                "cursor.unknown",
                f"'{cursor[:40]}' is no place in a file that this connector made.",
                "Read the file from its beginning: orders that are in will be recognised.",
            )
        layout, line, crc, groups, items, end = found.groups()
        return cls(int(layout, 16), int(line), int(crc, 16), int(groups), int(items), end == "e")


class FileReading:
    """One reading of one file. `Unreadable` at once if its columns are not the mapping's."""

    def __init__(self, layout: Layout, source: FileSource, start: str = "") -> None:
        mine = layout.fingerprint()
        self._start = Place.of(start) if start else Place(mine)
        self._name = source.name
        if self._start.layout != mine:
            raise self._refused("cursor.other_mapping", "The mapping is another one now than when")
        self._lines = LineSource(source.opened, layout.file, source.name)
        self._records = _opened(self._lines, layout, source.name)
        columns = self._records.columns
        names = FileNames(source.name, self._records.header)
        self._mapper = Mapper(layout, columns, names)
        key_at = columns.index(column_of(layout.order.id))
        self._gatherer = Gatherer(key_at, layout.file.gather_within_rows)
        self._place = self._start
        self._safe = start
        self._last_line = 0

    def outcomes(self) -> Iterator[FileOutcome]:
        """What comes after the start, in file order; every row is in exactly one outcome."""
        start = self._start
        for number, group in enumerate(self._groups(), 1):
            if number < start.groups:
                continue
            seen = start.items if number == start.groups else 0
            for items, outcome in enumerate(self._mapper.outcomes(group)[seen:], seen + 1):
                self._mark(number, items)
                yield msgspec.structs.replace(outcome, cursor=self._safe)
        if self._lines.damage is not None:
            outcome = self._mapper.broken_off(self._last_line + 1, self._lines.damage)
            yield msgspec.structs.replace(outcome, cursor=self._safe)

    def _groups(self) -> Iterator[Group]:
        """Groups as they become complete, while `_place` says how far reading came."""
        start, crc = self._start, 0
        for record in self._records:
            reaches_start = self._last_line < start.line <= record.end
            if reaches_start and (record.end, record.crc) != (start.line, start.crc):
                raise self._changed()
            groups = self._gatherer.add(record)
            was_end = reaches_start and start.is_end
            if was_end:
                groups += self._gatherer.finish()
            self._last_line, crc = record.end, record.crc
            if groups:
                self._place = Place(start.layout, record.end, record.crc, is_end=was_end)
                yield from groups
        if self._last_line < start.line:
            raise self._changed()
        if self._lines.damage is not None:
            yield from self._gatherer.break_off()
        else:
            self._place = Place(start.layout, self._last_line, crc, is_end=True)
            yield from self._gatherer.finish()

    def _mark(self, groups: int, items: int) -> None:
        """Move the cursor on, but never past a break: behind it the mended file may go on."""
        if self._lines.damage is None:
            place = msgspec.structs.replace(self._place, groups=groups, items=items)
            self._safe = place.cursor()

    def _changed(self) -> Unreadable:
        return self._refused("cursor.file_changed", "The file is another one now than when")

    def _refused(self, code: str, what: str) -> Unreadable:
        return Unreadable(
            code,
            f"{self._name}: {what} reading began, so it cannot be continued.",
            "Read it from its beginning: orders that are in will be recognised.",
        )


def _opened(lines: LineSource, layout: Layout, name: str) -> RecordReader:
    wanted = Wanted(layout.columns(), layout.required_columns())
    if layout.file.format is FileFormat.CSV:
        return CsvRecords(lines, layout.file, wanted, name)
    return JsonRecords(lines, wanted, name)
