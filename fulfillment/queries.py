"""The floor as screens, the API and other packages read it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from fulfillment import store, tables
from fulfillment.machine import FulfilmentState
from fulfillment.model import Fulfilment, Parcel
from oms.kernel.errors import NotFound
from oms.ledger.check import Check
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

PAGE_MAX: Final = 200

V = TypeVar("V")

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_DELIVERED = (
    sa.select(tables.parcel.c.order_id, sa.func.max(tables.tracking_event.c.at_ms))
    .select_from(
        _WANTED.source.join(tables.parcel, tables.parcel.c.order_id == _WANTED.c.id).join(
            tables.tracking_event, tables.tracking_event.c.parcel_id == tables.parcel.c.id
        )
    )
    .where(tables.tracking_event.c.status == "delivered")
    .group_by(tables.parcel.c.order_id)
)
_FULFILMENTS_OF = (
    sa.select(tables.fulfilment_order.c.id)
    .select_from(
        _WANTED.source.join(
            tables.fulfilment_order, tables.fulfilment_order.c.order_id == _WANTED.c.id
        )
    )
    .order_by(tables.fulfilment_order.c.id)
)
_QUEUE = (
    sa.select(tables.fulfilment_order.c.id)
    .where(tables.fulfilment_order.c.state == sa.bindparam("state"))
    .where(
        sa.or_(
            sa.bindparam("node_id", type_=sa.Text) == "",
            tables.fulfilment_order.c.node_id == sa.bindparam("node_id"),
        )
    )
    .where(tables.fulfilment_order.c.id > sa.bindparam("after"))
    .order_by(tables.fulfilment_order.c.id)
    .limit(sa.bindparam("count"))
)
_SHIPMENTS = (
    sa.select(tables.shipment)
    .select_from(_WANTED.source.join(tables.shipment, tables.shipment.c.order_id == _WANTED.c.id))
    .order_by(tables.shipment.c.id)
)
_SHIPMENT = sa.select(tables.shipment).where(tables.shipment.c.id == sa.bindparam("shipment_id"))
_SHIPMENT_LINES = (
    sa.select(tables.shipment_line)
    .select_from(
        _WANTED.source.join(
            tables.shipment_line, tables.shipment_line.c.shipment_id == _WANTED.c.id
        )
    )
    .order_by(tables.shipment_line.c.shipment_id, tables.shipment_line.c.line_id)
)
_SCANS = (
    sa.select(tables.tracking_event)
    .select_from(
        _WANTED.source.join(
            tables.tracking_event, tables.tracking_event.c.parcel_id == _WANTED.c.id
        )
    )
    .order_by(tables.tracking_event.c.parcel_id, tables.tracking_event.c.at_ms)
)
_DOCUMENT = sa.select(tables.label_document).where(
    tables.label_document.c.parcel_id == sa.bindparam("parcel_id")
)
_SHIPPED_UNITS_WITHOUT_SHIPMENT = sa.text(
    "SELECT l.shipment_id, l.line_id, l.item_id, l.quantity FROM shipment_line l"
    " LEFT JOIN shipment s ON s.id = l.shipment_id WHERE s.id IS NULL"
)


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a queue: a state, one node or all (""), after an id, so many."""

    state: FulfilmentState = FulfilmentState.ACCEPTED
    node_id: str = ""
    after: str = ""
    count: int = 100


