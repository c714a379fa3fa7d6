"""Turns lines that hold one JSON object each into records; nested names are joined with a point."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from connectors.contract.errors import Unreadable
from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.records import Record, Wanted, columns_missing
from connectors.marketplace.flat_file.source import BINARY, Line, holds_controls

LOOK_AHEAD: Final = 20  # rows in which at least one must be an object
DEPTH_MAX: Final = 4

# An amount keeps the digits it was written with.
_JSON: Final = msgspec.json.Decoder(float_hook=str)
_ESCAPED: Final = "\\u00"  # what begins so may stand for NUL and the like
_NOT_JSON: Final = Complaint(
    "row.not_json",
    "This row is not a JSON object.",
    'Write one object a line, such as {"order": "A-1", "sku": "X", "quantity": 1}.',
)


class JsonRecords:
    """Records of a file with one JSON object a line; nested names are joined with a point."""

    def __init__(self, lines: Iterable[Line], wanted: Wanted, name: str) -> None:
        self.columns = wanted.columns
        self.header = ""
        self._known = frozenset(wanted.columns)
        self._records = self._read(iter(lines))
        self._first = list(islice(self._records, LOOK_AHEAD))
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
                if _ESCAPED in text and any(map(holds_controls, values.values())):
                    complaint = BINARY
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
            first, why = self._first[0], self._first[0].complaint or _NOT_JSON
            raise Unreadable(why.code, f"{name}, row {first.row}: {why.sentence}", why.remedy)
        given = {
            *good.extra,
            *(c for c, text in zip(self.columns, good.cells, strict=True) if text),
        }
        missing = sorted(wanted.required - given)
        if missing:
            raise columns_missing(missing, sorted(given), name)


def _flatten(value: object, name: str, into: dict[str, str]) -> None:
    if isinstance(value, dict) and name.count(".") < DEPTH_MAX:
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
