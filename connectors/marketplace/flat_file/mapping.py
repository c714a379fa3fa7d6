"""Turns the rows of one order into an order, a return, or words about why not. Pure.

An order is understood whole or not at all: one wrong cell keeps all its rows out, since an order
that lacks a line would be shipped and charged wrongly. Rows that a rule sends to quarantine are no
part of the order and do not keep it out.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from connectors.contract.files import (
    CellProblem,
    FileOutcome,
    ReadMessage,
    RowTally,
    SourceRows,
    UnreadableRows,
)
from connectors.contract.messages import ChannelOrder, ChannelReturn
from connectors.marketplace.flat_file.cells import CellReader
from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.documents import (
    PROBLEMS_KEPT,
    DocumentReader,
    Misreads,
    Row,
    problem,
    problem_of,
)
from connectors.marketplace.flat_file.goods import GoodsReader
from connectors.marketplace.flat_file.groups import Group
from connectors.marketplace.flat_file.heading import HeadingReader
from connectors.marketplace.flat_file.layout import Layout, RowKind
from connectors.marketplace.flat_file.records import Record
from connectors.marketplace.flat_file.rules import classifier
from connectors.marketplace.flat_file.slots import Misread, Slots

_ORDER: Final = frozenset({RowKind.ORDER_LINE, RowKind.CHARGE, RowKind.DISCOUNT})
_RETURN: Final = frozenset({RowKind.RETURN_LINE, RowKind.RETURN_CHARGE})

_MAY_GO_ON: Final = Complaint(
    "order.cut_off",
    "The file ends in the middle, and this order may go on in the part that is missing.",
    "Copy the file again and read it again: what is already in will be recognised.",
)

# What is no text is written as Python writes it, so that any database can keep it.
_PRINTABLE: Final = {code: f"\\x{code:02x}" for code in range(32) if chr(code) not in "\t\n\r"}


class FileNames(msgspec.Struct, frozen=True):
    """What outcomes say about their file."""

    file: str
    header: str


class Mapper:
    """Maps the groups of one file. Outcomes have no cursor yet: the reader knows it."""

    def __init__(self, layout: Layout, columns: tuple[str, ...], names: FileNames) -> None:
        slots = Slots(columns)
        reader = CellReader(layout)
        goods = GoodsReader(layout, slots, reader)
        self._names = names
        self._id_column = slots.of(layout.order.id).column
        self._rule_of = classifier(layout, slots)
        self._headings = HeadingReader(layout, slots, reader)
        self._documents = DocumentReader(layout, slots, goods)

    def outcomes(self, group: Group) -> list[FileOutcome]:
        """What becomes of the group's rows, each in exactly one outcome: never none."""
        problems = self._whole_problems(group)
        if problems:
            return [self._unreadable(group.key, group.records, problems)]
        rows: list[Row] = []
        set_aside: dict[str, list[Record]] = {}
        for record in group.records:
            rule = self._rule_of(record.cells)
            if rule.row is RowKind.QUARANTINE:
                set_aside.setdefault(rule.reason, []).append(record)
            else:
                rows.append(Row(record, rule))
        return [
            *(self._understood(group.key, rows) if rows else ()),
            *(self._set_aside(group.key, reason, kept) for reason, kept in set_aside.items()),
        ]

    def broken_off(self, row: int, complaint: Complaint) -> UnreadableRows:
        """The outcome that says the file itself ends in the middle: it has no rows."""
        return UnreadableRows(
            source=SourceRows(file=self._names.file, first_row=row, last_row=row, rows=0),
            problems=(problem(row, "", complaint),),
            header=self._names.header,
            raw=(),
            cursor="",
        )

    def _whole_problems(self, group: Group) -> list[CellProblem]:
        """What keeps all rows out before any cell is looked at."""
        records = group.records
        found = [
            problem(record.row, "", _placed(record.complaint, group))
            for record in records
            if record.complaint is not None
        ]
        if group.complaint is not None and (group.key or not found):
            column = self._id_column
            found.append(problem(records[0].row, column, _placed(group.complaint, group)))
        if group.is_cut:
            found.append(problem(records[-1].row, "", _MAY_GO_ON))
        return found

    def _understood(self, key: str, rows: Sequence[Row]) -> list[FileOutcome]:
        records = [row.record for row in rows]
        ordered = [row for row in rows if row.rule.row in _ORDER]
        returned = [row for row in rows if row.rule.row in _RETURN]
        try:
            heading = self._headings.read(records)
            order = self._documents.order(heading, ordered) if ordered else None
            message = self._documents.return_(heading, returned) if returned else None
        except Misreads as misreads:
            return [self._unreadable(key, records, misreads.problems)]
        except Misread as misread:
            return [self._unreadable(key, records, [problem_of(records[0].row, misread)])]
        found: list[FileOutcome] = []
        if order is not None:
            found.append(self._read(order, ordered))
        if message is not None:
            found.append(self._read(message, returned))
        return found

    def _read(self, message: ChannelOrder | ChannelReturn, rows: Sequence[Row]) -> ReadMessage:
        kinds = Counter(row.rule.row for row in rows)
        lines, returns = kinds[RowKind.ORDER_LINE], kinds[RowKind.RETURN_LINE]
        return ReadMessage(
            message=message,
            source=self._source([row.record for row in rows]),
            tally=RowTally(
                order_lines=lines, return_lines=returns, charges=len(rows) - lines - returns
            ),
            cursor="",
        )

    def _set_aside(self, key: str, reason: str, records: Sequence[Record]) -> UnreadableRows:
        complaint = Complaint("row.set_aside", reason, "")
        return self._unreadable(key, records, [problem(records[0].row, "", complaint)])

    def _unreadable(
        self, key: str, records: Sequence[Record], problems: Sequence[CellProblem]
    ) -> UnreadableRows:
        return UnreadableRows(
            source=self._source(records),
            problems=tuple(problems[:PROBLEMS_KEPT]),
            header=self._names.header,
            raw=tuple(record.raw.translate(_PRINTABLE) for record in records),
            external_id=key.translate(_PRINTABLE),
            left_out=sum(record.left_out for record in records),
            cursor="",
        )

    def _source(self, records: Sequence[Record]) -> SourceRows:
        return SourceRows(
            file=self._names.file,
            first_row=records[0].row,
            last_row=records[-1].row,
            rows=len(records),
        )


def _placed(complaint: Complaint, group: Group) -> Complaint:
    """A row that names no order is at least said to follow one."""
    if group.key or not group.after:
        return complaint
    sentence = f"{complaint.sentence} It follows a row of order '{group.after}'."
    return msgspec.structs.replace(complaint, sentence=sentence)
