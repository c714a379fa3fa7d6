"""What accounting does when others' facts are heard; only our database is touched."""

from collections.abc import Sequence
from typing import Any, TypeVar

from fulfillment.events import ShipmentShipped, ShipmentUndone
from oms.accounting.crediting import service as crediting
from oms.accounting.invoicing import service as invoicing
from oms.accounting.service import Books
from oms.accounting.settling import service as settling
from oms.accounting.undoing import service as undoing
from oms.kernel.events import Event, Recorded
from oms.orders.events import LinesCancelled, LinesReinstated, OrderChargesDue
from oms.payments.events import PaymentCaptured
from oms.platform.transaction import Transaction
from returns.events import ReturnAbandoned, ReturnInspected, ReturnRegraded

E = TypeVar("E", bound=Event)

HEARD: tuple[type[Event], ...] = (
    OrderChargesDue,
    ShipmentShipped,
    ShipmentUndone,
    LinesCancelled,
    LinesReinstated,
    PaymentCaptured,
    ReturnInspected,
    ReturnAbandoned,
    ReturnRegraded,
)
"""Every event that `keep_books` wants: subscribe it to all of them under one name, so that what
left is invoiced before what came back is credited.
"""


def keep_books(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
    """Invoice what left, settle cancels and payments, then credit what came back or never left.

    Two steps, because the second reads what the first has written.
    """
    _invoice_and_settle(tx, events)
    _credit(tx, events)


def _invoice_and_settle(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
    charges = _of(events, OrderChargesDue)
    shipped = _of(events, ShipmentShipped)
    captured = _of(events, PaymentCaptured)
    cancelled = [
        each for each in events if isinstance(each.event, LinesCancelled | LinesReinstated)
    ]
    if not (charges or shipped or captured or cancelled):
        return
    wanted = {each.event.entity for each in (*charges, *cancelled)}
    wanted |= {each.event.order_id for each in shipped}
    books = Books(tx, wanted, {each.event.order_id for each in captured})
    invoicing.invoice_charges(tx, books, charges)
    invoicing.invoice_shipments(tx, books, shipped)
    settling.settle_cancellations(tx, books, cancelled)
    settling.settle_payments(books, captured)
    books.close()


def _credit(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
    inspected = _of(events, ReturnInspected)
    regraded = _of(events, ReturnRegraded)
    abandoned = _of(events, ReturnAbandoned)
    undone = _of(events, ShipmentUndone)
    if not (inspected or abandoned or regraded or undone):
        return
    wanted = crediting.orders_concerned(tx, [each.event for each in inspected])
    books = Books(tx, wanted | {each.event.order_id for each in undone})
    undoing.reverse_shipments(tx, books, undone)
    crediting.credit_returns(tx, books, inspected)
    crediting.keep_abandoned(tx, books, abandoned)
    crediting.restock_regraded(tx, books, regraded)
    books.close()


def _of(events: Sequence[Recorded[Any]], kind: type[E]) -> list[Recorded[E]]:
    return [each for each in events if isinstance(each.event, kind)]
