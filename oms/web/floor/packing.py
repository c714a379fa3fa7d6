"""The packing bench: one field that takes any code, verified item by item, labelled by itself."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from fulfillment.labels import queries as consigning
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel, Units
from fulfillment.packing import service as packing
from fulfillment.packing.model import Box, Pack, Packed
from oms.http.call import Call
from oms.http.reach import expect_work, fulfilment_in_reach
from oms.kernel.clock import to_datetime
from oms.kernel.errors import Invalid, OMSError
from oms.platform import barcode_svg
from oms.platform.transaction import Reader
from oms.web.floor import bench, labels
from oms.web.floor.bench import Tote
from oms.web.floor.boxes import box_kinds, suggested
from oms.web.floor.labels import Labelling, Service
from oms.web.floor.place import place
from oms.web.forms import Form, posted
from oms.web.guards import may_see
from oms.web.pages import page

CODE_MAX: Final = 200
WEIGHT_MAX_G: Final = 1_000_000
_FRAMES: Final = "; frame-src 'self' blob:"
"""Labels are printed from a frame that nobody sees."""
_WITH_LABEL: Final = frozenset(ParcelState) - {ParcelState.PACKED, ParcelState.UNPACKED}


class Bench(Controller):
    path = "/pack"
    include_in_schema = False

    @get(guards=[may_see("fulfilment:read")], sync_to_thread=True)
    def waiting(self, request: Call) -> Response[Any]:
        """What waits at this bench; with `code` what that stands for, opened."""
        code = request.query_params.get("code", "").strip()[:CODE_MAX]
        with request.reading() as reader:
            here = place(request, reader)
            found = bench.find(reader, here.id, code) if code and here.node else None
            if found is not None and found.fulfilment_id:
                expect_work(request, reader, bench.tote(reader, found.fulfilment_id).fulfilment)
                scanned = f"?scanned={quote(code)}" if found.item else ""
                return Redirect(f"/pack/{found.fulfilment_id}{scanned}", status_code=303)
            return page(
                request,
                "floor/bench.html",
                place=here,
                code=code,
                found=found,
                totes=bench.waiting(reader, here.id) if here.node else [],
                bare=bench.bare_boxes(reader, here.id) if here.node else [],
                shown_max=bench.SHOWN_MAX,
            )

    @get("/{fulfilment_id:str}", guards=[may_see("fulfilment:read")], sync_to_thread=True)
    def open(self, request: Call, fulfilment_id: FromPath[str]) -> Response[Any]:
        """One tote: its items, its box, its label."""
        with request.reading() as reader:
            tote = _tote(request, reader, fulfilment_id)
            here = place(request, reader)
            totes = bench.waiting(reader, tote.fulfilment.node_id)
        boxes = [box for box in tote.boxes if box.state in _WITH_LABEL]
        answer = page(
            request,
            "floor/pack.html",
            place=here,
            tote=tote,
            work=msgspec.to_builtins(tote.work),
            kinds=box_kinds(),
            suggested=suggested(box_kinds(), tote.goods),
            labelling=Labelling(boxes=tote.boxes) if boxes and not tote.needs_label else None,
            bars=_bars(boxes),
            totes=[each for each in totes if each.id != fulfilment_id],
            shown_max=bench.SHOWN_MAX // 2,
            today=f"{to_datetime(request.services.uow.clock()):%y%m%d}",
        )
        answer.headers["Content-Security-Policy"] += _FRAMES
        return answer

    @get("/{fulfilment_id:str}/offers", guards=[may_see("fulfilment:read")])
    async def offers(self, request: Call, fulfilment_id: FromPath[str]) -> Response[Any]:
        """Services for what lies on the bench, with their prices: before the box is closed."""
        weight_g = _number(request.query_params.get("weight", ""))

        def look(reader: Reader) -> Sequence[Any]:
            tote = _tote(request, reader, fulfilment_id)
            return consigning.consignments(reader, [_imagined(tote, weight_g)])

        [wanted] = await request.read(look)
        found = await labels.offers(request, wanted)
        return page(request, "floor/offers.html", offers=found)

    @post("/{fulfilment_id:str}/close", guards=[may_see("fulfilment:write")], status_code=200)
    async def close(self, request: Call, fulfilment_id: FromPath[str]) -> Response[Any]:
        """Close the box over what was verified, and label it. Refused for what is not picked."""
        form = await posted(request)
        id_ = await fulfilment_in_reach(request, fulfilment_id)
        box = Box(units=_verified(form), weight_g=form.number("weight", 0, WEIGHT_MAX_G))
        command = Pack(fulfilment_id=id_, boxes=(box,), cause=request.cause)
        await request.submit(packing.pack, command, Packed)
        return await _labelled(request, id_, _service(form))

    @post("/{fulfilment_id:str}/label", guards=[may_see("fulfilment:write")], status_code=200)
    async def label(self, request: Call, fulfilment_id: FromPath[str]) -> Response[Any]:
        """Have the closed box labelled, by the service that somebody chose or what suits best."""
        form = await posted(request)
        id_ = await fulfilment_in_reach(request, fulfilment_id)
        return await _labelled(request, id_, _service(form))


async def _labelled(request: Call, fulfilment_id: str, chosen: Service) -> Response[Any]:
    told = await labels.label(request, fulfilment_id, chosen)
    boxes = [box for box in told.boxes if box.state in _WITH_LABEL]
    status = told.refusal.status if told.refusal else 200
    return page(
        request,
        "floor/label.html",
        status=status if status < 500 else 409,  # said by a carrier: no fault of ours
        labelling=told,
        bars=_bars(boxes),
        chosen=chosen,
        fulfilment_id=fulfilment_id,
    )


def _tote(request: Call, reader: Reader, fulfilment_id: str) -> Tote:
    tote = bench.tote(reader, fulfilment_id)
    expect_work(request, reader, tote.fulfilment)
    return tote


def _verified(form: Form) -> tuple[Units, ...]:
    """``item~count``, once for each item; `Invalid` for anything else."""
    found = []
    for text in form.all("unit"):
        item_id, _, count = text.rpartition("~")
        if not count.isdigit() or not 0 < int(count) <= WEIGHT_MAX_G:
            raise Invalid("pack.units", f"'{text[:60]}' names no units.", "Scan the items again.")
        found.append(Units(item_id, int(count)))
    if not found:
        raise Invalid("pack.nothing", "Nothing was verified.", "Scan the items first.")
    return tuple(found)


def _service(form: Form) -> Service:
    carrier, _, service = form.text("service", 200).partition("/")
    return Service(carrier, service)


def _imagined(tote: Tote, weight_g: int) -> Parcel:
    """The box as it will be: it can be priced before it is closed."""
    return Parcel(
        id=f"par_{tote.fulfilment.id}",
        fulfilment_id=tote.fulfilment.id,
        order_id=tote.fulfilment.order_id,
        node_id=tote.fulfilment.node_id,
        sscc="",
        state=ParcelState.PACKED,
        weight_g=weight_g or tote.weight_g,
        created_at_ms=0,
    )


def _bars(boxes: Sequence[Parcel]) -> dict[str, Markup]:
    """Each box's waybill number as bars to scan off the screen; none where it has no bars."""
    found = {}
    for box in boxes:
        try:
            picture = barcode_svg.code128(box.tracking_number)
        except OMSError:
            continue
        svg = picture.svg.replace("<svg ", '<svg preserveAspectRatio="none" aria-hidden="true" ', 1)
        found[box.id] = Markup(svg)  # noqa: S704 - a path of our own drawing, no text in it
    return found


def _number(text: str) -> int:
    return min(int(text), WEIGHT_MAX_G) if text.isdigit() else 0
