"""New orders as rows: found by what their channel calls them, written in a few statements."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from connectors.contract.messages import ChannelOrder
from oms.orders.intake.model import Newborn, NewLine, Priced, search_text
from oms.orders.model import Slice
from oms.orders.tables import (
    line_part,
    line_slice,
    order_charge,
    order_hold,
    order_line,
    sales_order,
)
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

External = tuple[str, str]
"""Channel id and the channel's own id of an order."""

_WANTED = ParameterRows("told", channel_id=sa.Text, external_id=sa.Text)
_KNOWN: Final = sa.select(
    sales_order.c.channel_id,
    sales_order.c.external_id,
    sales_order.c.id,
    sales_order.c.number,
    sales_order.c.content_hash,
).select_from(
    _WANTED.source.join(
        sales_order,
        sa.and_(
            sales_order.c.channel_id == _WANTED.c.channel_id,
            sales_order.c.external_id == _WANTED.c.external_id,
        ),
    )
)
_encode: Final = msgspec.json.Encoder().encode
_NO_EXTRA: Final = "{}"
_NO_PAYMENTS: Final = "[]"


class Known(msgspec.Struct, frozen=True):
    """An order we have already."""

    order_id: str
    number: str
    content_hash: str


def known_orders(reader: Reader, names: Iterable[External]) -> dict[External, Known]:
    """Orders by channel and external id, for those that exist."""
    wanted = sorted(set(names))
    return {
        (row[0], row[1]): Known(row[2], row[3], row[4])
        for row in (reader.fetch(_KNOWN, _WANTED(wanted)) if wanted else ())
    }


def add_orders(tx: Transaction, newborns: Sequence[Newborn]) -> None:
    """Write new orders with all that belongs to them."""
    tx.insert(sales_order, [_header_row(each, tx.now_ms) for each in newborns])
    add_lines(
        tx, [(each.prospect.order_id, line) for each in newborns for line in each.prospect.lines]
    )
    charges = [
        (each.prospect.order_id, each.prospect.command.order, each.prospect.priced)
        for each in newborns
        if each.prospect.priced.charges
    ]
    add_charges(tx, charges)
    add_slices(tx, [units for each in newborns for units in each.slices])
    tx.insert(order_hold, [row for each in newborns for row in _hold_rows(each, tx.now_ms)])


def add_lines(tx: Transaction, lines: Sequence[tuple[str, NewLine]]) -> None:
    """Write lines, each with the id of its order, and what bundles are made of."""
    tx.insert(order_line, [line_row(order_id, line) for order_id, line in lines])
    add_parts(tx, [line for _, line in lines])


def add_parts(tx: Transaction, lines: Sequence[NewLine]) -> None:
    """Write what the bundles among these lines are made of."""
    tx.insert(
        line_part,
        [
            {"line_id": line.id, "item_id": part_id, "units": units}
            for line in lines
            if line.item and line.item.parts
            for part_id, units in line.item.parts
        ],
    )


def add_slices(tx: Transaction, slices: Sequence[Slice]) -> None:
    """Write units that nothing has happened to, save that a node may have been found."""
    tx.insert(
        line_slice,
        [
            {
                "order_id": units.order_id,
                "line_id": units.line_id,
                "item_id": units.item_id,
                "state": units.state.value,
                "node_id": units.node_id,
                "quantity": units.quantity,
            }
            for units in slices
        ],
    )


def add_charges(tx: Transaction, orders: Sequence[tuple[str, ChannelOrder, Priced]]) -> None:
    """Write the charges of orders, each given with its id and its prices."""
    tx.insert(
        order_charge,
        [
            {
                "id": tx.new_id("chg"),
                "order_id": order_id,
                "position": position,
                "kind": charge.kind.value,
                "title": charge.title,
                "net_minor": net,
                "tax_minor": tax,
                "tax_rate_bp": charge.tax_rate,
            }
            for order_id, order, priced in orders
            for position, (charge, (net, tax)) in enumerate(
                zip(order.charges, priced.charges, strict=True)
            )
        ],
    )


def line_row(order_id: str, line: NewLine) -> dict[str, Any]:
    """A line as a row."""
    told, item, priced = line.told, line.item, line.priced
    return {
        "id": line.id,
        "order_id": order_id,
        "position": line.position,
        "external_id": told.external_id,
        "listing_sku": told.sku,
        "item_id": item.id if item else None,
        "title": told.title or (item.name if item else ""),
        "quantity": told.quantity,
        "unit_price_minor": told.unit_price_minor,
        "net_minor": priced.net_minor,
        "tax_minor": priced.tax_minor,
        "tax_rate_bp": told.tax_rate,
        "unit_split": _encode(priced.split).decode(),
        "extra": _encode(told.extra).decode() if told.extra else _NO_EXTRA,
    }


def header_extra(order: ChannelOrder) -> str:
    """What the header keeps beside its columns, as JSON."""
    extra = dict(order.extra)
    if order.note:
        extra["note"] = order.note
    if order.is_gift:
        extra["is_gift"] = "true"
    return _encode(extra).decode() if extra else _NO_EXTRA


def _header_row(new: Newborn, now_ms: int) -> dict[str, Any]:
    order, priced = new.prospect.command.order, new.prospect.priced
    customer = order.customer
    return {
        "id": new.prospect.order_id,
        "number": new.number,
        "channel_id": new.prospect.command.channel_id,
        "external_id": order.external_id,
        "external_number": order.external_number,
        "content_hash": new.prospect.content_hash,
        "customer_id": new.customer_id,
        "currency": order.currency,
        "placed_at_ms": order.placed_at_ms,
        "received_at_ms": now_ms,
        "deadline_ms": order.deadline_ms,
        "country": order.ship_to.country,
        "ship_to": _encode(order.ship_to).decode(),
        "bill_to": _encode(order.bill_to).decode() if order.bill_to else "",
        "payment_terms": order.payment_terms.value,
        "prices_include_tax": order.prices_include_tax,
        "locale": customer.locale if customer else "",
        "shipping_choice": order.shipping_choice,
        "goods_minor": priced.goods_minor,
        "discount_minor": priced.discount_minor,
        "charges_minor": priced.charges_minor,
        "tax_minor": priced.tax_minor,
        "total_minor": priced.total_minor,
        "payments": _encode(order.payments).decode() if order.payments else _NO_PAYMENTS,
        "extra": header_extra(order),
        "search": search_text(order, new.number),
    }


def _hold_rows(new: Newborn, now_ms: int) -> list[dict[str, Any]]:
    return [
        {
            "id": hold.id,
            "order_id": hold.order_id,
            "line_id": hold.line_id,
            "stage": hold.stage.value,
            "reason": hold.reason,
            "note": wanted.note,
            "placed_at_ms": now_ms,
            "placed_by": new.prospect.command.cause.actor,
        }
        for hold, wanted in zip(new.prospect.holds, new.prospect.wanted_holds, strict=True)
    ]
