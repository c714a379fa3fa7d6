"""The handshake between us and a node: what may be said when, and what it does to units."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from fulfillment.machine import FULFILMENT, PARCEL, FulfilmentState, ParcelState
from fulfillment.model import ON_THE_FLOOR, Fulfilment, Parcel, Pile, Units, moves_for
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice


class Answer(StrEnum):
    """What is said about a fulfilment order; the names of the handshake's moves."""

    ACCEPT = "accept"
    REJECT = "reject"
    RECALL = "recall"
    REQUEST_CANCEL = "request_cancel"
    CONFIRM_CANCEL = "confirm_cancel"
    REFUSE_CANCEL = "refuse_cancel"


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """Move the handshake on."""

    fulfilment_id: str
    answer: Answer
    reason: str = ""
    cause: Cause = SYSTEM


class ReportShipped(msgspec.Struct, frozen=True, kw_only=True):
    """A 3PL or supplier says it shipped; no `units` means all it was asked for."""

    fulfilment_id: str
    units: tuple[Units, ...] = ()
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    weight_g: int = 0
    cause: Cause = SYSTEM


class Said(msgspec.Struct, frozen=True):
    """What an answer makes of a fulfilment order, its units and its closed boxes."""

    fulfilment: Fulfilment
    moves: tuple[LineMove, ...] = ()
    opened: tuple[Parcel, ...] = ()


_L = LineState

UNITS_MOVE: Final = {
    Answer.REJECT: {_L.RELEASED: "node_reject"},
    Answer.RECALL: {_L.RELEASED: "recall"},
    Answer.CONFIRM_CANCEL: {
        _L.RELEASED: "cancel_released",
        _L.PICKED: "cancel_picked",
        _L.PACKED: "cancel_packed",
    },
}
"""What each answer does to units that are still on the floor; other answers move no unit."""


def said(
    fulfilment: Fulfilment, command: Say, slices: Iterable[Slice], boxes: Iterable[Parcel]
) -> Said:
    """What follows from an answer, or `Refused`: labelled boxes and half-done work stand in the way
    of taking everything back.
    """
    state = FULFILMENT.after(fulfilment.state, command.answer)
    after = replace(fulfilment, state=state, reason=command.reason)
    names = UNITS_MOVE.get(command.answer)
    if names is None:
        return Said(after)
    waiting = [units for units in slices if units.state in ON_THE_FLOOR]
    _refuse_touched(fulfilment, waiting, names)
    closed = [box for box in boxes if box.state in (ParcelState.PACKED, ParcelState.LABELLED)]
    _refuse_labelled(closed)
    cleared = "" if command.answer is Answer.RECALL else None
    moves = tuple(
        LineMove(
            units.id,
            names[units.state],
            units.quantity,
            fulfilment_id=cleared,
            reason=command.reason,
        )
        for units in waiting
    )
    opened = tuple(replace(box, state=PARCEL.after(box.state, "unpack")) for box in closed)
    return Said(after, moves, opened)


def shipping(fulfilment: Fulfilment) -> Fulfilment:
    """The fulfilment order of a node that ships: shipping says yes to what was asked, and no to a
    cancel that was asked too late.
    """
    if fulfilment.state is FulfilmentState.REQUESTED:
        return replace(fulfilment, state=FULFILMENT.after(fulfilment.state, Answer.ACCEPT))
    if fulfilment.state is FulfilmentState.CANCEL_REQUESTED:
        state = FULFILMENT.after(fulfilment.state, Answer.REFUSE_CANCEL)
        return replace(fulfilment, state=state, reason="it had shipped already")
    return fulfilment


def direct_moves(command: ReportShipped, slices: Sequence[Slice], parcel_id: str) -> list[LineMove]:
    """Moves of released units that a node says it has shipped in a box of its own."""
    pile = Pile(units for units in slices if units.state is LineState.RELEASED)
    moves = moves_for("ship_direct", pile, command.units)
    return [replace(move, parcel_id=parcel_id) for move in moves]


def _refuse_touched(
    fulfilment: Fulfilment, waiting: Iterable[Slice], names: dict[LineState, str]
) -> None:
    touched = {str(units.state) for units in waiting if units.state not in names}
    if touched:
        raise Refused(
            "fulfilment.work_begun",
            f"Units of {fulfilment.number} are {' and '.join(sorted(touched))} already.",
            "Unpack and put them back first, or ask for a cancel.",
        )


def _refuse_labelled(boxes: Iterable[Parcel]) -> None:
    for box in boxes:
        if box.state is ParcelState.LABELLED:
            raise Refused(
                "parcel.has_label",
                f"Box {box.sscc} has a label, which would go to waste.",
                "Void the label first.",
                {box.id: "labelled"},
            )
