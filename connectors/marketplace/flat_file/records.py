"""Cuts lines into records: rows of cells under named columns, from CSV or from JSON lines.

A row that is malformed is a record too, with its complaint; reading always goes on behind it.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Protocol

import msgspec

from connectors.contract.errors import Unreadable
from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.layout import FileFormat, FilePart
from connectors.marketplace.flat_file.source import Line

RECORD_LINES_MAX: Final = 100  # a cell with line ends is a note, not a book

JSON_LOOK_AHEAD: Final = 20  # rows in which at least one must be an object
JSON_DEPTH_MAX: Final = 4
COLUMNS_SHOWN: Final = 30
NAME_SHOWN: Final = 40

_JSON: Final = msgspec.json.Decoder(
    float_hook=str
)  # an amount keeps the digits it was written with
_DELIMITERS: Final = ",;\t|"

_OPEN_QUOTE: Final = Complaint(
    "row.open_quote",
    "A quotation mark opened in this row is not closed properly.",
    "Close it, or double each quotation mark that belongs to the text.",
)
_NOT_JSON: Final = Complaint(
    "row.not_json",
    "This row is not a JSON object.",
    'Write one object a line, such as {"order": "A-1", "sku": "X", "quantity": 1}.',
)


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


def open_records(lines: Iterable[Line], part: FilePart, wanted: Wanted, name: str) -> RecordReader:
    """Read as far as the header; `Unreadable` if wanted columns are missing."""
    if part.format is FileFormat.CSV:
        return CsvRecords(lines, part, wanted, name)
    return JsonRecords(lines, wanted, name)


class CsvRecords:
    """Records of a CSV file with a header row."""

    def __init__(self, lines: Iterable[Line], part: FilePart, wanted: Wanted, name: str) -> None:
        self._lines = iter(lines)
        self._again: deque[Line] = deque()
        self._part = part
        self._extra: tuple[tuple[str, int], ...] = ()
        self.columns: tuple[str, ...] = ()
        first = next((line for line in self._lines if line.text.strip()), None)
        if first is None:
            raise Unreadable("file.empty", f"{name} has no header row.", "Export it again.")
        header = self._cut(first)
        if header.complaint is not None:
            raise _header_refused(header.complaint, name)
        self.header = header.raw
        self.columns = tuple(cell.strip() for cell in header.cells)
        _check_columns(self.columns, wanted, name)
        self._extra = tuple(
            (column, at)
            for at, column in enumerate(self.columns)
            if column and column not in wanted.columns
        )

    def __iter__(self) -> Iterator[Record]:
        delimiter, quote, width = self._part.delimiter, self._part.quote, len(self.columns)
        while (line := self._next()) is not None:
            if line.complaint is not None or (quote and quote in line.text):
                yield self._cut(line)
                continue
            text = line.text.rstrip("\r\n")
            if not text or text.isspace():
                continue
            cells = text.split(delimiter)
            if len(cells) != width:
                yield self._malformed(line, self._width_complaint(cells))
                continue
            extra = self._rest(cells) if self._extra else {}
            yield Record(line.number, line.number, line.crc, cells, text, extra)

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _rest(self, cells: list[str]) -> dict[str, str]:
        return {name: cells[at] for name, at in self._extra if cells[at]}

    def _cut(self, line: Line) -> Record:
        """The record that begins with `line`, over as many lines as its quotes span."""
        if line.complaint is not None:
            return self._malformed(line, line.complaint)
        taken: list[Line] = []
        try:
            cells = next(self._parser(self._spanning(line, taken)), [])
        except csv.Error:
            return self._malformed(line, _OPEN_QUOTE, taken[1:])
        if self.columns and len(cells) != len(self.columns):
            complaint = _OPEN_QUOTE if len(taken) > 1 else self._width_complaint(cells)
            return self._malformed(line, complaint, taken[1:])
        last = taken[-1]
        raw = "".join(part.text for part in taken).rstrip("\r\n")
        return Record(line.number, last.number, last.crc, cells, raw, self._rest(cells))

    def _spanning(self, line: Line, taken: list[Line]) -> Iterator[str]:
        """Texts from `line` on, as far as the parser asks and one record may reach."""
        following: Line | None = line
        while following is not None and len(taken) < RECORD_LINES_MAX:
            if following.complaint is not None and taken:
                self._again.appendleft(following)
                return
            taken.append(following)
            yield following.text
            following = self._next()

    def _parser(self, texts: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(
            texts,
            strict=True,
            delimiter=self._part.delimiter,
            quotechar=self._part.quote or None,
            quoting=csv.QUOTE_MINIMAL if self._part.quote else csv.QUOTE_NONE,
        )

    def _malformed(self, line: Line, complaint: Complaint, unread: Sequence[Line] = ()) -> Record:
        """`line` alone with its complaint; lines wrongly taken with it are read again."""
        self._again.extendleft(reversed(unread))
        text = line.text.rstrip("\r\n")
        cells = self._guessed(text)
        return Record(
            row=line.number,
            end=line.number,
            crc=line.crc,
            cells=cells if line.is_whole else cells[:-1],
            raw=text,
            extra={},
            complaint=complaint,
            left_out=line.left_out,
        )

    def _guessed(self, text: str) -> list[str]:
        try:
            return next(self._parser([text]), [])
        except csv.Error:
            return [cell.strip(self._part.quote) for cell in text.split(self._part.delimiter)]

    def _width_complaint(self, cells: list[str]) -> Complaint:
        return Complaint(
            "row.width",
            f"The header names {len(self.columns)} cells, this row has {len(cells)}.",
            f"Put text that holds '{self._part.delimiter}' in quotation marks, or add what lacks.",
        )


class JsonRecords:
    """Records of a file with one JSON object a line; nested names are joined with a point."""

    def __init__(self, lines: Iterable[Line], wanted: Wanted, name: str) -> None:
        self.columns = wanted.columns
        self.header = ""
        self._known = frozenset(wanted.columns)
        self._records = self._read(iter(lines))
        self._first = list(islice(self._records, JSON_LOOK_AHEAD))
        if not self._first:
            raise Unreadable("file.empty", f"{name} holds no row.", "Export it again.")
        self._check_first(wanted, name)

    def __iter__(self) -> Iterator[Record]:
        yield from self._first
        yield from self._records

    def _read(self, lines: Iterator[Line]) -> Iterator[Record]:
        for line in lines:
            text = line.text.strip()
            if text:
                yield self._record(line, text)

    def _record(self, line: Line, text: str) -> Record:
        values: dict[str, str] = {}
        complaint = line.complaint
        if complaint is None:
            try:
                _flatten(_JSON.decode(text), "", values)
            except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
                complaint = _NOT_JSON
        return Record(
            row=line.number,
            end=line.number,
            crc=line.crc,
            cells=[values.get(column, "") for column in self.columns],
            raw=text,
            extra={name: text for name, text in values.items() if name not in self._known},
            complaint=complaint,
            left_out=line.left_out,
        )

    def _check_first(self, wanted: Wanted, name: str) -> None:
        good = next((record for record in self._first if record.complaint is None), None)
        if good is None:
            first = self._first[0].complaint or _NOT_JSON
            raise Unreadable(first.code, f"{name}, row 1: {first.sentence}", first.remedy)
        given = {
            *good.extra,
            *(c for c, text in zip(self.columns, good.cells, strict=True) if text),
        }
        missing = sorted(wanted.required - given)
        if missing:
            raise _columns_missing(missing, sorted(given), name)


def _flatten(value: object, name: str, into: dict[str, str]) -> None:
    if isinstance(value, dict) and name.count(".") < JSON_DEPTH_MAX:
        for key, inner in value.items():
            _flatten(inner, f"{name}.{key}" if name else key, into)
    elif not name:
        raise ValueError("not an object")
    elif isinstance(value, bool):
        into[name] = "true" if value else "false"
    elif isinstance(value, str | int):
        into[name] = str(value)
    elif value is not None:
        into[name] = msgspec.json.encode(value).decode()


def _check_columns(columns: tuple[str, ...], wanted: Wanted, name: str) -> None:
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise Unreadable(
            "file.columns_repeated",
            f"{name}, row 1: column '{twice[0]}' stands there more than once.",
            "Give every column its own name.",
        )
    missing = [column for column in wanted.columns if column not in columns]
    if missing:
        raise _columns_missing(missing, columns, name)


def _columns_missing(missing: Sequence[str], given: Sequence[str], name: str) -> Unreadable:
    hint = next((mark for mark in _DELIMITERS if len(given) == 1 and mark in given[0]), None)
    remedy = (
        f"The header holds {hint!r}: set it as the delimiter in the mapping."
        if hint
        else "Add them to the file, or name the file's own columns in the mapping."
    )
    shown = ", ".join(column[:NAME_SHOWN] for column in given[:COLUMNS_SHOWN]) or "none"
    lacking = ", ".join(missing)
    return Unreadable(
        "file.columns_missing",
        f"{name}, row 1: the mapping needs columns that are not there: {lacking}. "
        f"The file has: {shown}.",
        remedy,
    )


def _header_refused(complaint: Complaint, name: str) -> Unreadable:
    return Unreadable(
        complaint.code,
        f"{name}, row 1 should name the columns: {complaint.sentence}",
        "Is it text? If it is UTF-16 without a byte order mark, set encoding in the mapping.",
    )
