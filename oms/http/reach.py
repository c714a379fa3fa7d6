"""Finding what a path names, within the caller's reach."""

from collections.abc import Iterable
from typing import Protocol

from litestar.concurrency import sync_to_thread

from fulfillment import queries as floor
from fulfillment import store as parcels
from fulfillment.model import ON_THE_FLOOR
from oms.http.call import Call
from oms.kernel.errors import Denied, NotFound
from oms.kernel.ids import expect_prefix
from oms.orders import queries as orders
from oms.orders.facts import OrderFacts
from oms.orders.holds import store as holds
from oms.orders.machine import LineState
from oms.orders.store import SliceKey
from oms.platform.security.callers import EVERYWHERE
from oms.platform.transaction import Reader
from returns.listing import queries as returns
from returns.listing.queries import ReturnFacts


def expect_order(request: Call, reader: Reader, order_id: str) -> OrderFacts:
    """The order, or `NotFound` when there is none or its channel is out of reach."""
    found = orders.orders_for(reader, [expect_prefix(order_id, "ord")])
    if not found or not request.caller.reaches_channel(found[0].channel_id):
        raise _no_order(order_id)
    return found[0]


class Work(Protocol):
    """Something a node does for an order: a fulfilment order, a box, a shipment."""

    @property
    def order_id(self) -> str: ...

    @property
    def node_id(self) -> str: ...


def expect_work(request: Call, reader: Reader, work: Work) -> None:
    """`NotFound` when its node, or the channel of its order, is out of reach."""
    request.caller.expect_node(work.node_id)
    if request.caller.reach.channels is not None:
        expect_order(request, reader, work.order_id)


def expect_all_channels(request: Call, remedy: str) -> None:
    """`Denied` to callers of some channels, for lists that are not told apart by channel."""
    if request.caller.reach.channels is not None:
        raise Denied(
            "access.limited",
            f"'{request.caller.name}' reaches only some channels, and this list is of all.",
            remedy,
        )


async def order_in_reach(request: Call, order_id: str) -> str:
    """The id, to write about. Only callers with limits pay for looking the order up."""
    id_ = expect_prefix(order_id, "ord")
    if request.caller.reach.channels is not None:
        await sync_to_thread(_look_up_order, request, id_)
    return id_


async def order_on_own_floor(request: Call, order_id: str) -> str:
    """The id, to ship: what is allocated or worked on must all be at nodes within reach."""
    id_ = await order_in_reach(request, order_id)
    if request.caller.reach.nodes is not None:
        await sync_to_thread(_look_up_floor, request, id_)
    return id_


async def parcels_in_reach(request: Call, tracking_numbers: Iterable[str]) -> None:
    """`NotFound` when a parcel with one of these numbers is out of reach."""
    if _is_limited(request):
        await sync_to_thread(_look_up_parcels, request, tracking_numbers)


async def hold_in_reach(request: Call, hold_id: str) -> str:
    """The id of a hold on an order within reach."""
    id_ = expect_prefix(hold_id, "hld")
    if request.caller.reach.channels is not None:
        await sync_to_thread(_look_up_hold, request, id_)
    return id_


async def fulfilment_in_reach(request: Call, fulfilment_id: str) -> str:
    """The id of a fulfilment order within reach."""
    id_ = expect_prefix(fulfilment_id, "ful")
    if _is_limited(request):
        await sync_to_thread(_look_up_fulfilment, request, id_)
    return id_


async def parcel_in_reach(request: Call, parcel_id: str) -> str:
    """The id of a box within reach."""
    id_ = expect_prefix(parcel_id, "par")
    if _is_limited(request):
        await sync_to_thread(_look_up_parcel, request, id_)
    return id_


async def shipment_in_reach(request: Call, shipment_id: str) -> str:
    """The id of a shipment within reach."""
    id_ = expect_prefix(shipment_id, "shp")
    if _is_limited(request):
        await sync_to_thread(_look_up_shipment, request, id_)
    return id_


async def return_in_reach(request: Call, return_id: str) -> str:
    """The id of a return through a channel within reach."""
    id_ = expect_prefix(return_id, "ret")
    if request.caller.reach.channels is not None:
        await sync_to_thread(expect_return, request, id_)
    return id_


def expect_return(request: Call, return_id: str) -> ReturnFacts:
    """The return, or `NotFound` when there is none or its channel is out of reach."""
    with request.reading() as reader:
        found = returns.facts(reader, expect_prefix(return_id, "ret"))
    request.caller.expect_channel(found.ret.channel_id)
    return found


def _is_limited(request: Call) -> bool:
    return request.caller.reach != EVERYWHERE


def _look_up_order(request: Call, order_id: str) -> None:
    with request.reading() as reader:
        expect_order(request, reader, order_id)


def _look_up_floor(request: Call, order_id: str) -> None:
    with request.reading() as reader:
        for units in orders.slices_of(reader, SliceKey.ORDER, [order_id]):
            if units.state is LineState.ALLOCATED or units.state in ON_THE_FLOOR:
                request.caller.expect_node(units.node_id)


def _look_up_parcel(request: Call, parcel_id: str) -> None:
    with request.reading() as reader:
        expect_work(request, reader, floor.parcel(reader, parcel_id))


def _look_up_shipment(request: Call, shipment_id: str) -> None:
    with request.reading() as reader:
        expect_work(request, reader, floor.shipment(reader, shipment_id))


def _look_up_parcels(request: Call, tracking_numbers: Iterable[str]) -> None:
    with request.reading() as reader:
        for parcel in parcels.parcels_tracked(reader, tracking_numbers):
            expect_work(request, reader, parcel)


def _look_up_hold(request: Call, hold_id: str) -> None:
    with request.reading() as reader:
        found = holds.holds_by_id(reader, [hold_id])
        if hold_id in found:  # what does not exist, the service says better
            expect_order(request, reader, found[hold_id].order_id)


def _look_up_fulfilment(request: Call, fulfilment_id: str) -> None:
    with request.reading() as reader:
        expect_work(request, reader, floor.fulfilment(reader, fulfilment_id))


def _no_order(order_id: str) -> NotFound:
    return NotFound("order.not_found", f"There is no order '{order_id}'.", "Check the id.")
