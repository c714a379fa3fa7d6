"""Taking back over the counter: goods of known orders, received, accepted and credited at once."""

from collections.abc import Sequence

from msgspec.structs import replace

from fulfillment.model import Pile
from oms.kernel.errors import OMSError
from oms.orders import queries as orders_read
from oms.orders.facts import OrderFacts, parts_of
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction
from returns.counter.model import (
    WAYS_TO_ACCEPTED,
    Claim,
    Judged,
    Piece,
    TakeBack,
    accepting_moves,
    new_lines,
)
from returns.desk.model import Desk, Judge, Plan, blind_arrival, off_the_dock
from returns.desk.service import (
    Planned,
    carry_out,
    counted_in,
    graded,
    node_ids,
    require_node,
    slices_by_order,
)
from returns.events import CreditedCharge
from returns.inspection.model import inspected, inspected_event
from returns.machine import ReturnState
from returns.model import Return, Verdict, unknown
from returns.requesting.model import Way, wanted_items
from returns.requesting.service import new_return


def take_back(tx: Transaction, commands: Sequence[TakeBack]) -> list[Desk | OMSError]:
    """Goods of a known order handed in: the whole way in one step. Units that a carrier brings back
    refused are taken in like this too.
    """
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _take_back(tx, batch))


def finished(tx: Transaction, ret: Return, pieces: Sequence[Piece], judged: Judged) -> Plan:
    """A new return in which everything has been received and accepted; without line moves."""
    judge = Judge(ret.id, judged.node_id, judged.cause.actor)
    plan = Plan(Desk(replace(ret, state=ReturnState.CLOSED), ()), is_new=True)
    lines, told = [], []
    for line in new_lines(ret.id, pieces, (tx.new_id("rln") for _ in pieces)):
        verdict = Verdict(
            return_line_id=line.id,
            quantity=line.expected,
            grade=judged.grade,
            disposition=judged.disposition,
        )
        row = graded(tx, judge, verdict)
        if not line.line_id:
            plan.movements.append(blind_arrival(ret, line.item_id, line.expected, judged.node_id))
        plan.movements += off_the_dock(ret, line, row)
        plan.receptions.append(counted_in(tx, judge, line.id, line.expected))
        plan.inspections.append(row)
        told.append(inspected(line, row))
        lines.append(replace(line, received=line.expected, accepted=line.expected))
    plan.desk = Desk(plan.desk.ret, tuple(lines))
    plan.events.append(inspected_event(plan.desk.ret, told, ()))
    return plan


def with_charges(plan: Plan, charges: Sequence[CreditedCharge]) -> Plan:
    """The plan of a finished return that gives charges back, too."""
    plan.charges = tuple(charges)
    told = plan.events.pop()
    plan.events.append(replace(told, charges=plan.charges))
    return plan


def _take_back(tx: Transaction, commands: Sequence[TakeBack]) -> list[Desk | OMSError]:
    ids = [command.order_id for command in commands]
    facts = {order.id: order for order in orders_read.orders_for(tx, ids)}
    slices = slices_by_order(tx, ids)
    known = node_ids(tx)
    plans: list[Planned | OMSError] = []
    for command in commands:
        try:
            require_node(known, command)
            order = facts.get(command.order_id)
            if order is None:
                raise unknown("order", command.order_id)
            plan = _handed_in(tx, command, order, Pile(slices[order.id]))
            plans.append(Planned(plan, command.cause))
        except OMSError as refusal:
            plans.append(refusal)
    return carry_out(tx, plans)


def _handed_in(tx: Transaction, command: TakeBack, order: OrderFacts, pile: Pile) -> Plan:
    ret = new_return(tx, order, command.reason)
    sold = {line.id: line for line in order.lines}
    pieces = [
        Piece(
            item.line_id,
            item.item_id,
            item.quantity,
            Claim(
                title=sold[item.line_id].title,
                reason=item.reason or command.reason,
                tax_rate_bp=sold[item.line_id].tax_rate_bp,
            ),
        )
        for item in wanted_items(command.lines, parts_of(order))
    ]
    way = Way(WAYS_TO_ACCEPTED, ret.id, command.node_id, command.reason)
    moves = accepting_moves(pile, pieces, way)
    judged = Judged(command.node_id, command.disposition, command.grade, command.cause)
    plan = finished(tx, ret, pieces, judged)
    plan.moves = moves
    return plan
