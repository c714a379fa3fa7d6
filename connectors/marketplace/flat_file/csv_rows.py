"""Cuts lines of CSV into records, and finds its way again behind rows that are malformed."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from connectors.contract.errors import Unreadable
from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.layout import FilePart
from connectors.marketplace.flat_file.records import Record, Wanted, columns_missing
from connectors.marketplace.flat_file.source import Line

RECORD_LINES_MAX: Final = 100  # a cell with line ends is a note, not a book

_OPEN_QUOTE: Final = Complaint(
    "row.open_quote",
    "A quotation mark opened in this row is not closed properly.",
    "Close it, or double each quotation mark that belongs to the text.",
)


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
        while following is not None:
            if following.complaint is not None:
                self._again.appendleft(following)
                return
            taken.append(following)
            yield following.text
            following = self._next() if len(taken) < RECORD_LINES_MAX else None

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
        raise columns_missing(missing, columns, name)


def _header_refused(complaint: Complaint, name: str) -> Unreadable:
    return Unreadable(
        complaint.code,
        f"{name}, row 1 should name the columns: {complaint.sentence}",
        "Is it text? If it is UTF-16 without a byte order mark, set encoding in the mapping; "
        'if its lines are JSON objects, set format = "jsonl" there.',
    )
