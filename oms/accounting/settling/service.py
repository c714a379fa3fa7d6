"""Cancels and payments over a list: deposits pay what is owed, the rest goes back."""

from collections.abc import Sequence

from oms.accounting import store
from oms.accounting.model import Cancelled, Concerning
from oms.accounting.service import Books
from oms.accounting.settling import model
from oms.kernel.events import Recorded
from oms.orders.events import LinesCancelled, LinesReinstated
from oms.payments.events import PaymentCaptured
from oms.platform.dispatch import because_of
from oms.platform.transaction import Transaction

CANCELLED = Concerning(reason="cancelled")


def settle_cancellations(
    tx: Transaction,
    books: Books,
    cancelled: Sequence[Recorded[LinesCancelled] | Recorded[LinesReinstated]],
) -> None:
    """The paid share of cancelled units goes back. A known event says nothing."""
    known = store.known_cancellations(tx, [each.number for each in cancelled])
    new = []
    for each in cancelled:
        event, account = each.event, books.accounts[each.event.entity]
        if each.number in known or account.order_id not in books.orders:
            continue
        known.add(each.number)
        if isinstance(event, LinesCancelled):
            account, amount = model.cancel(account, event)
        else:
            account, amount = model.reinstate(account, event)
        books.change(account)
        new.append(Cancelled(each.number, account.order_id, amount))
        books.settle(account.order_id, CANCELLED, because_of(each))
    store.add_cancellations(tx, new)


def settle_payments(books: Books, captured: Sequence[Recorded[PaymentCaptured]]) -> None:
    """Money that came pays what is owed; an order nothing was invoiced of only keeps it."""
    for each in captured:
        if each.event.order_id in books.orders:
            about = Concerning(document_id=each.event.document_id)
            books.settle(each.event.order_id, about, because_of(each))
