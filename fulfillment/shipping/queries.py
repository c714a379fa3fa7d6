"""Shipments as screens, the API and channels read them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from fulfillment import tables
from fulfillment.shipping import store
from fulfillment.shipping.model import ToldBy
from oms.kernel.errors import NotFound
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_OF_ORDERS = (
    sa.select(tables.shipment)
    .select_from(_WANTED.source.join(tables.shipment, tables.shipment.c.order_id == _WANTED.c.id))
    .order_by(tables.shipment.c.id)
)
_BY_ID = (
    sa.select(tables.shipment)
    .select_from(_WANTED.source.join(tables.shipment, tables.shipment.c.id == _WANTED.c.id))
    .order_by(tables.shipment.c.id)
)
_LINES = (
    sa.select(tables.shipment_line)
    .select_from(
        _WANTED.source.join(
            tables.shipment_line, tables.shipment_line.c.shipment_id == _WANTED.c.id
        )
    )
    .order_by(
        tables.shipment_line.c.shipment_id,
        tables.shipment_line.c.line_id,
        tables.shipment_line.c.item_id,
        tables.shipment_line.c.parcel_id,
    )
)


class ShipmentLine(msgspec.Struct, frozen=True, gc=False):
    """Units of an order line in one parcel of a shipment."""

    line_id: str
    item_id: str
    parcel_id: str
    quantity: int


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """What left a node together; with `undone_at_ms` it turned out that it had not."""

    id: str
    number: str
    fulfilment_id: str
    order_id: str
    node_id: str
    told_by: ToldBy
    shipped_at_ms: int
    undone_at_ms: int | None
    lines: tuple[ShipmentLine, ...]


def shipments_of(reader: Reader, order_ids: Sequence[str]) -> list[Shipment]:
    """Shipments of these orders, oldest first, undone ones too."""
    return _with_lines(reader, reader.fetch(_OF_ORDERS, _WANTED([(each,) for each in order_ids])))


def shipments(reader: Reader, ids: Sequence[str]) -> list[Shipment]:
    """These shipments, oldest first; unknown ids are left out."""
    return _with_lines(reader, reader.fetch(_BY_ID, _WANTED([(each,) for each in ids])))


def shipment(reader: Reader, id_: str) -> Shipment:
    """One shipment, or `NotFound`."""
    for found in shipments(reader, [id_]):
        return found
    raise NotFound("shipment.not_found", f"There is no shipment '{id_}'.", "Check the id.")


def _with_lines(reader: Reader, rows: Sequence[sa.Row[Any]]) -> list[Shipment]:
    lines: dict[str, list[ShipmentLine]] = defaultdict(list)
    for row in reader.fetch(_LINES, _WANTED([(each.id,) for each in rows])) if rows else ():
        lines[row.shipment_id].append(
            ShipmentLine(row.line_id, row.item_id, row.parcel_id, row.quantity)
        )
    return [
        Shipment(**msgspec.structs.asdict(store.record(row)), lines=tuple(lines[row.id]))
        for row in rows
    ]
