"""Fulfilment orders: release, pick, pack, label, ship, and the handshake with nodes."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from fulfillment import queries as read
from fulfillment.handoff import service as handoff
from fulfillment.handoff.model import Answer, ReportShipped, Say
from fulfillment.labels import service as labels
from fulfillment.labels.model import RequestLabels
from fulfillment.machine import FulfilmentState
from fulfillment.model import Fulfilment, Parcel, Units
from fulfillment.packing import service as packing
from fulfillment.packing.model import Box, Pack, Packed
from fulfillment.picking import service as picking
from fulfillment.picking.model import Pick, PickScans, ReportShort, Scan, Unpick
from fulfillment.queries import QueuePage
from fulfillment.releasing import service as releasing
from fulfillment.releasing.model import Release, Released
from fulfillment.shipping import service as shipping
from fulfillment.shipping.model import Ship, Shipped
from fulfillment.work.service import Progress
from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, NodeId, Page, page, place_of
from oms.http.reach import (
    expect_all_channels,
    expect_work,
    fulfilment_in_reach,
    order_on_own_floor,
)
from oms.http.shipping import ParcelView, ShipmentView, shipment_view
from oms.http.views import Input, Name, Note, Reference, View, view, views
from oms.http.views import Units as Count
from oms.kernel.ids import expect_prefix

State = Annotated[FulfilmentState, QueryParameter(name="state")]


class FulfilmentView(View, frozen=True, kw_only=True):
    """The part of an order that one node is asked to serve."""

    id: str
    number: str
    order_id: str
    node_id: str
    state: FulfilmentState
    reason: str


class ItemUnits(Input, frozen=True, kw_only=True):
    """So many of an item."""

    item_id: Reference
    quantity: Count


class PickScanInput(Input, frozen=True, kw_only=True):
    """A barcode read `count` times."""

    barcode: Reference
    count: Count = 1


class PickInput(Input, frozen=True, kw_only=True):
    """Items picked, or barcodes scanned; neither means everything asked for."""

    items: tuple[ItemUnits, ...] = ()
    scans: tuple[PickScanInput, ...] = ()


class UnpickInput(Input, frozen=True, kw_only=True):
    """Items put back on the shelf; none means everything picked."""

    items: tuple[ItemUnits, ...] = ()


class ShortInput(Input, frozen=True, kw_only=True):
    """Items that are not where the ledger says."""

    items: Annotated[list[ItemUnits], Meta(min_length=1)]
    reason: Name


class BoxInput(Input, frozen=True, kw_only=True):
    """What lies in one box; weight 0: by the items' own weights."""

    items: Annotated[list[ItemUnits], Meta(min_length=1)]
    weight_g: Annotated[int, Meta(ge=0, le=10**8)] = 0


class PackInput(Input, frozen=True, kw_only=True):
    """Boxes; none means everything picked in one box."""

    boxes: tuple[BoxInput, ...] = ()


class LabelInput(Input, frozen=True, kw_only=True):
    """Boxes to label (none: all that need one), by whom and how; left out: what suits best."""

    parcel_ids: tuple[Reference, ...] = ()
    carrier: str = ""
    service: str = ""


class ShipInput(Input, frozen=True, kw_only=True):
    """Boxes that leave; none means all that are closed."""

    parcel_ids: tuple[Reference, ...] = ()


class AnswerInput(Input, frozen=True, kw_only=True):
    """What is said about the fulfilment order."""

    answer: Answer
    reason: Note = ""


class ReportInput(Input, frozen=True, kw_only=True):
    """What a node whose floor we do not see has shipped; no items means all."""

    items: tuple[ItemUnits, ...] = ()
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    weight_g: Annotated[int, Meta(ge=0, le=10**8)] = 0


class ProgressView(View, frozen=True, kw_only=True):
    """How many units moved."""

    fulfilment_id: str
    order_id: str
    moved: int


