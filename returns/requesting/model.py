"""What may be asked back, and until when: units of lines as units of items, as line moves."""

from collections.abc import Mapping, Sequence

import msgspec

from fulfillment.model import Pile
from oms.kernel.clock import DAY_MS
from oms.kernel.errors import Refused
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from returns.model import WantedBack, positive

Parts = Mapping[str, Mapping[str, int]]
"""By order line: the items one unit of it consists of, and how many of each."""

Ways = Mapping[LineState, tuple[str, ...]]
"""The moves that units in each state make in turn; the first state's units are taken first."""


class WantedItem(msgspec.Struct, frozen=True, gc=False):
    """Units of one item of an order line that are to come back; bundles come back as parts."""

    line_id: str
    item_id: str
    quantity: int
    reason: str = ""


class Way(msgspec.Struct, frozen=True):
    """How units go for a return; `node_id` is where they arrive, if they do."""

    ways: Ways
    return_id: str
    node_id: str | None = None
    reason: str = ""

    def move(self, units: Slice, count: int) -> LineMove:
        name, *then = self.ways[units.state]
        return LineMove(
            units.id,
            name,
            count,
            node_id=self.node_id,
            return_id=self.return_id,
            reason=self.reason,
            then=tuple(then),
        )


def refuse_outside_window(delivered_at_ms: int | None, now_ms: int, window_days: int) -> None:
    """`Refused` when the customer's time to ask is over; agents decide without this."""
    if delivered_at_ms is not None and now_ms > delivered_at_ms + window_days * DAY_MS:
        raise Refused(
            "return.window_closed",
            f"Returns can be asked for until {window_days} days after delivery.",
            "Ask an agent: they can still take the goods back.",
        )


def wanted_items(wanted: Sequence[WantedBack], parts: Parts) -> list[WantedItem]:
    """The wanted line units as units of items; `parts` says what one unit of a line consists of."""
    items: dict[tuple[str, str], WantedItem] = {}
    for want in wanted:
        if not parts.get(want.line_id):
            raise _not_there(want.line_id, want.quantity, 0)
        for item_id, per_unit in parts[want.line_id].items():
            key = (want.line_id, item_id)
            before = items[key].quantity if key in items else 0
            count = before + positive(want.quantity) * per_unit
            items[key] = WantedItem(*key, count, want.reason)
    if not items:
        raise Refused("return.nothing_wanted", "No line is named.", "Say what is to come back.")
    return list(items.values())


def moves_back(pile: Pile, wanted: WantedItem, way: Way) -> list[LineMove]:
    """Moves along `way` for all wanted units, or `Refused` when there are not so many."""
    moves: list[LineMove] = []
    missing = wanted.quantity
    for state in way.ways:

        def fits(units: Slice, state: LineState = state) -> bool:
            is_it = (units.line_id, units.item_id) == (wanted.line_id, wanted.item_id)
            return is_it and units.state is state and not _is_of_another_return(units, way)

        for units, count in pile.take(fits, missing):
            missing -= count
            moves.append(way.move(units, count))
    if missing:
        raise _not_there(wanted.line_id, wanted.quantity, wanted.quantity - missing)
    return moves


def _is_of_another_return(units: Slice, way: Way) -> bool:
    """Units on their way back belong to the return they are on their way for."""
    on_the_way = (LineState.RETURN_AUTHORISED, LineState.RETURN_IN_TRANSIT)
    return units.state in on_the_way and units.return_id not in ("", way.return_id)


def _not_there(line_id: str, wanted: int, there: int) -> Refused:
    return Refused(
        "return.not_delivered",
        f"{wanted} units are wanted back, {there} of this line are with the customer.",
        "Only units that the customer has and that are not on their way back can be returned.",
        {line_id: f"{there} can be returned"},
    )
