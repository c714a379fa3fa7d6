"""Gathers the rows of one order, in file order, remembering little however long the file is.

An order's rows should stand together. Where the mapping allows it, rows of other orders may stand
between them; an id that comes again later than that is a complaint, never a second order.
"""

from collections import deque
from typing import Final

import msgspec

from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.records import Record

ORDER_ROWS_MAX: Final = 10_000  # within so many rows an order must begin and end
JUNK_ROWS_MAX: Final = 100  # so many unreadable rows do not yet part an order in two
REMEMBERED_ORDERS: Final = 50_000  # at least so many ids are known again when they come twice
KEY_SHOWN: Final = 40

_NO_ID: Final = Complaint(
    "row.no_order_id", "This row names no order.", "Fill in the order's id in this row."
)
_TOO_LONG: Final = Complaint(
    "order.too_many_rows",
    f"This order does not end within {ORDER_ROWS_MAX} rows.",
    "Is this the column of the order's id? If so, split the order.",
)


class Group(msgspec.Struct):
    """Rows of one order. `key` is its id, empty when a row does not say which order it is of.

    `complaint` is about the group as a whole. `after` is the order that stood before, for rows
    without an id. The counts are how far reading had come at the first and the last row.
    """

    key: str
    records: list[Record]
    after: str
    first_count: int
    last_count: int
    last_good: int
    complaint: Complaint | None = None
    is_cut: bool = False


class Gatherer:
    """Give it records one by one; it gives back groups as they are complete, in file order."""

    def __init__(self, key_at: int, within_rows: int) -> None:
        self._key_at = key_at
        self._within = within_rows
        self._waiting: deque[Group] = deque()
        self._open: dict[str, Group] = {}
        self._seen: dict[str, int] = {}
        self._seen_before: dict[str, int] = {}
        self._count = 0
        self._good = 0
        self._last_key = ""

    def add(self, record: Record) -> list[Group]:
        """Take the next record; the groups that are complete now."""
        cells = record.cells
        key = cells[self._key_at].strip() if len(cells) > self._key_at else ""
        group = self._open.get(key) if key else None
        if group is None or self._is_over(group):
            if group is not None and self._is_too_long(group):
                group.complaint = _TOO_LONG
            group = self._begun(key, record.row)
        self._count += 1
        if record.complaint is None:  # else its id may be wrong too, so it ends no other order
            self._good += 1
            self._last_key = key
        group.records.append(record)
        group.last_count, group.last_good = self._count, self._good
        return self._complete()

    def finish(self) -> list[Group]:
        """The groups that are left at the end of the file."""
        left = list(self._waiting)
        self._waiting.clear()
        self._open.clear()
        return left

    def break_off(self) -> list[Group]:
        """The groups that are left where the file broke off; those that may go on are marked."""
        for group in self._waiting:
            group.is_cut = not self._is_over(group)
        return self.finish()

    def _is_over(self, group: Group) -> bool:
        """Whether no more rows will be taken for it."""
        return (
            self._good - group.last_good > self._within
            or self._count - group.first_count >= ORDER_ROWS_MAX
            or self._count - group.last_count > self._within + JUNK_ROWS_MAX
            or not group.key
        )

    def _is_too_long(self, group: Group) -> bool:
        """Whether it is over although its rows go on, or may."""
        return (
            bool(group.key)
            and self._count - group.first_count >= ORDER_ROWS_MAX
            and self._good - group.last_good <= self._within
        )

    def _begun(self, key: str, row: int) -> Group:
        group = Group(key, [], self._last_key, self._count, self._count, self._good)
        self._waiting.append(group)
        if not key:
            group.complaint = _NO_ID
            return group
        self._open[key] = group
        first_row = self._seen.get(key) or self._seen_before.get(key)
        if first_row:
            group.complaint = _repeated(key, first_row)
        else:
            self._remember(key, row)
        return group

    def _remember(self, key: str, row: int) -> None:
        if len(self._seen) >= REMEMBERED_ORDERS:
            self._seen_before, self._seen = self._seen, {}
        self._seen[key] = row

    def _complete(self) -> list[Group]:
        waiting = self._waiting
        complete: list[Group] = []
        while waiting and self._is_over(waiting[0]):
            group = waiting.popleft()
            if self._open.get(group.key) is group:
                del self._open[group.key]
            if self._is_too_long(group):
                group.complaint = _TOO_LONG
            complete.append(group)
        return complete


def _repeated(key: str, first_row: int) -> Complaint:
    return Complaint(
        "order.id_repeated",
        f"Order '{key[:KEY_SHOWN]}' already stood at row {first_row}, with other orders between.",
        "If this is the same order, put its rows together (or set gather_within_rows in the "
        "mapping); if not, give it an id of its own.",
    )
