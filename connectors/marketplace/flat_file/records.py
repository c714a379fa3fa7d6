"""What a file is cut into: rows of cells under named columns, whatever the file's format.

A row that is malformed is a record too, with its complaint; reading always goes on behind it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import msgspec

from connectors.contract.errors import Unreadable
from connectors.marketplace.flat_file.complaints import Complaint

COLUMNS_SHOWN: Final = 30
NAME_SHOWN: Final = 40

_DELIMITERS: Final = ",;\t|"


class Record(msgspec.Struct, frozen=True):
    """One row. `cells` stand in the order of the reader's columns.

    `end` is the number of its last line, `crc` covers the file up to there. `extra` holds columns
    nobody maps. With a `complaint` there may be fewer cells, or other texts in them.
    """

    row: int
    end: int
    crc: int
    cells: list[str]
    raw: str
    extra: dict[str, str]
    complaint: Complaint | None = None
    left_out: int = 0


class Wanted(msgspec.Struct, frozen=True):
    """The columns a mapping speaks of; those in `required` must be there in any file."""

    columns: tuple[str, ...]
    required: frozenset[str]


class RecordReader(Protocol):
    """Iterate once. `columns` name the cells of every record, `header` is the file's own."""

    columns: tuple[str, ...]
    header: str

    def __iter__(self) -> Iterator[Record]: ...


def columns_missing(missing: Sequence[str], given: Sequence[str], name: str) -> Unreadable:
    """The refusal of a file that lacks columns: names them, and those it has."""
    hint = next((mark for mark in _DELIMITERS if len(given) == 1 and mark in given[0]), None)
    remedy = "Add them to the file, or name the file's own columns in the mapping."
    if hint:
        remedy = f"The header holds {hint!r}: set it as the delimiter in the mapping."
    if given and given[0].startswith("{"):
        remedy = 'The file looks like JSON lines: set format = "jsonl" in the mapping.'
    shown = ", ".join(column[:NAME_SHOWN] for column in given[:COLUMNS_SHOWN]) or "none"
    lacking = ", ".join(missing)
    return Unreadable(
        "file.columns_missing",
        f"{name}, row 1: the mapping needs columns that are not there: {lacking}. "
        f"The file has: {shown}.",
        remedy,
    )
