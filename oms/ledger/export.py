"""Writing both ledgers for outside judges. A balance that disagrees with the entries goes out as it
is: the judges are there to refuse it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from types import ModuleType
from typing import Any, Final, TextIO

import msgspec
import sqlalchemy as sa

from oms.kernel.clock import DAY_MS, to_datetime
from oms.ledger import beancount, hledger
from oms.ledger.tables import (
    goods_balance,
    goods_entry,
    journal_balance,
    journal_entry,
    journal_posting,
)
from oms.ledger.vouchers import Detail, Line, Names, Register, Voucher
from oms.platform.transaction import Reader


class Program(StrEnum):
    """Who shall read the books."""

    BEANCOUNT = "beancount"
    HLEDGER = "hledger"


class Export(msgspec.Struct, frozen=True):
    """What to write: for whom, in which detail, under which names."""

    program: Program
    detail: Detail = Detail.DAILY
    names: Names = Names()


class Written(msgspec.Struct, frozen=True):
    """How much was written."""

    transactions: int
    lines: int
    accounts: int


_SYNTAX: Final[dict[Program, ModuleType]] = {
    Program.BEANCOUNT: beancount,
    Program.HLEDGER: hledger,
}


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


def write(reader: Reader, out: TextIO, export: Export) -> Written:
    """Write both ledgers to `out`, in flat memory but for one line for each account."""
    syntax = _SYNTAX[export.program]
    register = _register(reader, export.names)
    first, last = _span(reader)
    money_kept = list(_money_kept(reader))
    currencies = sorted({line.commodity for line in money_kept})
    out.writelines(syntax.heading(first, currencies))
    out.writelines(syntax.commodity(first, each) for each in register.commodities.values())
    seen: dict[tuple[str, str], Line] = {}
    transactions = lines = 0
    for voucher in _vouchers(reader, register, export.detail):
        out.writelines(syntax.voucher(voucher))
        transactions += 1
        lines += len(voucher.lines)
        for line in voucher.lines:
            seen.setdefault((line.account, line.commodity), line)
    goods_kept = _goods_kept(reader, register)
    kept = [*_kept(goods_kept, seen), *_kept(iter(money_kept), seen)]
    kept += [msgspec.structs.replace(line, amount=0) for line in seen.values()]
    accounts = {line.account: line for line in kept}
    out.writelines(syntax.account(first, line) for line in accounts.values())
    if kept:
        out.writelines(syntax.closing(last + timedelta(days=1), kept))
    return Written(transactions, lines, len(accounts))


def _vouchers(reader: Reader, register: Register, detail: Detail) -> Iterator[Voucher]:
    yield from _goods(reader, register, detail)
    yield from _money(reader, detail)


def _kept(balances: Iterator[Line], seen: dict[tuple[str, str], Line]) -> Iterator[Line]:
    """Balances of accounts that hold something or were written about, which leave `seen`.

    What stays in `seen` was written about and has no balance: it must hold nothing.
    """
    for line in balances:
        if seen.pop((line.account, line.commodity), None) is not None or line.amount:
            yield line


def _register(reader: Reader, names: Names) -> Register:
    """Names for everything the goods ledger speaks of."""
    return Register((row.item_id for row in reader.stream(_ITEMS)), names)


def _span(reader: Reader) -> tuple[date, date]:
    """The first and the last day of both ledgers; today if they are empty."""
    ends = [end for row in reader.fetch(_ENDS) for end in row if end is not None]
    moments = ends or [reader.now_ms]
    return to_datetime(min(moments)).date(), to_datetime(max(moments)).date()


def _goods(reader: Reader, names: Register, detail: Detail) -> Iterator[Voucher]:
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


def _money(reader: Reader, detail: Detail) -> Iterator[Voucher]:
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


def _goods_kept(reader: Reader, names: Register) -> Iterator[Line]:
    """The balances of units that stand beside the ledger."""
    for row in reader.stream(_GOODS_KEPT):
        yield names.line((row.account, row.item_id, row.node_id, row.lot_id), row.units)


def _money_kept(reader: Reader) -> Iterator[Line]:
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
