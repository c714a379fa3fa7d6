"""The floor as screens, the API and other packages read it, and what must always hold on it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
import sqlalchemy as sa

from fulfillment import store, tables
from fulfillment.machine import FulfilmentState, ParcelState
from fulfillment.model import ON_THE_FLOOR, Fulfilment, Parcel
from fulfillment.picking.queries import PickItem, PickList, pick_list, pick_lists
from fulfillment.shipping.queries import (
    Shipment,
    ShipmentLine,
    shipment,
    shipments,
    shipments_of,
)
from oms.kernel.errors import NotFound
from oms.ledger.check import Check, from_statement
from oms.orders.machine import LineState
from oms.orders.units.queries import UNITS
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

__all__ = [
    "CHECKS",
    "PickItem",
    "PickList",
    "QueuePage",
    "Scan",
    "Shipment",
    "ShipmentLine",
    "delivered_at_ms",
    "fulfilment",
    "fulfilments_of",
    "label_document",
    "parcel",
    "parcels",
    "parcels_of",
    "pick_list",
    "pick_lists",
    "queue",
    "scans_of",
    "shipment",
    "shipments",
    "shipments_of",
]

PAGE_MAX: Final = 500

V = TypeVar("V")

_orders, _parcels = tables.fulfilment_order, tables.parcel
_shipments, _shipped = tables.shipment, tables.shipment_line
_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_DELIVERED = (
    sa.select(_parcels.c.order_id, sa.func.max(tables.tracking_event.c.at_ms))
    .select_from(
        _WANTED.source.join(_parcels, _parcels.c.order_id == _WANTED.c.id).join(
            tables.tracking_event, tables.tracking_event.c.parcel_id == _parcels.c.id
        )
    )
    .where(tables.tracking_event.c.status == "delivered")
    .group_by(_parcels.c.order_id)
)
_QUEUE = (
    sa.select(_orders.c.id)
    .where(_orders.c.state == sa.bindparam("state"), _orders.c.id > sa.bindparam("after"))
    .order_by(_orders.c.id)
    .limit(sa.bindparam("count"))
)
_QUEUE_AT = _QUEUE.where(_orders.c.node_id.in_(sa.bindparam("node_ids", expanding=True)))
_SCANS = (
    sa.select(tables.tracking_event)
    .select_from(
        _WANTED.source.join(
            tables.tracking_event, tables.tracking_event.c.parcel_id == _WANTED.c.id
        )
    )
    .order_by(
        tables.tracking_event.c.parcel_id,
        tables.tracking_event.c.at_ms,
        tables.tracking_event.c.external_id,
    )
)
_DOCUMENT = sa.select(tables.label_document).where(
    tables.label_document.c.parcel_id == sa.bindparam("parcel_id")
)


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a queue: a state, at these nodes (None: all), after an id, so many."""

    state: FulfilmentState = FulfilmentState.ACCEPTED
    node_ids: tuple[str, ...] | None = None
    after: str = ""
    count: int = 100


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
    """All fulfilment orders of these orders, oldest first."""
    return store.fulfilments_of(reader, order_ids)


def queue(reader: Reader, page: QueuePage) -> list[Fulfilment]:
    """Fulfilment orders that stand in a queue, oldest first."""
    where = {"state": page.state.value, "after": page.after, "count": min(page.count, PAGE_MAX)}
    if page.node_ids is None:
        rows = reader.fetch(_QUEUE, **where)
    else:
        rows = reader.fetch(_QUEUE_AT, node_ids=list(page.node_ids), **where)
    found = store.fulfilments(reader, [row.id for row in rows])
    return [found[row.id] for row in rows]


def parcel(reader: Reader, id_: str) -> Parcel:
    """One parcel, or `NotFound`."""
    return _one(store.parcels(reader, [id_]), id_, "parcel")


def parcels(reader: Reader, ids: Iterable[str]) -> dict[str, Parcel]:
    """These parcels by id; unknown ids are left out."""
    return store.parcels(reader, ids)


def parcels_of(reader: Reader, order_ids: Sequence[str]) -> list[Parcel]:
    """All boxes of these orders, oldest first."""
    return store.parcels_of_orders(reader, order_ids)


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


def _one(found: Mapping[str, V], id_: str, kind: str) -> V:
    if id_ not in found:
        raise NotFound(f"{kind}.not_found", f"There is no {kind} '{id_}'.", "Check the id.")
    return found[id_]


