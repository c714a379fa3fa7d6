"""What an order line's units are and what may be done with them: slices, moves, holds, status.

Values in, values out: no SQL, no clock. Money of lines is in `money`, intake in `intake.model`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from oms.kernel.errors import Invalid, NotFound, Refused
from oms.orders.events import LineShare
from oms.orders.machine import LINE, NOWHERE, STAGE_OF, STATES, HoldStage, LineState
from oms.orders.money import Split, cancelled_share, whole_units

FREE_SHELF: Final = "node:available"
"""Where units stand that no order has claimed."""


class Slice(msgspec.Struct, frozen=True, gc=False):
    """Some units of one item of one line, in one state, at one place. `id` is below 0 while new."""

    id: int
    order_id: str
    line_id: str
    item_id: str
    state: LineState
    node_id: str
    lot_id: str
    fulfilment_id: str
    parcel_id: str
    return_id: str
    quantity: int


class LineMove(msgspec.Struct, frozen=True, gc=False):
    """`quantity` units of a slice make the move `name`, and the same units the moves `then`.

    None keeps a place or document, "" clears it. Moves of one batch apply in order; a slice moved
    whole keeps its id, so it can be moved on.
    """

    slice_id: int
    name: str
    quantity: int
    node_id: str | None = None
    lot_id: str | None = None
    fulfilment_id: str | None = None
    parcel_id: str | None = None
    return_id: str | None = None
    reason: str = ""
    then: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every move the units make, in turn."""
        return (self.name, *self.then)


class Hold(msgspec.Struct, frozen=True, gc=False):
    """A typed stop at one stage, for a whole order, one line or one fulfilment order."""

    id: str
    order_id: str
    line_id: str
    fulfilment_id: str
    stage: HoldStage
    reason: str

    def covers(self, units: Slice) -> bool:
        """Whether these units are inside the hold's scope; not whether the stage is theirs."""
        return (
            self.order_id == units.order_id
            and self.line_id in ("", units.line_id)
            and self.fulfilment_id in ("", units.fulfilment_id)
        )


class LineMoney(msgspec.Struct, frozen=True):
    """The items one unit of a line is made of, and what each of its units costs."""

    order_id: str
    parts: dict[str, int]
    split: Split


class Position(msgspec.Struct, frozen=True, gc=False):
    """A stock account at a place; `node_id` is "" where the account belongs to no node."""

    account: str
    node_id: str
    lot_id: str


class Step(msgspec.Struct, frozen=True, gc=False):
    """A move as it was made: the units before and after, and the node where they stand then."""

    name: str
    before: Slice
    after: Slice
    node_id: str
    lot_id: str
    reason: str = ""


class Decided(msgspec.Struct, frozen=True):
    """What the slices of an order become: `kept` as they should stand, `gone` ids to remove."""

    steps: tuple[Step, ...]
    kept: tuple[Slice, ...]
    gone: tuple[int, ...]


def decide(slices: Sequence[Slice], moves: Sequence[LineMove], holds: Sequence[Hold]) -> Decided:
    """Make the moves on the slices of one order; equal slices become one.

    `slices` are all slices of the lines concerned. Raises `Refused`, `Invalid` or `NotFound` for
    the first move that cannot be; nothing has happened then.
    """
    now = {units.id: units for units in slices}
    steps: list[Step] = []
    for move in moves:
        moved_id = _make(now, move, holds, steps)
        for name in move.then:
            moved_id = _make(now, replace(move, slice_id=moved_id, name=name), holds, steps)
    kept, gone = merged(now.values())
    return Decided(tuple(steps), tuple(kept), tuple(gone))


def _make(now: dict[int, Slice], move: LineMove, holds: Sequence[Hold], steps: list[Step]) -> int:
    """Make one move on the slices as they are `now`; answers the id of the units moved."""
    step = _step(_named(now, move), move, holds)
    steps.append(step)
    left = step.before.quantity - move.quantity
    new_id = min(-1, min(now) - 1) if left else step.before.id
    if left:
        now[step.before.id] = replace(step.before, quantity=left)
    now[new_id] = replace(step.after, id=new_id)
    return new_id


def merged(slices: Iterable[Slice]) -> tuple[list[Slice], list[int]]:
    """Equal slices as one, the oldest with all the units; and the ids that are no longer needed."""
    oldest: dict[tuple[str, ...], Slice] = {}
    gone = []
    for units in sorted(slices, key=lambda units: (units.id < 0, units.id)):
        key = (
            *(units.line_id, units.item_id, units.state, units.node_id, units.lot_id),
            *(units.fulfilment_id, units.parcel_id, units.return_id),
        )
        first = oldest.setdefault(key, units)
        if first is not units:
            gone.append(units.id)
            oldest[key] = replace(first, quantity=first.quantity + units.quantity)
    return list(oldest.values()), [slice_id for slice_id in gone if slice_id >= 0]


def cancelled_by_line(slices: Iterable[Slice], lines: Mapping[str, LineMoney]) -> dict[str, int]:
    """How many whole units of each line are cancelled."""
    units: dict[str, dict[str, int]] = {}
    for piece in slices:
        if piece.state is LineState.CANCELLED:
            items = units.setdefault(piece.line_id, {})
            items[piece.item_id] = items.get(piece.item_id, 0) + piece.quantity
    return {line_id: whole_units(lines[line_id].parts, items) for line_id, items in units.items()}


