"""What lies in quarantine, in pages for whoever clears it."""

from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.errors import NotFound
from oms.orders.quarantine import store
from oms.orders.quarantine.machine import QuarantineState
from oms.orders.quarantine.model import Quarantined
from oms.orders.tables import quarantine
from oms.platform.transaction import Reader

PAGE_MAX: Final = 500
_ROW: Final = quarantine.c


class QuarantinePage(msgspec.Struct, frozen=True, kw_only=True):
    """Which payloads a list shows, oldest first; what is empty takes all. `after`: (at_ms, id)."""

    state: QuarantineState = QuarantineState.OPEN
    channel_id: str = ""
    code: str = ""
    channel_ids: tuple[str, ...] | None = None
    after: tuple[int, str] | None = None
    count: int = 50


_CONDITIONS: Final[dict[str, sa.ColumnElement[bool]]] = {
    "channel_id": _ROW.channel_id == sa.bindparam("channel_id"),
    "code": _ROW.code == sa.bindparam("code"),
    "channel_ids": _ROW.channel_id.in_(sa.bindparam("channel_ids", expanding=True)),
    "after": sa.tuple_(_ROW.at_ms, _ROW.id)
    > sa.tuple_(sa.bindparam("after_ms", type_=sa.BigInteger), sa.bindparam("after_id")),
}


def payloads(reader: Reader, page: QuarantinePage) -> list[Quarantined]:
    """A page of payloads, oldest first."""
    given = {n: getattr(page, n) for n in _CONDITIONS if getattr(page, n) not in ("", None)}
    statement = _page(frozenset(given))
    if "after" in given:
        given["after_ms"], given["after_id"] = given.pop("after")
    if "channel_ids" in given:
        given["channel_ids"] = list(given["channel_ids"])
    count = min(page.count, PAGE_MAX)
    rows = reader.fetch(statement, state=page.state.value, count=count, **given)
    found = store.by_id(reader, [row.id for row in rows])
    return [found[row.id] for row in rows]


def payload(reader: Reader, id_: str) -> Quarantined:
    """One payload, or `NotFound`."""
    found = store.by_id(reader, [id_]).get(id_)
    if found is None:
        raise NotFound(
            "quarantine.not_found",
            f"There is no quarantined payload '{id_}'.",
            "Read the list again.",
        )
    return found


@lru_cache(maxsize=16)
def _page(filters: frozenset[str]) -> sa.Select[Any]:
    statement = sa.select(_ROW.id).where(_ROW.state == sa.bindparam("state"))
    conditions = [_CONDITIONS[name] for name in sorted(filters)]
    oldest = (_ROW.at_ms, _ROW.id)
    return statement.where(*conditions).order_by(*oldest).limit(sa.bindparam("count"))
