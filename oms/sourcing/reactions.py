"""What sourcing does when stock comes in, or when units look for a node again."""

from collections.abc import Sequence

from oms.inventory.events import StockAdjusted, StockReceived
from oms.kernel.events import Recorded
from oms.orders.events import HoldReleased, LinesReinstated, LinesReopened, OrderChanged
from oms.platform.transaction import Transaction
from oms.sourcing import service
from oms.sourcing.model import Source

StockCame = StockReceived | StockAdjusted
Reopened = LinesReopened | LinesReinstated | HoldReleased | OrderChanged


def retry_open(tx: Transaction, events: Sequence[Recorded[StockCame]]) -> None:
    """Serve the oldest open units of the items that came in."""
    items: set[str] = set()
    for recorded in events:
        event = recorded.event
        items |= set(event.item_ids if isinstance(event, StockReceived) else event.raised)
    service.retry_open(tx, items)


def source_again(tx: Transaction, events: Sequence[Recorded[Reopened]]) -> None:
    """Look for nodes for the orders whose units are open again, or free of a hold."""
    causes = {each.event.entity: each.cause for each in events if each.event.item_ids}
    service.source(tx, [Source(order_id=each, cause=cause) for each, cause in causes.items()])
