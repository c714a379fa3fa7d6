"""What a cancel is worth, and what it makes of an order's account. Values in, values out."""

import msgspec
from msgspec.structs import replace

from oms.accounting.model import Charges, OrderAccount
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.events import LinesCancelled, LinesReinstated


class CaptureOwed(msgspec.Struct, frozen=True, kw_only=True):
    """A person lets the gateway be asked again for what an invoice is still owed."""

    invoice_id: str
    cause: Cause = SYSTEM


def owed(account: OrderAccount, total_minor: int, promised_minor: int) -> int:
    """What an invoice of `total_minor` is to be paid in all by gateways, of which so much is
    promised; `Refused` when its order owes nothing that is not on its way.
    """
    amount = min(total_minor, promised_minor + account.receivable_minor)
    if amount <= promised_minor:
        raise Refused(
            "invoice.nothing_owed",
            f"{account.receivable_minor} is owed for the order (minor units), and "
            f"{promised_minor} was taken or asked for this invoice.",
            "Nothing is to be done; see the order's payments.",
        )
    return amount


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
