"""Units across orders, set-based and without a lock: who has what, what waits, rows for checks."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.address import Address
from oms.orders.machine import HoldStage, LineState
from oms.orders.tables import line_slice, order_hold, order_line, sales_order
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

_BY_STATE: Final = (
    sa.select(line_slice.c.state, sa.func.sum(line_slice.c.quantity).label("units"))
    .group_by(line_slice.c.state)
    .order_by(line_slice.c.state)
)


class HeldUnits(msgspec.Struct, frozen=True, gc=False):
    """Units of an item that left for the customer, or are with them, from one order line."""

    order_id: str
    line_id: str
    item_id: str
    quantity: int
    placed_at_ms: int
    currency: str
    external_id: str
    line_external_id: str


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where an order goes and how it is to travel: what labels and slips need, without lines."""

    id: str
    number: str
    channel_id: str
    currency: str
    placed_at_ms: int
    deadline_ms: int | None
    ship_to: Address
    payment_terms: str
    locale: str
    shipping_choice: str


UNITS: Final = sa.select(
    line_slice.c.id,
    line_slice.c.order_id,
    line_slice.c.line_id,
    line_slice.c.item_id,
    line_slice.c.state,
    line_slice.c.node_id,
    line_slice.c.fulfilment_id,
    line_slice.c.parcel_id,
    line_slice.c.return_id,
    line_slice.c.quantity,
).subquery("units")
"""Slices as rows, for the statements of checks in packages above."""

_address: Final = msgspec.json.Decoder(Address)
_RETURNABLE: Final = (LineState.SHIPPED.value, LineState.DELIVERED.value)
_TEXTS: Final = ParameterRows("wanted", text=sa.Text)
_DESTINATION_FIELDS: Final = Destination.__struct_fields__
_DESTINATIONS: Final = sa.select(
    *(sales_order.c[name] for name in _DESTINATION_FIELDS)
).select_from(_TEXTS.source.join(sales_order, sales_order.c.id == _TEXTS.c.text))
_ITEMS: Final = ParameterRows("items", item_id=sa.Text)
_SOLD: Final = sa.select(
    sales_order.c.customer_id,
    line_slice.c.order_id,
    line_slice.c.line_id,
    line_slice.c.item_id,
    sa.cast(sa.func.sum(line_slice.c.quantity), sa.BigInteger).label("quantity"),
    sales_order.c.placed_at_ms,
    sales_order.c.currency,
    sales_order.c.external_id,
    order_line.c.external_id.label("line_external_id"),
)
_GROUP: Final = (
    sales_order.c.customer_id,
    line_slice.c.order_id,
    line_slice.c.line_id,
    line_slice.c.item_id,
    sales_order.c.placed_at_ms,
    sales_order.c.currency,
    sales_order.c.external_id,
    order_line.c.external_id,
)


def _sold_by(key: sa.Column[Any]) -> sa.Select[Any]:
    return (
        _SOLD.select_from(
            _TEXTS.source.join(sales_order, key == _TEXTS.c.text)
            .join(line_slice, line_slice.c.order_id == sales_order.c.id)
            .join(order_line, order_line.c.id == line_slice.c.line_id)
        )
        .where(line_slice.c.state.in_(_RETURNABLE))
        .group_by(*_GROUP)
    )


_WITH_CUSTOMERS: Final = _sold_by(sales_order.c.customer_id).where(
    line_slice.c.item_id.in_(sa.select(_ITEMS.c.item_id).select_from(_ITEMS.source))
)
_OF_ORDERS: Final = _sold_by(sales_order.c.id)
_HOLD_COVERS: Final = (
    sa.select(sa.literal_column("1"))
    .where(
        order_hold.c.order_id == line_slice.c.order_id,
        order_hold.c.released_at_ms.is_(None),
        order_hold.c.stage == HoldStage.RELEASE.value,
        order_hold.c.fulfilment_id == "",
        order_hold.c.line_id.in_(("", line_slice.c.line_id)),
    )
    .exists()
)
_TO_RELEASE: Final = (
    sa.select(line_slice.c.order_id)
    .join(sales_order, sales_order.c.id == line_slice.c.order_id)
    .where(
        line_slice.c.state == LineState.ALLOCATED.value,
        sales_order.c.channel_id.in_(sa.select(_TEXTS.c.text).select_from(_TEXTS.source)),
        ~_HOLD_COVERS,
    )
    .distinct()
    .order_by(line_slice.c.order_id)
    .limit(sa.bindparam("count"))
)


def destinations(reader: Reader, order_ids: Iterable[str]) -> dict[str, Destination]:
    """Where these orders go, by order id."""
    wanted = _TEXTS([(order_id,) for order_id in sorted(set(order_ids))])
    return {
        row.id: Destination(**dict(row._mapping) | {"ship_to": _address.decode(row.ship_to)})
        for row in reader.fetch(_DESTINATIONS, wanted)
    }


def units_with_customers(
    reader: Reader, wanted: Iterable[tuple[str, str]]
) -> list[tuple[str, HeldUnits]]:
    """For (customer id, item id): the customer's units of it that are shipped or delivered."""
    asked = set(wanted)
    if not asked:
        return []
    customers = _TEXTS([(customer_id,) for customer_id in sorted({each for each, _ in asked})])
    items = _ITEMS([(item_id,) for item_id in sorted({each for _, each in asked})])
    return [
        (row.customer_id, _held(row))
        for row in reader.fetch(_WITH_CUSTOMERS, customers, items)
        if (row.customer_id, row.item_id) in asked
    ]


def units_of_orders(reader: Reader, order_ids: Iterable[str]) -> list[HeldUnits]:
    """The units of these orders that are shipped or delivered."""
    wanted = _TEXTS([(order_id,) for order_id in sorted(set(order_ids))])
    return [_held(row) for row in reader.fetch(_OF_ORDERS, wanted)]


def units_by_state(reader: Reader) -> dict[str, int]:
    """How many units of all orders stand in each state; states without units are left out."""
    return {row.state: int(row.units) for row in reader.fetch(_BY_STATE)}


def orders_to_release(reader: Reader, channel_ids: Sequence[str], limit: int) -> list[str]:
    """Orders of these channels with allocated units that no hold stops, oldest first."""
    channels = _TEXTS([(channel_id,) for channel_id in channel_ids])
    return [row.order_id for row in reader.fetch(_TO_RELEASE, channels, count=limit)]


def _held(row: sa.Row[Any]) -> HeldUnits:
    return HeldUnits(
        row.order_id,
        row.line_id,
        row.item_id,
        row.quantity,
        row.placed_at_ms,
        row.currency,
        row.external_id,
        row.line_external_id,
    )
