"""What may be sent back, received and accepted: returns and slices in, line moves out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from oms.kernel.clock import DAY_MS
from oms.kernel.errors import Invalid, Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from returns.machine import ReturnState


class Disposition(StrEnum):
    """What happens with an accepted unit."""

    RESTOCK = "restock"
    REFURBISH = "refurbish"
    QUARANTINE = "quarantine"
    SCRAP = "scrap"
    VENDOR = "vendor"
    DONATE = "donate"


LEAVES_STOCK: Final = frozenset({Disposition.SCRAP, Disposition.VENDOR, Disposition.DONATE})
STAYS_ASIDE: Final = frozenset({Disposition.REFURBISH, Disposition.QUARANTINE})


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """A return; `order_id` and `customer_id` are "" where no order or customer is known."""

    id: str
    number: str
    channel_id: str
    external_id: str | None
    order_id: str
    customer_id: str
    currency: str
    state: ReturnState
    reason: str
    requested_at_ms: int


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item coming back. `line_id` "" means that no sale of ours is known for it."""

    id: str
    return_id: str
    position: int
    line_id: str
    item_id: str
    expected: int
    title: str = ""
    reason: str = ""
    received: int = 0
    accepted: int = 0
    refused: int = 0
    claimed_net_minor: int = 0
    claimed_tax_minor: int = 0
    tax_rate_bp: int = 0

    @property
    def to_inspect(self) -> int:
        return self.received - self.accepted - self.refused


class WantedBack(msgspec.Struct, frozen=True, kw_only=True):
    """Units of an order line the customer wants to send back."""

    line_id: str
    quantity: int
    reason: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a return of delivered units."""

    order_id: str
    lines: tuple[WantedBack, ...]
    reason: str = ""
    cause: Cause = SYSTEM


class Decision(StrEnum):
    """What is decided about a request; the names of the document's moves."""

    AUTHORISE = "authorise"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class Decide(msgspec.Struct, frozen=True, kw_only=True):
    """Authorise, decline or withdraw a return."""

    return_id: str
    decision: Decision
    reason: str = ""
    cause: Cause = SYSTEM


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """Units counted at the dock: of a known return line, or of an item nobody announced."""

    quantity: int
    return_line_id: str = ""
    item_id: str = ""


class Receive(msgspec.Struct, frozen=True, kw_only=True):
    """Goods arrived at a node; may differ from what was expected and may come in parts."""

    return_id: str
    node_id: str
    arrived: tuple[Arrived, ...]
    cause: Cause = SYSTEM


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the inspector found. `disposition` None: not accepted, it goes back to the customer."""

    return_line_id: str
    quantity: int
    grade: str
    disposition: Disposition | None
    note: str = ""


class Inspect(msgspec.Struct, frozen=True, kw_only=True):
    """Grade received units at a node."""

    return_id: str
    node_id: str
    verdicts: tuple[Verdict, ...]
    cause: Cause = SYSTEM


class Regrade(msgspec.Struct, frozen=True, kw_only=True):
    """Give accepted units that were set aside another disposition."""

    return_id: str
    return_line_id: str
    node_id: str
    quantity: int
    was: Disposition
    disposition: Disposition
    grade: str
    note: str = ""
    cause: Cause = SYSTEM


Parts = Mapping[str, Mapping[str, int]]
"""By order line: the items one unit of it consists of, and how many of each."""


class Way(msgspec.Struct, frozen=True):
    """The moves units make, in turn, for a return; `node_id` is where they arrive, if they do."""

    names: tuple[str, ...]
    return_id: str
    node_id: str | None = None


def refuse_outside_window(delivered_at_ms: int | None, now_ms: int, window_days: int) -> None:
    """`Refused` when the customer's time to ask is over; agents decide without this."""
    if delivered_at_ms is not None and now_ms > delivered_at_ms + window_days * DAY_MS:
        raise Refused(
            "return.window_closed",
            f"Returns can be asked for until {window_days} days after delivery.",
            "Ask an agent: they can still take the goods back.",
        )


class WantedItem(msgspec.Struct, frozen=True, gc=False):
    """Units of one item of an order line that are to come back; bundles come back as parts."""

    line_id: str
    item_id: str
    quantity: int
    reason: str = ""


