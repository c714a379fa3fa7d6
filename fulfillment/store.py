"""Rows of the floor to values and back, set-based and locked in key order.

Whoever moves units locks their orders first, then fulfilment orders, then parcels.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from connectors.contract.parcels import Label
from fulfillment import tables
from fulfillment.machine import FulfilmentState, ParcelState
from fulfillment.model import Fulfilment, Parcel
from oms.platform.rows import BoundRows, ParameterRows
from oms.platform.transaction import Reader, Transaction

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_FULFILMENT_STATES: Final = {str(state): state for state in FulfilmentState}
_PARCEL_STATES: Final = {str(state): state for state in ParcelState}
_extra: Final = msgspec.json.Decoder(dict[str, str])


def _fulfilments_by(column: sa.Column[str]) -> sa.Select[Any]:
    table = tables.fulfilment_order
    return (
        sa.select(table)
        .select_from(_WANTED.source.join(table, column == _WANTED.c.id))
        .order_by(table.c.id)
    )


def _parcels_by(column: sa.Column[str]) -> sa.Select[Any]:
    return (
        sa.select(tables.parcel)
        .select_from(_WANTED.source.join(tables.parcel, column == _WANTED.c.id))
        .order_by(tables.parcel.c.sscc)  # numbers grow; ids of one moment are in no order
    )


_FULFILMENTS = _fulfilments_by(tables.fulfilment_order.c.id)
_FULFILMENTS_OF = _fulfilments_by(tables.fulfilment_order.c.order_id)
_LOCK_FULFILMENTS = _FULFILMENTS.with_for_update(of=tables.fulfilment_order)
_LOCK_FULFILMENTS_OF = _FULFILMENTS_OF.with_for_update(of=tables.fulfilment_order)
_PARCELS = _parcels_by(tables.parcel.c.id)
_PARCELS_OF = _parcels_by(tables.parcel.c.fulfilment_id)
_LOCK_PARCELS = _PARCELS.with_for_update(of=tables.parcel)
_LOCK_PARCELS_OF = _PARCELS_OF.with_for_update(of=tables.parcel)
_PARCELS_OF_ORDERS = _parcels_by(tables.parcel.c.order_id)
_LOCK_PARCELS_IN = (
    _parcels_by(tables.parcel.c.shipment_id)
    .where(tables.parcel.c.shipment_id != "")  # says so to the planner: the index is partial
    .with_for_update(of=tables.parcel)
)
_LOCK_PARCELS_OF_ORDERS = _PARCELS_OF_ORDERS.with_for_update(of=tables.parcel)
_PARCELS_TRACKED = _parcels_by(tables.parcel.c.tracking_number).where(
    tables.parcel.c.tracking_number != ""  # says so to the planner: the index is partial
)


def lock_fulfilments(tx: Transaction, ids: Iterable[str]) -> dict[str, Fulfilment]:
    return {row.id: _fulfilment(row) for row in tx.fetch(_LOCK_FULFILMENTS, _wanted(ids))}


def lock_fulfilments_of(tx: Transaction, order_ids: Iterable[str]) -> list[Fulfilment]:
    """The fulfilment orders of these orders, oldest first."""
    return [_fulfilment(row) for row in tx.fetch(_LOCK_FULFILMENTS_OF, _wanted(order_ids))]


def fulfilments(reader: Reader, ids: Iterable[str]) -> dict[str, Fulfilment]:
    return {row.id: _fulfilment(row) for row in reader.fetch(_FULFILMENTS, _wanted(ids))}


def fulfilments_of(reader: Reader, order_ids: Iterable[str]) -> list[Fulfilment]:
    return [_fulfilment(row) for row in reader.fetch(_FULFILMENTS_OF, _wanted(order_ids))]


def add_fulfilments(tx: Transaction, new: Sequence[Fulfilment]) -> None:
    tx.insert(tables.fulfilment_order, [msgspec.structs.asdict(each) for each in new])


def set_states(tx: Transaction, changed: Iterable[Fulfilment]) -> None:
    rows = [{"id": f.id, "state": f.state.value, "reason": f.reason} for f in changed]
    tx.update(tables.fulfilment_order, rows, ["id"])


def lock_parcels(tx: Transaction, ids: Iterable[str]) -> dict[str, Parcel]:
    return {row.id: _parcel(row) for row in tx.fetch(_LOCK_PARCELS, _wanted(ids))}


def lock_parcels_of(tx: Transaction, fulfilment_ids: Iterable[str]) -> list[Parcel]:
    """The boxes of these fulfilment orders, oldest first."""
    return [_parcel(row) for row in tx.fetch(_LOCK_PARCELS_OF, _wanted(fulfilment_ids))]


def lock_parcels_of_orders(tx: Transaction, order_ids: Iterable[str]) -> list[Parcel]:
    return [_parcel(row) for row in tx.fetch(_LOCK_PARCELS_OF_ORDERS, _wanted(order_ids))]


def lock_parcels_in(tx: Transaction, shipment_ids: Iterable[str]) -> list[Parcel]:
    """The boxes that left with these shipments."""
    return [_parcel(row) for row in tx.fetch(_LOCK_PARCELS_IN, _wanted(shipment_ids))]


def parcels(reader: Reader, ids: Iterable[str]) -> dict[str, Parcel]:
    return {row.id: _parcel(row) for row in reader.fetch(_PARCELS, _wanted(ids))}


def parcels_of_orders(reader: Reader, order_ids: Iterable[str]) -> list[Parcel]:
    return [_parcel(row) for row in reader.fetch(_PARCELS_OF_ORDERS, _wanted(order_ids))]


def parcels_tracked(reader: Reader, tracking_numbers: Iterable[str]) -> list[Parcel]:
    """The boxes that travel or travelled under these numbers, oldest first."""
    return [_parcel(row) for row in reader.fetch(_PARCELS_TRACKED, _wanted(tracking_numbers))]


def add_parcels(tx: Transaction, new: Sequence[Parcel]) -> None:
    tx.insert(
        tables.parcel,
        [
            msgspec.structs.asdict(each)
            | {"state": each.state.value, "label_extra": _json(each.label_extra)}
            for each in new
        ],
    )


def save_parcels(tx: Transaction, changed: Iterable[Parcel]) -> None:
    """Write what can change about boxes; contents, node and SSCC stay."""
    tx.update(
        tables.parcel,
        [
            {
                "id": each.id,
                "state": each.state.value,
                "carrier": each.carrier,
                "service": each.service,
                "tracking_number": each.tracking_number,
                "tracking_url": each.tracking_url,
                "label_id": each.label_id,
                "label_cost_minor": each.label_cost_minor,
                "label_currency": each.label_currency,
                "label_extra": _json(each.label_extra),
                "labels_bought": each.labels_bought,
                "collect_minor": each.collect_minor,
                "shipment_id": each.shipment_id,
            }
            for each in changed
        ],
        ["id"],
    )


def keep_documents(tx: Transaction, labels: Iterable[tuple[str, Label]]) -> None:
    """Keep what carriers drew; `labels` are (parcel id, label)."""
    rows = [
        {"parcel_id": parcel_id, "format": label.format.value, "document": label.document}
        for parcel_id, label in labels
        if label.document
    ]
    tx.upsert(tables.label_document, rows, ["parcel_id"])


def drop_documents(tx: Transaction, parcel_ids: Iterable[str]) -> None:
    tx.delete(tables.label_document, [{"parcel_id": each} for each in parcel_ids])


def _wanted(ids: Iterable[str]) -> BoundRows:
    return _WANTED([(each,) for each in sorted(set(ids))])


def _json(extra: dict[str, str]) -> str:
    return msgspec.json.encode(extra).decode()


def _fulfilment(row: sa.Row[Any]) -> Fulfilment:
    fields = dict(row._mapping)
    fields["state"] = _FULFILMENT_STATES[row.state]
    return Fulfilment(**fields)


def _parcel(row: sa.Row[Any]) -> Parcel:
    fields = dict(row._mapping)
    fields["state"] = _PARCEL_STATES[row.state]
    fields["label_extra"] = _extra.decode(row.label_extra) if row.label_extra != "{}" else {}
    return Parcel(**fields)
