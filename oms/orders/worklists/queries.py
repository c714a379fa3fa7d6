"""The lists as conditions on orders, and why an order needs a person."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from oms.orders.changes.machine import ChangeState
from oms.orders.machine import LineState
from oms.orders.tables import line_slice, order_change, order_hold, sales_order
from oms.orders.worklists.model import OrderSet, Reason, ReasonKind
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

_ORDER: Final = sales_order.c


def _in_states(*states: LineState) -> sa.Select[tuple[str]]:
    """Orders with units in these states. Spelled out, so that SQLite sees its partial index."""
    column = line_slice.c.state
    spelled = (column == sa.literal_column(f"'{state.value}'") for state in states)
    return sa.select(line_slice.c.order_id).where(sa.or_(*spelled))


_S: Final = LineState
_BEFORE_SHIPPING: Final = (
    *(_S.OPEN, _S.BACKORDERED, _S.ALLOCATED, _S.RELEASED, _S.PICKED, _S.PACKED),
    _S.READY_FOR_PICKUP,
)
_HELD: Final = sa.select(order_hold.c.order_id).where(order_hold.c.released_at_ms.is_(None))
_CHANGED: Final = sa.select(order_change.c.order_id).where(
    order_change.c.state == sa.literal_column(f"'{ChangeState.PROPOSED.value}'")
)
_LATE: Final = sa.and_(
    _ORDER.deadline_ms < sa.bindparam("now_ms"), _ORDER.id.in_(_in_states(*_BEFORE_SHIPPING))
)
AMONG: Final[dict[OrderSet, sa.ColumnElement[bool]]] = {
    OrderSet.ATTENTION: sa.or_(
        _ORDER.id.in_(_HELD),
        _ORDER.id.in_(_in_states(_S.OPEN, _S.BACKORDERED, _S.LOST)),
        _ORDER.id.in_(_CHANGED),
        _LATE,
    ),
    OrderSet.OPEN: _ORDER.id.in_(_in_states(*_BEFORE_SHIPPING)),
    OrderSet.HELD: _ORDER.id.in_(_HELD),
    OrderSet.TO_RELEASE: sa.and_(_ORDER.id.in_(_in_states(_S.ALLOCATED)), _ORDER.id.not_in(_HELD)),
    OrderSet.TO_PICK: _ORDER.id.in_(_in_states(_S.RELEASED)),
    OrderSet.TO_PACK: _ORDER.id.in_(_in_states(_S.PICKED)),
    OrderSet.PACKED: _ORDER.id.in_(_in_states(_S.PACKED)),
    OrderSet.LATE: _LATE,
    OrderSet.LOST: _ORDER.id.in_(_in_states(_S.LOST)),
    OrderSet.CHANGED: _ORDER.id.in_(_CHANGED),
    OrderSet.WAITING: _ORDER.id.in_(_in_states(_S.OPEN)),
    OrderSet.BACKORDERED: _ORDER.id.in_(_in_states(_S.BACKORDERED)),
}
NEEDS_NOW: Final = (OrderSet.ATTENTION, OrderSet.LATE)
DUE: Final = sa.func.coalesce(_ORDER.deadline_ms, sa.literal_column(str(2**53)))
"""When it must leave; orders nobody waits for come last."""

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_HOLDS: Final = (
    sa.select(order_hold.c.order_id, order_hold.c.id, order_hold.c.stage, order_hold.c.reason)
    .select_from(_WANTED.source.join(order_hold, order_hold.c.order_id == _WANTED.c.id))
    .where(order_hold.c.released_at_ms.is_(None))
    .order_by(order_hold.c.order_id, order_hold.c.placed_at_ms)
)
_CHANGES: Final = (
    sa.select(order_change.c.order_id, order_change.c.id)
    .select_from(_WANTED.source.join(order_change, order_change.c.order_id == _WANTED.c.id))
    .where(order_change.c.state == ChangeState.PROPOSED.value)
)
_UNITS: Final = (
    sa.select(
        line_slice.c.order_id,
        line_slice.c.state,
        sa.cast(sa.func.sum(line_slice.c.quantity), sa.BigInteger).label("units"),
        _ORDER.deadline_ms,
    )
    .select_from(
        _WANTED.source.join(line_slice, line_slice.c.order_id == _WANTED.c.id).join(
            sales_order, _ORDER.id == line_slice.c.order_id
        )
    )
    .group_by(line_slice.c.order_id, line_slice.c.state, _ORDER.deadline_ms)
)
_OF_STATE: Final = {
    _S.LOST: ReasonKind.LOST,
    _S.OPEN: ReasonKind.WAITING,
    _S.BACKORDERED: ReasonKind.BACKORDERED,
}
_PRESSING: Final = {kind: rank for rank, kind in enumerate(ReasonKind)}


def reasons(reader: Reader, order_ids: Iterable[str]) -> dict[str, list[Reason]]:
    """Why each of these orders needs a person, the most pressing first; others are left out."""
    bound = _WANTED([(order_id,) for order_id in sorted(set(order_ids))])
    found: dict[str, list[Reason]] = defaultdict(list)
    for row in reader.fetch(_HOLDS, bound):
        held = Reason(kind=ReasonKind.HELD, words=row.reason, stage=row.stage, subject_id=row.id)
        found[row.order_id].append(held)
    for row in reader.fetch(_CHANGES, bound):
        found[row.order_id].append(Reason(kind=ReasonKind.CHANGED, subject_id=row.id))
    late = set()
    for row in reader.fetch(_UNITS, bound):
        state = LineState(row.state)
        if state in _OF_STATE:
            found[row.order_id].append(Reason(kind=_OF_STATE[state], units=row.units))
        is_due = row.deadline_ms is not None and row.deadline_ms < reader.now_ms
        if is_due and state in _BEFORE_SHIPPING:
            late.add(row.order_id)
    for order_id in late:
        found[order_id].append(Reason(kind=ReasonKind.LATE))
    return {
        order_id: sorted(each, key=lambda reason: _PRESSING[reason.kind])
        for order_id, each in found.items()
    }
