"""Which units a cancel or its undoing takes, least worked-on first."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from oms.kernel.errors import NotFound, Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import CANCEL_OF, LineState
from oms.orders.model import LineMoney, LineMove, Slice
from oms.orders.money import whole_units


class LineQuantity(msgspec.Struct, frozen=True, gc=False):
    """So many units of a line; None: all that can be."""

    line_id: str
    quantity: int | None = None


class Cancel(msgspec.Struct, frozen=True, kw_only=True):
    """Take units back that no node has begun to work on; no `lines` means the whole order.

    Units that are released or further belong to a fulfilment order: its node is asked first.
    """

    order_id: str
    lines: tuple[LineQuantity, ...] = ()
    reason: str = ""
    cause: Cause = SYSTEM


class Reinstate(msgspec.Struct, frozen=True, kw_only=True):
    """Want cancelled units again; no `lines` means all of the order's."""

    order_id: str
    lines: tuple[LineQuantity, ...] = ()
    reason: str = ""
    cause: Cause = SYSTEM


class LinesChanged(msgspec.Struct, frozen=True):
    """How many units of each line were cancelled or reinstated."""

    order_id: str
    lines: tuple[LineQuantity, ...]


_CANCELS: Final = dict(CANCEL_OF)
_REINSTATES: Final = {LineState.CANCELLED: "reinstate"}


def plan(
    command: Cancel | Reinstate, slices: Sequence[Slice], lines: Mapping[str, LineMoney]
) -> tuple[list[LineMove], LinesChanged]:
    """The moves that do what is asked, or `Refused` when a line has too few units for it.

    `lines` are those of the order. Whole orders take what can be taken and refuse only if that is
    nothing.
    """
    names = _CANCELS if isinstance(command, Cancel) else _REINSTATES
    wanted = command.lines or tuple(LineQuantity(line_id) for line_id in lines)
    moves: list[LineMove] = []
    changed = []
    for each in wanted:
        if each.line_id not in lines:
            raise _no_line(each.line_id)
        takeable = [
            units for units in slices if units.line_id == each.line_id and units.state in names
        ]
        quantity = _quantity(each, takeable, lines[each.line_id])
        if quantity:
            parts = {item: units * quantity for item, units in lines[each.line_id].parts.items()}
            moves += _moves(takeable, parts, names, command.reason)
            changed.append(LineQuantity(each.line_id, quantity))
    if not moves:
        raise _nothing(command)
    return moves, LinesChanged(command.order_id, tuple(changed))


def _quantity(each: LineQuantity, takeable: Sequence[Slice], line: LineMoney) -> int:
    units: dict[str, int] = {}
    for piece in takeable:
        units[piece.item_id] = units.get(piece.item_id, 0) + piece.quantity
    most = whole_units(line.parts, units)
    if each.quantity is None:
        return most
    if not 0 < each.quantity <= most:
        raise Refused(
            "order.units_not_free",
            f"{each.quantity} units of line {each.line_id} were asked for, {most} are free.",
            "Take fewer, or ask the node to give the fulfilment order back first.",
            {each.line_id: f"at most {most}"},
        )
    return each.quantity


def _moves(
    takeable: Sequence[Slice], left: dict[str, int], names: Mapping[LineState, str], reason: str
) -> list[LineMove]:
    rank = {state: place for place, state in enumerate(names)}
    moves = []
    for units in sorted(takeable, key=lambda units: (rank[units.state], units.id)):
        take = min(units.quantity, left.get(units.item_id, 0))
        if take:
            left[units.item_id] -= take
            moves.append(LineMove(units.id, names[units.state], take, reason=reason))
    return moves


def _no_line(line_id: str) -> NotFound:
    return NotFound(
        "line.not_found", f"The order has no line '{line_id}'.", "Read the order again."
    )


def _nothing(command: Cancel | Reinstate) -> Refused:
    if isinstance(command, Cancel):
        return Refused(
            "order.nothing_to_cancel",
            "No unit of this order can be cancelled without asking a node.",
            "Ask the node to give the fulfilment order back, or return the goods later.",
        )
    return Refused(
        "order.nothing_to_reinstate",
        "No unit of this order is cancelled.",
        "Read the order again.",
    )
