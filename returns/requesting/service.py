"""Requests over a list: opened for what customers have, decided, and followed on their way."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from config import returns as policy
from fulfillment import queries as floor
from fulfillment.model import Pile
from oms.kernel.errors import OMSError, Refused
from oms.kernel.events import Event
from oms.orders import queries as orders_read
from oms.orders.facts import OrderFacts, parts_of
from oms.orders.machine import LINE, LineState
from oms.orders.model import LineMove, Slice
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction
from returns.compensation.model import given_up
from returns.desk.model import Case, Desk, Plan
from returns.desk.service import Planned, carry_out, settled, slices_by_order, steps
from returns.events import ReturnDecided, ReturnLost, ReturnSent
from returns.inspection.model import inspected_event
from returns.machine import RETURN, ReturnState
from returns.model import (
    AskedBy,
    Decide,
    Decision,
    News,
    ReportNews,
    Request,
    Return,
    ReturnLine,
    Why,
    unknown,
)
from returns.requesting.model import (
    WantedItem,
    Way,
    moves_back,
    refuse_outside_window,
    wanted_items,
)

_ASKED: Final = ("request_return",)
_AUTHORISED: Final = ("request_return", "authorise_return")

# What a decision does to units, by the state they are in.
_UNIT_MOVES: Final = {
    Decision.AUTHORISE: ("authorise_return",),
    Decision.DECLINE: ("decline_return",),
    Decision.WITHDRAW: ("decline_return", "withdraw_return"),
}
_NEWS_MOVE: Final = {News.SENT: "return_shipped", News.LOST: "return_lost"}


def request(tx: Transaction, commands: Sequence[Request]) -> list[Desk | OMSError]:
    """Open returns for delivered units. Inside the policy's window, or by an agent, they are
    authorised at once if the policy says so.
    """
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _request(tx, batch))


def decide(tx: Transaction, commands: Sequence[Decide]) -> list[Desk | OMSError]:
    """Authorise, decline or withdraw: units that do not come back are the customer's again."""

    def plan(command: Decide, case: Case) -> Plan:
        state = RETURN.after(case.ret.state, command.decision)
        ret = replace(case.ret, state=state, reason=command.reason or case.ret.reason)
        kept = None if command.decision is Decision.AUTHORISE else ""
        moves = [
            LineMove(units.id, name, units.quantity, return_id=kept, reason=command.reason)
            for units in case.slices
            for name in _UNIT_MOVES[command.decision]
            if units.return_id == ret.id and name in LINE.allowed(units.state)
        ]
        event = ReturnDecided(
            entity=ret.id, order_id=ret.order_id or None, state=state, reason=command.reason
        )
        return Plan(replace(case.desk, ret=ret), moves=moves, events=[event])

    return steps(tx, commands, plan)


def report_news(tx: Transaction, commands: Sequence[ReportNews]) -> list[Desk | OMSError]:
    """Authorised units are with a carrier, or units on their way back were lost by it: those are
    credited like any that came.
    """

    def plan(command: ReportNews, case: Case) -> Plan:
        name = _NEWS_MOVE[command.news]
        moves = [
            LineMove(units.id, name, units.quantity, reason=command.words)
            for units in case.slices
            if units.return_id == case.ret.id and name in LINE.allowed(units.state)
        ]
        if not moves:
            raise Refused(
                "return.nothing_on_its_way",
                f"No unit of {case.ret.number} can be {command.news}.",
                "Only authorised units can be sent, and only sent ones can get lost.",
            )
        plan = Plan(case.desk, moves=moves, events=[_told(command, case.ret, moves)])
        return _lost(plan, case) if command.news is News.LOST else plan

    return steps(tx, commands, plan)


def _lost(plan: Plan, case: Case) -> Plan:
    """The plan with what moves in it credited, as nothing of it will come."""
    by_id = {units.id: units for units in case.slices}
    gone: Counter[tuple[str, str]] = Counter()
    for move in plan.moves:
        units = by_id[move.slice_id]
        gone[units.line_id, units.item_id] += move.quantity
    lines, told = given_up(case.desk.lines, gone, Why.LOST)
    plan.events.append(inspected_event(case.ret, told, ()))
    return settled(plan, lines)


def _told(command: ReportNews, ret: Return, moves: Sequence[LineMove]) -> Event:
    event = ReturnSent if command.news is News.SENT else ReturnLost
    return event(
        entity=ret.id,
        order_id=ret.order_id or None,
        units=sum(move.quantity for move in moves),
        words=command.words,
    )


def _request(tx: Transaction, commands: Sequence[Request]) -> list[Desk | OMSError]:
    ids = [command.order_id for command in commands]
    facts = {order.id: order for order in orders_read.orders_for(tx, ids)}
    slices = slices_by_order(tx, ids)
    delivered = floor.delivered_at_ms(tx, ids)
    plans: list[Planned | OMSError] = []
    for command in commands:
        try:
            order = facts.get(command.order_id)
            if order is None:
                raise unknown("order", command.order_id)
            if command.asked_by is AskedBy.CUSTOMER:
                refuse_outside_window(delivered.get(order.id), tx.now_ms, policy.WINDOW_DAYS)
            plans.append(Planned(_opened(tx, command, order, slices[order.id]), command.cause))
        except OMSError as refusal:
            plans.append(refusal)
    return carry_out(tx, plans)


def _opened(tx: Transaction, command: Request, order: OrderFacts, slices: Sequence[Slice]) -> Plan:
    authorised = policy.AUTHORISE_INSIDE_WINDOW or command.asked_by is AskedBy.AGENT
    ret = new_return(tx, order, command.reason)
    ret = replace(ret, state=ReturnState.AUTHORISED if authorised else ReturnState.REQUESTED)
    names = _AUTHORISED if authorised else _ASKED
    way = Way({LineState.DELIVERED: names}, ret.id, reason=command.reason)
    pile = Pile(slices)
    items = wanted_items(command.lines, parts_of(order))
    moves = [move for item in items for move in moves_back(pile, item, way)]
    return Plan(Desk(ret, announced(tx, ret, order, items)), is_new=True, moves=moves)


def announced(
    tx: Transaction, ret: Return, order: OrderFacts, items: Iterable[WantedItem]
) -> tuple[ReturnLine, ...]:
    """The lines of a new return that speaks of these units of an order."""
    sold = {line.id: line for line in order.lines}
    return tuple(
        ReturnLine(
            id=tx.new_id("rln"),
            return_id=ret.id,
            position=position,
            line_id=item.line_id,
            item_id=item.item_id,
            expected=item.quantity,
            title=sold[item.line_id].title,
            reason=item.reason or ret.reason,
            tax_rate_bp=sold[item.line_id].tax_rate_bp,
        )
        for position, item in enumerate(items, start=1)
    )


def new_return(tx: Transaction, order: OrderFacts, reason: str) -> Return:
    """A return of units of an order, not yet numbered."""
    return Return(
        id=tx.new_id("ret"),
        number="",
        channel_id=order.channel_id,
        external_id=None,
        order_id=order.id,
        customer_id=order.customer_id or "",
        currency=order.currency,
        state=ReturnState.REQUESTED,
        reason=reason,
        requested_at_ms=tx.now_ms,
    )
