"""Orders as other packages read them: whole, set-based, without a lock."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.address import Address
from oms.kernel.events import wire_name
from oms.orders import store
from oms.orders.events import LinesMoved, PaymentNote
from oms.orders.facts import ChargeFacts, LineFacts, OrderFacts
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import Hold, Slice
from oms.orders.money import Split
from oms.orders.proof import queries as proof
from oms.orders.store import SliceKey
from oms.orders.tables import (
    line_part,
    line_slice,
    order_charge,
    order_hold,
    order_line,
    sales_order,
)
from oms.platform.event_log import event_table
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

_HEADER_FIELDS: Final = tuple(
    name for name in OrderFacts.__struct_fields__ if name not in ("lines", "charges")
)
_LINE_FIELDS: Final = tuple(name for name in LineFacts.__struct_fields__ if name != "parts")
_CHARGE_FIELDS: Final = ChargeFacts.__struct_fields__
_address: Final = msgspec.json.Decoder(Address)
_payments: Final = msgspec.json.Decoder(tuple[PaymentNote, ...])
_extra: Final = msgspec.json.Decoder(dict[str, str])
_split: Final = msgspec.json.Decoder(Split)

_WANTED = ParameterRows("wanted", id=sa.Text)
_HEADERS: Final = sa.select(*(sales_order.c[name] for name in _HEADER_FIELDS)).select_from(
    _WANTED.source.join(sales_order, sales_order.c.id == _WANTED.c.id)
)
_LINES: Final = (
    sa.select(
        order_line.c.order_id,
        *(order_line.c[name] for name in _LINE_FIELDS),
        line_part.c.item_id.label("part_id"),
        line_part.c.units.label("part_units"),
    )
    .select_from(
        _WANTED.source.join(order_line, order_line.c.order_id == _WANTED.c.id).outerjoin(
            line_part, line_part.c.line_id == order_line.c.id
        )
    )
    .order_by(order_line.c.order_id, order_line.c.position, line_part.c.item_id)
)
_CHARGES: Final = (
    sa.select(order_charge.c.order_id, *(order_charge.c[name] for name in _CHARGE_FIELDS))
    .select_from(_WANTED.source.join(order_charge, order_charge.c.order_id == _WANTED.c.id))
    .order_by(order_charge.c.order_id, order_charge.c.position)
)
_EXTERNAL = ParameterRows("told", channel_id=sa.Text, external_id=sa.Text)
_BY_EXTERNAL: Final = sa.select(
    sales_order.c.channel_id, sales_order.c.external_id, sales_order.c.id
).select_from(
    _EXTERNAL.source.join(
        sales_order,
        sa.and_(
            sales_order.c.channel_id == _EXTERNAL.c.channel_id,
            sales_order.c.external_id == _EXTERNAL.c.external_id,
        ),
    )
)

_ITEMS = ParameterRows("items", id=sa.Text)
_is_stopped: Final = (
    sa.select(order_hold.c.id)
    .where(
        order_hold.c.order_id == line_slice.c.order_id,
        order_hold.c.line_id.in_(["", line_slice.c.line_id]),
        order_hold.c.stage == HoldStage.ALLOCATION.value,
        order_hold.c.released_at_ms.is_(None),
    )
    .exists()
)
_WAITING: Final = (
    sa.select(line_slice.c.order_id)
    .distinct()
    .select_from(_ITEMS.source.join(line_slice, line_slice.c.item_id == _ITEMS.c.id))
    .where(
        line_slice.c.state == sa.literal_column(f"'{LineState.OPEN.value}'"),  # the index says so
        line_slice.c.order_id > sa.bindparam("after"),
        ~_is_stopped,
    )
    .order_by(line_slice.c.order_id)
    .limit(sa.bindparam("count"))
)
_REJECTIONS: Final = sa.select(event_table.c.entity, event_table.c.body).select_from(
    _WANTED.source.join(
        event_table,
        sa.and_(
            event_table.c.entity == _WANTED.c.id,
            event_table.c.type == wire_name(LinesMoved),
            event_table.c.body.like('%"node_reject"%'),
        ),
    )
)
_moved: Final = msgspec.json.Decoder(LinesMoved)


def orders_for(reader: Reader, order_ids: Iterable[str]) -> list[OrderFacts]:
    """These orders in the order asked for, each once; unknown ids are left out."""
    wanted = list(dict.fromkeys(order_ids))
    if not wanted:
        return []
    bound = _WANTED([(order_id,) for order_id in wanted])
    lines = _lines(reader.fetch(_LINES, bound))
    charges: dict[str, list[ChargeFacts]] = defaultdict(list)
    for row in reader.fetch(_CHARGES, bound):
        values = {name: getattr(row, name) for name in _CHARGE_FIELDS}
        charges[row.order_id].append(ChargeFacts(**values))
    found = {
        row.id: _order(row, tuple(lines[row.id]), tuple(charges[row.id]))
        for row in reader.fetch(_HEADERS, bound)
    }
    return [found[order_id] for order_id in wanted if order_id in found]


def slices_of(reader: Reader, by: SliceKey, ids: Iterable[str]) -> list[Slice]:
    """Slices as they are now, without a lock: to show, not to decide on."""
    return store.read_slices(reader, by, ids)


def holds_at(reader: Reader, order_ids: Iterable[str], stage: HoldStage) -> dict[str, list[Hold]]:
    """Holds that stop `stage` for these orders or parts of them, by order id."""
    found: dict[str, list[Hold]] = {}
    for hold in store.active_holds(reader, order_ids):
        if hold.stage is stage:
            found.setdefault(hold.order_id, []).append(hold)
    return found


def ids_by_external(reader: Reader, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Order ids by (channel id, external id), for those that exist."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    rows = reader.fetch(_BY_EXTERNAL, _EXTERNAL(wanted))
    return {(row.channel_id, row.external_id): row.id for row in rows}


def waiting_orders(reader: Reader, item_ids: Iterable[str], after: str, count: int) -> list[str]:
    """Ids of orders with open units of these items that no hold stops, oldest first.

    At most `count`, those that follow the id `after`.
    """
    bound = _ITEMS([(item_id,) for item_id in sorted(set(item_ids))])
    return [row.order_id for row in reader.fetch(_WAITING, bound, after=after, count=count)]


def rejecting_nodes(reader: Reader, order_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """The nodes that gave units of these orders back, by order id."""
    wanted = [(order_id,) for order_id in sorted(set(order_ids))]
    found: dict[str, set[str]] = defaultdict(set)
    for row in reader.fetch(_REJECTIONS, _WANTED(wanted)) if wanted else ():
        moves = _moved.decode(row.body).moves
        found[row.entity] |= {each.node_id for each in moves if each.name == "node_reject"}
    return {order_id: frozenset(node_ids) for order_id, node_ids in found.items()}


def _lines(rows: Iterable[sa.Row[Any]]) -> dict[str, list[LineFacts]]:
    values: dict[str, dict[str, Any]] = {}
    parts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    order_of: dict[str, str] = {}
    for row in rows:
        if row.id not in values:
            values[row.id] = {name: getattr(row, name) for name in _LINE_FIELDS}
            order_of[row.id] = row.order_id
        if row.part_id:
            parts[row.id].append((row.part_id, row.part_units))
        elif row.item_id:
            parts[row.id].append((row.item_id, 1))
    lines: dict[str, list[LineFacts]] = defaultdict(list)
    for line_id, fields in values.items():
        fields |= {
            "unit_split": _split.decode(fields["unit_split"]),
            "extra": _extra.decode(fields["extra"]),
        }
        lines[order_of[line_id]].append(LineFacts(**fields, parts=tuple(parts[line_id])))
    return lines


def _order(
    row: sa.Row[Any], lines: tuple[LineFacts, ...], charges: tuple[ChargeFacts, ...]
) -> OrderFacts:
    fields = {name: getattr(row, name) for name in _HEADER_FIELDS}
    fields |= {
        "ship_to": _address.decode(row.ship_to),
        "bill_to": _address.decode(row.bill_to) if row.bill_to else None,
        "payments": _payments.decode(row.payments),
        "extra": _extra.decode(row.extra),
    }
    return OrderFacts(**fields, lines=lines, charges=charges)


CHECKS: Final = proof.CHECKS
"""What `oms check` proves about orders."""
