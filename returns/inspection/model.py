"""What inspectors may judge, and what their verdicts do: rows, line moves, what is told."""

from collections.abc import Callable, Sequence

import msgspec

from fulfillment.model import Pile
from oms.kernel.errors import Refused
from oms.kernel.events import Event
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from returns.events import CreditedCharge, InspectedLine, ReturnInspected, ReturnRefused
from returns.model import (
    STAYS_ASIDE,
    Disposition,
    Dock,
    Graded,
    Outcome,
    Regrade,
    Return,
    ReturnLine,
    Verdict,
    positive,
)


def refuse_unreceived(dock: Dock, line: ReturnLine, verdict: Verdict, node_id: str) -> None:
    """`Refused` when more is judged than waits for inspection at the node."""
    there = dock.waiting(line.id, node_id)
    if positive(verdict.quantity) > there:
        raise Refused(
            "return.nothing_to_inspect",
            f"{verdict.quantity} units were judged, {there} wait for inspection at this node.",
            "Count again, or receive the goods first.",
            {line.id: f"{there} wait"},
        )


def refuse_not_aside(dock: Dock, line: ReturnLine, command: Regrade) -> None:
    """`Refused` when there are not so many units set aside with the disposition they had."""
    there = dock.aside(line.id, command.node_id, command.was)
    if command.was not in STAYS_ASIDE or positive(command.quantity) > there:
        raise Refused(
            "return.not_set_aside",
            f"{there} units of this line are set aside as '{command.was}' at this node.",
            "Only units in refurbishment or quarantine can be graded again.",
            {line.id: f"{there} set aside"},
        )


def dock_moves(pile: Pile, line: ReturnLine, move: LineMove, state: LineState) -> list[LineMove]:
    """`move` for so many units of a return line of a known order that are in `state` at a node.

    `move.slice_id` is not used; `move.node_id` says where the units are.
    """
    if not line.line_id:
        return []
    taken = pile.take(_at_the_dock(line, state, move.node_id or ""), move.quantity)
    missing = move.quantity - sum(count for _, count in taken)
    if missing:
        raise Refused(
            "return.units_elsewhere",
            f"{missing} units of this line are not at the dock of this node.",
            "Read the return again.",
            {line.id: f"{missing} missing"},
        )
    return [
        msgspec.structs.replace(move, slice_id=units.id, quantity=count) for units, count in taken
    ]


def verdict_events(
    ret: Return, judged: Sequence[tuple[ReturnLine, Verdict]], rows: Sequence[Graded]
) -> list[Event]:
    """What inspection tells: accepted units in one event, refused ones each with their note.

    `judged` have their line as it was before the verdict.
    """
    events: list[Event] = []
    accepted = []
    for (line, verdict), row in zip(judged, rows, strict=True):
        if row.outcome is Outcome.ACCEPTED:
            accepted.append(inspected(line, row))
        else:
            events.append(
                ReturnRefused(
                    entity=ret.id,
                    order_id=ret.order_id or None,
                    return_line_id=line.id,
                    units=verdict.quantity,
                    note=verdict.note,
                )
            )
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


def inspected(line: ReturnLine, row: Graded) -> InspectedLine:
    """Accepted units with their share of what is claimed; `line` is as it was before them."""
    done, count = line.accepted, row.quantity
    return InspectedLine(
        return_line_id=line.id,
        line_id=line.line_id or None,
        item_id=line.item_id,
        quantity=count,
        disposition=str(row.disposition),
        restocked=row.disposition is Disposition.RESTOCK,
        claimed_net_minor=claim_share(line.claimed_net_minor, line.expected, (done, count)),
        claimed_tax_minor=claim_share(line.claimed_tax_minor, line.expected, (done, count)),
        tax_rate_bp=line.tax_rate_bp,
        title=line.title,
    )


def claim_share(total_minor: int, units: int, done_and_count: tuple[int, int]) -> int:
    """The share of so many units after so many done ones of a claim for `units`; all shares sum
    to it, and units beyond it have none.
    """
    if units == 0:
        return 0
    done, count = done_and_count
    first, last = min(done, units), min(done + count, units)
    return total_minor * last // units - total_minor * first // units


def _at_the_dock(line: ReturnLine, state: LineState, node_id: str) -> Callable[[Slice], bool]:
    def fits(units: Slice) -> bool:
        is_it = (units.line_id, units.item_id) == (line.line_id, line.item_id)
        is_here = units.return_id == line.return_id and units.node_id == node_id
        return is_it and is_here and units.state is state

    return fits
