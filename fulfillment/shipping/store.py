"""Shipments as rows and back, set-based."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from fulfillment import tables
from fulfillment.events import ShippedLine
from fulfillment.shipping.model import ShipmentRecord, ToldBy
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_BY_ID = (
    sa.select(tables.shipment)
    .select_from(_WANTED.source.join(tables.shipment, tables.shipment.c.id == _WANTED.c.id))
    .order_by(tables.shipment.c.id)
)


def shipments(reader: Reader, ids: Iterable[str]) -> dict[str, ShipmentRecord]:
    wanted = _WANTED([(each,) for each in sorted(set(ids))])
    return {row.id: record(row) for row in reader.fetch(_BY_ID, wanted)}


def add_shipments(tx: Transaction, new: Sequence[ShipmentRecord]) -> None:
    tx.insert(
        tables.shipment,
        [msgspec.structs.asdict(each) | {"told_by": each.told_by.value} for each in new],
    )


def add_lines(tx: Transaction, lines: Sequence[tuple[str, str, ShippedLine]]) -> None:
    """`lines` are (shipment id, parcel id, units)."""
    tx.insert(
        tables.shipment_line,
        [
            {
                "shipment_id": shipment_id,
                "parcel_id": parcel_id,
                "line_id": units.line_id,
                "item_id": units.item_id,
                "quantity": units.quantity,
            }
            for shipment_id, parcel_id, units in lines
        ],
    )


def set_undone(tx: Transaction, ids: Iterable[str]) -> None:
    rows = [{"id": each, "undone_at_ms": tx.now_ms} for each in ids]
    tx.update(tables.shipment, rows, ["id"])


def record(row: sa.Row[Any]) -> ShipmentRecord:
    fields = dict(row._mapping)
    return ShipmentRecord(**fields | {"told_by": ToldBy(row.told_by)})
