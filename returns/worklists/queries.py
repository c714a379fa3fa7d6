"""Returns by what is to be done with them, in pages and counted as far as anybody wants to know."""

from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.platform.transaction import Reader
from returns import store
from returns.machine import ReturnState
from returns.model import Return, ReturnLine, by_line
from returns.tables import reception, return_line, return_order

PAGE_MAX: Final = 500
COUNT_MAX: Final = 1_000  # whoever has more wants a filter, not the number
_ROW: Final = return_order.c
_LINE: Final = return_line.c


class ReturnSet(StrEnum):
    """What is to be done with a return next."""

    TO_DECIDE = "to_decide"
    EXPECTED = "expected"
    TO_INSPECT = "to_inspect"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"
    DONE = "done"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What a text may mean: the return's own number, or somebody's or something's."""

    number: str
    order_ids: tuple[str, ...] = ()
    customer_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()


class ReturnsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which returns a list shows; what is empty or None takes all.

    Work is shown oldest first (`is_work`), everything else newest first; `after` is the id of the
    last one shown. `node_id`: goods arrived there. `channel_ids` are those within reach.
    """

    among: ReturnSet | None = None
    named: Named | None = None
    channel_id: str = ""
    node_id: str = ""
    channel_ids: tuple[str, ...] | None = None
    is_work: bool = False
    after: str = ""
    count: int = 50


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A return with its lines."""

    ret: Return
    lines: tuple[ReturnLine, ...]


def _has_line(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(_LINE.return_id == _ROW.id, condition)


def _is(*states: ReturnState) -> sa.ColumnElement[bool]:
    """With the states spelled out: that is what the planner finds the index by."""
    return _ROW.state.in_([sa.literal_column(f"'{state.value}'") for state in states])


_S = ReturnState
_judged: Final = _LINE.accepted + _LINE.refused + _LINE.sent_back + _LINE.abandoned
_WAITS: Final = _has_line(_LINE.received > _judged)
_TURNED_DOWN: Final = _has_line(_LINE.refused > sa.literal_column("0"))
_MISSES: Final = _has_line(_LINE.expected > _LINE.received + _LINE.not_coming)
_AMONG: Final[dict[ReturnSet, sa.ColumnElement[bool]]] = {
    ReturnSet.TO_DECIDE: _is(_S.REQUESTED),
    ReturnSet.EXPECTED: _is(_S.AUTHORISED),
    ReturnSet.TO_INSPECT: sa.and_(_is(_S.RECEIVING), _WAITS),
    ReturnSet.REFUSED: sa.and_(_is(_S.RECEIVING), _TURNED_DOWN),
    ReturnSet.INCOMPLETE: sa.and_(_is(_S.RECEIVING), _MISSES, ~_WAITS),
    ReturnSet.DONE: _is(_S.CLOSED, _S.DECLINED, _S.WITHDRAWN),
}
_NAMED: Final = sa.or_(
    _ROW.number == sa.bindparam("number"),
    _ROW.external_id == sa.bindparam("number"),
    _ROW.order_id.in_(sa.bindparam("order_ids", expanding=True)),
    _ROW.customer_id.in_(sa.bindparam("customer_ids", expanding=True)),
    _has_line(_LINE.item_id.in_(sa.bindparam("item_ids", expanding=True))),
)
_CONDITIONS: Final[dict[str, sa.ColumnElement[bool]]] = {
    **{f"among {each}": condition for each, condition in _AMONG.items()},
    "named": _NAMED,
    "channel_id": _ROW.channel_id == sa.bindparam("channel_id"),
    "node_id": sa.exists().where(
        reception.c.return_id == _ROW.id, reception.c.node_id == sa.bindparam("node_id")
    ),
    "channel_ids": _ROW.channel_id.in_(sa.bindparam("channel_ids", expanding=True)),
    "after": _ROW.id > sa.bindparam("after"),
    "before": _ROW.id < sa.bindparam("after"),
}
_OLDEST_FIRST: Final = "oldest first"


def returns(reader: Reader, wanted: ReturnsWanted) -> list[Listed]:
    """A page of returns."""
    filters, bound = _given(wanted)
    rows = reader.fetch(_page(filters), count=min(wanted.count, PAGE_MAX), **bound)
    found = [store.as_return(row) for row in rows]
    lines = by_line(store.lines_of(reader, [each.id for each in found])) if found else {}
    return [Listed(ret=each, lines=tuple(lines.get(each.id, ()))) for each in found]


def count(reader: Reader, wanted: ReturnsWanted) -> int:
    """How many there are over all pages; `COUNT_MAX` + 1 stands for more than that."""
    filters, bound = _given(msgspec.structs.replace(wanted, after=""))
    row = reader.fetch_one(_count(filters - {_OLDEST_FIRST}), **bound)
    return int(row[0]) if row else 0


def _given(wanted: ReturnsWanted) -> tuple[frozenset[str], dict[str, Any]]:
    """What the list is narrowed by, and the values of it."""
    bound: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("channel_id", "node_id", "after")
        if getattr(wanted, name)
    }
    if wanted.channel_ids is not None:
        bound["channel_ids"] = list(wanted.channel_ids)
    filters = {*bound}
    if "after" in filters and not wanted.is_work:
        filters = filters - {"after"} | {"before"}
    if wanted.among is not None:
        filters.add(f"among {wanted.among}")
    if wanted.is_work:
        filters.add(_OLDEST_FIRST)
    if wanted.named is not None:
        filters.add("named")
        bound["number"] = wanted.named.number
        for name in ("order_ids", "customer_ids", "item_ids"):
            bound[name] = list(getattr(wanted.named, name))
    return frozenset(filters), bound


@lru_cache(maxsize=256)
def _page(filters: frozenset[str]) -> sa.Select[Any]:
    order = _ROW.id if _OLDEST_FIRST in filters else _ROW.id.desc()
    statement = _narrowed(sa.select(return_order), filters)
    return statement.order_by(order).limit(sa.bindparam("count"))


@lru_cache(maxsize=256)
def _count(filters: frozenset[str]) -> sa.Select[Any]:
    some = _narrowed(sa.select(sa.literal_column("1").label("one")), filters)
    return sa.select(sa.func.count()).select_from(some.limit(COUNT_MAX + 1).subquery("some"))


def _narrowed(statement: sa.Select[Any], filters: frozenset[str]) -> sa.Select[Any]:
    found = statement.select_from(return_order)
    return found.where(*(_CONDITIONS[name] for name in sorted(filters & _CONDITIONS.keys())))
