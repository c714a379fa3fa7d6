"""Receptions over a list: goods are counted in, in any number of parts, and returns closed."""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from fulfillment.model import Pile
from oms.catalog import queries as catalog
from oms.kernel.errors import OMSError, Refused
from oms.orders.machine import LineState
from oms.orders.model import LineMove
from oms.platform.transaction import Transaction
from returns.desk.model import Case, Desk, Judge, Plan, blind_arrival
from returns.desk.service import closed, counted_in, node_ids, require_node, steps
from returns.events import ReturnReceived
from returns.machine import RETURN
from returns.model import Close, Receive, Reception, unknown
from returns.reception.model import Counting


def receive(tx: Transaction, commands: Sequence[Receive]) -> list[Desk | OMSError]:
    """Count goods in at a node: fewer, more or other ones than announced, and in any number of
    parts. Units no sale is known for are taken in all the same, without a claim to money.
    """
    known = node_ids(tx)
    named = {arrived.item_id for command in commands for arrived in command.arrived}
    names = {ref.id: ref.name for ref in catalog.item_refs(tx, named - {""}).values()}

    def plan(command: Receive, case: Case) -> Plan:
        require_node(known, command)
        ret = replace(case.ret, state=RETURN.after(case.ret.state, "receive"))
        counting = Counting(
            ret=ret,
            node_id=command.node_id,
            lines=case.lines,
            pile=Pile(case.slices),
            names=names,
            new_id=lambda: tx.new_id("rln"),
        )
        _count(counting, command)
        units = sum(count for _, count in counting.counts)
        event = ReturnReceived(
            entity=ret.id, order_id=ret.order_id or None, node_id=command.node_id, units=units
        )
        return Plan(
            Desk(ret, tuple(counting.lines.values())),
            moves=counting.moves,
            events=[event],
            movements=[
                blind_arrival(ret, item_id, count, command.node_id)
                for item_id, count in counting.blind
            ],
            receptions=_receptions(tx, counting, command),
        )

    return steps(tx, commands, plan)


def close(tx: Transaction, commands: Sequence[Close]) -> list[Desk | OMSError]:
    """Expect nothing more: authorised units that did not come are the customer's again."""

    def plan(_: Close, case: Case) -> Plan:
        waiting = sum(line.to_inspect + line.refused for line in case.desk.lines)
        if waiting:
            raise Refused(
                "return.not_settled",
                f"{waiting} units of {case.ret.number} are still at the dock.",
                "Inspect them first; refused ones go back or are abandoned.",
            )
        ret = replace(case.ret, state=RETURN.after(case.ret.state, "close"))
        moves = [
            LineMove(units.id, "withdraw_return", units.quantity, return_id="")
            for units in case.slices
            if units.return_id == ret.id and units.state is LineState.RETURN_AUTHORISED
        ]
        return Plan(replace(case.desk, ret=ret), moves=moves, events=[closed(case.desk)])

    return steps(tx, commands, plan)


def _receptions(tx: Transaction, counting: Counting, command: Receive) -> list[Reception]:
    total: Counter[str] = Counter()
    for line_id, count in counting.counts:
        total[line_id] += count
    judge = Judge(command.return_id, command.node_id, command.cause.actor)
    return [counted_in(tx, judge, line_id, count) for line_id, count in total.items()]


def _count(counting: Counting, command: Receive) -> None:
    if not command.arrived:
        raise Refused("return.nothing_arrived", "Nothing was counted.", "Say what arrived.")
    for arrived in command.arrived:
        if not arrived.return_line_id and arrived.item_id not in counting.names:
            raise unknown("item", arrived.item_id)
        counting.count(arrived)
