"""Rows of the floor to values and back, set-based and locked in key order."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from connectors.contract.parcels import Label
from fulfillment import tables
from fulfillment.events import ShippedLine
from fulfillment.machine import FulfilmentState, ParcelState
from fulfillment.model import Fulfilment, Parcel
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_WANTED: Final = ParameterRows("wanted", id=sa.Text)

_FULFILMENTS = (
    sa.select(tables.fulfilment_order)
    .select_from(
        _WANTED.source.join(tables.fulfilment_order, tables.fulfilment_order.c.id == _WANTED.c.id)
    )
    .order_by(tables.fulfilment_order.c.id)
)
_LOCK_FULFILMENTS = _FULFILMENTS.with_for_update(of=tables.fulfilment_order)


def _parcels_by(column: sa.Column[str]) -> sa.Select[Any]:
    return (
        sa.select(tables.parcel)
        .select_from(_WANTED.source.join(tables.parcel, column == _WANTED.c.id))
        .order_by(tables.parcel.c.id)
    )


_PARCELS = _parcels_by(tables.parcel.c.id)
_PARCELS_OF = _parcels_by(tables.parcel.c.fulfilment_id)
_PARCELS_TRACKED = _parcels_by(tables.parcel.c.tracking_number)


def lock_fulfilments(tx: Transaction, ids: Sequence[str]) -> dict[str, Fulfilment]:
    wanted = _WANTED([(each,) for each in sorted(set(ids))])
    return {row.id: _fulfilment(row) for row in tx.fetch(_LOCK_FULFILMENTS, wanted)}


def fulfilments(reader: Reader, ids: Sequence[str]) -> dict[str, Fulfilment]:
    wanted = _WANTED([(each,) for each in sorted(set(ids))])
    return {row.id: _fulfilment(row) for row in reader.fetch(_FULFILMENTS, wanted)}


def add_fulfilments(tx: Transaction, new: Sequence[Fulfilment]) -> None:
    tx.insert(tables.fulfilment_order, [msgspec.structs.asdict(each) for each in new])


def set_states(tx: Transaction, changed: Sequence[Fulfilment]) -> None:
    rows = [{"id": f.id, "state": f.state, "reason": f.reason} for f in changed]
    tx.update(tables.fulfilment_order, rows, ["id"])


def lock_parcels(tx: Transaction, ids: Sequence[str]) -> dict[str, Parcel]:
    wanted = _WANTED([(each,) for each in sorted(set(ids))])
    statement = _PARCELS.with_for_update(of=tables.parcel)
    return {row.id: _parcel(row) for row in tx.fetch(statement, wanted)}


def parcels(reader: Reader, ids: Sequence[str]) -> dict[str, Parcel]:
    wanted = _WANTED([(each,) for each in sorted(set(ids))])
    return {row.id: _parcel(row) for row in reader.fetch(_PARCELS, wanted)}


def parcels_of(reader: Reader, fulfilment_ids: Sequence[str]) -> list[Parcel]:
    wanted = _WANTED([(each,) for each in sorted(set(fulfilment_ids))])
    return [_parcel(row) for row in reader.fetch(_PARCELS_OF, wanted)]


def parcels_tracked(reader: Reader, tracking_numbers: Sequence[str]) -> dict[str, Parcel]:
    wanted = _WANTED([(each,) for each in sorted(set(tracking_numbers))])
    return {row.tracking_number: _parcel(row) for row in reader.fetch(_PARCELS_TRACKED, wanted)}


def add_parcels(tx: Transaction, new: Sequence[Parcel]) -> None:
    tx.insert(tables.parcel, [msgspec.structs.asdict(each) for each in new])


def save_parcels(tx: Transaction, changed: Sequence[Parcel]) -> None:
    tx.update(
        tables.parcel,
        [
            {
                "id": each.id,
                "state": each.state,
                "carrier": each.carrier,
                "service": each.service,
                "tracking_number": each.tracking_number,
                "label_id": each.label_id,
                "label_cost_minor": each.label_cost_minor,
                "label_currency": each.label_currency,
                "shipment_id": each.shipment_id,
            }
            for each in changed
        ],
        ["id"],
    )


def keep_documents(tx: Transaction, labels: Sequence[tuple[str, Label]]) -> None:
    rows = [
        {"parcel_id": parcel_id, "format": label.format, "document": label.document}
        for parcel_id, label in labels
        if label.document
    ]
    tx.upsert(tables.label_document, rows, ["parcel_id"])


def add_shipments(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    tx.insert(tables.shipment, rows)


def add_shipment_lines(tx: Transaction, lines: Sequence[tuple[str, str, ShippedLine]]) -> None:
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


def _fulfilment(row: sa.Row[Any]) -> Fulfilment:
    fields = dict(row._mapping)
    return Fulfilment(**fields | {"state": FulfilmentState(fields["state"])})


def _parcel(row: sa.Row[Any]) -> Parcel:
    fields = dict(row._mapping)
    return Parcel(**fields | {"state": ParcelState(fields["state"])})