def wanted_items(wanted: Sequence[WantedBack], parts: Parts) -> list[WantedItem]:
    """The wanted line units as units of items; `parts` says what one unit of a line consists of."""
    items: dict[tuple[str, str], WantedItem] = {}
    for want in wanted:
        if want.quantity <= 0:
            raise Invalid("return.quantity", "A quantity must be at least 1.", "Count again.")
        if want.line_id not in parts:
            raise _not_delivered(want.line_id, want.quantity, 0)
        for item_id, per_unit in parts[want.line_id].items():
            key = (want.line_id, item_id)
            before = items[key].quantity if key in items else 0
            items[key] = WantedItem(*key, before + want.quantity * per_unit, want.reason)
    return list(items.values())


def moves_back(slices: Sequence[Slice], wanted: WantedItem, way: Way) -> list[LineMove]:
    """Moves along `way` for wanted units that the customer has."""
    missing = wanted.quantity
    moves: list[LineMove] = []
    for units in slices:
        is_it = (units.line_id, units.item_id) == (wanted.line_id, wanted.item_id)
        if is_it and units.state is LineState.DELIVERED and missing:
            count = min(missing, units.quantity)
            missing -= count
            moves += [
                LineMove(units.id, name, count, node_id=way.node_id, return_id=way.return_id)
                for name in way.names
            ]
    if missing:
        raise _not_delivered(wanted.line_id, wanted.quantity, wanted.quantity - missing)
    return moves


def arrival_moves(
    slices: Sequence[Slice], line: ReturnLine, quantity: int, node_id: str
) -> list[LineMove]:
    """Moves that bring `quantity` units of a return line to the dock, announced ones first."""
    by_state: Mapping[LineState, str] = {
        LineState.RETURN_IN_TRANSIT: "receive_return",
        LineState.RETURN_AUTHORISED: "receive_counter",
        LineState.DELIVERED: "receive_blind",
    }
    moves = []
    for state, name in by_state.items():
        for units in slices:
            is_ours = units.return_id == line.return_id or state is LineState.DELIVERED
            if units.state is state and units.item_id == line.item_id and is_ours and quantity:
                count = min(quantity, units.quantity)
                quantity -= count
                moves.append(
                    LineMove(units.id, name, count, node_id=node_id, return_id=line.return_id)
                )
    if quantity:
        raise Refused(
            "return.more_than_sold",
            f"{quantity} more units of '{line.title or line.item_id}' than this order line has.",
            "Receive the rest as an item without order.",
            {line.id: f"{quantity} too many"},
        )
    return moves


def verdict_moves(slices: Sequence[Slice], line: ReturnLine, verdict: Verdict) -> list[LineMove]:
    """Moves that accept or refuse received units of a return line of a known order."""
    name = "refuse_return" if verdict.disposition is None else "accept_return"
    left = verdict.quantity
    moves = []
    for units in slices:
        fits = units.state is LineState.RETURN_RECEIVED and units.item_id == line.item_id
        if fits and units.return_id == line.return_id and units.line_id == line.line_id and left:
            count = min(left, units.quantity)
            left -= count
            moves.append(LineMove(units.id, name, count))
    if left:
        raise Refused("return.not_received", f"{left} units are not at the dock.", "Receive first.")
    return moves


def judged(line: ReturnLine, verdict: Verdict) -> ReturnLine:
    """The line after a verdict, or `Refused` when more is judged than was received."""
    if not 0 < verdict.quantity <= line.to_inspect:
        raise Refused(
            "return.nothing_to_inspect",
            f"{verdict.quantity} units were judged, {line.to_inspect} wait for inspection.",
            "Count again, or receive the goods first.",
            {line.id: f"{line.to_inspect} wait"},
        )
    if verdict.disposition is None:
        return replace(line, refused=line.refused + verdict.quantity)
    return replace(line, accepted=line.accepted + verdict.quantity)


def is_finished(lines: Iterable[ReturnLine]) -> bool:
    """Whether nothing waits for inspection and nothing announced is still to come."""
    return all(line.to_inspect == 0 and line.received >= line.expected for line in lines)


def units_share(total_minor: int, units: int, done: int, count: int) -> int:
    """The share of `count` units after `done` ones of a claimed total; all shares sum to it."""
    if units == 0:
        return 0
    return total_minor * (done + count) // units - total_minor * done // units


def _not_delivered(line_id: str, wanted: int, there: int) -> Refused:
    return Refused(
        "return.not_delivered",
        f"{wanted} units are wanted back, {there} of this line are with the customer.",
        "Only delivered units that are not on their way back can be returned.",
        {line_id: f"{there} can be returned"},
    )


def by_line(lines: Iterable[ReturnLine]) -> dict[str, list[ReturnLine]]:
    """Return lines by their return."""
    grouped: dict[str, list[ReturnLine]] = defaultdict(list)
    for line in lines:
        grouped[line.return_id].append(line)
    return grouped
