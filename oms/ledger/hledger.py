"""How hledger writes vouchers, so that it refuses a lost unit and a lost cent.

It balances each commodity by itself, and the last transaction states what every account holds.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from oms.kernel import money
from oms.ledger.vouchers import Commodity, Line, Voucher


def heading(first: date, currencies: Iterable[str]) -> Iterator[str]:
    yield f"; The books of goods and money from {first}, for hledger. Judge them with:\n"
    yield ";   hledger -f FILE check balanced commodities\n"
    for currency in currencies:
        one = money.to_decimal(10 ** money.exponent(currency), currency)
        yield f"commodity {one if money.exponent(currency) else '1.'} {currency}\n"


def commodity(first: date, each: Commodity) -> str:
    del first
    return f'commodity 1. "{each.name}"  ; sku:{_tag(each.sku)}, item:{_tag(each.item_id)}\n'


def account(first: date, line: Line) -> str:
    del first
    return f"account {line.account}\n"


def voucher(each: Voucher) -> Iterator[str]:
    tags = "".join(f"  ; of:{_tag(reference)}" for reference in each.references[:1])
    tags += "".join(f", of:{_tag(reference)}" for reference in each.references[1:])
    yield f"{each.day} {_words(each.words)}{tags}\n"
    for line in each.lines:
        yield f"  {line.account}  {_amount(line)}\n"


def closing(after: date, lines: Iterable[Line]) -> Iterator[str]:
    """What every account must hold in the end: a last transaction that moves nothing."""
    yield f"{after} what is kept beside the ledgers\n"
    for line in lines:
        nothing = _amount(Line(line.account, 0, line.commodity))
        yield f"  {line.account}  {nothing} = {_amount(line)}\n"


def _amount(line: Line) -> str:
    if line.is_goods:
        return f'{line.amount} "{line.commodity}"'
    return f"{money.to_decimal(line.amount, line.commodity)} {line.commodity}"


def _words(text: str) -> str:
    return " ".join(text.replace(";", ",").replace("|", "/").split())


def _tag(text: str) -> str:
    return " ".join(text.replace(",", " ").split())
