"""Proof that what is kept agrees with itself: named checks, and the rows that break them.

Packages declare their own in `queries.CHECKS`; this runs them and mends nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.ledger.goods import LEGS
from oms.ledger.tables import (
    UNGUARDED,
    goods_balance,
    journal_balance,
    journal_entry,
    journal_posting,
)
from oms.platform.event_log import event_table
from oms.platform.transaction import Reader

ROWS_SHOWN: Final = 20  # enough to see the pattern; the count says the rest

Row = Mapping[str, object]
Find = Callable[[Reader], Iterable[Row]]


class Check(msgspec.Struct, frozen=True):
    """Something that must hold: `sentence` says what, `find` yields the rows that break it."""

    name: str
    sentence: str
    find: Find


class Outcome(msgspec.Struct, frozen=True):
    """How a check went: how many rows break it, and the first of them."""

    check: Check
    count: int
    rows: tuple[Row, ...]

    @property
    def holds(self) -> bool:
        return self.count == 0


def run(reader: Reader, checks: Iterable[Check]) -> Iterator[Outcome]:
    """The outcome of each check, as soon as it is known. Flat in memory."""
    for check in checks:
        breaking = iter(check.find(reader))
        shown = tuple(islice(breaking, ROWS_SHOWN))
        yield Outcome(check, len(shown) + sum(1 for _ in breaking), shown)


def from_statement(statement: sa.Select[Any]) -> Find:
    """A `find` whose statement selects exactly the rows that break the check."""

    def find(reader: Reader) -> Iterator[Row]:
        for row in reader.stream(statement):
            yield row._asdict()

    return find


def _total(column: sa.ColumnElement[Any], label: str) -> sa.Label[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger).label(label)


def _disagreeing(kept: sa.Select[Any], counted: sa.Select[Any], keys: int) -> sa.Select[Any]:
    """Keys whose kept amount is not the counted one; both select (keys…, kept, counted)."""
    both = sa.union_all(kept, counted).subquery("both_sides")
    columns = list(both.c)
    key_columns, amounts = columns[:keys], columns[keys:]
    return (
        sa.select(*key_columns, *(_total(amount, amount.name) for amount in amounts))
        .group_by(*key_columns)
        .having(sa.func.sum(amounts[0]) != sa.func.sum(amounts[1]))
        .order_by(*key_columns)
    )


_NONE: Final = sa.literal_column("0", sa.BigInteger)
_GOODS = _disagreeing(
    sa.select(
        goods_balance.c.account,
        goods_balance.c.item_id,
        goods_balance.c.node_id,
        goods_balance.c.lot_id,
        goods_balance.c.units.label("kept"),
        _NONE.label("counted"),
    ),
    sa.select(LEGS.c.account, LEGS.c.item_id, LEGS.c.node_id, LEGS.c.lot_id, _NONE, LEGS.c.units),
    keys=4,
)
_JOURNAL = _disagreeing(
    sa.select(
        journal_balance.c.account,
        journal_balance.c.currency,
        journal_balance.c.amount_minor.label("kept"),
        _NONE.label("counted"),
    ),
    sa.select(
        journal_posting.c.account, journal_entry.c.currency, _NONE, journal_posting.c.amount_minor
    ).join_from(journal_posting, journal_entry, journal_posting.c.entry_id == journal_entry.c.id),
    keys=2,
)
_UNBALANCED = (
    sa.select(
        journal_posting.c.entry_id, _total(journal_posting.c.amount_minor, "difference_minor")
    )
    .group_by(journal_posting.c.entry_id)
    .having(sa.func.sum(journal_posting.c.amount_minor) != 0)
    .order_by(journal_posting.c.entry_id)
)
_WITHOUT_ENTRY = (
    sa.select(journal_posting)
    .outerjoin(journal_entry, journal_posting.c.entry_id == journal_entry.c.id)
    .where(journal_entry.c.id.is_(None))
)
_WITHOUT_POSTING = (
    sa.select(journal_entry)
    .outerjoin(
        journal_posting,
        sa.and_(journal_posting.c.entry_id == journal_entry.c.id, journal_posting.c.position == 0),
    )
    .where(journal_posting.c.entry_id.is_(None))
)
_BELOW_ZERO = sa.select(goods_balance).where(
    goods_balance.c.units < 0, goods_balance.c.account.not_in(UNGUARDED)
)
_EVENT_GAPS = (
    sa.select(
        event_table.c.entity,
        sa.func.count().label("events"),
        sa.func.min(event_table.c.sequence).label("first"),
        sa.func.max(event_table.c.sequence).label("last"),
    )
    .group_by(event_table.c.entity)
    .having(
        (sa.func.min(event_table.c.sequence) != 1)
        | (sa.func.max(event_table.c.sequence) != sa.func.count())
    )
)

CHECKS: Final = (
    Check(
        "goods_balances",
        "Every balance of units is the sum of the goods ledger's entries.",
        from_statement(_GOODS),
    ),
    Check(
        "goods_not_negative",
        "No place inside our walls holds less than nothing.",
        from_statement(_BELOW_ZERO),
    ),
    Check(
        "journal_entries",
        "Every journal entry has as much debit as credit in its currency.",
        from_statement(_UNBALANCED),
    ),
    Check(
        "journal_postings",
        "Every posting belongs to a journal entry.",
        from_statement(_WITHOUT_ENTRY),
    ),
    Check(
        "journal_complete",
        "Every journal entry has its postings.",
        from_statement(_WITHOUT_POSTING),
    ),
    Check(
        "journal_balances",
        "Every balance of money is the sum of the journal's postings.",
        from_statement(_JOURNAL),
    ),
    Check(
        "event_sequences",
        "No event is missing from the story of anything.",
        from_statement(_EVENT_GAPS),
    ),
)
"""What the two ledgers and the event log must hold by themselves."""
