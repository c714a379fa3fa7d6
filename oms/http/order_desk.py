"""What people do with orders: hold, cancel, move units, ship; and why an order goes from where."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from fulfillment.express import effects as express
from fulfillment.express.model import Fulfil, Fulfilled
from oms.http.call import Call
from oms.http.guards import may
from oms.http.reach import expect_order, hold_in_reach, order_in_reach, order_on_own_floor
from oms.http.shipping import ShipmentView, shipment_view
from oms.http.views import Input, Name, Note, Reference, Units, View, view
from oms.kernel.clock import to_datetime
from oms.kernel.errors import OMSError, Refused
from oms.kernel.events import Cause
from oms.orders import service as orders
from oms.orders.cancels import service as cancels
from oms.orders.cancels.model import Cancel, LineQuantity, LinesChanged, Reinstate
from oms.orders.holds import service as holds
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.machine import HoldStage
from oms.orders.model import LineMove
from oms.platform import audit
from oms.platform.transaction import Transaction
from oms.sourcing import queries as sourcing_read
from oms.sourcing import service as sourcing
from oms.sourcing.model import Source, Sourced

TIMELINE_MAX: Final = 500
BY_HAND: Final = frozenset(
    {
        *("confirm", "discard", "allocate", "deallocate"),
        *("promise_inbound", "unpromise", "supply_arrived", "ready", "unready"),
        *("deliver", "undeliver", "lose", "found", "refuse"),
    }
)
"""Moves that nothing else has to follow: others belong to a parcel, a return or an invoice."""


class HoldInput(Input, frozen=True, kw_only=True):
    """Stop one stage of the order, or of one of its lines or fulfilment orders."""

    stage: HoldStage
    reason: Name
    note: Note = ""
    line_id: str = ""
    fulfilment_id: str = ""


class HoldView(View, frozen=True, kw_only=True):
    """A hold with its story."""

    id: str
    order_id: str
    stage: str
    reason: str
    note: str
    line_id: str
    fulfilment_id: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str


class UnitsInput(Input, frozen=True, kw_only=True):
    """So many units of a line; without a quantity all that can be."""

    line_id: Reference
    quantity: Units | None = None


class CancelInput(Input, frozen=True, kw_only=True):
    """Which units; no lines means the whole order."""

    lines: tuple[UnitsInput, ...] = ()
    reason: Note = ""


class UnitsView(View, frozen=True, kw_only=True):
    """How many units of a line."""

    line_id: str
    quantity: int | None


class ChangedView(View, frozen=True, kw_only=True):
    """What was cancelled or reinstated."""

    order_id: str
    lines: tuple[UnitsView, ...]


class MoveInput(Input, frozen=True, kw_only=True):
    """`quantity` units of a slice make a move of the line-unit machine."""

    slice_id: int
    name: Name
    quantity: Units
    node_id: str | None = None


class MovesInput(Input, frozen=True, kw_only=True):
    """Moves of one order: all of them or none."""

    moves: Annotated[list[MoveInput], Meta(min_length=1, max_length=1_000)]


class MovedView(View, frozen=True, kw_only=True):
    """How many moves were made."""

    order_id: str
    moves: int


class MoveUnits(msgspec.Struct, frozen=True):
    """Moves of units of one order, and by whom."""

    order_id: str
    moves: tuple[LineMove, ...]
    cause: Cause


class FulfilledView(View, frozen=True, kw_only=True):
    """What left. `asked` are fulfilment orders of nodes that ship by themselves."""

    order_id: str
    shipments: tuple[ShipmentView, ...]
    asked: tuple[str, ...]


class SourcedView(View, frozen=True, kw_only=True):
    """How many units found a node now, and how many wait."""

    order_id: str
    allocated: int
    waiting: int


class DecisionView(View, frozen=True, kw_only=True):
    """A sourcing decision: the whole question and the answer with every candidate's costs."""

    id: str
    at: datetime
    question: dict[str, Any]
    answer: dict[str, Any]


class OrderEventView(View, frozen=True, kw_only=True):
    """Something that happened to the order."""

    number: int
    sequence: int
    type: str
    at: datetime
    actor: str
    request_id: str
    body: dict[str, Any]


