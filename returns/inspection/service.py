"""Inspection over a list: accepted units are credited and go where their disposition says."""

from collections.abc import Sequence

from msgspec.structs import replace

from fulfillment.model import Pile
from oms.kernel.errors import OMSError, Refused
from oms.orders.machine import LineState
from oms.orders.model import LineMove
from oms.platform.transaction import Transaction
from returns.desk.model import Case, Desk, Judge, Plan, disposed, off_the_dock
from returns.desk.service import graded, settled, steps
from returns.events import ReturnRegraded
from returns.inspection.model import (
    dock_moves,
    refuse_not_aside,
    refuse_unreceived,
    verdict_events,
)
from returns.machine import RETURN
from returns.model import (
    Disposition,
    Inspect,
    Outcome,
    Regrade,
    ReturnLine,
    Verdict,
    counted,
    named_line,
)


def inspect(tx: Transaction, commands: Sequence[Inspect]) -> list[Desk | OMSError]:
    """Grade received units: accepted ones are credited and go where their disposition says."""

    def plan(command: Inspect, case: Case) -> Plan:
        if not command.verdicts:
            raise Refused("return.nothing_judged", "No unit was judged.", "Say what was found.")
        lines, pile = case.lines, Pile(case.slices)
        judge = Judge(case.ret.id, command.node_id, command.cause.actor)
        judged: list[tuple[ReturnLine, Verdict]] = []
        plan = Plan(case.desk)
        for verdict in command.verdicts:
            line = named_line(lines, verdict.return_line_id)
            refuse_unreceived(case.dock, line, verdict, command.node_id)
            row = graded(tx, judge, verdict)
            case.dock.grade(row)
            name = "accept_return" if verdict.disposition else "refuse_return"
            move = LineMove(0, name, verdict.quantity, node_id=command.node_id, reason=verdict.note)
            plan.moves += dock_moves(pile, line, move, LineState.RETURN_RECEIVED)
            if row.outcome is Outcome.ACCEPTED:
                plan.movements += off_the_dock(case.ret, line, row)
            plan.inspections.append(row)
            judged.append((line, verdict))
            lines[line.id] = counted(line, [row])
        plan.events = verdict_events(case.ret, judged, plan.inspections)
        return settled(plan, lines.values())

    return steps(tx, commands, plan)


def regrade(tx: Transaction, commands: Sequence[Regrade]) -> list[Desk | OMSError]:
    """Give set-aside units another disposition; what was credited stays credited."""

    def plan(command: Regrade, case: Case) -> Plan:
        ret = replace(case.ret, state=RETURN.after(case.ret.state, "regrade"))
        line = named_line(case.lines, command.return_line_id)
        refuse_not_aside(case.dock, line, command)
        event = ReturnRegraded(
            entity=ret.id,
            order_id=ret.order_id or None,
            return_line_id=line.id,
            item_id=line.item_id,
            quantity=command.quantity,
            disposition=command.disposition,
            restocked=command.disposition is Disposition.RESTOCK,
        )
        verdict = Verdict(
            return_line_id=line.id,
            quantity=command.quantity,
            grade=command.grade,
            disposition=command.disposition,
            note=command.note,
        )
        now = graded(tx, Judge(ret.id, command.node_id, command.cause.actor), verdict)
        was = replace(now, id=tx.new_id("isp"), disposition=command.was, quantity=-now.quantity)
        return Plan(
            replace(case.desk, ret=ret),
            events=[event],
            movements=disposed(ret, line, now),
            inspections=[was, now],
        )

    return steps(tx, commands, plan)
