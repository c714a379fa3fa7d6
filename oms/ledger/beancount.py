"""How beancount 3 writes vouchers, so that it judges the goods by itself.

Units lie in FIFO lots of a made-up cost, one UNIT each, so a transaction that loses a unit has a
weight left over. That weight falls to an account that may hold nothing. A line that takes units
leaves the cost to the lots it takes from; where there are none, two numbers of the transaction are
missing and beancount refuses it: units that are not there cannot be sold.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from oms.kernel import money
from oms.ledger.vouchers import Commodity, Line, Voucher

LOST: Final = "Equity:Goods:Lost-Here"
_HALF_MINOR: Final = 2  # a balance may be off by less than half of the last place, not by one


def heading(first: date, currencies: Iterable[str]) -> Iterator[str]:
    yield "; The books of goods and money, for beancount 3. Judge them with: bean-check FILE\n"
    yield 'option "title" "Goods and money"\n'
    for currency in currencies:
        yield f'option "operating_currency" "{currency}"\n'
    yield f"{first} commodity UNIT\n"
    yield "; Whatever comes to rest in this account is lost or made from nothing.\n"
    yield f"{first} open {LOST}  NOTHING\n"


def commodity(first: date, each: Commodity) -> str:
    way_back = f"  sku: {_quoted(each.sku)}\n  item: {_quoted(each.item_id)}\n"
    return f"{first} commodity {each.name}\n{way_back}"


def account(first: date, line: Line) -> str:
    if not line.is_goods:
        return f"{first} open {line.account}\n"
    booking = "FIFO" if line.guarded else "NONE"
    return f'{first} open {line.account}  {line.commodity} "{booking}"\n'


def voucher(each: Voucher) -> Iterator[str]:
    links = "".join(f" ^{reference}" for reference in each.references)
    yield f"{each.day} * {_quoted(each.words)}{links}\n"
    for line in each.lines:
        if not line.is_goods:
            amount = money.to_decimal(line.amount, line.commodity)
            yield f"  {line.account}  {amount} {line.commodity}\n"
        elif line.guarded and line.amount < 0:
            yield f"  {line.account}  {line.amount} {line.commodity} {{UNIT}}\n"
        else:
            yield f"  {line.account}  {line.amount} {line.commodity} {{1 UNIT}}\n"
    if each.lines[0].is_goods:
        yield f"  {LOST}\n"


def closing(after: date, lines: Iterable[Line]) -> Iterator[str]:
    """What every account must hold in the end."""
    for line in lines:
        if line.is_goods:
            yield f"{after} balance {line.account}  {line.amount} {line.commodity}\n"
        else:
            amount = money.to_decimal(line.amount, line.commodity)
            within = money.to_decimal(1, line.commodity) / _HALF_MINOR
            yield f"{after} balance {line.account}  {amount} ~ {within} {line.commodity}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + " ".join(escaped.split()) + '"'
