"""Say what lines sell that came with an unknown listing; their units look for a node then."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from oms.catalog import queries as catalog
from oms.catalog.model import ItemRef
from oms.kernel.errors import OMSError
from oms.orders import service as orders
from oms.orders.events import LinesMapped
from oms.orders.holds.model import ReleaseHold
from oms.orders.holds.service import release_holds
from oms.orders.model import Slice
from oms.orders.naming import model, store
from oms.orders.naming.model import MapLine, UnknownLine
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


def map_lines(tx: Transaction, commands: Sequence[MapLine]) -> list[UnknownLine | OMSError]:
    """Tell what lines sell, and release the holds that waited for it."""
    return in_rounds(commands, lambda each: each.line_id, partial(_map, tx))


def _map(tx: Transaction, commands: Sequence[MapLine]) -> list[UnknownLine | OMSError]:
    slices: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.LINE, [each.line_id for each in commands]):
        slices[units.line_id].append(units)
    unknown = store.unknown_by_id(tx, slices)
    items = catalog.item_refs(tx, {each.item_id for each in commands})
    answers: list[UnknownLine | OMSError] = []
    lines: list[tuple[str, ItemRef]] = []
    new: list[Slice] = []
    done: list[tuple[UnknownLine, MapLine]] = []
    for command in commands:
        line, item = unknown.get(command.line_id), items.get(command.item_id)
        try:
            new += model.mapped(line, item, slices[command.line_id])
        except OMSError as refusal:
            answers.append(refusal)
            continue
        if line and item:
            lines.append((line.line_id, item))
            done.append((line, command))
            answers.append(line)
    store.write(tx, lines, [units.id for line_id, _ in lines for units in slices[line_id]], new)
    _tell(tx, done)
    release_holds(
        tx, [ReleaseHold(hold_id=line.hold_id, cause=command.cause) for line, command in done]
    )
    return answers


def _tell(tx: Transaction, done: Sequence[tuple[UnknownLine, MapLine]]) -> None:
    by_order: dict[str, list[MapLine]] = defaultdict(list)
    for line, command in done:
        by_order[line.order_id].append(command)
    for order_id, commands in by_order.items():
        event = LinesMapped(
            entity=order_id,
            line_ids=tuple(each.line_id for each in commands),
            item_ids=tuple(each.item_id for each in commands),
        )
        tx.emit(event, commands[0].cause)
