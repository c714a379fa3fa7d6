"""What payments do when others' facts are heard; only our database is touched."""

from collections.abc import Sequence

from connectors.contract.messages import PaymentTerms
from oms.kernel.errors import OMSError
from oms.kernel.events import Recorded
from oms.orders.events import OrderChanged, OrderPlaced
from oms.orders.queries import orders_for
from oms.payments import service
from oms.payments.model import ReceivePayment
from oms.platform.dispatch import because_of
from oms.platform.transaction import Transaction


def record(tx: Transaction, events: Sequence[Recorded[OrderPlaced]]) -> None:
    """order.placed: the payments an order comes with are expected, captured or asked for."""
    service.record(tx, events)


def receive_told(tx: Transaction, events: Sequence[Recorded[OrderChanged]]) -> None:
    """order.changed: money that the channel says it took since the order was placed is received.

    What was known already has the same reference. Where a gateway takes the money, a channel has
    nothing to tell about it.
    """
    causes = {each.event.entity: because_of(each) for each in events}
    commands = [
        ReceivePayment(
            order_id=order.id,
            amount_minor=note.amount_minor,
            currency=order.currency,
            reference=note.reference,
            cause=causes[order.id],
        )
        for order in orders_for(tx, causes)
        if order.payment_terms == PaymentTerms.PAID_ON_CHANNEL
        for note in order.payments
        if note.reference and note.amount_minor > 0
    ]
    for answer in service.receive(tx, commands):
        if isinstance(answer, OMSError):
            raise answer
