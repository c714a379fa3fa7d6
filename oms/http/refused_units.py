"""Units that inspection refused: looked at again, sent back to the customer, or abandoned."""

from collections.abc import Sequence

from litestar import Controller, post
from litestar.params import FromPath, JSONBody

from oms.http.call import Call
from oms.http.guards import may
from oms.http.reach import return_in_reach
from oms.http.return_views import (
    AbandonInput,
    ReconsiderInput,
    RefusedUnitsInput,
    ReturnView,
    SendBackInput,
    desk_view,
)
from returns import service
from returns.desk.model import Desk
from returns.model import Abandon, Reconsider, RefusedUnits, SendBack


class RefusedReturns(Controller):
    path = "/returns/{return_id:str}"
    tags = ("returns",)

    @post("/reconsider", guards=[may("returns:write")], status_code=200)
    async def reconsider(
        self, request: Call, return_id: FromPath[str], data: JSONBody[ReconsiderInput]
    ) -> ReturnView:
        """Let refused units be inspected again."""
        request.caller.expect_node(data.node_id)
        command = Reconsider(
            return_id=await return_in_reach(request, return_id),
            node_id=data.node_id,
            units=_units(data.units),
            note=data.note,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.reconsider, command, Desk))

    @post("/send-back", guards=[may("returns:write")], status_code=200)
    async def send_back(
        self, request: Call, return_id: FromPath[str], data: JSONBody[SendBackInput]
    ) -> ReturnView:
        """Refused units go back to the customer, in a box that can be tracked."""
        request.caller.expect_node(data.node_id)
        command = SendBack(
            return_id=await return_in_reach(request, return_id),
            node_id=data.node_id,
            units=_units(data.units),
            carrier=data.carrier,
            service=data.service,
            tracking_number=data.tracking_number,
            weight_g=data.weight_g,
            note=data.note,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.send_back, command, Desk))

    @post("/abandon", guards=[may("returns:write")], status_code=200)
    async def abandon(
        self, request: Call, return_id: FromPath[str], data: JSONBody[AbandonInput]
    ) -> ReturnView:
        """Nobody wants refused units back: they are ours, without a credit."""
        request.caller.expect_node(data.node_id)
        command = Abandon(
            return_id=await return_in_reach(request, return_id),
            node_id=data.node_id,
            units=_units(data.units),
            disposition=data.disposition,
            note=data.note,
            cause=request.cause,
        )
        return desk_view(await request.submit(service.abandon, command, Desk))


def _units(units: Sequence[RefusedUnitsInput]) -> tuple[RefusedUnits, ...]:
    return tuple(
        RefusedUnits(return_line_id=each.return_line_id, quantity=each.quantity) for each in units
    )
