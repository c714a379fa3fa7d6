"""Lists and counts of orders. Their status is worked out from their units, never stored."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.address import Address
from oms.orders.machine import LineState
from oms.orders.status import OrderStatus, status
from oms.orders.tables import line_slice, order_line, sales_order
from oms.orders.worklists.model import OrderSet, Sorting
from oms.orders.worklists.queries import AMONG, DUE, NEEDS_NOW
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

PAGE_MAX: Final = 500
COUNT_MAX: Final = 1_000  # whoever has more wants a filter, not the number
_ESCAPE: Final = "\\"

Place = tuple[int, str]
"""Where a list goes on: `placed_at_ms` and id of the last order shown."""


class OrdersWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders a list shows, newest first; what is empty or None takes all.

    `text` looks into numbers, external ids, names, mail addresses, phones and places; orders of
    `text_item_id` are found beside. `state`: at least one unit is in it; `node_id`: at least one
    is to be served there. `item_id` and `sku`: at least one line is of it, `sku` as the channel
    named it. `channel_ids` are those within reach. A list sorted by `Sorting.DUE` goes on after
    `(deadline_ms, id)`.
    """

    among: OrderSet | None = None
    sorting: Sorting = Sorting.NEWEST
    node_id: str = ""
    text: str = ""
    text_item_id: str = ""
    state: LineState | None = None
    channel_id: str = ""
    customer_id: str = ""
    item_id: str = ""
    sku: str = ""
    placed_from_ms: int | None = None
    placed_before_ms: int | None = None
    channel_ids: tuple[str, ...] | None = None
    after: Place | None = None
    count: int = 50


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list. `units` in each state, cancelled ones too. `version` grows with each
    change of what was ordered.
    """

    id: str
    number: str
    channel_id: str
    external_id: str
    external_number: str
    customer_id: str | None
    currency: str
    country: str
    placed_at_ms: int
    deadline_ms: int | None
    total_minor: int
    version: int
    recipient: str
    city: str
    status: OrderStatus
    units: dict[LineState, int]


_WORKED_OUT: Final = ("recipient", "city", "status", "units")
_FIELDS: Final = tuple(n for n in OrderRow.__struct_fields__ if n not in _WORKED_OUT)
_address: Final = msgspec.json.Decoder(Address)
_ORDER: Final = sales_order.c
_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_NAMES: Final = sa.select(_ORDER.id, _ORDER.number, _ORDER.version).select_from(
    _WANTED.source.join(sales_order, _ORDER.id == _WANTED.c.id)
)
_ROWS: Final = sa.select(*(_ORDER[name] for name in _FIELDS), _ORDER.ship_to).select_from(
    _WANTED.source.join(sales_order, _ORDER.id == _WANTED.c.id)
)
_UNITS: Final = (
    sa.select(
        line_slice.c.order_id,
        line_slice.c.state,
        sa.cast(sa.func.sum(line_slice.c.quantity), sa.BigInteger).label("units"),
    )
    .select_from(_WANTED.source.join(line_slice, line_slice.c.order_id == _WANTED.c.id))
    .group_by(line_slice.c.order_id, line_slice.c.state)
)

_LATEST: Final = (
    sa.select(_ORDER.customer_id, sa.func.max(_ORDER.id))
    .select_from(_WANTED.source.join(sales_order, _ORDER.customer_id == _WANTED.c.id))
    .group_by(_ORDER.customer_id)
)


def _has_line(column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    found = sa.select(order_line.c.order_id).where(column == sa.bindparam(parameter))
    return _ORDER.id.in_(found)


_CONDITIONS: Final[dict[str, sa.ColumnElement[bool]]] = {
    "text": _ORDER.search.like(sa.bindparam("text"), escape=_ESCAPE),
    "text_or_item": sa.or_(
        _ORDER.search.like(sa.bindparam("text"), escape=_ESCAPE),
        _has_line(order_line.c.item_id, "text_item_id"),
    ),
    "number": _ORDER.number == sa.bindparam("number"),
    "state": sa.exists().where(
        line_slice.c.order_id == _ORDER.id, line_slice.c.state == sa.bindparam("state")
    ),
    **{f"among {each}": condition for each, condition in AMONG.items()},
    "node_id": sa.exists().where(
        line_slice.c.order_id == _ORDER.id, line_slice.c.node_id == sa.bindparam("node_id")
    ),
    "channel_id": _ORDER.channel_id == sa.bindparam("channel_id"),
    "customer_id": _ORDER.customer_id == sa.bindparam("customer_id"),
    "item_id": _has_line(order_line.c.item_id, "item_id"),
    "sku": _has_line(order_line.c.listing_sku, "sku"),
    "placed_from_ms": _ORDER.placed_at_ms >= sa.bindparam("placed_from_ms"),
    "placed_before_ms": _ORDER.placed_at_ms < sa.bindparam("placed_before_ms"),
    "channel_ids": _ORDER.channel_id.in_(sa.bindparam("channel_ids", expanding=True)),
    "after": sa.tuple_(_ORDER.placed_at_ms, _ORDER.id)
    < sa.tuple_(sa.bindparam("after_ms", type_=sa.BigInteger), sa.bindparam("after_id")),
    "due_after": sa.tuple_(DUE, _ORDER.id)
    > sa.tuple_(sa.bindparam("after_ms", type_=sa.BigInteger), sa.bindparam("after_id")),
}
_PLAIN: Final = frozenset(OrdersWanted.__struct_fields__) & frozenset(_CONDITIONS)
_BY_DUE: Final = "by due"
_NUMBER: Final = sa.select(_ORDER.id).where(_ORDER.number == sa.bindparam("number"))


def orders(reader: Reader, wanted: OrdersWanted) -> list[OrderRow]:
    """A page of orders, sorted as wanted."""
    given = _given(reader, wanted)
    statement = _page(frozenset(given))
    rows = reader.fetch(statement, count=min(wanted.count, PAGE_MAX), **_parameters(given))
    units = units_of(reader, [row.id for row in rows])
    return [_row(row, units[row.id]) for row in rows]


def orders_by_id(
    reader: Reader, order_ids: Iterable[str], channel_ids: tuple[str, ...] | None = None
) -> list[OrderRow]:
    """These orders as rows, as far as their channels are within reach."""
    ids = [(order_id,) for order_id in sorted(set(order_ids))]
    rows = reader.fetch(_ROWS, _WANTED(ids)) if ids else ()
    within = [row for row in rows if channel_ids is None or row.channel_id in channel_ids]
    units = units_of(reader, [row.id for row in within])
    return [_row(row, units[row.id]) for row in within]


def count(reader: Reader, wanted: OrdersWanted) -> int:
    """How many there are over all pages; `COUNT_MAX` + 1 stands for more than that."""
    given = _given(reader, msgspec.structs.replace(wanted, after=None))
    row = reader.fetch_one(_count(frozenset(given)), **_parameters(given))
    return int(row[0]) if row else 0


def versions(reader: Reader, order_ids: Iterable[str]) -> dict[str, int]:
    """The version of each of these orders; unknown ones are left out."""
    ids = [(order_id,) for order_id in sorted(set(order_ids))]
    return {row.id: row.version for row in reader.fetch(_NAMES, _WANTED(ids))}


def numbers(reader: Reader, order_ids: Iterable[str]) -> dict[str, str]:
    """The number of each of these orders; unknown ones are left out."""
    ids = [(order_id,) for order_id in sorted(set(order_ids))]
    return {row.id: row.number for row in reader.fetch(_NAMES, _WANTED(ids))}


def units_of(reader: Reader, order_ids: Iterable[str]) -> dict[str, dict[LineState, int]]:
    """Units of these orders by state; an order without units has none."""
    units: dict[str, dict[LineState, int]] = defaultdict(dict)
    ids = [(order_id,) for order_id in sorted(set(order_ids))]
    for row in reader.fetch(_UNITS, _WANTED(ids)) if ids else ():
        units[row.order_id][LineState(row.state)] = row.units
    return units


def latest_of(reader: Reader, customer_ids: Iterable[str]) -> dict[str, str]:
    """The order each of these customers placed last, as far as there is one."""
    ids = [(customer_id,) for customer_id in sorted(set(customer_ids))]
    return {row[0]: row[1] for row in reader.fetch(_LATEST, _WANTED(ids))} if ids else {}


def _given(reader: Reader, wanted: OrdersWanted) -> dict[str, Any]:
    """What the list is narrowed by; text that is an order's number is only that order."""
    given = {
        name: getattr(wanted, name) for name in _PLAIN if getattr(wanted, name) not in ("", None)
    }
    if wanted.among is not None:
        given[f"among {wanted.among}"] = reader.now_ms
    if wanted.sorting is Sorting.DUE:
        given[_BY_DUE] = True
        if "after" in given:
            given["due_after"] = given.pop("after")
    number = wanted.text.strip().upper()
    if number and reader.fetch_one(_NUMBER, number=number) is not None:
        del given["text"]
        given["number"] = number
    elif number and wanted.text_item_id:
        given["text_or_item"] = given.pop("text")
        given["text_item_id"] = wanted.text_item_id
    return given


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    bound = {name: value for name, value in given.items() if not name.startswith("among ")}
    bound.pop(_BY_DUE, None)
    if any(f"among {each}" in given for each in NEEDS_NOW):
        bound["now_ms"] = max(given[name] for name in given if name.startswith("among "))
    if "state" in bound:
        bound["state"] = bound["state"].value
    if "text_or_item" in bound:
        bound["text"] = bound.pop("text_or_item")
    if "text" in bound:
        bound["text"] = _containing(bound["text"])
    if "channel_ids" in bound:
        bound["channel_ids"] = list(bound["channel_ids"])
    for name in ("after", "due_after"):
        if name in bound:
            bound["after_ms"], bound["after_id"] = bound.pop(name)
    return bound


