"""The status of an order as a person reads it: worked out from its slices, never stored.

A room of its own because lists, pages and channels all show it, and none may have another opinion.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from oms.orders.machine import LineState

_S = LineState

LINK_PURPOSE: Final = "order status"
"""What signed links to an order's public status page are signed for; their subject is its id."""


class OrderStatus(StrEnum):
    """How far an order is; `partly_…` when some units are there and others are not yet."""

    CHARGES_ONLY = "charges_only"
    CANCELLED = "cancelled"
    DRAFT = "draft"
    PLACED = "placed"
    BACKORDERED = "backordered"
    PARTLY_BACKORDERED = "partly_backordered"
    ALLOCATED = "allocated"
    PARTLY_ALLOCATED = "partly_allocated"
    IN_FULFILMENT = "in_fulfilment"
    PARTLY_IN_FULFILMENT = "partly_in_fulfilment"
    READY_FOR_PICKUP = "ready_for_pickup"
    PARTLY_READY_FOR_PICKUP = "partly_ready_for_pickup"
    SHIPPED = "shipped"
    PARTLY_SHIPPED = "partly_shipped"
    DELIVERED = "delivered"
    PARTLY_DELIVERED = "partly_delivered"
    LOST = "lost"
    PARTLY_LOST = "partly_lost"
    RETURNING = "returning"
    PARTLY_RETURNING = "partly_returning"
    RETURNED = "returned"
    PARTLY_RETURNED = "partly_returned"


# In the order in which units pass through them: the furthest one names an order that is spread.
_PHASES: Final = {
    "draft": (_S.DRAFT,),
    "placed": (_S.OPEN,),
    "backordered": (_S.BACKORDERED,),
    "allocated": (_S.ALLOCATED,),
    "in_fulfilment": (_S.RELEASED, _S.PICKED, _S.PACKED),
    "ready_for_pickup": (_S.READY_FOR_PICKUP,),
    "shipped": (_S.SHIPPED,),
    "delivered": (_S.DELIVERED, _S.KEPT),
    "lost": (_S.LOST,),
    "returning": (
        _S.RETURN_REQUESTED,
        _S.RETURN_AUTHORISED,
        _S.RETURN_IN_TRANSIT,
        _S.RETURN_RECEIVED,
        _S.RETURN_REJECTED,
    ),
    "returned": (_S.RETURN_ACCEPTED,),
}
_NAMES: Final = tuple(_PHASES)
_RANK: Final = {state: rank for rank, states in enumerate(_PHASES.values()) for state in states}


def status(units: Mapping[LineState, int]) -> OrderStatus:
    """The status of an order with so many `units` in each state; cancelled ones do not count."""
    ranks = {_RANK[state] for state, count in units.items() if count and state in _RANK}
    if not ranks:
        return OrderStatus.CANCELLED if any(units.values()) else OrderStatus.CHARGES_ONLY
    furthest = _NAMES[max(ranks)]
    if len(ranks) == 1 or furthest == "placed":
        return OrderStatus(furthest)
    return OrderStatus(f"partly_{furthest}")
