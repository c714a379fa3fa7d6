"""What is told when units move: the moves, the items that look for a node, the money let go.

A room of its own because it needs to read the lines' money, which deciding a move does not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from oms.kernel.events import Cause
from oms.orders import model, store
from oms.orders.events import (
    ChargeShare,
    LinesCancelled,
    LineShare,
    LinesMoved,
    LinesReinstated,
    LinesReopened,
    MovedUnits,
)
from oms.orders.machine import CANCELS, REOPENS, LineState
from oms.orders.model import Decided, LineMoney, Slice, Step
from oms.platform.transaction import Transaction

_MONEY_MOVES = CANCELS | {"reinstate"}


class OrderMoves(msgspec.Struct, frozen=True):
    """What happened to one order in a batch of moves."""

    order_id: str
    before: list[Slice]
    decided: Decided

    def was_over(self) -> bool:
        return _is_over(self.before)

    def is_over(self) -> bool:
        return _is_over(self.decided.kept)


Causes = Cause | Mapping[str, Cause] | None
"""One cause for all, one per order id, or that of the transaction."""


def tell(tx: Transaction, made: Sequence[OrderMoves], causes: Causes) -> None:
    """Emit what follows from these moves, order by order."""
    with_money = []
    for order in made:
        steps, cause = order.decided.steps, _cause_of(order, causes)
        moved = LinesMoved(entity=order.order_id, moves=tuple(moved_units(step) for step in steps))
        tx.emit(moved, cause)
        reopened = {step.after.item_id for step in steps if step.name in REOPENS}
        if reopened:
            tx.emit(LinesReopened(entity=order.order_id, item_ids=tuple(sorted(reopened))), cause)
        if any(step.name in _MONEY_MOVES for step in steps):
            with_money.append(order)
    if with_money:
        _tell_money(tx, with_money, causes)


def moved_units(step: Step) -> MovedUnits:
    """A step as events tell it: with the documents the units left where they keep none."""
    after, before = step.after, step.before
    return MovedUnits(
        line_id=after.line_id,
        item_id=after.item_id,
        name=step.name,
        state=after.state,
        quantity=after.quantity,
        node_id=step.node_id,
        lot_id=step.lot_id,
        fulfilment_id=after.fulfilment_id or before.fulfilment_id,
        parcel_id=after.parcel_id or before.parcel_id,
        return_id=after.return_id or before.return_id,
        reason=step.reason,
    )


def _cause_of(order: OrderMoves, causes: Causes) -> Cause | None:
    return causes if isinstance(causes, Cause | None) else causes.get(order.order_id)


def _tell_money(tx: Transaction, made: Sequence[OrderMoves], causes: Causes) -> None:
    lines: dict[str, dict[str, LineMoney]] = defaultdict(dict)
    for line_id, line in store.line_money(tx, (order.order_id for order in made)).items():
        lines[line.order_id][line_id] = line
    turned = [order.order_id for order in made if order.was_over() != order.is_over()]
    charges = store.charge_shares(tx, turned) if turned else {}
    for order in made:
        money = lines[order.order_id]
        was = model.cancelled_by_line(order.before, money)
        now = model.cancelled_by_line(order.decided.kept, money)
        cancelled, reinstated = model.cancel_shares(was, now, money)
        due = tuple(charges.get(order.order_id, ()))
        cause = _cause_of(order, causes)
        if order.is_over():
            _tell_cancelled(tx, order, (cancelled, due), cause)
            _tell_reinstated(tx, order, (reinstated, ()), cause)
        else:
            _tell_cancelled(tx, order, (cancelled, ()), cause)
            _tell_reinstated(tx, order, (reinstated, due), cause)


Money = tuple[Sequence[LineShare], Sequence[ChargeShare]]


def _tell_cancelled(tx: Transaction, order: OrderMoves, money: Money, cause: Cause | None) -> None:
    lines, charges = money
    steps = order.decided.steps
    freed = {step.after.item_id for step in steps if step.name in CANCELS and step.before.node_id}
    if lines or charges or freed:
        event = LinesCancelled(
            entity=order.order_id,
            lines=tuple(lines),
            charges=tuple(charges),
            item_ids=tuple(sorted(freed)),
        )
        tx.emit(event, cause)


def _tell_reinstated(tx: Transaction, order: OrderMoves, money: Money, cause: Cause | None) -> None:
    lines, charges = money
    steps = order.decided.steps
    items = {step.after.item_id for step in steps if step.name == "reinstate"}
    if items:
        event = LinesReinstated(
            entity=order.order_id,
            lines=tuple(lines),
            charges=tuple(charges),
            item_ids=tuple(sorted(items)),
        )
        tx.emit(event, cause)


def _is_over(slices: Iterable[Slice]) -> bool:
    return all(units.state is LineState.CANCELLED for units in slices)
