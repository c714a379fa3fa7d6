"""The returns desk: request, decide, receive, inspect, regrade. One function, one transaction."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from config import returns as policy
from fulfillment import queries as floor
from oms.kernel.errors import Invalid, NotFound, OMSError
from oms.kernel.events import Cause, Event
from oms.ledger import goods
from oms.ledger.goods import Account, Movement, Place
from oms.orders import queries as orders_read
from oms.orders import service as orders
from oms.orders.machine import LINE
from oms.orders.model import LineMove, Slice
from oms.orders.queries import OrderFacts
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction
from returns import model, store
from returns.events import (
    ReturnDecided,
    ReturnReceived,
    ReturnRequested,
)
from returns.machine import RETURN, ReturnState
from returns.model import (
    Decide,
    Inspect,
    Receive,
    Regrade,
    Request,
    Return,
    ReturnLine,
)

RETURN_COUNTER: Final = "return"

_UNIT_MOVE: Final = {
    model.Decision.AUTHORISE: "authorise_return",
    model.Decision.DECLINE: "decline_return",
    model.Decision.WITHDRAW: "withdraw_return",
}


class Plan(msgspec.Struct):
    """What one command would do: nothing is written before the units' moves are allowed."""

    desk: "Desk"
    moves: list[LineMove] = []
    events: list[Event] = []
    movements: list[Movement] = []
    inspections: list[store.Graded] = []


C = TypeVar("C", Decide, Receive, Inspect, Regrade)


class Desk(msgspec.Struct, frozen=True):
    """A return with its lines: what the desk's steps answer."""

    ret: Return
    lines: tuple[ReturnLine, ...]


def request(tx: Transaction, commands: Sequence[Request]) -> list[Desk | OMSError]:
    """Open returns for delivered units; inside the policy's window they are authorised at once."""
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _request(tx, batch))


def _request(tx: Transaction, commands: Sequence[Request]) -> list[Desk | OMSError]:
    ids = [command.order_id for command in commands]
    facts = {order.id: order for order in orders_read.orders_for(tx, ids)}
    slices = slices_by_order(tx, SliceKey.ORDER, ids)
    delivered = floor.delivered_at_ms(tx, ids)
    desks: dict[str, Desk | OMSError] = {}
    moves: list[LineMove] = []
    for command in commands:
        try:
            order = known(facts, command.order_id)
            model.refuse_outside_window(delivered.get(order.id), tx.now_ms, policy.WINDOW_DAYS)
            desk, back = _opened(tx, command, order, slices[order.id])
        except OMSError as refusal:
            desks[command.order_id] = refusal
            continue
        desks[order.id] = desk
        moves += back
    desks |= orders.move(tx, moves).refused
    opened = open_returns(tx, [desk for desk in desks.values() if isinstance(desk, Desk)])
    desks |= {desk.ret.order_id: desk for desk in opened}
    for command in commands:
        made = desks[command.order_id]
        if isinstance(made, Desk):
            event = ReturnRequested(
                entity=made.ret.id,
                number=made.ret.number,
                order_id=made.ret.order_id,
                state=made.ret.state,
            )
            tx.emit_first(event, command.cause)
    return [desks[command.order_id] for command in commands]


def open_returns(tx: Transaction, desks: Sequence[Desk]) -> list[Desk]:
    """Number and write new returns with their lines."""
    numbers = tx.next_numbers(RETURN_COUNTER, len(desks)) if desks else range(0)
    numbered = [
        replace(desk, ret=replace(desk.ret, number=f"RMA-{number:06d}"))
        for desk, number in zip(desks, numbers, strict=True)
    ]
    store.add_returns(tx, [desk.ret for desk in numbered])
    store.add_lines(tx, [line for desk in numbered for line in desk.lines])
    return numbered


def decide(tx: Transaction, commands: Sequence[Decide]) -> list[Desk | OMSError]:
    """Authorise, decline or withdraw."""

    def plan(command: Decide, desk: Desk, slices: Sequence[Slice]) -> Plan:
        state = RETURN.after(desk.ret.state, command.decision)
        ret = replace(desk.ret, state=state, reason=command.reason or desk.ret.reason)
        name = _UNIT_MOVE[command.decision]
        clear = None if command.decision is model.Decision.AUTHORISE else ""
        moves = [
            LineMove(units.id, name, units.quantity, return_id=clear)
            for units in slices
            if units.return_id == ret.id and name in LINE.allowed(units.state)
        ]
        event = ReturnDecided(
            entity=ret.id, order_id=ret.order_id or None, state=state, reason=command.reason
        )
        return Plan(replace(desk, ret=ret), moves, [event])

    return steps(tx, commands, plan)


def receive(tx: Transaction, commands: Sequence[Receive]) -> list[Desk | OMSError]:
    """Count goods in at a node: any number of times, fewer or other than was announced."""

    def plan(command: Receive, desk: Desk, slices: Sequence[Slice]) -> Plan:
        ret = replace(desk.ret, state=RETURN.after(desk.ret.state, "receive"))
        lines = {line.id: line for line in desk.lines}
        moves: list[LineMove] = []
        blind: list[Movement] = []
        for arrived in command.arrived:
            line = _arrived_line(tx, ret, lines, arrived)
            if line.line_id:
                own = [units for units in slices if units.line_id == line.line_id]
                moves += model.arrival_moves(own, line, arrived.quantity, command.node_id)
            else:
                blind.append(blind_arrival(ret, line, arrived.quantity, command.node_id))
            lines[line.id] = replace(line, received=line.received + arrived.quantity)
        count = sum(arrived.quantity for arrived in command.arrived)
        event = ReturnReceived(
            entity=ret.id, order_id=ret.order_id or None, node_id=command.node_id, units=count
        )
        return Plan(Desk(ret, tuple(lines.values())), moves, [event], blind)

    return steps(tx, commands, plan)


