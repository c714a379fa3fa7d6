"""Compensation over a list: units of known orders credited at once, their goods never seen."""

from collections.abc import Sequence

from msgspec.structs import replace

from fulfillment.model import Pile
from oms.kernel.errors import OMSError
from oms.orders import queries as orders_read
from oms.orders.facts import OrderFacts, parts_of
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction
from returns.compensation.model import given_up, moves_unseen
from returns.desk.model import Desk, Plan
from returns.desk.service import Planned, carry_out, slices_by_order
from returns.inspection.model import inspected_event
from returns.machine import ReturnState
from returns.model import Compensate, unknown
from returns.requesting.model import wanted_items
from returns.requesting.service import announced, new_return


def compensate(tx: Transaction, commands: Sequence[Compensate]) -> list[Desk | OMSError]:
    """Credit units that are lost, or that the customer may keep; the refund follows."""
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _compensate(tx, batch))


def _compensate(tx: Transaction, commands: Sequence[Compensate]) -> list[Desk | OMSError]:
    ids = [command.order_id for command in commands]
    facts = {order.id: order for order in orders_read.orders_for(tx, ids)}
    slices = slices_by_order(tx, ids)
    plans: list[Planned | OMSError] = []
    for command in commands:
        try:
            order = facts.get(command.order_id)
            if order is None:
                raise unknown("order", command.order_id)
            plan = _credited(tx, command, order, Pile(slices[order.id]))
            plans.append(Planned(plan, command.cause))
        except OMSError as refusal:
            plans.append(refusal)
    return carry_out(tx, plans)


def _credited(tx: Transaction, command: Compensate, order: OrderFacts, pile: Pile) -> Plan:
    ret = replace(new_return(tx, order, command.reason), state=ReturnState.CLOSED)
    items = wanted_items(command.lines, parts_of(order))
    moves = [move for item in items for move in moves_unseen(pile, item, command, ret.id)]
    gone = {(item.line_id, item.item_id): item.quantity for item in items}
    lines, told = given_up(announced(tx, ret, order, items), gone, command.why)
    return Plan(
        Desk(ret, tuple(lines)),
        is_new=True,
        moves=moves,
        events=[inspected_event(ret, told, ())],
    )
