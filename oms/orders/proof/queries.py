"""What must hold about orders, as statements that find the rows that break it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.inventory.reservations.queries import HELD_UNITS
from oms.kernel.events import wire_name
from oms.ledger import goods
from oms.ledger.check import Check, Row, from_statement
from oms.ledger.model import Account
from oms.orders.events import OrderPlaced
from oms.orders.machine import STATES, LineState
from oms.orders.money import Split
from oms.orders.tables import (
    line_part,
    line_slice,
    order_charge,
    order_line,
    quarantine,
    sales_order,
)
from oms.platform.event_log import event_table
from oms.platform.transaction import Reader

_MIRRORED: Final = (
    Account.RESERVED,
    Account.PICKED,
    Account.PACKED,
    Account.PICKUP_SHELF,
    Account.TRANSIT_OUT,
    Account.TRANSIT_RETURNS,
    Account.INBOUND,
)
"""Accounts that hold nothing but units of orders, and in RESERVED of reservations."""

_NONE: Final = sa.literal_column("0", sa.BigInteger)
_split: Final = msgspec.json.Decoder(Split).decode
Key = tuple[str, str, str, str]


def _total(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def _disagreeing(sold: sa.Select[Any], counted: sa.Select[Any], keys: int) -> sa.Select[Any]:
    """Keys whose sold units are not the counted ones; both select (keys…, sold, counted)."""
    both = sa.union_all(sold, counted).subquery("both_sides")
    columns, amounts = list(both.c)[:keys], list(both.c)[keys:]
    return (
        sa.select(*columns, *(_total(amount).label(amount.name) for amount in amounts))
        .group_by(*columns)
        .having(sa.func.sum(amounts[0]) != sa.func.sum(amounts[1]))
        .order_by(*columns)
    )


_UNITS = _disagreeing(
    sa.select(
        order_line.c.order_id,
        order_line.c.id.label("line_id"),
        sa.func.coalesce(line_part.c.item_id, order_line.c.item_id, "").label("item_id"),
        (order_line.c.quantity * sa.func.coalesce(line_part.c.units, 1)).label("sold"),
        _NONE.label("in_slices"),
    ).outerjoin(line_part, line_part.c.line_id == order_line.c.id),
    sa.select(
        line_slice.c.order_id,
        line_slice.c.line_id,
        line_slice.c.item_id,
        _NONE,
        line_slice.c.quantity,
    ),
    keys=3,
)
_SLICES: Final = sa.select(
    line_slice.c.state,
    line_slice.c.item_id,
    line_slice.c.node_id,
    line_slice.c.lot_id,
    _total(line_slice.c.quantity).label("units"),
).group_by(line_slice.c.state, line_slice.c.item_id, line_slice.c.node_id, line_slice.c.lot_id)

_of_lines = (
    sa.select(
        order_line.c.order_id,
        _total(order_line.c.net_minor).label("net_minor"),
        _total(order_line.c.tax_minor).label("tax_minor"),
    )
    .group_by(order_line.c.order_id)
    .subquery("of_lines")
)
_of_charges = (
    sa.select(
        order_charge.c.order_id,
        _total(order_charge.c.net_minor).label("net_minor"),
        _total(order_charge.c.tax_minor).label("tax_minor"),
    )
    .group_by(order_charge.c.order_id)
    .subquery("of_charges")
)


def _or_zero(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(column, 0)


_TOTALS = (
    sa.select(
        sales_order.c.id,
        sales_order.c.number,
        sales_order.c.goods_minor,
        _or_zero(_of_lines.c.net_minor).label("lines_minor"),
        sales_order.c.charges_minor,
        _or_zero(_of_charges.c.net_minor).label("charges_sum_minor"),
        sales_order.c.tax_minor,
    )
    .outerjoin(_of_lines, _of_lines.c.order_id == sales_order.c.id)
    .outerjoin(_of_charges, _of_charges.c.order_id == sales_order.c.id)
    .where(
        (sales_order.c.goods_minor != _or_zero(_of_lines.c.net_minor))
        | (sales_order.c.charges_minor != _or_zero(_of_charges.c.net_minor))
        | (
            sales_order.c.tax_minor
            != _or_zero(_of_lines.c.tax_minor) + _or_zero(_of_charges.c.tax_minor)
        )
    )
    .order_by(sales_order.c.id)
)
_LINE_SPLITS: Final = sa.select(
    order_line.c.id,
    order_line.c.order_id,
    order_line.c.quantity,
    order_line.c.net_minor,
    order_line.c.tax_minor,
    order_line.c.unit_split,
)
_is_placed = sa.and_(
    event_table.c.entity == sales_order.c.id, event_table.c.type == wire_name(OrderPlaced)
)
_UNTOLD = (
    sa.select(sales_order.c.id, sales_order.c.number)
    .outerjoin(event_table, _is_placed)
    .where(event_table.c.number.is_(None))
)
_NO_ORDER = (
    sa.select(event_table.c.entity, event_table.c.number)
    .outerjoin(sales_order, sales_order.c.id == event_table.c.entity)
    .where(event_table.c.type == wire_name(OrderPlaced), sales_order.c.id.is_(None))
)
_RESOLVED_TO_NOTHING = (
    sa.select(quarantine.c.id, quarantine.c.channel_id, quarantine.c.source, quarantine.c.order_id)
    .outerjoin(sales_order, sales_order.c.id == quarantine.c.order_id)
    .where(quarantine.c.state == "resolved", sales_order.c.id.is_(None))
)


def _misplaced(reader: Reader) -> Iterator[Row]:
    """Places where the goods ledger and the slices count differently."""
    counted = Counter[Key]()
    for row in reader.stream(_SLICES):
        account = STATES[LineState(row.state)].stock_account
        if account is not None and account in _MIRRORED:
            node_id = row.node_id if account.startswith("node:") else ""
            counted[account, row.item_id, node_id, row.lot_id] += row.units
    for held in reader.stream(HELD_UNITS):
        counted[Account.RESERVED.value, held.item_id, held.node_id, ""] += held.units
    kept = Counter[Key]()
    for balance in goods.balances(reader, accounts=_MIRRORED):
        kept[balance.account.value, balance.item_id, balance.node_id, balance.lot_id] = (
            balance.units
        )
    for key in sorted(counted.keys() | kept.keys()):
        if counted[key] != kept[key]:
            account, item_id, node_id, lot_id = key
            yield {
                "account": account,
                "item_id": item_id,
                "node_id": node_id,
                "lot_id": lot_id,
                "in_ledger": kept[key],
                "in_slices": counted[key],
            }


def _missplit(reader: Reader) -> Iterator[Row]:
    """Lines whose split is not their quantity, net and tax."""
    for row in reader.stream(_LINE_SPLITS):
        split = _split(row.unit_split)
        sums = (
            sum(count for count, _, _ in split),
            sum(count * net for count, net, _ in split),
            sum(count * tax for count, _, tax in split),
        )
        if sums != (row.quantity, row.net_minor, row.tax_minor):
            yield row._asdict()


CHECKS: Final = (
    Check(
        "order_line_units",
        "Every unit of every line is in exactly one slice.",
        from_statement(_UNITS),
    ),
    Check(
        "order_units_in_ledger",
        "Units of orders stand where their state says, as the goods ledger counts them.",
        _misplaced,
    ),
    Check(
        "order_totals",
        "An order's totals are the sums of its lines and charges.",
        from_statement(_TOTALS),
    ),
    Check(
        "order_line_splits",
        "The units of a line share its quantity, net and tax without a rest.",
        _missplit,
    ),
    Check(
        "orders_told",
        "Every order was told when it was placed.",
        from_statement(_UNTOLD),
    ),
    Check(
        "orders_kept",
        "Every order that was told is there.",
        from_statement(_NO_ORDER),
    ),
    Check(
        "quarantine_resolved",
        "Every quarantined payload that was resolved became an order that is there.",
        from_statement(_RESOLVED_TO_NOTHING),
    ),
)
