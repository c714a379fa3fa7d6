"""Slices and moves with full defaults, for decisions about the floor."""

from typing import Any

from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice


def units(id_: int, quantity: int = 1, item: str = "itm_a", **others: Any) -> Slice:
    fields: dict[str, Any] = {
        "id": id_,
        "order_id": "ord_1",
        "line_id": "lin_1",
        "item_id": item,
        "state": LineState.RELEASED,
        "node_id": "nod_1",
        "lot_id": "",
        "fulfilment_id": "ful_1",
        "parcel_id": "",
        "return_id": "",
        "quantity": quantity,
    }
    return Slice(**(fields | others))


def taken(moves: list[LineMove]) -> list[tuple[int, int]]:
    """(slice, units) of each move."""
    return [(move.slice_id, move.quantity) for move in moves]
