"""One order: what blocks it first, then how far it is, its parcels, its money, and its story."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from fulfillment.releasing import service as releasing
from fulfillment.releasing.model import Release, Released
from oms.http.call import Call
from oms.http.reach import hold_in_reach, order_in_reach, order_on_own_floor
from oms.kernel.clock import DAY_MS
from oms.orders.cancels import service as cancels
from oms.orders.cancels.model import Cancel, LineQuantity, LinesChanged, Reinstate
from oms.orders.changes import service as changes
from oms.orders.changes.model import ApplyChange, ChangeSet, DeclineChange
from oms.orders.holds import service as holds
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.machine import CANCEL_OF, HoldStage
from oms.orders.status import LINK_PURPOSE
from oms.sourcing import service as sourcing
from oms.sourcing.model import Source, Sourced
from oms.web.forms import posted
from oms.web.guards import may_see
from oms.web.orders.rows import REASON_WORDS
from oms.web.orders.scores import scores
from oms.web.orders.sheet import Sheet, sheet_of
from oms.web.pages import page

STATUS_LINK_MS: Final = 60 * DAY_MS


class OrderPage(Controller):
    path = "/orders/{order_id:str}"
    include_in_schema = False

    @get(guards=[may_see("orders:read")], sync_to_thread=True)
    def order(self, request: Call, order_id: FromPath[str]) -> Response[Any]:
        """Everything about the order."""
        return _page(request, order_id)

    @post("/release", guards=[may_see("fulfilment:write")], status_code=200)
    async def release(self, request: Call, order_id: FromPath[str]) -> Response[Any]:
        """Hand it to the floor."""
        await posted(request)
        id_ = await order_on_own_floor(request, order_id)
        command = Release(order_id=id_, cause=request.cause)
        await request.submit(releasing.release, command, Released)
        return _back(order_id)

    @post("/hold", guards=[may_see("orders:write")], status_code=200)
    async def hold(self, request: Call, order_id: FromPath[str]) -> Response[Any]:
        """Stop one stage, for a reason."""
        form = await posted(request)
        command = PlaceHold(
            order_id=await order_in_reach(request, order_id),
            stage=form.one_of("stage", HoldStage),
            reason=form.required("reason", 200),
            note=form.text("note"),
            cause=request.cause,
        )
        await request.submit(holds.place_holds, command, HoldRecord)
        return _back(order_id)

    @post("/holds/{hold_id:str}/release", guards=[may_see("orders:write")], status_code=200)
    async def let_go(
        self, request: Call, order_id: FromPath[str], hold_id: FromPath[str]
    ) -> Response[Any]:
        """Let the stage go on."""
        await posted(request)
        command = ReleaseHold(hold_id=await hold_in_reach(request, hold_id), cause=request.cause)
        await request.submit(holds.release_holds, command, HoldRecord)
        return _back(order_id)

    @post("/cancel", guards=[may_see("orders:write")], status_code=200)
    async def cancel(self, request: Call, order_id: FromPath[str]) -> Response[Any]:
        """Cancel the units that were ticked, or all that nobody works on yet."""
        form = await posted(request)
        command = Cancel(
            order_id=await order_in_reach(request, order_id),
            lines=tuple(LineQuantity(each) for each in form.all("line")),
            reason=form.text("reason"),
            cause=request.cause,
        )
        await request.submit(cancels.cancel, command, LinesChanged)
        return _back(order_id)

    @post("/reinstate", guards=[may_see("orders:write")], status_code=200)
    async def reinstate(self, request: Call, order_id: FromPath[str]) -> Response[Any]:
        """Want cancelled units again."""
        await posted(request)
        id_ = await order_in_reach(request, order_id)
        await request.submit(
            cancels.reinstate, Reinstate(order_id=id_, cause=request.cause), LinesChanged
        )
        return _back(order_id)

    @post("/source", guards=[may_see("sourcing:write")], status_code=200)
    async def source(self, request: Call, order_id: FromPath[str]) -> Response[Any]:
        """Look for nodes again, now."""
        await posted(request)
        id_ = await order_in_reach(request, order_id)
        await request.submit(sourcing.source, Source(order_id=id_, cause=request.cause), Sourced)
        return _back(order_id)

    @post("/changes/{change_id:str}", guards=[may_see("orders:write")], status_code=200)
    async def decide(
        self, request: Call, order_id: FromPath[str], change_id: FromPath[str]
    ) -> Response[Any]:
        """Change the order as its channel wants, or leave it as it is."""
        form = await posted(request)
        await order_in_reach(request, order_id)
        if form.text("answer") == "apply":
            apply = ApplyChange(change_id=change_id, cause=request.cause)
            await request.submit(changes.apply, apply, ChangeSet)
        else:
            reason = form.text("reason")
            decline = DeclineChange(change_id=change_id, reason=reason, cause=request.cause)
            await request.submit(changes.decline, decline, ChangeSet)
        return _back(order_id)


def _page(request: Call, order_id: str) -> Response[Any]:
    with request.reading() as reader:
        sheet = sheet_of(request, reader, order_id)
    until_ms = request.services.uow.clock() + STATUS_LINK_MS
    link = request.services.links.sign(LINK_PURPOSE, sheet.order.id, until_ms)
    return page(
        request,
        "orders/order.html",
        sheet=sheet,
        reason_words=REASON_WORDS,
        stages=tuple(HoldStage),
        scores=[scores(each, sheet.nodes) for each in sheet.decisions[::-1]],
        may_cancel=_may_cancel(sheet),
        status_link=f"/track/{link}",
    )


def _may_cancel(sheet: Sheet) -> bool:
    return any(each.state in CANCEL_OF for each in sheet.slices)


def _back(order_id: str) -> Response[Any]:
    """The order as it is now: a reload of this answer changes nothing again."""
    return Redirect(f"/orders/{order_id}", status_code=303)
