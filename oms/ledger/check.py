"""Proof that what is kept agrees with itself: named checks, and the rows that break them.

Packages declare their own in `queries.CHECKS`; this runs them and mends nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.ledger import journal
from oms.ledger.model import WORLD
from oms.ledger.tables import (
    goods_balance,
    goods_entry,
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


_EMPTY: Final = sa.literal_column("''", sa.Text)
_GOODS = sa.union_all(
    sa.select(
        goods_entry.c.item_id,
        sa.literal_column("'entry'", sa.Text).label("what"),
        goods_entry.c.quantity.label("units"),
        goods_entry.c.source_account.label("account"),
        goods_entry.c.source_node_id.label("node_id"),
        goods_entry.c.source_lot_id.label("lot_id"),
        goods_entry.c.target_account,
        goods_entry.c.target_node_id,
        goods_entry.c.target_lot_id,
    ),
    sa.select(
        goods_balance.c.item_id,
        sa.literal_column("'balance'", sa.Text),
        goods_balance.c.units,
        goods_balance.c.account,
        goods_balance.c.node_id,
        goods_balance.c.lot_id,
        _EMPTY,
        _EMPTY,
        _EMPTY,
    ),
).order_by("item_id")
_POSTINGS = sa.select(
    journal_posting.c.account, journal_entry.c.currency, journal_posting.c.amount_minor
).join_from(journal_posting, journal_entry, journal_posting.c.entry_id == journal_entry.c.id)


def _goods_disagreeing(reader: Reader) -> Iterator[Row]:
    """Places whose kept units are not the sum of the entries, item by item: flat in memory, where
    grouping in the database would sort the whole ledger.
    """
    for item_id, rows in groupby(reader.stream(_GOODS), key=itemgetter(0)):
        kept: Counter[tuple[str, str, str]] = Counter()
        counted: Counter[tuple[str, str, str]] = Counter()
        for _, what, units, account, node_id, lot_id, *target in rows:
            if what == "balance":
                kept[account, node_id, lot_id] = units
            else:
                counted[account, node_id, lot_id] -= units
                counted[target[0], target[1], target[2]] += units
        for place in sorted(kept.keys() | counted.keys()):
            if kept[place] != counted[place]:
                account, node_id, lot_id = place
                yield {
                    "account": account,
                    "item_id": item_id,
                    "node_id": node_id,
                    "lot_id": lot_id,
                    "kept": kept[place],
                    "counted": counted[place],
                }


def _journal_disagreeing(reader: Reader) -> Iterator[Row]:
    """Accounts whose kept amount is not the sum of the postings."""
    counted: Counter[tuple[str, str]] = Counter()
    for account, currency, amount in reader.stream(_POSTINGS):
        counted[account, currency] += amount
    kept = Counter(journal.balances(reader))
    for account, currency in sorted(kept.keys() | counted.keys()):
        if kept[account, currency] != counted[account, currency]:
            yield {
                "account": account,
                "currency": currency,
                "kept": kept[account, currency],
                "counted": counted[account, currency],
            }


_UNBALANCED = (
    sa.select(
        journal_posting.c.entry_id,
        sa.cast(sa.func.sum(journal_posting.c.amount_minor), sa.BigInteger).label("difference"),
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
    goods_balance.c.units < 0,
    goods_balance.c.account.not_in([account.value for account in WORLD]),
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
        _goods_disagreeing,
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
        _journal_disagreeing,
    ),
    Check(
        "event_sequences",
        "No event is missing from the story of anything.",
        from_statement(_EVENT_GAPS),
    ),
)
"""What the two ledgers and the event log must hold by themselves."""
