"""Counts and the newest orders of a span of time: every statement is bounded by an index."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.address import Coordinates
from oms.kernel.clock import HOUR_MS
from oms.orders.intake.model import UNKNOWN_LISTING
from oms.orders.machine import LineState
from oms.orders.tables import line_slice, order_hold, order_line, quarantine, sales_order
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

Span = tuple[int, int]
"""From this moment on, before that one."""
Reached = tuple[str, ...] | None
"""Ids of the channels within reach; None for all."""

_O: Final = sales_order.c
_U: Final = line_slice.c
_S: Final = LineState
_SPANS: Final = ParameterRows(
    "spans", place=sa.BigInteger, from_ms=sa.BigInteger, to_ms=sa.BigInteger
)
_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_NOT_PACKED: Final = (_S.OPEN, _S.BACKORDERED, _S.ALLOCATED, _S.RELEASED, _S.PICKED)
_IN_HOUSE: Final = (*_NOT_PACKED, _S.PACKED, _S.READY_FOR_PICKUP)
_NO_NODE: Final = (_S.DRAFT, _S.OPEN, _S.BACKORDERED)
_REACHED: Final = _O.channel_id.in_(sa.bindparam("channel_ids", expanding=True))


class Goal(msgspec.Struct, frozen=True, gc=False):
    """Where an order goes, as far as a map needs it."""

    country: str
    city: str = ""
    at: Coordinates | None = None


class Course(msgspec.Struct, frozen=True, gc=False):
    """An order on its way: its only node, or `nodes` > 1 of them; units in the house, without a
    node yet, cancelled, and in all.
    """

    id: str
    channel_id: str
    deadline_ms: int | None
    goal: Goal
    node_id: str
    nodes: int
    in_house: int
    waiting: int
    cancelled: int
    units: int
    is_held: bool


class Promise(msgspec.Struct, frozen=True, gc=False):
    """When an order was placed and when it must leave."""

    id: str
    channel_id: str
    placed_at_ms: int
    deadline_ms: int | None


class Due(msgspec.Struct, frozen=True, gc=False):
    """Orders with units that are not packed and must leave within the hour from `first_ms` on."""

    first_ms: int
    orders: int


class Unmapped(msgspec.Struct, frozen=True, gc=False):
    """A channel's name nobody mapped, and how many orders wait for it since when."""

    channel_id: str
    listing_sku: str
    title: str
    orders: int
    since_ms: int


def placed(reader: Reader, spans: Sequence[Span], reached: Reached) -> list[int]:
    """How many orders were placed in each span."""
    bound = _SPANS([(place, *span) for place, span in enumerate(spans)])
    found = dict(reader.fetch(_placed(reached is not None), bound, **_given(reached)))
    return [int(found.get(place, 0)) for place in range(len(spans))]


def placed_by_channel(reader: Reader, span: Span) -> dict[str, int]:
    """How many orders each channel brought in a span."""
    return {row[0]: row[1] for row in reader.fetch(_BY_CHANNEL, from_ms=span[0], to_ms=span[1])}


def last_placed(reader: Reader, among: int) -> dict[str, int]:
    """When each channel's last order came in, among the newest ones of all."""
    return {row[0]: row[1] for row in reader.fetch(_LAST, among=among)}


def courses(reader: Reader, span: Span, reached: Reached, count: int) -> list[Course]:
    """The newest orders of a span with where they are."""
    given = {"from_ms": span[0], "to_ms": span[1], "count": count}
    rows = reader.fetch(_courses(reached is not None), **given, **_given(reached))
    return [_course(row) for row in rows]


def promises(reader: Reader, order_ids: Iterable[str]) -> dict[str, Promise]:
    """When these orders were placed and must leave, by id."""
    wanted = [(order_id,) for order_id in sorted(set(order_ids))]
    rows = reader.fetch(_PROMISES, _WANTED(wanted)) if wanted else ()
    return {row[0]: Promise(*row) for row in rows}


