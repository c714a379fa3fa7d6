"""Which units may be credited unseen, how they move, and what is told of them."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from fulfillment.model import Pile
from oms.kernel.errors import Refused
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from returns.events import InspectedLine
from returns.model import Compensate, ReturnLine, Why
from returns.requesting.model import WantedItem, Way, Ways

# What units do, by the state they are in. Lost ones stay lost, marked with their return so that
# nobody credits them again; those that a carrier was turning round without a return are lost now.
_WAYS: Final[Mapping[Why, Ways]] = {
    Why.LOST: {
        LineState.LOST: ("found", "lose"),
        LineState.RETURN_IN_TRANSIT: ("return_lost",),
    },
    Why.KEPT: {LineState.DELIVERED: ("keep_it",)},
}
_WORDS: Final = {Why.LOST: "lost", Why.KEPT: "with the customer"}


def moves_unseen(
    pile: Pile, wanted: WantedItem, command: Compensate, return_id: str
) -> list[LineMove]:
    """Moves of the wanted units, or `Refused` when not so many are lost, or with the customer."""
    way = Way(_WAYS[command.why], return_id, reason=command.reason)
    moves: list[LineMove] = []
    missing = wanted.quantity
    for state in way.ways:

        def fits(units: Slice, state: LineState = state) -> bool:
            is_it = (units.line_id, units.item_id) == (wanted.line_id, wanted.item_id)
            is_anothers = units.return_id != "" and command.why is Why.LOST
            return is_it and units.state is state and not is_anothers

        for units, count in pile.take(fits, missing):
            missing -= count
            moves.append(way.move(units, count))
    if missing:
        there = wanted.quantity - missing
        raise Refused(
            f"compensation.not_{command.why}",
            f"{wanted.quantity} units shall be credited, {there} of this line are "
            f"{_WORDS[command.why]} and not credited yet.",
            "Read the order again: units are lost when a carrier's scan says so.",
            {wanted.line_id: f"{there} can be credited"},
        )
    return moves


def given_up(
    lines: Iterable[ReturnLine], gone: Mapping[tuple[str, str], int], why: Why
) -> tuple[list[ReturnLine], list[InspectedLine]]:
    """The lines after so many units by (order line, item) are given up, and what is credited."""
    after, told = [], []
    for line in lines:
        count = gone.get((line.line_id, line.item_id), 0) if line.line_id else 0
        after.append(replace(line, not_coming=line.not_coming + count))
        if count:
            told.append(_credited(line, count, why))
    return after, told


def _credited(line: ReturnLine, count: int, why: Why) -> InspectedLine:
    return InspectedLine(
        return_line_id=line.id,
        line_id=line.line_id,
        item_id=line.item_id,
        quantity=count,
        disposition=why.value,
        restocked=False,
        claimed_net_minor=0,
        claimed_tax_minor=0,
        tax_rate_bp=line.tax_rate_bp,
        title=line.title,
    )