def steps(
    tx: Transaction,
    commands: Sequence[C],
    plan: Callable[[C, Desk, Sequence[Slice]], Plan],
) -> list[Desk | OMSError]:
    """Lock what the commands are about, plan each alone, then write all that was not refused."""
    return in_rounds(commands, lambda c: c.return_id, lambda batch: _round(tx, batch, plan))


def _round(
    tx: Transaction,
    commands: Sequence[C],
    plan: Callable[[C, Desk, Sequence[Slice]], Plan],
) -> list[Desk | OMSError]:
    rets = store.lock_returns(tx, [command.return_id for command in commands])
    lines = model.by_line(store.lines_of(tx, list(rets)))
    slices = slices_by_order(tx, SliceKey.ORDER, [r.order_id for r in rets.values() if r.order_id])
    plans: list[Plan | OMSError] = []
    for command in commands:
        try:
            ret = rets.get(command.return_id)
            if ret is None:
                raise unknown("return", command.return_id)
            desk = Desk(ret, tuple(lines[ret.id]))
            plans.append(plan(command, desk, slices[ret.order_id]))
        except OMSError as refusal:
            plans.append(refusal)
    return carry_out(tx, plans, [command.cause for command in commands])


def carry_out(
    tx: Transaction, plans: Sequence[Plan | OMSError], causes: Sequence[Cause]
) -> list[Desk | OMSError]:
    """Write plans; a plan whose units may not move leaves no trace."""
    moves = [move for plan in plans if isinstance(plan, Plan) for move in plan.moves]
    refused = orders.move(tx, moves).refused
    answers: list[Desk | OMSError] = []
    done: list[Plan] = []
    for plan, cause in zip(plans, causes, strict=True):
        if isinstance(plan, OMSError):
            answers.append(plan)
        elif plan.desk.ret.order_id in refused:
            answers.append(refused[plan.desk.ret.order_id])
        else:
            answers.append(plan.desk)
            done.append(plan)
            for event in plan.events:
                tx.emit(event, cause)
    goods.post(tx, [movement for plan in done for movement in plan.movements])
    store.save_returns(tx, [plan.desk.ret for plan in done])
    store.put_lines(tx, [line for plan in done for line in plan.desk.lines])
    store.add_inspections(tx, [row for plan in done for row in plan.inspections])
    return answers


def blind_arrival(ret: Return, line: ReturnLine, quantity: int, node_id: str) -> Movement:
    """Goods nobody knows a sale for come from an unknown buyer."""
    return Movement(
        item_id=line.item_id,
        quantity=quantity,
        source=Place(Account.UNKNOWN_BUYER),
        target=Place(Account.RETURNS_DOCK, node_id),
        move="receive_blind",
        document_id=ret.id,
    )


def _opened(
    tx: Transaction, command: Request, order: OrderFacts, slices: Sequence[Slice]
) -> tuple[Desk, list[LineMove]]:
    authorised = policy.AUTHORISE_INSIDE_WINDOW
    names = ("request_return", "authorise_return") if authorised else ("request_return",)
    ret = Return(
        id=tx.new_id("ret"),
        number="",
        channel_id=order.channel_id,
        external_id=None,
        order_id=order.id,
        customer_id=order.customer_id or "",
        currency=order.currency,
        state=ReturnState.AUTHORISED if authorised else ReturnState.REQUESTED,
        reason=command.reason,
        requested_at_ms=tx.now_ms,
    )
    titles = {line.id: line for line in order.lines}
    items = model.wanted_items(command.lines, orders_read.parts_of(order))
    way = model.Way(names, ret.id)
    moves = [move for item in items for move in model.moves_back(slices, item, way)]
    lines = [
        ReturnLine(
            id=tx.new_id("rln"),
            return_id=ret.id,
            position=position,
            line_id=item.line_id,
            item_id=item.item_id,
            expected=item.quantity,
            title=titles[item.line_id].title,
            reason=item.reason,
            tax_rate_bp=titles[item.line_id].tax_rate_bp,
        )
        for position, item in enumerate(items, start=1)
    ]
    return Desk(ret, tuple(lines)), moves


def _arrived_line(
    tx: Transaction, ret: Return, lines: dict[str, ReturnLine], arrived: model.Arrived
) -> ReturnLine:
    if arrived.quantity <= 0:
        raise Invalid("return.quantity", "A quantity must be at least 1.", "Count again.")
    if arrived.return_line_id:
        return named_line(lines, arrived.return_line_id)
    for line in lines.values():
        if line.item_id == arrived.item_id:
            return line
    extra = ReturnLine(
        id=tx.new_id("rln"),
        return_id=ret.id,
        position=len(lines) + 1,
        line_id="",
        item_id=arrived.item_id,
        expected=0,
        reason="not announced",
    )
    lines[extra.id] = extra
    return extra


def slices_by_order(tx: Transaction, by: SliceKey, ids: Sequence[str]) -> dict[str, list[Slice]]:
    grouped: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lockslices_by_order(tx, by, ids):
        grouped[units.order_id].append(units)
    return grouped


def known(facts: dict[str, OrderFacts], order_id: str) -> OrderFacts:
    if order_id not in facts:
        raise unknown("order", order_id)
    return facts[order_id]


def named_line(lines: dict[str, ReturnLine], return_line_id: str) -> ReturnLine:
    if return_line_id not in lines:
        raise unknown("return line", return_line_id)
    return lines[return_line_id]


def unknown(what: str, id_: str) -> NotFound:
    code = what.replace(" ", "_")
    return NotFound(f"{code}.not_found", f"There is no {what} '{id_}'.", "Check the id.")
