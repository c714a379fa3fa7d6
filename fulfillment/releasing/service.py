"""Releases: allocated units become one fulfilment order per node and are handed out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from fulfillment import model, store
from fulfillment.events import FulfilmentRequested
from fulfillment.machine import FulfilmentState
from fulfillment.model import Fulfilment
from fulfillment.releasing.model import Release, Released, work_to_release
from oms.catalog import queries as catalog
from oms.inventory import service as inventory
from oms.kernel.errors import OMSError
from oms.kernel.events import Cause
from oms.orders import queries as orders_read
from oms.orders import service as orders
from oms.orders.machine import HoldStage
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.orders.units import queries as units_read
from oms.platform.batches import in_rounds
from oms.platform.transaction import Reader, Transaction

DUE_MAX: Final = 500  # orders a periodic job releases in one transaction
FULFILMENT_COUNTER: Final = "fulfilment"


def release(tx: Transaction, commands: Sequence[Release]) -> list[Released | OMSError]:
    """Turn what is allocated and not held into one fulfilment order per node and hand it out."""
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _release(tx, batch))


def release_due(tx: Transaction, limit: int = DUE_MAX) -> list[Released | OMSError]:
    """Release what waits on channels that let orders go by themselves, oldest orders first.

    Held units stay. Answers at most `limit` orders; fewer mean that nothing more is due.
    """
    channel_ids = [each.id for each in catalog.channels(tx) if each.auto_release and each.active]
    due = units_read.orders_to_release(tx, channel_ids, limit) if channel_ids else []
    return release(tx, [Release(order_id=order_id) for order_id in due])


def record(tx: Transaction, new: Sequence[Fulfilment], causes: Mapping[str, Cause]) -> None:
    """Write numbered fulfilment orders and tell of them; `causes` are by order id."""
    store.add_fulfilments(tx, new)
    for each in new:
        event = FulfilmentRequested(
            entity=each.id, number=each.number, order_id=each.order_id, node_id=each.node_id
        )
        tx.emit_first(event, causes[each.order_id])


def requested(tx: Transaction, order_id: str, node_id: str, kind: str) -> Fulfilment:
    """A new fulfilment order without a number: our own floors accept at once, others are asked."""
    external = kind in model.EXTERNAL_KINDS
    return Fulfilment(
        id=tx.new_id("ful"),
        number="",
        order_id=order_id,
        node_id=node_id,
        state=FulfilmentState.REQUESTED if external else FulfilmentState.ACCEPTED,
        created_at_ms=tx.now_ms,
    )


def numbered(tx: Transaction, new: Sequence[Fulfilment]) -> list[Fulfilment]:
    """The same with their numbers, taken when it is certain that they are made."""
    numbers = tx.next_numbers(FULFILMENT_COUNTER, len(new)) if new else range(0)
    return [
        msgspec.structs.replace(fulfilment, number=f"FO-{number:06d}")
        for fulfilment, number in zip(new, numbers, strict=True)
    ]


def slices_by_order(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[Slice]]:
    """The units of these orders, the orders locked."""
    slices: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.ORDER, order_ids):
        slices[units.order_id].append(units)
    return slices


def node_kinds(reader: Reader) -> dict[str, str]:
    return {node.id: node.kind for node in inventory.nodes(reader)}


def _release(tx: Transaction, commands: Sequence[Release]) -> list[Released | OMSError]:
    slices = slices_by_order(tx, [command.order_id for command in commands])
    holds = orders_read.holds_at(tx, slices, HoldStage.RELEASE)
    kinds = node_kinds(tx)
    made: dict[str, list[Fulfilment]] = {}
    refused: dict[str, OMSError] = {}
    moves: list[LineMove] = []
    for command in commands:
        order_id = command.order_id
        try:
            work = work_to_release(slices[order_id], holds.get(order_id, ()))
        except OMSError as refusal:
            refused[order_id] = refusal
            continue
        made[order_id] = []
        for node_id, pieces in sorted(work.items()):
            new = requested(tx, order_id, node_id, kinds.get(node_id, ""))
            made[order_id].append(new)
            moves += [release_move(units, new) for units in pieces]
    causes = {command.order_id: command.cause for command in commands}
    refused |= orders.move(tx, moves, causes).refused
    kept = [each for order_id, new in made.items() if order_id not in refused for each in new]
    by_order: dict[str, list[Fulfilment]] = defaultdict(list)
    for each in numbered(tx, kept):
        by_order[each.order_id].append(each)
    record(tx, [each for new in by_order.values() for each in new], causes)
    return [
        refused.get(c.order_id) or Released(c.order_id, tuple(by_order[c.order_id]))
        for c in commands
    ]


def release_move(units: Slice, fulfilment: Fulfilment) -> LineMove:
    return LineMove(units.id, "release", units.quantity, fulfilment_id=fulfilment.id)
