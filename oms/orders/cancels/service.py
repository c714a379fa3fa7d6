"""Cancel units before a node works on them, and want them again. Nodes are asked in fulfilment."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from oms.kernel.errors import NotFound, OMSError
from oms.orders import service as orders
from oms.orders import store
from oms.orders.cancels import model
from oms.orders.cancels.model import Cancel, LinesChanged, Reinstate
from oms.orders.model import LineMoney, LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction

C = TypeVar("C", Cancel, Reinstate)


def cancel(tx: Transaction, commands: Sequence[Cancel]) -> list[LinesChanged | OMSError]:
    """Cancel units, whole orders or parts. The money that is due back is told with the event."""
    return in_rounds(commands, lambda each: each.order_id, lambda batch: _change(tx, batch))


def reinstate(tx: Transaction, commands: Sequence[Reinstate]) -> list[LinesChanged | OMSError]:
    """Want cancelled units again: they look for a node, and their money is due again."""
    return in_rounds(commands, lambda each: each.order_id, lambda batch: _change(tx, batch))


def _change(tx: Transaction, commands: Sequence[C]) -> list[LinesChanged | OMSError]:
    """Each order comes once."""
    slices: dict[str, list[Slice]] = defaultdict(list)
    lines: dict[str, dict[str, LineMoney]] = defaultdict(dict)
    for units in orders.lock_slices(tx, SliceKey.ORDER, [each.order_id for each in commands]):
        slices[units.order_id].append(units)
    for line_id, line in store.line_money(tx, slices).items():
        lines[line.order_id][line_id] = line
    answers: dict[str, LinesChanged | OMSError] = {}
    moves: dict[str, list[LineMove]] = {}
    for command in commands:
        order_id = command.order_id
        if order_id not in lines:
            answers[order_id] = _no_units(order_id)
            continue
        try:
            moves[order_id], answers[order_id] = model.plan(
                command, slices[order_id], lines[order_id]
            )
        except OMSError as refusal:
            answers[order_id] = refusal
    causes = {command.order_id: command.cause for command in commands}
    answers |= orders.move(tx, [move for each in moves.values() for move in each], causes).refused
    return [answers[command.order_id] for command in commands]


def _no_units(order_id: str) -> NotFound:
    return NotFound(
        "order.not_found",
        f"There is no order '{order_id}' with units to ship.",
        "Look it up by its number.",
    )