class ShipmentLine(msgspec.Struct, frozen=True, gc=False):
    """Units of an order line in one parcel of a shipment."""

    line_id: str
    item_id: str
    parcel_id: str
    quantity: int


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """What left a node together."""

    id: str
    number: str
    order_id: str
    node_id: str
    shipped_at_ms: int
    lines: tuple[ShipmentLine, ...]


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier said about a parcel, in the common vocabulary."""

    parcel_id: str
    status: str
    words: str
    place: str
    at_ms: int


def delivered_at_ms(reader: Reader, order_ids: Iterable[str]) -> dict[str, int]:
    """When the last parcel of each order was delivered; orders without a delivery are left out."""
    rows = reader.fetch(_DELIVERED, _WANTED([(each,) for each in sorted(set(order_ids))]))
    return {row[0]: row[1] for row in rows}


def fulfilment(reader: Reader, id_: str) -> Fulfilment:
    """One fulfilment order, or `NotFound`."""
    return _one(store.fulfilments(reader, [id_]), id_, "fulfilment")


def fulfilments_of(reader: Reader, order_ids: Sequence[str]) -> list[Fulfilment]:
    ids = reader.fetch(_FULFILMENTS_OF, _WANTED([(each,) for each in order_ids]))
    return list(store.fulfilments(reader, [row.id for row in ids]).values())


def queue(reader: Reader, page: QueuePage) -> list[Fulfilment]:
    """Fulfilment orders that stand in a queue, oldest first."""
    limits = {"after": page.after, "count": min(page.count, PAGE_MAX)}
    rows = reader.fetch(_QUEUE, state=page.state, node_id=page.node_id, **limits)
    return list(store.fulfilments(reader, [row.id for row in rows]).values())


def parcel(reader: Reader, id_: str) -> Parcel:
    """One parcel, or `NotFound`."""
    return _one(store.parcels(reader, [id_]), id_, "parcel")


def parcels_of(reader: Reader, order_ids: Sequence[str]) -> list[Parcel]:
    """All boxes of these orders, oldest first."""
    return store.parcels_of(reader, [f.id for f in fulfilments_of(reader, order_ids)])


def shipments_of(reader: Reader, order_ids: Sequence[str]) -> list[Shipment]:
    """Shipments of these orders, oldest first."""
    rows = reader.fetch(_SHIPMENTS, _WANTED([(each,) for each in order_ids]))
    return _with_lines(reader, rows)


def shipment(reader: Reader, id_: str) -> Shipment:
    """One shipment, or `NotFound`."""
    found = _with_lines(reader, reader.fetch(_SHIPMENT, shipment_id=id_))
    return _one({each.id: each for each in found}, id_, "shipment")


def scans_of(reader: Reader, parcel_ids: Sequence[str]) -> dict[str, list[Scan]]:
    """What carriers said about each parcel, in the order in which it happened."""
    grouped: dict[str, list[Scan]] = defaultdict(list)
    for row in reader.fetch(_SCANS, _WANTED([(each,) for each in parcel_ids])):
        values = {name: getattr(row, name) for name in Scan.__struct_fields__}
        grouped[row.parcel_id].append(Scan(**values))
    return grouped


def label_document(reader: Reader, parcel_id: str) -> tuple[str, bytes] | None:
    """(format, bytes) of a label its carrier drew; None where we draw it ourselves."""
    row = reader.fetch_one(_DOCUMENT, parcel_id=parcel_id)
    return (row.format, row.document) if row else None


def _with_lines(reader: Reader, rows: Sequence[sa.Row[Any]]) -> list[Shipment]:
    lines: dict[str, list[ShipmentLine]] = defaultdict(list)
    for row in reader.fetch(_SHIPMENT_LINES, _WANTED([(each.id,) for each in rows])):
        lines[row.shipment_id].append(
            ShipmentLine(row.line_id, row.item_id, row.parcel_id, row.quantity)
        )
    return [Shipment(**row._mapping, lines=tuple(lines[row.id])) for row in rows]


def _one(found: Mapping[str, V], id_: str, kind: str) -> V:
    if id_ not in found:
        raise NotFound(f"{kind}.not_found", f"There is no {kind} '{id_}'.", "Check the id.")
    return found[id_]


def _orphans(reader: Reader) -> Iterable[dict[str, Any]]:
    return (dict(row._mapping) for row in reader.stream(_SHIPPED_UNITS_WITHOUT_SHIPMENT))


CHECKS: Final = (
    Check(
        "fulfilment.shipment_lines",
        "Every shipped unit belongs to a shipment.",
        _orphans,
    ),
)
