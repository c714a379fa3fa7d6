"""The events looked through: after a number, of an entity, by an actor, because of another.

Bodies stay the JSON they are kept as; nothing here knows what an event means.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.events import Cause
from oms.platform.event_log import event_table
from oms.platform.transaction import Reader

PAGE_MAX: Final = 1_000

_PAGE = sa.select(event_table).order_by(event_table.c.number).limit(sa.bindparam("limit"))
_AFTER = _PAGE.where(event_table.c.number > sa.bindparam("after"))
_OF_TYPES = _AFTER.where(event_table.c.type.in_(sa.bindparam("types", expanding=True)))
_OF_ENTITY = (
    sa.select(event_table)
    .where(
        event_table.c.entity == sa.bindparam("entity"),
        event_table.c.sequence > sa.bindparam("after"),
    )
    .order_by(event_table.c.sequence)
    .limit(sa.bindparam("limit"))
)
_OF_ACTOR = _AFTER.where(event_table.c.actor == sa.bindparam("actor"))
_BECAUSE_OF = _PAGE.where(event_table.c.cause == sa.bindparam("number"))
_LAST = sa.select(sa.func.max(event_table.c.number))


class Told(msgspec.Struct, frozen=True):
    """An event as anybody may read it; `body` is its JSON, with the type in it."""

    number: int
    entity: str
    sequence: int
    type: str
    at_ms: int
    cause: Cause
    body: msgspec.Raw


def after(reader: Reader, number: int, limit: int, types: Sequence[str] = ()) -> list[Told]:
    """The next events after a number, oldest first: whoever remembers the last one misses none."""
    if types:
        return _told(reader.fetch(_OF_TYPES, after=number, limit=_page(limit), types=list(types)))
    return _told(reader.fetch(_AFTER, after=number, limit=_page(limit)))


def of_entity(reader: Reader, entity: str, after_sequence: int, limit: int) -> list[Told]:
    """What happened to one entity, oldest first."""
    page = _page(limit)
    return _told(reader.fetch(_OF_ENTITY, entity=entity, after=after_sequence, limit=page))


def of_actor(reader: Reader, actor: str, after_number: int, limit: int) -> list[Told]:
    """What one person or program did, oldest first, with what followed from it by itself."""
    return _told(reader.fetch(_OF_ACTOR, actor=actor, after=after_number, limit=_page(limit)))


def because_of(reader: Reader, number: int) -> list[Told]:
    """What followed directly from an event."""
    return _told(reader.fetch(_BECAUSE_OF, number=number, limit=PAGE_MAX))


def last_number(reader: Reader) -> int:
    """The number of the newest event; 0 when there is none."""
    return int(reader.fetch(_LAST)[0][0] or 0)


def _page(limit: int) -> int:
    return max(1, min(limit, PAGE_MAX))


def _told(rows: Sequence[sa.Row[Any]]) -> list[Told]:
    return [
        Told(
            number=row.number,
            entity=row.entity,
            sequence=row.sequence,
            type=row.type,
            at_ms=row.at_ms,
            cause=Cause(row.actor, row.request_id, row.cause),
            body=msgspec.Raw(row.body.encode()),
        )
        for row in rows
    ]