def cancel_shares(
    before: Mapping[str, int], after: Mapping[str, int], lines: Mapping[str, LineMoney]
) -> tuple[list[LineShare], list[LineShare]]:
    """The money of units that are cancelled now and were not, and of those that are no longer."""
    cancelled: list[LineShare] = []
    reinstated: list[LineShare] = []
    for line_id in lines:
        was, now = before.get(line_id, 0), after.get(line_id, 0)
        if was != now:
            net, tax = cancelled_share(lines[line_id].split, min(was, now), abs(now - was))
            share = LineShare(line_id, abs(now - was), net, tax)
            (cancelled if now > was else reinstated).append(share)
    return cancelled, reinstated


def legs(step: Step) -> list[tuple[Position, Position]]:
    """What a step posts to the goods ledger: from where to where, for each unit."""
    before, after = step.before.state, step.after.state
    source = position(
        before, step.before.node_id or step.node_id, step.before.lot_id or step.lot_id
    )
    target = position(after, step.node_id, step.lot_id)
    if step.name == "short_pick":
        target = Position("variance", "", step.lot_id)
    posted = [(source, target)] if source and target and source != target else []
    if LineState.BACKORDERED in (before, after):
        unpromised, inbound = (
            Position("supply:unpromised", "", ""),
            Position("supply:inbound", "", ""),
        )
        posted.append(
            (unpromised, inbound) if after is LineState.BACKORDERED else (inbound, unpromised)
        )
    return posted


def position(state: LineState, node_id: str, lot_id: str) -> Position | None:
    """Where units in `state` physically stand; None when they stand nowhere we know of."""
    account = STATES[state].stock_account
    if account is None or account.startswith("supply:"):
        return Position(FREE_SHELF, node_id, lot_id) if node_id else None
    return Position(account, node_id if account.startswith("node:") else "", lot_id)


def _named(now: Mapping[int, Slice], move: LineMove) -> Slice:
    units = now.get(move.slice_id)
    if units is None:
        raise NotFound(
            "line.slice_not_found",
            f"There are no units {move.slice_id} any more: they were moved or joined with others.",
            "Read the order again and repeat with what it shows now.",
        )
    return units


def _step(units: Slice, move: LineMove, holds: Sequence[Hold]) -> Step:
    target = LINE.after(units.state, move.name)
    if not 0 < move.quantity <= units.quantity:
        raise Refused(
            "line.not_enough_units",
            f"'{move.name}' wants {move.quantity} units, there are {units.quantity}.",
            f"Give a quantity from 1 to {units.quantity}.",
        )
    for hold in holds:
        if hold.stage is STAGE_OF.get(move.name) and hold.covers(units):
            raise _is_held(hold, move.name)
    return _checked(units, move, target)


def _checked(units: Slice, move: LineMove, target: LineState) -> Step:
    node_id = units.node_id if move.node_id is None else move.node_id
    lot_id = units.lot_id if move.lot_id is None else move.lot_id
    after = Slice(
        id=units.id,
        order_id=units.order_id,
        line_id=units.line_id,
        item_id=units.item_id,
        state=target,
        node_id=node_id,
        lot_id=lot_id,
        fulfilment_id=_kept(move.fulfilment_id, units.fulfilment_id),
        parcel_id=_kept(move.parcel_id, units.parcel_id),
        return_id=_kept(move.return_id, units.return_id),
        quantity=move.quantity,
    )
    _refuse_impossible_place(units, after, move)
    if target in NOWHERE:
        after = replace(after, node_id="", lot_id="", fulfilment_id="", parcel_id="", return_id="")
        node_id, lot_id = units.node_id or node_id, units.lot_id or lot_id
    return Step(move.name, units, after, node_id, lot_id, move.reason)


def _kept(given: str | None, present: str) -> str:
    return present if given is None else given


def _refuse_impossible_place(units: Slice, after: Slice, move: LineMove) -> None:
    stands = position(units.state, units.node_id, units.lot_id)
    if stands is not None and stands.node_id and after.node_id != stands.node_id and after.node_id:
        raise Refused(
            "line.stands_elsewhere",
            f"The units stand at node {stands.node_id}, '{move.name}' was told {after.node_id}.",
            "Name the node where the units are, or none.",
        )
    account = STATES[after.state].stock_account or ""
    if account.startswith("node:") and not after.node_id:
        raise Invalid(
            "line.node_missing",
            f"'{move.name}' puts units on a shelf, and no node was named.",
            "Name the node where the units are.",
        )
    if not units.item_id and move.name in ("allocate", "promise_inbound", "pos_sale"):
        raise Refused(
            "line.item_unknown",
            "It is not known which item this line sells.",
            "Tell which item the listing stands for, then release the hold.",
        )


def _is_held(hold: Hold, move: str) -> Refused:
    return Refused(
        "order.held",
        f"'{move}' is stopped by a hold at stage '{hold.stage}': {hold.reason}.",
        f"Release the hold {hold.id} first.",
    )
