"""Cancels and payments over a list: deposits pay what is owed, the rest goes back."""

from collections.abc import Sequence

from oms.accounting import store
from oms.accounting.model import Cancelled, Concerning, DocumentKind
from oms.accounting.service import Books
from oms.accounting.settling import model
from oms.accounting.settling.model import CaptureOwed
from oms.kernel.errors import NotFound, OMSError
from oms.kernel.events import Recorded
from oms.orders.events import LinesCancelled, LinesReinstated
from oms.payments import service as payments
from oms.payments.events import PaymentCaptured
from oms.payments.model import CaptureAsked, RequestCapture
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


def capture_owed(tx: Transaction, commands: Sequence[CaptureOwed]) -> list[CaptureAsked | OMSError]:
    """Ask gateways again for what invoices are still owed, after a decline that a person knows of.

    What is on its way is not asked for twice.
    """
    documents = store.headers(tx, [command.invoice_id for command in commands])
    order_ids = {row.order_id for row in documents.values() if row.order_id}
    accounts = store.lock_accounts(tx, order_ids)
    promised = payments.promised(tx, order_ids)
    wanted: list[RequestCapture] = []
    plans: list[RequestCapture | OMSError] = []
    for command in commands:
        row = documents.get(command.invoice_id)
        try:
            if row is None or row.order_id is None or row.kind != DocumentKind.INVOICE.value:
                raise NotFound(
                    "invoice.not_found",
                    f"There is no invoice '{command.invoice_id}' of an order.",
                    "Look it up by its number or its order.",
                )
            taken = promised.get((row.order_id, row.id), 0)
            amount = model.owed(accounts[row.order_id], row.total_minor, taken)
        except OMSError as refusal:
            plans.append(refusal)
            continue
        wish = RequestCapture(
            order_id=row.order_id,
            amount_minor=amount,
            currency=row.currency,
            document_id=row.id,
            cause=command.cause,
        )
        plans.append(wish)
        wanted.append(wish)
    asked = iter(payments.request_captures(tx, wanted) if wanted else ())
    return [each if isinstance(each, OMSError) else next(asked) for each in plans]


def settle_payments(books: Books, captured: Sequence[Recorded[PaymentCaptured]]) -> None:
    """Money that came pays what is owed; an order nothing was invoiced of only keeps it."""
    for each in captured:
        if each.event.order_id in books.orders:
            about = Concerning(document_id=each.event.document_id)
            books.settle(each.event.order_id, about, because_of(each))
