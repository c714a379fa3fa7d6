"""Slices, holds and line money as rows and back: set-based, orders locked before they are read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.ledger.model import Account, Movement, Place
from oms.orders.events import ChargeShare
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import Hold, LineMoney, Position, Slice, Step, legs
from oms.orders.money import Split
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


class SliceKey(StrEnum):
    """What slices can be asked for by; the value is the column."""

    ORDER = "order_id"
    LINE = "line_id"
    FULFILMENT = "fulfilment_id"
    PARCEL = "parcel_id"
    RETURN = "return_id"


_STATES: Final = {str(state): state for state in LineState}
_split_decoder: Final = msgspec.json.Decoder(Split)
_PLACE_COLUMNS: Final = ("node_id", "lot_id", "fulfilment_id", "parcel_id", "return_id")
_MOVING: Final = ("state", *_PLACE_COLUMNS, "quantity")  # what a move can change of a slice
_SLICE_COLUMNS: Final = ("order_id", "line_id", "item_id", "state", *_PLACE_COLUMNS, "quantity")

_KEYS = ParameterRows("wanted", key=sa.Text)
_IDS = ParameterRows("named", id=sa.BigInteger)
_IN_ORDER: Final = (line_slice.c.order_id, line_slice.c.id)
_SLICE: Final = sa.select(line_slice.c.id, *(line_slice.c[name] for name in _SLICE_COLUMNS))


def _orders_named(key: SliceKey) -> sa.Select[tuple[str]]:
    if key is SliceKey.ORDER:
        return sa.select(_KEYS.c.key).select_from(_KEYS.source)
    table = order_line if key is SliceKey.LINE else line_slice
    column = order_line.c.id if key is SliceKey.LINE else line_slice.c[key]
    return sa.select(table.c.order_id).select_from(_KEYS.source.join(table, column == _KEYS.c.key))


def _locking(orders: sa.Select[tuple[str]]) -> sa.Select[tuple[str]]:
    """Locked against moving units; not against rows that only refer to the order, whose foreign
    keys would else wait in the wrong place (FOR NO KEY UPDATE).
    """
    order_id = sales_order.c.id
    statement = sa.select(order_id).where(order_id.in_(orders)).order_by(order_id)
    return statement.with_for_update(key_share=True)


_ORDERS_OF_SLICES: Final = sa.select(line_slice.c.order_id).select_from(
    _IDS.source.join(line_slice, line_slice.c.id == _IDS.c.id)
)
_LOCK: Final = {key: _locking(_orders_named(key)) for key in SliceKey}
_LOCK_BY_SLICES: Final = _locking(_ORDERS_OF_SLICES)
_BY_KEY: Final = {
    key: _SLICE.select_from(_KEYS.source.join(line_slice, line_slice.c[key] == _KEYS.c.key))
    .where(line_slice.c[key] != "")  # says so to the planner: the indexes are partial
    .order_by(*_IN_ORDER)
    for key in SliceKey
}
_BY_LINES: Final = _SLICE.select_from(
    _KEYS.source.join(order_line, order_line.c.id == _KEYS.c.key).join(
        line_slice,
        sa.and_(
            line_slice.c.order_id == order_line.c.order_id, line_slice.c.line_id == order_line.c.id
        ),
    )
).order_by(*_IN_ORDER)
_BY_SLICES: Final = _SLICE.where(line_slice.c.order_id.in_(_ORDERS_OF_SLICES)).order_by(*_IN_ORDER)
_REMOVE: Final = sa.delete(line_slice).where(
    line_slice.c.id.in_(sa.select(_IDS.c.id).select_from(_IDS.source))
)
_HOLDS: Final = sa.select(
    order_hold.c.id,
    order_hold.c.order_id,
    order_hold.c.line_id,
    order_hold.c.fulfilment_id,
    order_hold.c.stage,
    order_hold.c.reason,
).select_from(
    _KEYS.source.join(
        order_hold,
        sa.and_(order_hold.c.order_id == _KEYS.c.key, order_hold.c.released_at_ms.is_(None)),
    )
)
_LINE_MONEY: Final = (
    sa.select(
        order_line.c.id,
        order_line.c.order_id,
        order_line.c.item_id,
        order_line.c.unit_split,
        line_part.c.item_id.label("part_id"),
        line_part.c.units,
    )
    .select_from(
        _KEYS.source.join(order_line, order_line.c.order_id == _KEYS.c.key).outerjoin(
            line_part, line_part.c.line_id == order_line.c.id
        )
    )
    .order_by(order_line.c.order_id, order_line.c.position)
)
_CHARGES: Final = (
    sa.select(
        order_charge.c.id,
        order_charge.c.order_id,
        order_charge.c.net_minor,
        order_charge.c.tax_minor,
    )
    .select_from(_KEYS.source.join(order_charge, order_charge.c.order_id == _KEYS.c.key))
    .order_by(order_charge.c.order_id, order_charge.c.position)
)


def lock_slices(tx: Transaction, by: SliceKey, ids: Iterable[str]) -> list[Slice]:
    """The slices found by `ids`, their orders locked: nobody else moves units of these orders."""
    bound = _KEYS([(key,) for key in sorted({key for key in ids if key})])
    _lock(tx, _LOCK[by], bound)
    return _slices(tx.fetch(_BY_LINES if by is SliceKey.LINE else _BY_KEY[by], bound))


def lock_orders_of(tx: Transaction, slice_ids: Iterable[int]) -> list[Slice]:
    """All slices of the orders that the named slices belong to, these orders locked."""
    bound = _IDS([(slice_id,) for slice_id in sorted(set(slice_ids))])
    _lock(tx, _LOCK_BY_SLICES, bound)
    return _slices(tx.fetch(_BY_SLICES, bound))


def lock_orders(tx: Transaction, order_ids: Iterable[str]) -> set[str]:
    """Lock orders by id; answers those that exist."""
    bound = _KEYS([(key,) for key in sorted(set(order_ids))])
    return {row.id for row in tx.fetch(_LOCK[SliceKey.ORDER], bound)}


def read_slices(reader: Reader, by: SliceKey, ids: Iterable[str]) -> list[Slice]:
    """The same slices without a lock: to look, not to decide on."""
    bound = _KEYS([(key,) for key in sorted({key for key in ids if key})])
    return _slices(reader.fetch(_BY_LINES if by is SliceKey.LINE else _BY_KEY[by], bound))


def write_slices(tx: Transaction, before: Mapping[int, Slice], after: Iterable[Slice]) -> None:
    """Store the slices that are new or differ from what they were.

    Only what differs is named: SQLite writes every index anew whose column an update names.
    """
    changed: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    added = []
    for units in after:
        if units.id < 0:
            added.append(slice_row(units))
            continue
        was = before[units.id]
        columns = tuple(name for name in _MOVING if getattr(units, name) != getattr(was, name))
        if columns:
            row = {name: getattr(units, name) for name in columns}
            changed[columns].append(row | {"id": units.id})
    for rows in changed.values():
        tx.update(line_slice, rows, ("id",))
    tx.insert(line_slice, added)


def remove_slices(tx: Transaction, ids: Sequence[int]) -> None:
    """Forget slices whose units have all gone into others."""
    if ids:
        tx.run(_REMOVE, _IDS([(slice_id,) for slice_id in ids]))


def slice_row(units: Slice) -> dict[str, Any]:
    """A slice as a row, without its id."""
    return {name: getattr(units, name) for name in _SLICE_COLUMNS}


def active_holds(reader: Reader, order_ids: Iterable[str]) -> list[Hold]:
    """Holds that stop something of these orders now."""
    rows = reader.fetch(_HOLDS, _KEYS([(key,) for key in sorted(set(order_ids))]))
    return [
        Hold(row.id, row.order_id, row.line_id, row.fulfilment_id, HoldStage(row.stage), row.reason)
        for row in rows
    ]


def line_money(reader: Reader, order_ids: Iterable[str]) -> dict[str, LineMoney]:
    """Per line of these orders, by line id: its parts and the money of its units."""
    found: dict[str, LineMoney] = {}
    for row in reader.fetch(_LINE_MONEY, _KEYS([(key,) for key in sorted(set(order_ids))])):
        known = found.get(row.id)
        if known is None:
            parts = {row.part_id: row.units} if row.part_id else {row.item_id or "": 1}
            found[row.id] = LineMoney(row.order_id, parts, _split_decoder.decode(row.unit_split))
        else:
            known.parts[row.part_id] = row.units
    return found


def charge_shares(reader: Reader, order_ids: Iterable[str]) -> dict[str, list[ChargeShare]]:
    """The charges of these orders, by order."""
    found: dict[str, list[ChargeShare]] = {}
    for row in reader.fetch(_CHARGES, _KEYS([(key,) for key in sorted(set(order_ids))])):
        share = ChargeShare(row.id, row.net_minor, row.tax_minor)
        found.setdefault(row.order_id, []).append(share)
    return found


def movements(steps: Iterable[Step]) -> list[Movement]:
    """What the goods ledger is told about these steps."""
    return [
        Movement(
            item_id=step.after.item_id,
            quantity=step.after.quantity,
            source=_place(source),
            target=_place(target),
            move=step.name,
            order_id=step.after.order_id,
            line_id=step.after.line_id,
            document_id=step.after.return_id
            or step.after.fulfilment_id
            or step.before.fulfilment_id,
        )
        for step in steps
        for source, target in legs(step)
    ]


@lru_cache(maxsize=4_096)
def _place(position: Position) -> Place:
    return Place(Account(position.account), position.node_id, position.lot_id)


def _lock(tx: Transaction, statement: sa.Select[tuple[str]], bound: Any) -> None:
    if tx.dialect == "postgresql":  # SQLite has one writer: it needs no row locks
        tx.fetch(statement, bound)


def _slices(rows: Iterable[sa.Row[Any]]) -> list[Slice]:
    return [
        Slice(
            id=row.id,
            order_id=row.order_id,
            line_id=row.line_id,
            item_id=row.item_id,
            state=_STATES[row.state],
            node_id=row.node_id,
            lot_id=row.lot_id,
            fulfilment_id=row.fulfilment_id,
            parcel_id=row.parcel_id,
            return_id=row.return_id,
            quantity=row.quantity,
        )
        for row in rows
    ]
