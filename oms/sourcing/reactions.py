"""What sourcing does when units come to a shelf, or when units of orders look for a node again."""

from collections.abc import Sequence

from oms.inventory.events import StockAdjusted, StockReceived
from oms.inventory.reservations.events import ReservationExpired, ReservationReleased
from oms.kernel.events import Recorded
from oms.orders.events import (
    HoldReleased,
    LinesCancelled,
    LinesReinstated,
    LinesReopened,
    OrderChanged,
)
from oms.platform.transaction import Transaction
from oms.sourcing import service
from oms.sourcing.events import RetryUnfinished
from oms.sourcing.model import Source

Freed = (
    StockReceived
    | StockAdjusted
    | ReservationReleased
    | ReservationExpired
    | LinesCancelled
    | LinesReopened
    | RetryUnfinished
)
Reopened = LinesReinstated | HoldReleased | OrderChanged


def retry_open(tx: Transaction, events: Sequence[Recorded[Freed]]) -> None:
    """Serve the oldest open units of the items that came to a shelf, or lost their claim on one."""
    items: set[str] = set()
    unfinished: list[RetryUnfinished] = []
    for recorded in events:
        event = recorded.event
        if isinstance(event, RetryUnfinished):
            unfinished.append(event)
        else:
            items |= set(event.raised if isinstance(event, StockAdjusted) else event.item_ids)
    if items:
        service.retry_open(tx, items)
    for each in unfinished:
        service.retry_open(tx, set(each.item_ids) - items, each.after)


def source_again(tx: Transaction, events: Sequence[Recorded[Reopened]]) -> None:
    """Look for nodes for the orders whose units are wanted again, or free of a hold."""
    causes = {each.event.entity: each.cause for each in events if each.event.item_ids}
    service.source(tx, [Source(order_id=each, cause=cause) for each, cause in causes.items()])
