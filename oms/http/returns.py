"""The returns desk: asked for, decided, received, inspected; or taken back in one call."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, ChannelId, Cursor, Limit, OrderId, Page, page, place_of
from oms.http.reach import expect_return, order_in_reach, return_in_reach
from oms.http.return_views import (
    CompensateInput,
    DecideInput,
    InspectInput,
    NewsInput,
    ReceiveInput,
    RegradeInput,
    RequestInput,
    ReturnRowView,
    ReturnView,
    TakeBackInput,
    WantedInput,
    WholeReturnView,
    desk_view,
    whole_view,
)
from oms.http.views import views
from returns import service
from returns.counter.model import TakeBack
from returns.desk.model import Desk
from returns.listing import queries
from returns.listing.queries import ReturnPage
from returns.machine import ReturnState
from returns.model import (
    Arrived,
    Close,
    Compensate,
    Decide,
    Inspect,
    Receive,
    Regrade,
    ReportNews,
    Request,
    Verdict,
    WantedBack,
)

State = Annotated[ReturnState | None, QueryParameter(name="state")]
CustomerId = Annotated[str, QueryParameter(name="customerId")]
Number = Annotated[str, QueryParameter(description="Only the one with this number")]


class Returns(Controller):
    path = "/returns"
    tags = ("returns",)

    @get(guards=[may("returns:read")], sync_to_thread=True)
    def all(
        self,
        request: Call,
        in_state: State = None,
        order_id: OrderId = "",
        customer_id: CustomerId = "",
        channel_id: ChannelId = "",
        number: Number = "",
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> Page[ReturnRowView]:
        """Returns, newest first."""
        before = place_of(cursor, tuple[str])
        wanted = ReturnPage(
            state=in_state,
            order_id=order_id,
            customer_id=customer_id,
            channel_id=channel_id,
            number=number,
            channel_ids=request.caller.reach.channels,
            before=before[0] if before else "",
            count=limit,
        )
        with request.reading() as reader:
            found = queries.returns(reader, wanted)
        return page(views(ReturnRowView, found), limit, found[-1].id if found else "")

    @post(guards=[may("returns:write")])
    async def request(self, request: Call, data: JSONBody[RequestInput]) -> ReturnView:
        """Ask for a return of delivered units; the policy may authorise it at once."""
        command = Request(
            order_id=await order_in_reach(request, data.order_id),
            lines=_wanted(data.lines),
            reason=data.reason,
            asked_by=data.asked_by,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.request, command, Desk))

    @post("/take-back", guards=[may("returns:write")])
    async def take_back(self, request: Call, data: JSONBody[TakeBackInput]) -> ReturnView:
        """Goods of a known order handed in: the whole way in one step; the refund follows."""
        request.caller.expect_node(data.node_id)
        command = TakeBack(
            order_id=await order_in_reach(request, data.order_id),
            node_id=data.node_id,
            lines=_wanted(data.lines),
            disposition=data.disposition,
            grade=data.grade,
            reason=data.reason,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.take_back, command, Desk))

    @post("/compensate", guards=[may("returns:write")])
    async def compensate(self, request: Call, data: JSONBody[CompensateInput]) -> ReturnView:
        """Units that are lost, or may stay with the customer, are credited; the refund follows."""
        command = Compensate(
            order_id=await order_in_reach(request, data.order_id),
            lines=_wanted(data.lines),
            why=data.why,
            reason=data.reason,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.compensate, command, Desk))

    @get("/{return_id:str}", guards=[may("returns:read")], sync_to_thread=True)
    def one(self, request: Call, return_id: FromPath[str]) -> WholeReturnView:
        """A return with its lines and where its units are now."""
        return whole_view(expect_return(request, return_id))

    @post("/{return_id:str}/decide", guards=[may("returns:write")], status_code=200)
    async def decide(
        self, request: Call, return_id: FromPath[str], data: JSONBody[DecideInput]
    ) -> ReturnView:
        """Authorise, decline or withdraw."""
        command = Decide(
            return_id=await return_in_reach(request, return_id),
            decision=data.decision,
            reason=data.reason,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.decide, command, Desk))

    @post("/{return_id:str}/news", guards=[may("returns:write")], status_code=200)
    async def news(
        self, request: Call, return_id: FromPath[str], data: JSONBody[NewsInput]
    ) -> ReturnView:
        """The goods are with a carrier, or it lost them: lost ones are credited and refunded."""
        command = ReportNews(
            return_id=await return_in_reach(request, return_id),
            news=data.news,
            words=data.words,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.report_news, command, Desk))

    @post("/{return_id:str}/receive", guards=[may("returns:write")], status_code=200)
    async def receive(
        self, request: Call, return_id: FromPath[str], data: JSONBody[ReceiveInput]
    ) -> ReturnView:
        """Count goods in."""
        request.caller.expect_node(data.node_id)
        command = Receive(
            return_id=await return_in_reach(request, return_id),
            node_id=data.node_id,
            arrived=tuple(
                Arrived(
                    quantity=each.quantity,
                    return_line_id=each.return_line_id,
                    item_id=each.item_id,
                )
                for each in data.arrived
            ),
            cause=request.cause,
        )
        return desk_view(await request.submit(service.receive, command, Desk))

    @post("/{return_id:str}/inspect", guards=[may("returns:write")], status_code=200)
    async def inspect(
        self, request: Call, return_id: FromPath[str], data: JSONBody[InspectInput]
    ) -> ReturnView:
        """Grade received units: accepted ones are credited and refunded."""
        request.caller.expect_node(data.node_id)
        command = Inspect(
            return_id=await return_in_reach(request, return_id),
            node_id=data.node_id,
            verdicts=tuple(
                Verdict(
                    return_line_id=each.return_line_id,
                    quantity=each.quantity,
                    grade=each.grade,
                    disposition=each.disposition,
                    note=each.note,
                )
                for each in data.verdicts
            ),
            cause=request.cause,
        )
        return desk_view(await request.submit(service.inspect, command, Desk))

    @post("/{return_id:str}/regrade", guards=[may("returns:write")], status_code=200)
    async def regrade(
        self, request: Call, return_id: FromPath[str], data: JSONBody[RegradeInput]
    ) -> ReturnView:
        """Give units that were set aside another disposition."""
        request.caller.expect_node(data.node_id)
        command = Regrade(
            return_id=await return_in_reach(request, return_id),
            return_line_id=data.return_line_id,
            node_id=data.node_id,
            quantity=data.quantity,
            was=data.was,
            disposition=data.disposition,
            grade=data.grade,
            note=data.note,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.regrade, command, Desk))

    @post("/{return_id:str}/close", guards=[may("returns:write")], status_code=200)
    async def close(self, request: Call, return_id: FromPath[str]) -> ReturnView:
        """Nothing more is expected: what did not come stays with the customer."""
        command = Close(return_id=await return_in_reach(request, return_id), cause=request.cause)
        return desk_view(await request.submit(service.close, command, Desk))


def _wanted(lines: Sequence[WantedInput]) -> tuple[WantedBack, ...]:
    return tuple(
        WantedBack(line_id=each.line_id, quantity=each.quantity, reason=each.reason)
        for each in lines
    )
