"""Returns in pages, and one with its lines and what became of its units where."""

from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.platform.transaction import Reader
from returns import store
from returns.events import CreditedCharge
from returns.machine import ReturnState
from returns.model import Return, ReturnLine, Standing, unknown
from returns.tables import return_order

PAGE_MAX: Final = 500
_ROW: Final = return_order.c


class ReturnPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which returns a list shows, newest first; what is empty or None takes all. `before`: an id.

    `channel_ids` are those within reach.
    """

    state: ReturnState | None = None
    order_id: str = ""
    customer_id: str = ""
    channel_id: str = ""
    number: str = ""
    channel_ids: tuple[str, ...] | None = None
    before: str = ""
    count: int = 50


class ReturnFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A return, its lines, what it gives back without goods, and units by return line, node and
    what became of them there.
    """

    ret: Return
    lines: tuple[ReturnLine, ...]
    charges: tuple[CreditedCharge, ...]
    standing: dict[Standing, int]


_CONDITIONS: Final[dict[str, sa.ColumnElement[bool]]] = {
    "state": _ROW.state == sa.bindparam("state"),
    "order_id": _ROW.order_id == sa.bindparam("order_id"),
    "customer_id": _ROW.customer_id == sa.bindparam("customer_id"),
    "channel_id": _ROW.channel_id == sa.bindparam("channel_id"),
    "number": _ROW.number == sa.bindparam("number"),
    "channel_ids": _ROW.channel_id.in_(sa.bindparam("channel_ids", expanding=True)),
    "before": _ROW.id < sa.bindparam("before"),
}


def returns(reader: Reader, page: ReturnPage) -> list[Return]:
    """A page of returns, newest first."""
    given = {n: getattr(page, n) for n in _CONDITIONS if getattr(page, n) not in ("", None)}
    if "state" in given:
        given["state"] = given["state"].value
    if "channel_ids" in given:
        given["channel_ids"] = list(given["channel_ids"])
    statement = _page(frozenset(given))
    rows = reader.fetch(statement, count=min(page.count, PAGE_MAX), **given)
    return [store.as_return(row) for row in rows]


def facts(reader: Reader, return_id: str) -> ReturnFacts:
    """One return with its lines, or `NotFound`."""
    found = store.returns(reader, [return_id]).get(return_id)
    if found is None:
        raise unknown("return", return_id)
    standing = store.standing(reader, [return_id])
    return ReturnFacts(
        ret=found,
        lines=tuple(store.lines_of(reader, [return_id])),
        charges=tuple(store.charges_of(reader, [return_id])[return_id]),
        standing={key: units for key, units in standing.items() if units},
    )


@lru_cache(maxsize=64)
def _page(filters: frozenset[str]) -> sa.Select[Any]:
    conditions = [_CONDITIONS[name] for name in sorted(filters)]
    statement = sa.select(return_order).where(*conditions)
    return statement.order_by(_ROW.id.desc()).limit(sa.bindparam("count"))
