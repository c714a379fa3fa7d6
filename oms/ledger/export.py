"""Writing both ledgers for outside judges. A balance that disagrees with the entries goes out as it
is: the judges are there to refuse it.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from types import ModuleType
from typing import Final, TextIO

import msgspec

from oms.ledger import beancount, hledger, vouchers
from oms.ledger.vouchers import Detail, Line, Names, Voucher
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


def write(reader: Reader, out: TextIO, export: Export) -> Written:
    """Write both ledgers to `out`, in flat memory but for one line for each account."""
    syntax = _SYNTAX[export.program]
    register = vouchers.register(reader, export.names)
    first, last = vouchers.span(reader)
    money_kept = list(vouchers.money_kept(reader))
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
    goods_kept = vouchers.goods_kept(reader, register)
    kept = [*_kept(goods_kept, seen), *_kept(iter(money_kept), seen)]
    kept += [msgspec.structs.replace(line, amount=0) for line in seen.values()]
    accounts = {line.account: line for line in kept}
    out.writelines(syntax.account(first, line) for line in accounts.values())
    if kept:
        out.writelines(syntax.closing(last + timedelta(days=1), kept))
    return Written(transactions, lines, len(accounts))


def _vouchers(reader: Reader, register: vouchers.Register, detail: Detail) -> Iterator[Voucher]:
    yield from vouchers.goods(reader, register, detail)
    yield from vouchers.money(reader, detail)


def _kept(balances: Iterator[Line], seen: dict[tuple[str, str], Line]) -> Iterator[Line]:
    """Balances of accounts that hold something or were written about, which leave `seen`.

    What stays in `seen` was written about and has no balance: it must hold nothing.
    """
    for line in balances:
        if seen.pop((line.account, line.commodity), None) is not None or line.amount:
            yield line
