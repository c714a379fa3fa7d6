"""Place and release holds. A released intake hold confirms what waited for nothing else."""

from collections.abc import Sequence

from msgspec.structs import replace

from oms.kernel.errors import Invalid, NotFound, OMSError
from oms.orders import service as orders
from oms.orders import store as order_store
from oms.orders.events import HoldPlaced, HoldReleased
from oms.orders.holds import store
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import Hold, LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.transaction import Transaction

_Scope = tuple[str, str, str, HoldStage, str]


def place_holds(tx: Transaction, commands: Sequence[PlaceHold]) -> list[HoldRecord | OMSError]:
    """Stop stages. The same stop for the same reason is placed once: its hold is the answer."""
    found = order_store.lock_orders(tx, (command.order_id for command in commands))
    placed = {
        _scope(hold): hold for hold in store.holds_of(tx, found) if hold.released_at_ms is None
    }
    answers: list[HoldRecord | OMSError] = []
    fresh = []
    for command in commands:
        if command.order_id not in found:
            answers.append(_no_order(command.order_id))
            continue
        if command.line_id and command.fulfilment_id:
            answers.append(_two_scopes())
            continue
        hold = placed.get(_scope(command))
        if hold is None:
            hold = _new_hold(tx, command)
            placed[_scope(command)] = hold
            fresh.append(hold)
            tx.emit(_placed(hold), command.cause)
        answers.append(hold)
    store.add_holds(tx, fresh)
    return answers


def release_holds(tx: Transaction, commands: Sequence[ReleaseHold]) -> list[HoldRecord | OMSError]:
    """Let stages go on. Releasing a hold twice answers the same. Drafts that wait for nothing
    else are confirmed; `HoldReleased` names the items that look for a node now.
    """
    known = store.holds_by_id(tx, (command.hold_id for command in commands))
    slices = orders.lock_slices(tx, SliceKey.ORDER, {hold.order_id for hold in known.values()})
    known = store.holds_by_id(tx, known)  # again, now that nobody else can release them
    answers: list[HoldRecord | OMSError] = []
    released: dict[str, HoldRecord] = {}
    for command in commands:
        hold = released.get(command.hold_id) or known.get(command.hold_id)
        if hold is None:
            answers.append(_no_hold(command.hold_id))
            continue
        if hold.released_at_ms is None:
            hold = replace(hold, released_at_ms=tx.now_ms, released_by=command.cause.actor)
            released[hold.id] = hold
            tx.emit(_released(hold, slices), command.cause)
        answers.append(hold)
    store.release(tx, list(released.values()))
    _confirm(tx, [hold for hold in released.values() if hold.stage is HoldStage.INTAKE], slices)
    return answers


def _confirm(tx: Transaction, released: Sequence[HoldRecord], slices: Sequence[Slice]) -> None:
    """Confirm the drafts of these orders that no other intake hold covers."""
    order_ids = {hold.order_id for hold in released}
    if not order_ids:
        return
    left = [
        hold for hold in order_store.active_holds(tx, order_ids) if hold.stage is HoldStage.INTAKE
    ]
    moves = [
        LineMove(units.id, "confirm", units.quantity)
        for units in slices
        if units.order_id in order_ids
        and units.state is LineState.DRAFT
        and not any(hold.covers(units) for hold in left)
    ]
    orders.move(tx, moves)


def _new_hold(tx: Transaction, command: PlaceHold) -> HoldRecord:
    return HoldRecord(
        id=tx.new_id("hld"),
        order_id=command.order_id,
        line_id=command.line_id,
        fulfilment_id=command.fulfilment_id,
        stage=command.stage,
        reason=command.reason,
        note=command.note,
        placed_at_ms=tx.now_ms,
        placed_by=command.cause.actor,
    )


def _scope(hold: PlaceHold | HoldRecord) -> _Scope:
    return hold.order_id, hold.line_id, hold.fulfilment_id, hold.stage, hold.reason


def _placed(hold: HoldRecord) -> HoldPlaced:
    return HoldPlaced(
        entity=hold.order_id,
        hold_id=hold.id,
        stage=hold.stage.value,
        reason=hold.reason,
        line_id=hold.line_id,
        fulfilment_id=hold.fulfilment_id,
    )


def _released(hold: HoldRecord, slices: Sequence[Slice]) -> HoldReleased:
    scope = Hold(hold.id, hold.order_id, hold.line_id, hold.fulfilment_id, hold.stage, hold.reason)
    waiting = {
        units.item_id
        for units in slices
        if units.state in (LineState.DRAFT, LineState.OPEN) and scope.covers(units)
    }
    looks_for_node = hold.stage in (HoldStage.INTAKE, HoldStage.ALLOCATION)
    return HoldReleased(
        entity=hold.order_id,
        hold_id=hold.id,
        stage=hold.stage.value,
        line_id=hold.line_id,
        fulfilment_id=hold.fulfilment_id,
        item_ids=tuple(sorted(waiting - {""})) if looks_for_node else (),
    )


def _no_order(order_id: str) -> NotFound:
    return NotFound(
        "order.not_found", f"There is no order '{order_id}'.", "Look it up by its number."
    )


def _no_hold(hold_id: str) -> NotFound:
    return NotFound(
        "hold.not_found", f"There is no hold '{hold_id}'.", "Read the order's holds again."
    )


def _two_scopes() -> Invalid:
    return Invalid(
        "hold.two_scopes",
        "A hold stops an order, a line or a fulfilment order, not two of them.",
        "Give the line or the fulfilment order, not both.",
        {"fulfilment_id": "leave it out when a line is given"},
    )
