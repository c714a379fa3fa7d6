"""Change-sets to decide about, in pages."""

from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.orders.changes import store
from oms.orders.changes.machine import ChangeState
from oms.orders.changes.model import ChangeSet
from oms.orders.tables import order_change, sales_order
from oms.platform.transaction import Reader

PAGE_MAX: Final = 500
_ROW: Final = order_change.c


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """Which change-sets a list shows, oldest first. `after` is an id; `channel_ids` are within
    reach.
    """

    state: ChangeState = ChangeState.PROPOSED
    order_id: str = ""
    channel_ids: tuple[str, ...] | None = None
    after: str = ""
    count: int = 50


_CONDITIONS: Final[dict[str, sa.ColumnElement[bool]]] = {
    "order_id": _ROW.order_id == sa.bindparam("order_id"),
    "after": _ROW.id > sa.bindparam("after"),
    "channel_ids": _ROW.order_id.in_(
        sa.select(sales_order.c.id).where(
            sales_order.c.channel_id.in_(sa.bindparam("channel_ids", expanding=True))
        )
    ),
}


def change_sets(reader: Reader, page: ChangePage) -> list[ChangeSet]:
    """A page of change-sets, oldest first."""
    given = {n: getattr(page, n) for n in _CONDITIONS if getattr(page, n) not in ("", None)}
    if "channel_ids" in given:
        given["channel_ids"] = list(given["channel_ids"])
    count = min(page.count, PAGE_MAX)
    rows = reader.fetch(_page(frozenset(given)), state=page.state.value, count=count, **given)
    found = store.changes_by_id(reader, [row.id for row in rows])
    return [found[row.id] for row in rows]


@lru_cache(maxsize=8)
def _page(filters: frozenset[str]) -> sa.Select[Any]:
    statement = sa.select(_ROW.id).where(_ROW.state == sa.bindparam("state"))
    conditions = [_CONDITIONS[name] for name in sorted(filters)]
    return statement.where(*conditions).order_by(_ROW.id).limit(sa.bindparam("count"))
