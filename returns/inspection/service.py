"""Inspection carried out: accepted units are credited and go where their disposition says."""

from collections.abc import Sequence

from msgspec.structs import replace

from oms.kernel.errors import OMSError, Refused
from oms.kernel.events import Event
from oms.ledger.goods import Account, Movement, Place
from oms.orders.model import Slice
from oms.platform.transaction import Transaction
from returns import model, store
from returns.events import (
    CreditedCharge,
    InspectedLine,
    ReturnInspected,
    ReturnRefused,
    ReturnRegraded,
)
from returns.machine import RETURN
from returns.model import Disposition, Inspect, Regrade, Return, ReturnLine, Verdict
from returns.service import Desk, Plan, named_line, steps


def inspect(tx: Transaction, commands: Sequence[Inspect]) -> list[Desk | OMSError]:
    """Grade received units: accepted ones are credited and go where their disposition says."""

    def plan(command: Inspect, desk: Desk, slices: Sequence[Slice]) -> Plan:
        lines = {line.id: line for line in desk.lines}
        plan = Plan(desk)
        for verdict in command.verdicts:
            line = named_line(lines, verdict.return_line_id)
            lines[line.id] = model.judged(line, verdict)
            if line.line_id:
                plan.moves += model.verdict_moves(slices, line, verdict)
            plan.movements += dispositions(desk.ret, line, verdict, command.node_id)
            plan.inspections.append(graded(tx, desk.ret, verdict, command))
        plan.events = verdict_events(desk, command.verdicts)
        ret = desk.ret
        if model.is_finished(lines.values()):
            ret = replace(ret, state=RETURN.after(ret.state, "close"))
        plan.desk = Desk(ret, tuple(lines.values()))
        return plan

    return steps(tx, commands, plan)


def regrade(tx: Transaction, commands: Sequence[Regrade]) -> list[Desk | OMSError]:
    """Give set-aside units another disposition; what was credited stays credited."""

    def plan(command: Regrade, desk: Desk, _: Sequence[Slice]) -> Plan:
        ret = replace(desk.ret, state=RETURN.after(desk.ret.state, "regrade"))
        line = named_line({line.id: line for line in desk.lines}, command.return_line_id)
        there = store.set_aside(tx, line.id, command.node_id, command.was)
        if command.was not in model.STAYS_ASIDE or not 0 < command.quantity <= there:
            raise Refused(
                "return.not_set_aside",
                f"{there} units of this line are set aside as '{command.was}' at this node.",
                "Only units in refurbishment or quarantine can be graded again.",
            )
        verdict = Verdict(
            return_line_id=line.id,
            quantity=command.quantity,
            grade=command.grade,
            disposition=command.disposition,
            note=command.note,
        )
        event = ReturnRegraded(
            entity=ret.id,
            order_id=ret.order_id or None,
            return_line_id=line.id,
            item_id=line.item_id,
            quantity=command.quantity,
            disposition=command.disposition,
            restocked=command.disposition is Disposition.RESTOCK,
        )
        now = graded(tx, ret, verdict, command)
        out = replace(now, id=tx.new_id("isp"), disposition=command.was, quantity=-now.quantity)
        movements = leaving_dock(ret, line, verdict, command.node_id)
        return Plan(replace(desk, ret=ret), [], [event], movements, [out, now])

    return steps(tx, commands, plan)


def verdict_events(desk: Desk, verdicts: Sequence[Verdict]) -> list[Event]:
    """What inspection tells: accepted units in one event, refused ones each with their note."""
    lines = {line.id: line for line in desk.lines}
    ret = desk.ret
    accepted = []
    done = {line.id: line.accepted for line in desk.lines}
    events: list[Event] = []
    for verdict in verdicts:
        line = lines[verdict.return_line_id]
        if verdict.disposition is None:
            events.append(
                ReturnRefused(
                    entity=ret.id,
                    order_id=ret.order_id or None,
                    return_line_id=line.id,
                    units=verdict.quantity,
                    note=verdict.note,
                )
            )
        else:
            accepted.append(inspected(line, verdict, done[line.id]))
            done[line.id] += verdict.quantity
    if accepted:
        events.append(inspected_event(ret, accepted, ()))
    return events


def inspected_event(
    ret: Return, lines: Sequence[InspectedLine], charges: Sequence[CreditedCharge]
) -> ReturnInspected:
    return ReturnInspected(
        entity=ret.id,
        order_id=ret.order_id or None,
        channel_id=ret.channel_id,
        customer_id=ret.customer_id or None,
        currency=ret.currency,
        lines=tuple(lines),
        charges=tuple(charges),
    )


def dispositions(ret: Return, line: ReturnLine, verdict: Verdict, node_id: str) -> list[Movement]:
    """Goods movements of a verdict beyond the line moves: blind units have no line to move."""
    if verdict.disposition is None:
        return []
    accept = Movement(
        item_id=line.item_id,
        quantity=verdict.quantity,
        source=Place(Account.RETURNS_DOCK, node_id),
        target=Place(Account.DISPOSITION, node_id),
        move="accept_return",
        document_id=ret.id,
    )
    return ([] if line.line_id else [accept]) + leaving_dock(ret, line, verdict, node_id)


def leaving_dock(ret: Return, line: ReturnLine, verdict: Verdict, node_id: str) -> list[Movement]:
    """From disposition to the shelf or out of the house; set-aside units stay where they are."""
    if verdict.disposition is None or verdict.disposition in model.STAYS_ASIDE:
        return []
    restock = verdict.disposition is Disposition.RESTOCK
    return [
        Movement(
            item_id=line.item_id,
            quantity=verdict.quantity,
            source=Place(Account.DISPOSITION, node_id),
            target=Place(Account.AVAILABLE, node_id) if restock else Place(Account.SCRAP),
            move=verdict.disposition,
            document_id=ret.id,
            order_id=ret.order_id,
            line_id=line.line_id,
        )
    ]


def inspected(line: ReturnLine, verdict: Verdict, done: int) -> InspectedLine:
    units = max(line.expected, line.received)
    return InspectedLine(
        return_line_id=line.id,
        line_id=line.line_id or None,
        item_id=line.item_id,
        quantity=verdict.quantity,
        disposition=str(verdict.disposition),
        restocked=verdict.disposition is Disposition.RESTOCK,
        claimed_net_minor=model.units_share(line.claimed_net_minor, units, done, verdict.quantity),
        claimed_tax_minor=model.units_share(line.claimed_tax_minor, units, done, verdict.quantity),
        tax_rate_bp=line.tax_rate_bp,
        title=line.title,
    )


def graded(
    tx: Transaction, ret: Return, verdict: Verdict, command: Inspect | Regrade
) -> store.Graded:
    return store.Graded(
        id=tx.new_id("isp"),
        return_id=ret.id,
        return_line_id=verdict.return_line_id,
        node_id=command.node_id,
        quantity=verdict.quantity,
        grade=verdict.grade,
        disposition=verdict.disposition or "refused",
        note=verdict.note,
        at_ms=tx.now_ms,
        actor=command.cause.actor,
    )
