"""What reading a file of orders yields: messages with the rows they came from, or words why not.

A row is one record of the file and is named by the line it begins on, counted from 1 with any
header, as an editor or a spreadsheet shows it.
"""

from pathlib import Path
from typing import BinaryIO

import msgspec

from connectors.contract.messages import ChannelOrder, ChannelReturn


class FileSource(msgspec.Struct, frozen=True, kw_only=True):
    """A file to read: `name` is what messages call it, `opened` is read from its present place."""

    name: str
    opened: BinaryIO

    @classmethod
    def at(cls, path: Path) -> "FileSource":
        """Open the file at `path`; the caller closes `opened`."""
        return cls(name=path.name, opened=path.open("rb"))


class SourceRows(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where in a file something stood: `rows` of it lie from `first_row` to `last_row`."""

    file: str
    first_row: int
    last_row: int
    rows: int


class RowTally(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How many rows became what. Sums over a file account for every row read."""

    order_lines: int = 0
    return_lines: int = 0
    charges: int = 0
    quarantined: int = 0

    @property
    def rows(self) -> int:
        return self.order_lines + self.return_lines + self.charges + self.quarantined

    def __add__(self, other: "RowTally") -> "RowTally":
        return RowTally(
            order_lines=self.order_lines + other.order_lines,
            return_lines=self.return_lines + other.return_lines,
            charges=self.charges + other.charges,
            quarantined=self.quarantined + other.quarantined,
        )


class ReadMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was understood. `cursor` continues after it."""

    message: ChannelOrder | ChannelReturn
    source: SourceRows
    tally: RowTally
    cursor: str


class CellProblem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing wrong at one place; `column` is empty when it is the row as a whole.

    `code` is stable and for programs (``cell.not_a_number``).
    """

    row: int
    column: str
    code: str
    sentence: str
    remedy: str


class UnreadableRows(msgspec.Struct, frozen=True, kw_only=True):
    r"""Rows that could not be understood, kept whole, with what to do about them.

    `external_id` is the order they belong to, as far as it could be read. `problems` holds the
    first few, in row order, and is never empty.
    `header` and then `raw`, joined with line ends, are a file of their own that can be mended and
    read again. Bytes that are no text stand there as ``\xNN``; `left_out` counts characters of
    rows too long to keep. A problem of the file itself (cut off in the middle) has no rows.
    """

    source: SourceRows
    problems: tuple[CellProblem, ...]
    header: str
    raw: tuple[str, ...]
    cursor: str
    external_id: str = ""
    left_out: int = 0

    @property
    def tally(self) -> RowTally:
        return RowTally(quarantined=self.source.rows)

    @property
    def code(self) -> str:
        return self.problems[0].code

    @property
    def words(self) -> str:
        """One line for a person: file, row, column, what is wrong, what to do."""
        first = self.problems[0]
        column = f", column '{first.column}'" if first.column else ""
        said = f"{first.sentence} {first.remedy}".rstrip()
        return f"{self.source.file}, row {first.row}{column}: {said}"


FileOutcome = ReadMessage | UnreadableRows
