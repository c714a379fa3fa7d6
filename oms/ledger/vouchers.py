"""The two ledgers as outside programs want to read them: dated vouchers under names they accept.

It reads and names; `beancount` and `hledger` beside it know how each program writes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.clock import DAY_MS, to_datetime
from oms.ledger.posting import account_part
from oms.ledger.tables import (
    UNGUARDED,
    goods_balance,
    goods_entry,
    journal_balance,
    journal_entry,
    journal_posting,
)
from oms.platform.transaction import Reader

COMMODITY_MAX: Final = 24  # characters beancount allows in the name of a commodity
ITEM_PREFIX: Final = "I-"  # no currency has one, so an item called EUR stays an item
_NOT_IN_COMMODITY: Final = re.compile(r"[^A-Z0-9]+")


class Detail(StrEnum):
    """How much of the ledgers becomes a voucher of its own (money: by rule, goods: by item)."""

    MOVEMENT = "movement"
    DAILY = "daily"
    MONTHLY = "monthly"


class Line(msgspec.Struct, frozen=True, gc=False):
    """Units or minor units that an account gets (+) or gives (−). `guarded`: never below zero."""

    account: str
    amount: int
    commodity: str
    guarded: bool = False

    @property
    def is_goods(self) -> bool:
        return self.commodity.startswith(ITEM_PREFIX)


class Voucher(msgspec.Struct, frozen=True):
    """Lines that belong together and sum to zero."""

    day: date
    words: str
    lines: tuple[Line, ...]
    references: tuple[str, ...] = ()


class Names(msgspec.Struct, frozen=True):
    """What people call items and nodes, by id; what has no name goes out under its id."""

    items: Mapping[str, str] = {}
    nodes: Mapping[str, str] = {}


class Commodity(msgspec.Struct, frozen=True):
    """An item under a name that outside programs accept; with `sku` and `item_id` the way back."""

    name: str
    item_id: str
    sku: str


class Register:
    """Gives every item and node a name that is legal outside and like no other, always the same."""

    def __init__(self, item_ids: Iterable[str], names: Names) -> None:
        self._taken: set[str] = set()
        self._node_parts: dict[str, str] = {}
        self._names = names
        by_sku = sorted((names.items.get(item_id, item_id), item_id) for item_id in item_ids)
        self.commodities = {
            item_id: Commodity(self._free(f"{ITEM_PREFIX}{_clean(sku)}"), item_id, sku)
            for sku, item_id in by_sku
        }

    def line(self, key: tuple[str, str, str, str], units: int) -> Line:
        """Units at one place of the goods ledger: account, item, node, lot."""
        account, item_id, node_id, lot_id = key
        commodity = self.commodities[item_id].name
        guarded = account not in UNGUARDED
        parts = ["Assets" if guarded else "Equity", "Goods"]
        if node_id:
            parts += ["Node", self._node_part(node_id)]
        parts += [account_part(part) for part in account.removeprefix("node:").split(":")]
        if lot_id:
            parts.append(f"L-{_clean(lot_id)}")
        return Line(":".join([*parts, commodity]), units, commodity, guarded)

    def _node_part(self, node_id: str) -> str:
        if node_id not in self._node_parts:
            code = _clean(self._names.nodes.get(node_id, node_id))
            self._node_parts[node_id] = self._free(f"N-{code}").removeprefix("N-")
        return self._node_parts[node_id]

    def _free(self, wanted: str) -> str:
        name, number = wanted[:COMMODITY_MAX].rstrip("-"), 1
        while name in self._taken:
            number += 1
            ending = f"-{number}"
            name = wanted[: COMMODITY_MAX - len(ending)].rstrip("-") + ending
        self._taken.add(name)
        return name


def _clean(text: str) -> str:
    return _NOT_IN_COMMODITY.sub("-", text.upper()).strip("-") or "X"


_MOVEMENTS = sa.select(goods_entry).order_by(goods_entry.c.id)
_MOVED = sa.select(
    goods_entry.c.at_ms,
    goods_entry.c.item_id,
    goods_entry.c.quantity,
    goods_entry.c.source_account,
    goods_entry.c.source_node_id,
    goods_entry.c.source_lot_id,
    goods_entry.c.target_account,
    goods_entry.c.target_node_id,
    goods_entry.c.target_lot_id,
).order_by(goods_entry.c.id)
_GOODS_KEPT = sa.select(
    goods_balance.c.account,
    goods_balance.c.item_id,
    goods_balance.c.node_id,
    goods_balance.c.lot_id,
    goods_balance.c.units,
).order_by(goods_balance.c.item_id, goods_balance.c.account, goods_balance.c.node_id)
_ITEMS = sa.union(sa.select(goods_balance.c.item_id), sa.select(goods_entry.c.item_id))

_joined = sa.join(journal_entry, journal_posting, journal_posting.c.entry_id == journal_entry.c.id)
_MONEY = (
    sa.select(
        journal_entry.c.id,
        (journal_entry.c.at_ms // DAY_MS).label("day"),
        journal_entry.c.rule,
        journal_entry.c.currency,
        journal_entry.c.order_id,
        journal_entry.c.document_id,
        journal_entry.c.memo,
        journal_posting.c.account,
        journal_posting.c.amount_minor,
    )
    .select_from(_joined)
    .order_by(journal_entry.c.id, journal_posting.c.position)
)
_MONEY_KEPT = sa.select(journal_balance).order_by(
    journal_balance.c.account, journal_balance.c.currency
)
_ENDS = sa.select(
    sa.func.min(goods_entry.c.at_ms),
    sa.func.max(goods_entry.c.at_ms),
).union_all(sa.select(sa.func.min(journal_entry.c.at_ms), sa.func.max(journal_entry.c.at_ms)))


def register(reader: Reader, names: Names) -> Register:
    """Names for everything the goods ledger speaks of."""
    return Register((row.item_id for row in reader.stream(_ITEMS)), names)


def span(reader: Reader) -> tuple[date, date]:
    """The first and the last day of both ledgers; today if they are empty."""
    ends = [end for row in reader.fetch(_ENDS) for end in row if end is not None]
    moments = ends or [reader.now_ms]
    return to_datetime(min(moments)).date(), to_datetime(max(moments)).date()


def goods(reader: Reader, names: Register, detail: Detail) -> Iterator[Voucher]:
    """What moved, in the order of the ledger.

    That order rules the dates: a clock that was set back dates nothing before what was already
    written, or units would seem to leave before they came.
    """
    if detail is Detail.MOVEMENT:
        yield from _movements(reader, names)
        return
    for day, net in _by_period(_goods_changes(reader), detail):
        for item_id, places in groupby(sorted(net), key=itemgetter(0)):
            keys = [(account, item_id, node, lot) for _, account, node, lot in places]
            lines = tuple(names.line(key, net[item_id, key[0], *key[2:]]) for key in keys)
            yield Voucher(day, f"goods, {detail}", lines)


def _movements(reader: Reader, names: Register) -> Iterator[Voucher]:
    day = 0
    for row in reader.stream(_MOVEMENTS):
        day = max(day, row.at_ms // DAY_MS)
        source = (row.source_account, row.item_id, row.source_node_id, row.source_lot_id)
        target = (row.target_account, row.item_id, row.target_node_id, row.target_lot_id)
        lines = (names.line(source, -row.quantity), names.line(target, row.quantity))
        yield Voucher(_day(day), row.move, lines, _references(row))


def money(reader: Reader, detail: Detail) -> Iterator[Voucher]:
    """What was posted, in the order of the journal."""
    if detail is Detail.MOVEMENT:
        for _, rows in groupby(reader.stream(_MONEY), key=lambda row: row.id):
            postings = list(rows)
            first = postings[0]
            words = f"{first.rule}: {first.memo}" if first.memo else first.rule
            lines = tuple(Line(p.account, p.amount_minor, first.currency) for p in postings)
            yield Voucher(_day(first.day), words, lines, _references(first))
        return
    changes = (
        (row.day, (row.rule, row.currency, row.account), row.amount_minor)
        for row in reader.stream(_MONEY)
    )
    for day, net in _by_period(changes, detail):
        for (rule, currency), keys in groupby(sorted(net), key=itemgetter(0, 1)):
            lines = tuple(Line(key[2], net[key], currency) for key in keys)
            yield Voucher(day, rule, lines)


def goods_kept(reader: Reader, names: Register) -> Iterator[Line]:
    """The balances of units that stand beside the ledger."""
    for row in reader.stream(_GOODS_KEPT):
        yield names.line((row.account, row.item_id, row.node_id, row.lot_id), row.units)


def money_kept(reader: Reader) -> Iterator[Line]:
    """The balances of money that stand beside the journal."""
    for row in reader.stream(_MONEY_KEPT):
        yield Line(row.account, row.amount_minor, row.currency)


_Key = tuple[str, ...]


def _goods_changes(reader: Reader) -> Iterator[tuple[int, _Key, int]]:
    """Day, (item, account, node, lot) and units: two for each movement."""
    day = 0
    for at_ms, item_id, units, account, node, lot, *target in reader.stream(_MOVED):
        day = max(day, at_ms // DAY_MS)
        yield day, (item_id, account, node, lot), -units
        yield day, (item_id, *target), units


def _by_period(
    changes: Iterable[tuple[int, _Key, int]], detail: Detail
) -> Iterator[tuple[date, dict[_Key, int]]]:
    """Net changes by key of each day or month, dated on the last day that saw any.

    Adds up one period at a time, in memory: the database would sort the whole ledger.
    """
    for _, rows in groupby(changes, key=lambda change: _period(change[0], detail)):
        net: dict[_Key, int] = defaultdict(int)
        last = 0
        for day, key, amount in rows:
            net[key] += amount
            last = day
        yield _day(last), {key: amount for key, amount in net.items() if amount}


def _period(day: int, detail: Detail) -> object:
    if detail is Detail.DAILY:
        return day
    first = _day(day)
    return first.year, first.month


def _day(number: int) -> date:
    return to_datetime(number * DAY_MS).date()


def _references(row: Any) -> tuple[str, ...]:
    return tuple(id_ for id_ in (row.order_id, row.document_id) if id_)