class FulfilmentOrders(Controller):
    path = "/fulfilment-orders"
    tags = ("fulfilment",)

    @get(guards=[may("fulfilment:read")], sync_to_thread=True)
    def queue(
        self,
        request: Call,
        in_state: State = FulfilmentState.ACCEPTED,
        node_id: NodeId = "",
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> Page[FulfilmentView]:
        """The queue of a node (or of all), oldest first."""
        expect_all_channels(request, "Look at their orders: /orders?state=released")
        if node_id:
            request.caller.expect_node(node_id)
        after = place_of(cursor, tuple[str])
        wanted = QueuePage(
            state=in_state,
            node_ids=(node_id,) if node_id else request.caller.reach.nodes,
            after=after[0] if after else "",
            count=limit,
        )
        with request.reading() as reader:
            found = read.queue(reader, wanted)
        return page(views(FulfilmentView, found), limit, found[-1].id if found else "")

    @post("/release/{order_id:str}", guards=[may("fulfilment:write")], status_code=200)
    async def release(self, request: Call, order_id: FromPath[str]) -> list[FulfilmentView]:
        """Ask the nodes to serve what is allocated of an order."""
        id_ = await order_on_own_floor(request, order_id)
        command = Release(order_id=id_, cause=request.cause)
        done = await request.submit(releasing.release, command, Released)
        return views(FulfilmentView, done.fulfilments)

    @get("/{fulfilment_id:str}", guards=[may("fulfilment:read")], sync_to_thread=True)
    def one(self, request: Call, fulfilment_id: FromPath[str]) -> FulfilmentView:
        """One fulfilment order."""
        with request.reading() as reader:
            found = read.fulfilment(reader, expect_prefix(fulfilment_id, "ful"))
            expect_work(request, reader, found)
        return view(FulfilmentView, found)

    @post("/{fulfilment_id:str}/pick", guards=[may("fulfilment:write")], status_code=200)
    async def pick(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[PickInput]
    ) -> ProgressView:
        """Take units from the shelf; a wrong item is refused and picks nothing."""
        id_ = await fulfilment_in_reach(request, fulfilment_id)
        if data.scans:
            scans = tuple(Scan(each.barcode, each.count) for each in data.scans)
            scanned = PickScans(fulfilment_id=id_, scans=scans, cause=request.cause)
            done = await request.submit(picking.pick_scanned, scanned, Progress)
        else:
            command = Pick(fulfilment_id=id_, units=_units(data.items), cause=request.cause)
            done = await request.submit(picking.pick, command, Progress)
        return view(ProgressView, done)

    @post("/{fulfilment_id:str}/unpick", guards=[may("fulfilment:write")], status_code=200)
    async def unpick(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[UnpickInput]
    ) -> ProgressView:
        """Put picked units back on the shelf: they wait to be picked again."""
        command = Unpick(
            fulfilment_id=await fulfilment_in_reach(request, fulfilment_id),
            units=_units(data.items),
            cause=request.cause,
        )
        return view(ProgressView, await request.submit(picking.unpick, command, Progress))

    @post("/{fulfilment_id:str}/short", guards=[may("fulfilment:write")], status_code=200)
    async def short(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[ShortInput]
    ) -> ProgressView:
        """Say that units are missing: they look for another node, and a count is due."""
        command = ReportShort(
            fulfilment_id=await fulfilment_in_reach(request, fulfilment_id),
            units=_units(data.items),
            reason=data.reason,
            cause=request.cause,
        )
        return view(ProgressView, await request.submit(picking.report_short, command, Progress))

    @post("/{fulfilment_id:str}/pack", guards=[may("fulfilment:write")], status_code=200)
    async def pack(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[PackInput]
    ) -> list[ParcelView]:
        """Close boxes; each gets its SSCC."""
        boxes = tuple(Box(units=_units(box.items), weight_g=box.weight_g) for box in data.boxes)
        command = Pack(
            fulfilment_id=await fulfilment_in_reach(request, fulfilment_id),
            boxes=boxes,
            cause=request.cause,
        )
        done = await request.submit(packing.pack, command, Packed)
        return views(ParcelView, done.parcels)

    @post("/{fulfilment_id:str}/labels", guards=[may("fulfilment:write")], status_code=202)
    async def label(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[LabelInput]
    ) -> list[ParcelView]:
        """Have labels bought; they appear on the parcels within moments."""
        command = RequestLabels(
            fulfilment_id=await fulfilment_in_reach(request, fulfilment_id),
            parcel_ids=tuple(data.parcel_ids),
            carrier=data.carrier,
            service=data.service,
            cause=request.cause,
        )
        return views(
            ParcelView, await request.submit(labels.request_labels, command, tuple[Parcel, ...])
        )

    @post("/{fulfilment_id:str}/ship", guards=[may("fulfilment:write")], status_code=200)
    async def ship(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[ShipInput]
    ) -> ShipmentView:
        """Labelled boxes leave."""
        command = Ship(
            fulfilment_id=await fulfilment_in_reach(request, fulfilment_id),
            parcel_ids=tuple(data.parcel_ids),
            cause=request.cause,
        )
        return shipment_view(await request.submit(shipping.ship, command, Shipped))

    @post("/{fulfilment_id:str}/answer", guards=[may("fulfilment:write")], status_code=200)
    async def answer(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[AnswerInput]
    ) -> FulfilmentView:
        """Accept, reject, recall, ask to cancel, confirm or refuse a cancel."""
        command = Say(
            fulfilment_id=await fulfilment_in_reach(request, fulfilment_id),
            answer=data.answer,
            reason=data.reason,
            cause=request.cause,
        )
        return view(FulfilmentView, await request.submit(handoff.say, command, Fulfilment))

    @post("/{fulfilment_id:str}/shipped", guards=[may("fulfilment:write")], status_code=200)
    async def shipped(
        self, request: Call, fulfilment_id: FromPath[str], data: JSONBody[ReportInput]
    ) -> ShipmentView:
        """A 3PL or supplier says that it shipped."""
        command = ReportShipped(
            fulfilment_id=await fulfilment_in_reach(request, fulfilment_id),
            units=_units(data.items),
            carrier=data.carrier,
            service=data.service,
            tracking_number=data.tracking_number,
            weight_g=data.weight_g,
            cause=request.cause,
        )
        return shipment_view(await request.submit(handoff.report_shipped, command, Shipped))


def _units(items: Sequence[ItemUnits]) -> tuple[Units, ...]:
    return tuple(Units(each.item_id, each.quantity) for each in items)
