"""What payments do when others' facts are heard; only our database is touched."""

from collections.abc import Sequence

from oms.kernel.events import Recorded
from oms.orders.events import OrderPlaced
from oms.payments import service
from oms.platform.transaction import Transaction


def record(tx: Transaction, events: Sequence[Recorded[OrderPlaced]]) -> None:
    """order.placed: the payments an order comes with are expected, captured or asked for."""
    service.record(tx, events)
