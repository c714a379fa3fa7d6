"""What else may be done with a return: decided, followed on its way, refused units let go."""

from typing import Any

from litestar import Controller, Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from oms.http.call import Call
from oms.http.reach import return_in_reach
from oms.web.forms import Form, posted
from oms.web.guards import may_see
from returns import service
from returns.desk.model import Desk
from returns.model import (
    Abandon,
    Close,
    Decide,
    Decision,
    Disposition,
    News,
    Reconsider,
    RefusedUnits,
    Regrade,
    ReportNews,
    SendBack,
)

NOTE_MAX = 2_000
WEIGHT_MAX_G = 10**6
UNITS_MAX = 10**9


class ReturnMoves(Controller):
    path = "/returns/{return_id:str}"
    include_in_schema = False

    @post("/decide", guards=[may_see("returns:write")], status_code=200)
    async def decide(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """Authorise, decline or withdraw."""
        form = await posted(request)
        command = Decide(
            return_id=await return_in_reach(request, return_id),
            decision=form.one_of("decision", Decision),
            reason=form.text("reason", NOTE_MAX),
            cause=request.cause,
        )
        await request.submit(service.decide, command, Desk)
        return _back(return_id)

    @post("/news", guards=[may_see("returns:write")], status_code=200)
    async def news(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """The goods are with a carrier, or it lost them."""
        form = await posted(request)
        command = ReportNews(
            return_id=await return_in_reach(request, return_id),
            news=form.one_of("news", News),
            words=form.text("words", NOTE_MAX),
            cause=request.cause,
        )
        await request.submit(service.report_news, command, Desk)
        return _back(return_id)

    @post("/close", guards=[may_see("returns:write")], status_code=200)
    async def close(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """Nothing more is expected."""
        await posted(request)
        id_ = await return_in_reach(request, return_id)
        await request.submit(service.close, Close(return_id=id_, cause=request.cause), Desk)
        return _back(return_id)

    @post("/reconsider", guards=[may_see("returns:write")], status_code=200)
    async def reconsider(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """Let refused units be inspected again."""
        form = await posted(request)
        command = Reconsider(
            return_id=await return_in_reach(request, return_id),
            node_id=_node(request, form),
            units=_units(form),
            note=form.text("note", NOTE_MAX),
            cause=request.cause,
        )
        await request.submit(service.reconsider, command, Desk)
        return _back(return_id)

    @post("/send-back", guards=[may_see("returns:write")], status_code=200)
    async def send_back(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """Refused units go back to the customer."""
        form = await posted(request)
        command = SendBack(
            return_id=await return_in_reach(request, return_id),
            node_id=_node(request, form),
            units=_units(form),
            carrier=form.text("carrier", 80),
            tracking_number=form.text("tracking_number", 80),
            weight_g=form.number("weight_g", 0, WEIGHT_MAX_G) if form.text("weight_g") else 0,
            note=form.text("note", NOTE_MAX),
            cause=request.cause,
        )
        await request.submit(service.send_back, command, Desk)
        return _back(return_id)

    @post("/abandon", guards=[may_see("returns:write")], status_code=200)
    async def abandon(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """Nobody wants refused units back: they are ours, without a credit."""
        form = await posted(request)
        command = Abandon(
            return_id=await return_in_reach(request, return_id),
            node_id=_node(request, form),
            units=_units(form),
            disposition=form.one_of("disposition", Disposition),
            note=form.text("note", NOTE_MAX),
            cause=request.cause,
        )
        await request.submit(service.abandon, command, Desk)
        return _back(return_id)

    @post("/regrade", guards=[may_see("returns:write")], status_code=200)
    async def regrade(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """Give units that were set aside another disposition; what was credited stays credited."""
        form = await posted(request)
        command = Regrade(
            return_id=await return_in_reach(request, return_id),
            return_line_id=form.required("line"),
            node_id=_node(request, form),
            quantity=form.number("quantity", 1, UNITS_MAX),
            was=form.one_of("was", Disposition),
            disposition=form.one_of("disposition", Disposition),
            grade=form.text("grade", 20),
            note=form.text("note", NOTE_MAX),
            cause=request.cause,
        )
        await request.submit(service.regrade, command, Desk)
        return _back(return_id)


def _node(request: Call, form: Form) -> str:
    node_id = form.required("node")
    request.caller.expect_node(node_id)
    return node_id


def _units(form: Form) -> tuple[RefusedUnits, ...]:
    """Return lines with how many: `line` as often as there are, each with its `units.LINE`."""
    return tuple(
        RefusedUnits(return_line_id=line_id, quantity=quantity)
        for line_id in form.all("line")
        if (quantity := form.number(f"units.{line_id}", 0, UNITS_MAX))
    )


def _back(return_id: str) -> Response[Any]:
    return Redirect(f"/returns/{return_id}", status_code=303)
