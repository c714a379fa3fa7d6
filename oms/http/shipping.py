"""Parcels, labels, shipments and tracking."""

from datetime import datetime
from typing import Annotated, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment import queries as floor
from fulfillment import service as door
from fulfillment.documents.labels import label_pdf
from fulfillment.documents.slips import packing_slip_pdf
from fulfillment.labels.model import VoidLabel
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from fulfillment.packing.model import Unpack
from fulfillment.printing import queries as printing
from fulfillment.shipping import queries as shipping_read
from fulfillment.shipping.model import Shipped, Unship, Unshipped
from fulfillment.tracking import service as tracking
from fulfillment.tracking.model import Report
from fulfillment.tracking.service import Tracked
from oms.http.call import Call
from oms.http.guards import may
from oms.http.problems import Problem, problem_of
from oms.http.reach import (
    expect_order,
    expect_work,
    parcel_in_reach,
    parcels_in_reach,
    shipment_in_reach,
)
from oms.http.views import Input, Moment, Name, Note, Reference, View, view, views
from oms.kernel.clock import from_datetime, to_datetime
from oms.kernel.errors import OMSError
from oms.kernel.ids import expect_prefix
from oms.platform.transaction import Reader

SCANS_MAX: Final = 1_000
PDF: Final = "application/pdf"


class ShippedUnits(View, frozen=True, kw_only=True):
    """Units of an order line that left."""

    line_id: str
    item_id: str
    quantity: int


class ShipmentView(View, frozen=True, kw_only=True):
    """What left a node together; with `undoneAt` it turned out that it had not."""

    id: str
    number: str
    order_id: str
    shipped_at: datetime
    undone_at: datetime | None
    lines: tuple[ShippedUnits, ...]


class ParcelView(View, frozen=True, kw_only=True):
    """One box."""

    id: str
    fulfilment_id: str
    order_id: str
    node_id: str
    sscc: str
    state: ParcelState
    weight_g: int
    carrier: str
    service: str
    tracking_number: str
    shipment_id: str


class UndoInput(Input, frozen=True, kw_only=True):
    """Why the shipment had not left."""

    reason: Name


class UndoneView(View, frozen=True, kw_only=True):
    """What stands on the dock again, or waits for its node."""

    shipment_id: str
    order_id: str
    lines: tuple[ShippedUnits, ...]


class ScanView(View, frozen=True, kw_only=True):
    """What a carrier said, in the common vocabulary."""

    status: str
    words: str
    place: str
    at: datetime


class ScanInput(Input, frozen=True, kw_only=True):
    """One scan. `id` names it, so that hearing it twice does no harm."""

    id: Reference
    tracking_number: Reference
    status: TrackingStatus
    at: Moment
    carrier: str = ""
    words: Note = ""
    place: Note = ""


class ScansInput(Input, frozen=True, kw_only=True):
    """Scans in any order."""

    scans: Annotated[list[ScanInput], Meta(min_length=1, max_length=SCANS_MAX)]


class TrackedView(View, frozen=True, kw_only=True, omit_defaults=True):
    """What a scan led to; `isNews` is false when it was known."""

    parcel_id: str = ""
    order_id: str = ""
    state: str = ""
    is_news: bool = False
    problem: Problem | None = None


