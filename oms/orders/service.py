"""The units of orders: lock them and move them. Every other change of units goes through here.

Holds, cancels, intake, change-sets and quarantine have folders of their own beside.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from oms.kernel.errors import OMSError, Stale
from oms.ledger import goods
from oms.ledger.model import Movement
from oms.orders import model, store, telling
from oms.orders.machine import STAGE_OF
from oms.orders.model import Hold, LineMove, Slice
from oms.orders.store import SliceKey as SliceKey  # noqa: PLC0414 - callers find it at this door
from oms.orders.telling import Causes, OrderMoves
from oms.platform.transaction import Transaction

Beside = Mapping[str, Sequence[Movement]]
"""Movements of goods beside those of units, by the order whose moves they go with."""

NOTHING_BESIDE: Final[Beside] = MappingProxyType({})


class Moved(msgspec.Struct, frozen=True):
    """The orders whose moves were refused, by order id; nothing of theirs was moved."""

    refused: dict[str, OMSError]


def lock_slices(tx: Transaction, by: SliceKey, ids: Iterable[str]) -> list[Slice]:
    """The slices of these orders, lines, fulfilment orders, parcels or returns, by order and age.

    Their orders are locked until the transaction ends, so what is decided on them holds.
    """
    return store.lock_slices(tx, by, ids)


def move(
    tx: Transaction,
    moves: Sequence[LineMove],
    causes: Causes = None,
    beside: Beside = NOTHING_BESIDE,
) -> Moved:
    """Move units, post the goods, tell what happened. All moves of one order are made, or none.

    `causes` is one for all, or one by order id. `beside` are movements of goods that go with an
    order's moves, by order id ("": with nobody's); they are posted with them at one go, so that
    everybody locks balances in the same order.

    Raises `Stale` when a slice does not exist any more, `Refused` (stock.insufficient) when a
    shelf would go below zero.
    """
    if not moves:
        goods.post(tx, beside.get("", ()))
        return Moved({})
    by_order: dict[str, list[Slice]] = defaultdict(list)
    order_of: dict[int, str] = {}
    for units in store.lock_orders_of(tx, (each.slice_id for each in moves)):
        by_order[units.order_id].append(units)
        order_of[units.id] = units.order_id
    wanted: dict[str, list[LineMove]] = defaultdict(list)
    for each in moves:
        if each.slice_id not in order_of:
            raise _slice_gone(each.slice_id)
        wanted[order_of[each.slice_id]].append(each)
    is_staged = any(name in STAGE_OF for each in moves for name in each.names)
    holds = store.active_holds(tx, by_order) if is_staged else []
    made, refused = _decide(by_order, wanted, holds)
    _write(tx, made, beside)
    telling.tell(tx, made, causes)
    return Moved(refused)


def _decide(
    slices: Mapping[str, list[Slice]],
    wanted: Mapping[str, list[LineMove]],
    holds: Sequence[Hold],
) -> tuple[list[OrderMoves], dict[str, OMSError]]:
    made, refused = [], dict[str, OMSError]()
    held: dict[str, list[Hold]] = defaultdict(list)
    for hold in holds:
        held[hold.order_id].append(hold)
    for order_id, moves in wanted.items():
        try:
            decided = model.decide(slices[order_id], moves, held[order_id])
        except OMSError as refusal:
            refused[order_id] = refusal
        else:
            made.append(OrderMoves(order_id, slices[order_id], decided))
    return made, refused


def _write(tx: Transaction, made: Sequence[OrderMoves], beside: Beside) -> None:
    before = {units.id: units for order in made for units in order.before}
    store.write_slices(tx, before, (units for order in made for units in order.decided.kept))
    store.remove_slices(tx, [slice_id for order in made for slice_id in order.decided.gone])
    movements = store.movements(step for order in made for step in order.decided.steps)
    for order_id in ("", *(order.order_id for order in made)) if beside else ():
        movements += beside.get(order_id, ())
    if movements:
        goods.post(tx, movements)


def _slice_gone(slice_id: int) -> Stale:
    return Stale(
        "line.slice_gone",
        f"The units {slice_id} were moved or joined with others meanwhile.",
        "Read the order again and repeat with what it shows now.",
    )