_NONE: Final = sa.literal_column("0", sa.BigInteger)
_BEFORE_LEAVING: Final = (
    *(LineState.DRAFT, LineState.OPEN, LineState.BACKORDERED, LineState.ALLOCATED),
    *(LineState.CANCELLED, LineState.READY_FOR_PICKUP, *ON_THE_FLOOR),
)
_IN_BOXES: Final = (LineState.PACKED.value, LineState.READY_FOR_PICKUP.value)
_ON_DOCK: Final = (ParcelState.PACKED.value, ParcelState.LABELLED.value)
_AWAY: Final = tuple(
    state.value for state in ParcelState if state not in (*_ON_DOCK, ParcelState.UNPACKED)
)
_WORKING: Final = (
    FulfilmentState.REQUESTED.value,
    FulfilmentState.ACCEPTED.value,
    FulfilmentState.CANCEL_REQUESTED.value,
)
_BOTH_SIDES = sa.union_all(
    sa.select(
        _shipped.c.line_id,
        _shipped.c.item_id,
        _shipped.c.quantity.label("shipped"),
        _NONE.label("left"),
    )
    .join(_shipments, _shipments.c.id == _shipped.c.shipment_id)
    .where(_shipments.c.undone_at_ms.is_(None)),
    sa.select(UNITS.c.line_id, UNITS.c.item_id, _NONE, UNITS.c.quantity).where(
        UNITS.c.parcel_id != "",
        UNITS.c.state.not_in(sorted(state.value for state in _BEFORE_LEAVING)),
    ),
).subquery("both_sides")
_SHIPPED_IS_NOT_WHAT_LEFT = (
    sa.select(
        _BOTH_SIDES.c.line_id,
        _BOTH_SIDES.c.item_id,
        sa.cast(sa.func.sum(_BOTH_SIDES.c.shipped), sa.BigInteger).label("in_shipments"),
        sa.cast(sa.func.sum(_BOTH_SIDES.c.left), sa.BigInteger).label("units_that_left"),
    )
    .group_by(_BOTH_SIDES.c.line_id, _BOTH_SIDES.c.item_id)
    .having(sa.func.sum(_BOTH_SIDES.c.shipped) != sa.func.sum(_BOTH_SIDES.c.left))
)
_BOXES_OF_NOBODY = (
    sa.select(_parcels.c.id, _parcels.c.fulfilment_id)
    .outerjoin(_orders, _orders.c.id == _parcels.c.fulfilment_id)
    .where(_parcels.c.fulfilment_id != "", _orders.c.id.is_(None))
)
_AWAY_WITHOUT_SHIPMENT = (
    sa.select(_parcels.c.id, _parcels.c.state, _parcels.c.shipment_id)
    .outerjoin(_shipments, _shipments.c.id == _parcels.c.shipment_id)
    .where(
        _parcels.c.fulfilment_id != "",
        _parcels.c.state.in_(_AWAY),
        sa.or_(_shipments.c.id.is_(None), _shipments.c.undone_at_ms.is_not(None)),
    )
)
_PACKED_IN_NO_BOX = (
    sa.select(UNITS.c.id, UNITS.c.order_id, UNITS.c.parcel_id)
    .outerjoin(_parcels, _parcels.c.id == UNITS.c.parcel_id)
    .where(
        UNITS.c.state == LineState.PACKED.value,
        sa.or_(_parcels.c.id.is_(None), _parcels.c.state.not_in(_ON_DOCK)),
    )
)
_EMPTY_BOXES = (
    sa.select(_parcels.c.id, _parcels.c.sscc)
    .outerjoin(
        UNITS,
        sa.and_(UNITS.c.parcel_id == _parcels.c.id, UNITS.c.state.in_(_IN_BOXES)),
    )
    .where(_parcels.c.state.in_(_ON_DOCK), UNITS.c.id.is_(None))
)
_WORK_OF_NOBODY = (
    sa.select(UNITS.c.id, UNITS.c.order_id, UNITS.c.state, UNITS.c.fulfilment_id)
    .outerjoin(_orders, _orders.c.id == UNITS.c.fulfilment_id)
    .where(
        UNITS.c.state.in_(sorted(state.value for state in ON_THE_FLOOR)),
        sa.or_(
            _orders.c.id.is_(None),
            _orders.c.state.not_in(_WORKING),
            _orders.c.node_id != UNITS.c.node_id,
            _orders.c.order_id != UNITS.c.order_id,
        ),
    )
)
_OPEN_WITHOUT_WORK = (
    sa.select(_orders.c.id, _orders.c.number, _orders.c.state)
    .outerjoin(
        UNITS,
        sa.and_(
            UNITS.c.fulfilment_id == _orders.c.id,
            UNITS.c.state.in_(sorted(state.value for state in ON_THE_FLOOR)),
        ),
    )
    .where(_orders.c.state.in_(_WORKING), UNITS.c.id.is_(None))
)

CHECKS: Final = (
    Check(
        "shipments_are_what_left",
        "Of every order line as many units stand in shipments as have left.",
        from_statement(_SHIPPED_IS_NOT_WHAT_LEFT),
    ),
    Check(
        "boxes_have_work",
        "Every box belongs to a fulfilment order, or takes refused goods back.",
        from_statement(_BOXES_OF_NOBODY),
    ),
    Check(
        "boxes_left_with_shipments",
        "Every box that is away left with a shipment.",
        from_statement(_AWAY_WITHOUT_SHIPMENT),
    ),
    Check(
        "packed_units_have_boxes",
        "Every packed unit is in a closed box on a dock.",
        from_statement(_PACKED_IN_NO_BOX),
    ),
    Check(
        "boxes_are_not_empty",
        "Every closed box on a dock has units in it.",
        from_statement(_EMPTY_BOXES),
    ),
    Check(
        "work_has_fulfilment_orders",
        "Every unit a node works on belongs to a fulfilment order of that node that is open.",
        from_statement(_WORK_OF_NOBODY),
    ),
    Check(
        "fulfilment_orders_have_work",
        "Every open fulfilment order has units to work on.",
        from_statement(_OPEN_WITHOUT_WORK),
    ),
)
