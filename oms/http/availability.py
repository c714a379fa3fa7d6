"""What can be promised through a channel, and timed claims on it before there is an order."""

from datetime import datetime
from typing import Annotated, Final

from litestar import Controller, delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import ChannelId
from oms.http.views import Input, Reference, Units, View, moment_ms, view, views
from oms.inventory import queries as inventory
from oms.inventory import service
from oms.inventory.reservations import queries as reservations
from oms.inventory.reservations.machine import ReservationState
from oms.inventory.reservations.model import TTL_DEFAULT_S, ReleaseReservation, Reservation, Reserve
from oms.kernel.clock import to_datetime
from oms.kernel.ids import expect_prefix

ITEMS_MAX: Final = 200

ItemIds = Annotated[
    list[str],
    QueryParameter(name="itemId", min_items=1, max_items=ITEMS_MAX, description="One or more"),
]
At = Annotated[datetime | None, QueryParameter(description="For this moment; absent: now")]


class AtNodeView(View, frozen=True, kw_only=True):
    """What can be promised of an item at a node, and why: `available` is what is left."""

    node_id: str
    on_hand: int
    reserved: int
    safety_stock: int
    buffer: int
    available: int


class AvailabilityView(View, frozen=True, kw_only=True):
    """What can be promised of an item over all nodes, and at each."""

    item_id: str
    available: int
    nodes: tuple[AtNodeView, ...]


class AvailabilitiesView(View, frozen=True, kw_only=True):
    """What can be promised of some items, for a moment."""

    channel_id: str | None
    at: datetime
    items: list[AvailabilityView]


class ClaimInput(Input, frozen=True, kw_only=True):
    """So many units of an item, or of a bundle."""

    item_id: Reference
    units: Units


class ReserveInput(Input, frozen=True, kw_only=True):
    """Keep units aside for a time. The same `id` again is the same reservation."""

    channel_id: Reference
    lines: Annotated[list[ClaimInput], Meta(min_length=1, max_length=500)]
    ttl_s: Annotated[int, Meta(ge=1)] = TTL_DEFAULT_S
    id: str = ""


class ReservedView(View, frozen=True, kw_only=True):
    """Units kept aside at a node."""

    item_id: str
    node_id: str
    units: int


class ReservationView(View, frozen=True, kw_only=True):
    """A timed claim; `orderId` is the order it was used for."""

    id: str
    channel_id: str
    state: ReservationState
    expires_at: datetime
    lines: tuple[ReservedView, ...]
    order_id: str


@get("/availability", guards=[may("inventory:read")], sync_to_thread=True, tags=["inventory"])
def availability(
    request: Call, item_ids: ItemIds, channel_id: ChannelId = "", at: At = None
) -> AvailabilitiesView:
    """What can be promised: on hand, less what is reserved, safety stock and the buffer."""
    if channel_id:
        request.caller.expect_channel(channel_id)
    channel, caller = channel_id or None, request.caller
    with request.reading() as reader:
        at_ms = moment_ms(at) if at else reader.now_ms
        found = inventory.availability(reader, item_ids, channel, at_ms)
    items = [
        AvailabilityView(
            item_id=each.item_id,
            available=each.available,
            nodes=tuple(
                views(AtNodeView, [at for at in each.at_nodes if caller.reaches_node(at.node_id)])
            ),
        )
        for each in found.values()
    ]
    return AvailabilitiesView(channel_id=channel, at=to_datetime(at_ms), items=items)


class Reservations(Controller):
    path = "/reservations"
    tags = ("inventory",)

    @post(guards=[may("reservations:write")])
    async def reserve(self, request: Call, data: JSONBody[ReserveInput]) -> ReservationView:
        """Keep all of the units aside until a moment, or none: give its id with the order."""
        request.caller.expect_channel(data.channel_id)
        command = Reserve(
            channel_id=data.channel_id,
            lines=tuple((each.item_id, each.units) for each in data.lines),
            ttl_s=data.ttl_s,
            id=data.id,
            cause=request.cause,
        )
        return view(ReservationView, await request.submit(service.reserve, command, Reservation))

    @get("/{reservation_id:str}", guards=[may("inventory:read")], sync_to_thread=True)
    def one(self, request: Call, reservation_id: FromPath[str]) -> ReservationView:
        """A reservation as it is now."""
        with request.reading() as reader:
            found = reservations.one(reader, expect_prefix(reservation_id, "rsv"))
        request.caller.expect_channel(found.channel_id)
        return view(ReservationView, found)

    @delete("/{reservation_id:str}", guards=[may("reservations:write")], status_code=200)
    async def release(self, request: Call, reservation_id: FromPath[str]) -> ReservationView:
        """Give the units back before the time is over."""
        id_ = expect_prefix(reservation_id, "rsv")
        if request.caller.reach.channels is not None:
            await sync_to_thread(_expect_reach, request, id_)
        command = ReleaseReservation(id=id_, cause=request.cause)
        done = await request.submit(service.release_reservations, command, Reservation)
        return view(ReservationView, done)


def _expect_reach(request: Call, reservation_id: str) -> None:
    with request.reading() as reader:
        request.caller.expect_channel(reservations.one(reader, reservation_id).channel_id)