class Parcels(Controller):
    path = "/parcels/{parcel_id:str}"
    tags = ("shipping",)

    @get(guards=[may("fulfilment:read")], sync_to_thread=True)
    def one(self, request: Call, parcel_id: FromPath[str]) -> ParcelView:
        """A box: where it is and what its label says."""
        with request.reading() as reader:
            found = _expect_parcel(request, reader, parcel_id)
        return view(ParcelView, found)

    @get("/scans", guards=[may("fulfilment:read")], sync_to_thread=True)
    def scans(self, request: Call, parcel_id: FromPath[str]) -> list[ScanView]:
        """What carriers said about it, in the order in which it happened."""
        with request.reading() as reader:
            found = _expect_parcel(request, reader, parcel_id)
            return views(ScanView, floor.scans_of(reader, [found.id]).get(found.id, []))

    @get("/label.pdf", guards=[may("fulfilment:read")], sync_to_thread=True, media_type=PDF)
    def label(self, request: Call, parcel_id: FromPath[str]) -> Response[bytes]:
        """The 4 x 6 inch label, ready to print: the carrier's, or drawn by us."""
        with request.reading() as reader:
            found = _expect_parcel(request, reader, parcel_id)
            kept = floor.label_document(reader, found.id)
            facts = printing.label_facts(reader, [found.id]) if kept is None else []
        return Response(kept[1] if kept else label_pdf(facts), media_type=PDF)

    @get("/slip.pdf", guards=[may("fulfilment:read")], sync_to_thread=True, media_type=PDF)
    def slip(self, request: Call, parcel_id: FromPath[str]) -> Response[bytes]:
        """The packing slip that lies in the box."""
        with request.reading() as reader:
            found = _expect_parcel(request, reader, parcel_id)
            facts = printing.slip_facts(reader, [found.id])
        return Response(packing_slip_pdf(facts), media_type=PDF)

    @post("/void-label", guards=[may("fulfilment:write")], status_code=200)
    async def void_label(self, request: Call, parcel_id: FromPath[str]) -> ParcelView:
        """Take the label off a box that has not left; the carrier is asked for the money."""
        command = VoidLabel(
            parcel_id=await parcel_in_reach(request, parcel_id), cause=request.cause
        )
        return view(ParcelView, await request.submit(door.void_labels, command, Parcel))

    @post("/unpack", guards=[may("fulfilment:write")], status_code=200)
    async def unpack(self, request: Call, parcel_id: FromPath[str]) -> ParcelView:
        """Open a box without a label: its units are picked ones again."""
        command = Unpack(parcel_id=await parcel_in_reach(request, parcel_id), cause=request.cause)
        return view(ParcelView, await request.submit(door.unpack, command, Parcel))


class Shipments(Controller):
    path = "/orders/{order_id:str}"
    tags = ("shipping",)

    @get("/shipments", guards=[may("orders:read")], sync_to_thread=True)
    def of_order(self, request: Call, order_id: FromPath[str]) -> list[ShipmentView]:
        """What left for an order, oldest first."""
        with request.reading() as reader:
            expect_order(request, reader, order_id)
            return views(ShipmentView, shipping_read.shipments_of(reader, [order_id]))

    @get("/parcels", guards=[may("orders:read")], sync_to_thread=True)
    def parcels(self, request: Call, order_id: FromPath[str]) -> list[ParcelView]:
        """The order's boxes, oldest first."""
        with request.reading() as reader:
            expect_order(request, reader, order_id)
            return views(ParcelView, floor.parcels_of(reader, [order_id]))


@post(
    "/shipments/{shipment_id:str}/undo",
    guards=[may("fulfilment:write")],
    status_code=200,
    tags=["shipping"],
)
async def undo_shipment(
    request: Call, shipment_id: FromPath[str], data: JSONBody[UndoInput]
) -> UndoneView:
    """It never left, and no carrier has seen it: its invoice is reversed by a credit note."""
    id_ = await shipment_in_reach(request, shipment_id)
    command = Unship(shipment_id=id_, reason=data.reason, cause=request.cause)
    return view(UndoneView, await request.submit(door.unship, command, Unshipped))


@post("/tracking", guards=[may("fulfilment:write")], status_code=200, tags=["shipping"])
async def report_scans(request: Call, data: JSONBody[ScansInput]) -> list[TrackedView]:
    """Tell what carriers said: out of order and twice does no harm. One answer for each scan."""
    await parcels_in_reach(request, [each.tracking_number for each in data.scans])
    cause = request.cause
    reports = [Report(event=_scan(s), carrier=s.carrier, cause=cause) for s in data.scans]
    answers = await request.submit_all(tracking.track, reports, Tracked)
    return [
        TrackedView(problem=problem_of(answer))
        if isinstance(answer, OMSError)
        else TrackedView(
            parcel_id=answer.parcel_id,
            order_id=answer.order_id,
            state=answer.state,
            is_news=answer.is_news,
        )
        for answer in answers
    ]


def shipment_view(shipped: Shipped) -> ShipmentView:
    """A shipment that just left."""
    return ShipmentView(
        id=shipped.shipment_id,
        number=shipped.number,
        order_id=shipped.order_id,
        shipped_at=to_datetime(shipped.shipped_at_ms),
        undone_at=None,
        lines=tuple(view(ShippedUnits, each) for each in shipped.lines),
    )


def _expect_parcel(request: Call, reader: Reader, parcel_id: str) -> Parcel:
    found = floor.parcel(reader, expect_prefix(parcel_id, "par"))
    expect_work(request, reader, found)
    return found


def _scan(data: ScanInput) -> TrackingEvent:
    return TrackingEvent(
        external_id=data.id,
        tracking_number=data.tracking_number,
        status=data.status,
        at_ms=from_datetime(data.at),
        words=data.words,
        place=data.place,
    )