@lru_cache(maxsize=256)
def _page(filters: frozenset[str]) -> sa.Select[Any]:
    statement = sa.select(*(_ORDER[name] for name in _FIELDS), _ORDER.ship_to)
    newest = (_ORDER.placed_at_ms.desc(), _ORDER.id.desc())
    order = (DUE, _ORDER.id) if _BY_DUE in filters else newest
    return _narrowed(statement, filters).order_by(*order).limit(sa.bindparam("count"))


@lru_cache(maxsize=256)
def _count(filters: frozenset[str]) -> sa.Select[Any]:
    some = _narrowed(sa.select(sa.literal_column("1").label("one")), filters)
    return sa.select(sa.func.count()).select_from(some.limit(COUNT_MAX + 1).subquery("some"))


def _narrowed(statement: sa.Select[Any], filters: frozenset[str]) -> sa.Select[Any]:
    found = statement.select_from(sales_order)
    return found.where(*(_CONDITIONS[name] for name in sorted(filters & _CONDITIONS.keys())))


def _containing(text: str) -> str:
    words = text.strip().lower()
    for special in (_ESCAPE, "%", "_"):
        words = words.replace(special, _ESCAPE + special)
    return f"%{words}%"


def _row(row: sa.Row[Any], units: dict[LineState, int]) -> OrderRow:
    values = {name: getattr(row, name) for name in _FIELDS}
    to = _address.decode(row.ship_to)
    return OrderRow(
        **values,
        recipient=to.name or to.company,
        city=to.city,
        status=status(units),
        units=units,
    )
