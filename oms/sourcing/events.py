"""What sourcing finds out about orders. The stream is the order's."""

import msgspec

from oms.kernel.events import Event


class WaitingUnits(msgspec.Struct, frozen=True, gc=False):
    """Units that no node can serve now, and why in routing's word."""

    line_id: str
    quantity: int
    reason: str


class OrderWaiting(Event, frozen=True, tag="order.waiting"):
    """Units of the order wait for stock: they are looked after when some comes in."""

    units: tuple[WaitingUnits, ...]


class RetryUnfinished(Event, frozen=True, tag="sourcing.retry_unfinished"):
    """Units of these items are left after many waiting orders were looked at: the rest comes next.

    The stream is the first item's; `after` is the last order looked at.
    """

    item_ids: tuple[str, ...]
    after: str