def due(reader: Reader, before_ms: int, reached: Reached) -> list[Due]:
    """Orders that are not packed, by the hour they must leave in, the soonest first; of this hour,
    those whose moment is over are told apart from the others.
    """
    given = {"before_ms": before_ms, "now_ms": reader.now_ms, **_given(reached)}
    rows = reader.fetch(_due(reached is not None), **given)
    return [Due(row.first_ms, row.orders) for row in rows]


def hold_reasons(reader: Reader) -> dict[str, int]:
    """How many orders are held for which reason, the commonest first."""
    return {row[0]: row[1] for row in reader.fetch(_HOLD_REASONS)}


def open_quarantine(reader: Reader) -> dict[str, int]:
    """How many payloads lie in quarantine, by channel."""
    return {row[0]: row[1] for row in reader.fetch(_QUARANTINE)}


def unmapped(reader: Reader, channel_id: str = "") -> list[Unmapped]:
    """Names that hold orders up until somebody says what they mean; of one channel, or of all."""
    rows = reader.fetch(_unmapped(bool(channel_id)), **({"id": channel_id} if channel_id else {}))
    return [Unmapped(*row) for row in rows]


def waited_for(reader: Reader, item_id: str) -> int:
    """Units of an item that orders want and no node could give yet."""
    row = reader.fetch_one(_WAITED, item_id=item_id)
    return int(row[0] or 0) if row else 0


def _units(*states: LineState) -> sa.ColumnElement[int]:
    inside = _U.state.in_([state.value for state in states])
    return sa.cast(sa.func.sum(sa.case((inside, _U.quantity), else_=0)), sa.BigInteger)


def _given(reached: Reached) -> dict[str, Any]:
    return {} if reached is None else {"channel_ids": list(reached)}


@lru_cache(maxsize=4)
def _placed(is_limited: bool) -> sa.Select[Any]:  # noqa: FBT001 - one of two statements
    within = sa.and_(_O.placed_at_ms >= _SPANS.c.from_ms, _O.placed_at_ms < _SPANS.c.to_ms)
    found = sa.select(_SPANS.c.place, sa.func.count()).select_from(
        _SPANS.source.join(sales_order, within)
    )
    return (found.where(_REACHED) if is_limited else found).group_by(_SPANS.c.place)


@lru_cache(maxsize=4)
def _courses(is_limited: bool) -> sa.Select[Any]:  # noqa: FBT001 - one of two statements
    columns = (_O.id, _O.channel_id, _O.deadline_ms, _O.ship_to, _O.placed_at_ms)
    newest = _in_span(sa.select(*columns))
    newest = newest.where(_REACHED) if is_limited else newest
    some = newest.order_by(_O.placed_at_ms.desc(), _O.id.desc()).limit(sa.bindparam("count"))
    of = some.subquery("newest")
    node = sa.func.nullif(_U.node_id, "")
    held = (
        sa.select(sa.literal_column("1"))
        .where(order_hold.c.order_id == of.c.id, order_hold.c.released_at_ms.is_(None))
        .exists()
    )
    figures = sa.select(
        *(of.c[column.name] for column in columns[:-1]),
        sa.func.max(node).label("node_id"),
        sa.func.count(sa.distinct(node)).label("nodes"),
        _units(*_IN_HOUSE).label("in_house"),
        _units(*_NO_NODE).label("waiting"),
        _units(_S.CANCELLED).label("cancelled"),
        sa.cast(sa.func.coalesce(sa.func.sum(_U.quantity), 0), sa.BigInteger).label("units"),
        sa.case((held, 1), else_=0).label("is_held"),
    ).select_from(of.join(line_slice, _U.order_id == of.c.id))
    return figures.group_by(*(of.c[column.name] for column in columns[:-1]))