class OrderDesk(Controller):
    path = "/orders/{order_id:str}"
    tags = ("orders",)

    @post("/holds", guards=[may("orders:write")])
    async def hold(
        self, request: Call, order_id: FromPath[str], data: JSONBody[HoldInput]
    ) -> HoldView:
        """Stop exactly one stage until somebody releases it."""
        command = PlaceHold(
            order_id=await order_in_reach(request, order_id),
            stage=data.stage,
            reason=data.reason,
            note=data.note,
            line_id=data.line_id,
            fulfilment_id=data.fulfilment_id,
            cause=request.cause,
        )
        return view(HoldView, await request.submit(holds.place_holds, command, HoldRecord))

    @post("/cancel", guards=[may("orders:write")], status_code=200)
    async def cancel(
        self, request: Call, order_id: FromPath[str], data: JSONBody[CancelInput]
    ) -> ChangedView:
        """Cancel units that no node works on yet; what was paid for them is given back."""
        command = Cancel(
            order_id=await order_in_reach(request, order_id),
            lines=_quantities(data),
            reason=data.reason,
            cause=request.cause,
        )
        return view(ChangedView, await request.submit(cancels.cancel, command, LinesChanged))

    @post("/reinstate", guards=[may("orders:write")], status_code=200)
    async def reinstate(
        self, request: Call, order_id: FromPath[str], data: JSONBody[CancelInput]
    ) -> ChangedView:
        """Want cancelled units again."""
        command = Reinstate(
            order_id=await order_in_reach(request, order_id),
            lines=_quantities(data),
            reason=data.reason,
            cause=request.cause,
        )
        return view(ChangedView, await request.submit(cancels.reinstate, command, LinesChanged))

    @post("/moves", guards=[may("orders:write")], status_code=200)
    async def move(
        self, request: Call, order_id: FromPath[str], data: JSONBody[MovesInput]
    ) -> MovedView:
        """Move units by the line-unit machine: for corrections that no other call makes."""
        for each in data.moves:
            _expect_by_hand(each.name)
        moves = [
            LineMove(move.slice_id, move.name, move.quantity, node_id=move.node_id)
            for move in data.moves
        ]
        command = MoveUnits(await order_in_reach(request, order_id), tuple(moves), request.cause)
        count = await request.submit(_move, command, int)
        return MovedView(order_id=order_id, moves=count)

    @post("/source", guards=[may("sourcing:write")], status_code=200)
    async def source(self, request: Call, order_id: FromPath[str]) -> SourcedView:
        """Look for nodes for the order's open units now."""
        command = Source(order_id=await order_in_reach(request, order_id), cause=request.cause)
        return view(SourcedView, await request.submit(sourcing.source, command, Sourced))

    @post("/fulfil", guards=[may("fulfilment:write")], status_code=200)
    async def fulfil(self, request: Call, order_id: FromPath[str]) -> FulfilledView:
        """Release, pick, pack, label and ship what is allocated, in one call."""
        id_ = await order_on_own_floor(request, order_id)
        command = Fulfil(order_id=id_, cause=request.cause)
        services = request.services
        done = await request.once(
            lambda: express.fulfil(services.gate, services.carriers, command), Fulfilled
        )
        return FulfilledView(
            order_id=done.order_id,
            shipments=tuple(shipment_view(each) for each in done.shipments),
            asked=tuple(each.id for each in done.asked),
        )

    @get("/decisions", guards=[may("sourcing:read")], sync_to_thread=True)
    def decisions(self, request: Call, order_id: FromPath[str]) -> list[DecisionView]:
        """Why from there: every question asked and answered, with all candidates and costs."""
        with request.reading() as reader:
            expect_order(request, reader, order_id)
            return [
                DecisionView(
                    id=each.id,
                    at=to_datetime(each.at_ms),
                    question=msgspec.to_builtins(each.question),
                    answer=msgspec.to_builtins(each.answer),
                )
                for each in sourcing_read.decisions(reader, order_id)
            ]

    @get("/events", guards=[may("orders:read")], sync_to_thread=True)
    def events(self, request: Call, order_id: FromPath[str]) -> list[OrderEventView]:
        """Everything that happened to the order, oldest first, with who and why."""
        with request.reading() as reader:
            expect_order(request, reader, order_id)
            told = audit.of_entity(reader, order_id, 0, TIMELINE_MAX)
        return [
            OrderEventView(
                number=each.number,
                sequence=each.sequence,
                type=each.type,
                at=to_datetime(each.at_ms),
                actor=each.cause.actor,
                request_id=each.cause.request_id,
                body=msgspec.json.decode(each.body),
            )
            for each in told
        ]


def _move(tx: Transaction, commands: Sequence[MoveUnits]) -> list[int | OMSError]:
    """Every order's moves stand alone: what one may not do does not stop another."""
    causes = {command.order_id: command.cause for command in commands}
    moves = [move for command in commands for move in command.moves]
    refused = orders.move(tx, moves, causes).refused
    return [refused.get(command.order_id) or len(command.moves) for command in commands]


def _expect_by_hand(name: str) -> None:
    if name not in BY_HAND:
        raise Refused(
            "move.not_by_hand",
            f"'{name}' is more than a move of units: papers and money go with it.",
            "Use the call that does all of it (cancel, fulfil, returns, fulfilment orders).",
            {"name": f"by hand: {', '.join(sorted(BY_HAND))}"},
        )


def _quantities(data: CancelInput) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(line.line_id, line.quantity) for line in data.lines)


@post(
    "/holds/{hold_id:str}/release", guards=[may("orders:write")], status_code=200, tags=["orders"]
)
async def release_hold(request: Call, hold_id: FromPath[str]) -> HoldView:
    """Let the stage go on, as far as no other hold stops it."""
    command = ReleaseHold(hold_id=await hold_in_reach(request, hold_id), cause=request.cause)
    return view(HoldView, await request.submit(holds.release_holds, command, HoldRecord))
