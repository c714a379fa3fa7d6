"""Refused units over a list: each way off the dock that is not a credit."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from fulfillment.model import Pile
from fulfillment.shipping import service as floor
from fulfillment.shipping.model import BoxBack
from oms.kernel.errors import Invalid, OMSError, Refused
from oms.orders.machine import LineState
from oms.orders.model import LineMove
from oms.platform.transaction import Transaction
from returns.desk.model import Case, Desk, Plan, blind_departure, off_the_dock
from returns.desk.service import settled, steps
from returns.events import ReturnAbandoned, ReturnReconsidered, ReturnSentBack
from returns.inspection.model import dock_moves
from returns.model import (
    STAYS_ASIDE,
    Abandon,
    Disposition,
    Graded,
    Outcome,
    Reconsider,
    RefusedUnits,
    ReturnLine,
    SendBack,
    counted,
    named_line,
    positive,
)

Command = Reconsider | SendBack | Abandon


class _Leaving(msgspec.Struct, frozen=True):
    """Refused units of one line that stop being refused: the line before, the rows, the moves."""

    line: ReturnLine
    quantity: int
    rows: tuple[Graded, ...]
    moves: tuple[LineMove, ...]


def reconsider(tx: Transaction, commands: Sequence[Reconsider]) -> list[Desk | OMSError]:
    """Refused units wait for inspection again."""

    def plan(command: Reconsider, case: Case) -> Plan:
        leaving = _leaving(tx, case, command, LineMove(0, "reconsider", 0, reason=command.note))
        plan = _planned(case, leaving)
        plan.events = [
            ReturnReconsidered(
                entity=case.ret.id,
                order_id=case.ret.order_id or None,
                return_line_id=each.line.id,
                units=each.quantity,
                note=command.note,
            )
            for each in leaving
        ]
        return plan

    return steps(tx, commands, plan)


def send_back(tx: Transaction, commands: Sequence[SendBack]) -> list[Desk | OMSError]:
    """Refused units go back to the customer in a box that can be tracked."""
    boxes: dict[str, BoxBack] = {}

    def plan(command: SendBack, case: Case) -> Plan:
        box = _box(tx, command, case)
        parcel_id = box.parcel_id if box else None
        move = LineMove(0, "send_back", 0, parcel_id=parcel_id, reason=command.note)
        leaving = _leaving(tx, case, command, move)
        plan = _planned(case, leaving)
        plan.movements = [
            blind_departure(case.ret, each.line.item_id, each.quantity, command.node_id)
            for each in leaving
            if not each.line.line_id
        ]
        event = ReturnSentBack(
            entity=case.ret.id,
            order_id=case.ret.order_id or None,
            parcel_id=parcel_id,
            units=sum(each.quantity for each in leaving),
            note=command.note,
        )
        plan.events = [event, *plan.events]
        if box:
            boxes[case.ret.id] = box
        return settled(plan, plan.desk.lines)

    answers = steps(tx, commands, plan)
    left = {answer.ret.id for answer in answers if isinstance(answer, Desk)}
    floor.send_boxes_back(tx, [box for return_id, box in boxes.items() if return_id in left])
    return answers


def abandon(tx: Transaction, commands: Sequence[Abandon]) -> list[Desk | OMSError]:
    """Refused units nobody wants are ours and go where their disposition says, without a credit."""

    def plan(command: Abandon, case: Case) -> Plan:
        if command.disposition in STAYS_ASIDE:
            raise Invalid(
                "return.disposition",
                f"Abandoned units cannot be set aside for '{command.disposition}'.",
                "Restock, scrap, donate or give them to the vendor.",
            )
        move = LineMove(0, "abandon", 0, reason=command.note)
        leaving = _leaving(tx, case, command, move)
        plan = _planned(case, leaving)
        for each in leaving:
            plan.movements += off_the_dock(case.ret, each.line, each.rows[-1])
            plan.events.append(_abandoned(case, each, command.disposition))
        return settled(plan, plan.desk.lines)

    return steps(tx, commands, plan)


def _leaving(tx: Transaction, case: Case, command: Command, move: LineMove) -> list[_Leaving]:
    if not command.units:
        raise Refused("return.nothing_named", "No units were named.", "Say which ones.")
    pile = Pile(case.slices)
    lines = case.lines
    leaving = []
    for units in command.units:
        line = named_line(lines, units.return_line_id)
        _refuse_more(case, line, units, command.node_id)
        rows = _rows(tx, command, units)
        for row in rows:
            case.dock.grade(row)
        moves = dock_moves(
            pile,
            line,
            replace(move, quantity=units.quantity, node_id=command.node_id),
            LineState.RETURN_REJECTED,
        )
        leaving.append(_Leaving(line, units.quantity, tuple(rows), tuple(moves)))
        lines[line.id] = counted(line, rows)
    return leaving


def _planned(case: Case, leaving: Iterable[_Leaving]) -> Plan:
    lines = case.lines
    for each in leaving:
        lines[each.line.id] = counted(lines[each.line.id], each.rows)
    return Plan(
        Desk(case.ret, tuple(lines.values())),
        moves=[move for each in leaving for move in each.moves],
        inspections=[row for each in leaving for row in each.rows],
    )


def _rows(tx: Transaction, command: Command, units: RefusedUnits) -> list[Graded]:
    """Out of the refused units, and into what becomes of them if that is decided."""
    out = Graded(
        id=tx.new_id("isp"),
        return_id=command.return_id,
        return_line_id=units.return_line_id,
        node_id=command.node_id,
        quantity=-units.quantity,
        outcome=Outcome.REFUSED,
        disposition=None,
        grade="",
        note=command.note,
        at_ms=tx.now_ms,
        actor=command.cause.actor,
    )
    if isinstance(command, Reconsider):
        return [out]
    into = Outcome.SENT_BACK if isinstance(command, SendBack) else Outcome.ABANDONED
    disposition = command.disposition if isinstance(command, Abandon) else None
    now = replace(
        out,
        id=tx.new_id("isp"),
        quantity=units.quantity,
        outcome=into,
        disposition=disposition,
    )
    return [out, now]


def _refuse_more(case: Case, line: ReturnLine, units: RefusedUnits, node_id: str) -> None:
    there = case.dock.refused(line.id, node_id)
    if positive(units.quantity) > there:
        raise Refused(
            "return.not_refused",
            f"{there} refused units of this line are at this node.",
            "Only units that inspection did not accept can go this way.",
            {line.id: f"{there} refused"},
        )


def _box(tx: Transaction, command: SendBack, case: Case) -> BoxBack | None:
    """The box units of an order go back in; to whom blind goods go, nobody knows."""
    if not case.ret.order_id:
        return None
    return BoxBack(
        parcel_id=tx.new_id("par"),
        order_id=case.ret.order_id,
        node_id=command.node_id,
        carrier=command.carrier,
        service=command.service,
        tracking_number=command.tracking_number,
        weight_g=command.weight_g,
    )


def _abandoned(case: Case, each: _Leaving, disposition: Disposition) -> ReturnAbandoned:
    return ReturnAbandoned(
        entity=case.ret.id,
        order_id=case.ret.order_id or None,
        return_line_id=each.line.id,
        item_id=each.line.item_id,
        quantity=each.quantity,
        disposition=disposition,
        restocked=disposition is Disposition.RESTOCK,
    )