@lru_cache(maxsize=4)
def _due(is_limited: bool) -> sa.Select[*tuple[Any, ...]]:  # noqa: FBT001 - one of two statements
    # Spelled out, so that SQLite sees its partial index.
    spelled = (_U.state == sa.literal_column(f"'{state.value}'") for state in _NOT_PACKED)
    waiting = sa.select(_U.order_id).where(sa.or_(*spelled)).distinct().subquery("waiting")
    hour = _O.deadline_ms // sa.literal_column(str(HOUR_MS))
    is_over = sa.case((_O.deadline_ms < sa.bindparam("now_ms"), 1), else_=0)
    found: sa.Select[*tuple[Any, ...]] = (
        sa.select(sa.func.min(_O.deadline_ms).label("first_ms"), sa.func.count().label("orders"))
        .select_from(waiting.join(sales_order, _O.id == waiting.c.order_id))
        .where(_O.deadline_ms < sa.bindparam("before_ms"))
    )
    return (
        (found.where(_REACHED) if is_limited else found)
        .group_by(hour, is_over)
        .order_by("first_ms")
    )


@lru_cache(maxsize=4)
def _unmapped(is_one: bool) -> sa.Select[Any]:  # noqa: FBT001 - one of two statements
    found = (
        sa.select(
            _O.channel_id,
            order_line.c.listing_sku,
            sa.func.max(order_line.c.title).label("title"),
            sa.func.count(sa.distinct(order_line.c.order_id)).label("orders"),
            sa.func.min(order_hold.c.placed_at_ms).label("since_ms"),
        )
        .select_from(
            order_hold.join(order_line, order_line.c.id == order_hold.c.line_id).join(
                sales_order, _O.id == order_line.c.order_id
            )
        )
        .where(
            order_hold.c.reason == UNKNOWN_LISTING,
            order_hold.c.released_at_ms.is_(None),
            order_line.c.item_id.is_(None),
        )
    )
    found = found.where(_O.channel_id == sa.bindparam("id")) if is_one else found
    return found.group_by(_O.channel_id, order_line.c.listing_sku).order_by("since_ms")


def _in_span(statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.where(
        _O.placed_at_ms >= sa.bindparam("from_ms"), _O.placed_at_ms < sa.bindparam("to_ms")
    )


_BY_CHANNEL: Final = _in_span(sa.select(_O.channel_id, sa.func.count())).group_by(_O.channel_id)
_NEWEST: Final = (
    sa.select(_O.channel_id, _O.placed_at_ms)
    .order_by(_O.placed_at_ms.desc(), _O.id.desc())
    .limit(sa.bindparam("among"))
    .subquery("newest")
)
_LAST: Final = sa.select(_NEWEST.c.channel_id, sa.func.max(_NEWEST.c.placed_at_ms)).group_by(
    _NEWEST.c.channel_id
)
_PROMISES: Final = sa.select(_O.id, _O.channel_id, _O.placed_at_ms, _O.deadline_ms).select_from(
    _WANTED.source.join(sales_order, _O.id == _WANTED.c.id)
)
_HELD: Final = sa.func.count(sa.distinct(order_hold.c.order_id))
_HOLD_REASONS: Final = (
    sa.select(order_hold.c.reason, _HELD)
    .where(order_hold.c.released_at_ms.is_(None))
    .group_by(order_hold.c.reason)
    .order_by(_HELD.desc(), order_hold.c.reason)
    .limit(20)
)
_WAITED: Final = sa.select(sa.cast(sa.func.sum(_U.quantity), sa.BigInteger)).where(
    _U.item_id == sa.bindparam("item_id"),
    _U.state == sa.literal_column(f"'{_S.OPEN.value}'"),  # the index
)
_QUARANTINE: Final = (
    sa.select(quarantine.c.channel_id, sa.func.count())
    .where(quarantine.c.state == sa.literal_column("'open'"))  # the index
    .group_by(quarantine.c.channel_id)
)
_goal: Final = msgspec.json.Decoder(Goal)


def _course(row: sa.Row[Any]) -> Course:
    return Course(
        id=row.id,
        channel_id=row.channel_id,
        deadline_ms=row.deadline_ms,
        goal=_goal.decode(row.ship_to),
        node_id=row.node_id or "",
        nodes=row.nodes,
        in_house=row.in_house,
        waiting=row.waiting,
        cancelled=row.cancelled,
        units=row.units,
        is_held=bool(row.is_held),
    )
