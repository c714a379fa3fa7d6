"""What a cancel is worth, and what it makes of an order's account. Values in, values out."""

from msgspec.structs import replace

from oms.accounting.model import Charges, OrderAccount
from oms.orders.events import LinesCancelled, LinesReinstated


def cancel(account: OrderAccount, event: LinesCancelled) -> tuple[OrderAccount, int]:
    """The account after a cancel, and the amount that will not be invoiced."""
    amount = _goods(event)
    if event.charges and account.charges is Charges.DUE:
        amount += _charges(event)
        account = replace(account, charges=Charges.CANCELLED)
    return replace(account, cancelled_minor=account.cancelled_minor + amount), amount


def reinstate(account: OrderAccount, event: LinesReinstated) -> tuple[OrderAccount, int]:
    """The account when cancelled units are wanted again, and the amount below zero."""
    amount = _goods(event)
    if event.charges and account.charges is Charges.CANCELLED:
        amount += _charges(event)
        account = replace(account, charges=Charges.DUE)
    return replace(account, cancelled_minor=account.cancelled_minor - amount), -amount


def _goods(event: LinesCancelled | LinesReinstated) -> int:
    return sum(line.net_minor + line.tax_minor for line in event.lines)


def _charges(event: LinesCancelled | LinesReinstated) -> int:
    return sum(charge.net_minor + charge.tax_minor for charge in event.charges)
