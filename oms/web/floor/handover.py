"""Handing over: labelled boxes by courier, each scanned, and what was not scanned left behind."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Controller, Response, get, post

from fulfillment import queries as floor
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from fulfillment.packing import queries as packing
from fulfillment.picking import queries as picking
from fulfillment.shipping import service as shipping
from fulfillment.shipping.model import Ship, Shipped
from oms.http.call import Call
from oms.http.reach import parcel_in_reach
from oms.kernel.errors import OMSError
from oms.orders.machine import LineState
from oms.orders.units import queries as units
from oms.orders.units.queries import Destination
from oms.platform.transaction import Reader
from oms.web.floor.place import place
from oms.web.forms import posted
from oms.web.guards import may_see
from oms.web.pages import page

BOXES_MAX: Final = 1_000


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled box on the dock."""

    box: Parcel
    to: Destination


class Courier(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes, and what stands there for them, oldest first."""

    carrier: str
    title: str
    boxes: tuple[Standing, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a handing over: boxes that left, and why others did not."""

    shipped: tuple[Shipped, ...]
    boxes: int
    refused: tuple[tuple[str, OMSError], ...]


class Handover(Controller):
    path = "/handover"
    include_in_schema = False

    @get(guards=[may_see("fulfilment:read")], sync_to_thread=True)
    def dock(self, request: Call) -> Response[Any]:
        """What stands on the dock of this node, by courier."""
        return _page(request, None)

    @post(guards=[may_see("fulfilment:write")], status_code=200)
    async def ship(self, request: Call) -> Response[Any]:
        """The boxes that were scanned leave; each fulfilment order succeeds or fails for itself."""
        form = await posted(request)
        ids = [await parcel_in_reach(request, each) for each in form.all("box", BOXES_MAX)]
        together = await request.read(lambda reader: _together(reader, ids))
        commands = [
            Ship(fulfilment_id=id_, parcel_ids=tuple(own), cause=request.cause)
            for id_, own in together.items()
        ]
        answers = await request.submit_all(shipping.ship, commands, Shipped)
        shipped = tuple(each for each in answers if isinstance(each, Shipped))
        outcome = Outcome(
            shipped=shipped,
            boxes=sum(len(each.parcel_ids) for each in shipped),
            refused=tuple(
                (", ".join(together[command.fulfilment_id].values()), answer)
                for command, answer in zip(commands, answers, strict=True)
                if isinstance(answer, OMSError)
            ),
        )
        return await request.read(lambda reader: _shown(request, reader, outcome))


def _page(request: Call, outcome: Outcome | None) -> Response[Any]:
    with request.reading() as reader:
        return _shown(request, reader, outcome)


def _shown(request: Call, reader: Reader, outcome: Outcome | None) -> Response[Any]:
    here = place(request, reader)
    couriers = _couriers(reader, here.id) if here.node else []
    return page(request, "floor/handover.html", place=here, couriers=couriers, outcome=outcome)


def _couriers(reader: Reader, node_id: str) -> list[Courier]:
    ids = picking.waiting(reader, node_id, LineState.PACKED, BOXES_MAX)
    boxes = [box for box in packing.boxes_of(reader, ids) if box.state is ParcelState.LABELLED]
    to = units.destinations(reader, {box.order_id for box in boxes})
    by_carrier: dict[str, list[Parcel]] = defaultdict(list)
    for box in boxes:
        by_carrier[box.carrier].append(box)
    return [
        Courier(
            carrier=carrier,
            title=own[0].label_extra.get("carrier_title", carrier),
            boxes=tuple(Standing(box=box, to=to[box.order_id]) for box in own),
        )
        for carrier, own in sorted(by_carrier.items())
    ]


def _together(reader: Reader, parcel_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Boxes that leave together: by fulfilment order, the waybill by the box's id."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for box in sorted(floor.parcels(reader, parcel_ids).values(), key=lambda each: each.sscc):
        found[box.fulfilment_id][box.id] = box.tracking_number or box.sscc
    return found
