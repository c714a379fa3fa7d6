"""Where events are kept and handed to their subscribers' outbox, in commit order."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.events import Cause, Event, wire_name
from oms.platform.database import metadata
from oms.platform.rows import BoundRows, ParameterRows

event_table = sa.Table(
    "event",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("cause", sa.BigInteger),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("entity", "sequence"),
    sa.Index("ix_event_actor_number", "actor", "number"),
    sa.Index(
        "ix_event_cause",
        "cause",
        postgresql_where=sa.text("cause IS NOT NULL"),
        sqlite_where=sa.text("cause IS NOT NULL"),
    ),
)
outbox_table = sa.Table(
    "outbox",
    metadata,
    sa.Column("subscriber", sa.Text, primary_key=True),
    sa.Column("event_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("due_at_ms", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease_until_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("set_aside_at_ms", sa.BigInteger),
    sa.Column("last_error", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_outbox_entity_subscriber", "entity", "subscriber", "event_number"),
)

Subscriptions = Mapping[type[Event], Sequence[str]]
"""Names of the subscribers of each event type; an unlisted type has none."""

_ENTITY: Final = ParameterRows("wanted", entity=sa.Text)
_LAST = (
    sa.select(event_table.c.entity, sa.func.max(event_table.c.sequence))
    .select_from(_ENTITY.source.join(event_table, event_table.c.entity == _ENTITY.c.entity))
    .group_by(event_table.c.entity)
)


class Pending(msgspec.Struct, frozen=True, gc=False):
    """An event not yet written; `is_first` saves looking up the entity's last sequence."""

    event: Event
    cause: Cause
    is_first: bool


def last_sequences(fetch: Callable[..., Sequence[Any]], pending: Sequence[Pending]) -> Counter[str]:
    """Last used sequence of every entity that is not new in this transaction."""
    born = {item.event.entity for item in pending if item.is_first}
    known = sorted({item.event.entity for item in pending} - born)
    found: Counter[str] = Counter()
    if known:
        bound: BoundRows = _ENTITY([(entity,) for entity in known])
        found.update({row[0]: row[1] for row in fetch(_LAST, bound)})
    return found


def event_rows(
    pending: Sequence[Pending], first_number: int, last: Counter[str], now_ms: int
) -> list[dict[str, Any]]:
    """Rows of the event table, numbered from `first_number` on; advances `last`."""
    rows = []
    for offset, item in enumerate(pending):
        event = item.event
        last[event.entity] += 1
        rows.append(
            {
                "number": first_number + offset,
                "entity": event.entity,
                "sequence": last[event.entity],
                "type": wire_name(type(event)),
                "at_ms": now_ms,
                "actor": item.cause.actor,
                "request_id": item.cause.request_id,
                "cause": item.cause.event_number,
                "body": msgspec.json.encode(event).decode(),
            }
        )
    return rows


def outbox_rows(
    pending: Sequence[Pending], first_number: int, subscriptions: Subscriptions, now_ms: int
) -> list[dict[str, Any]]:
    """One row per event and subscriber."""
    return [
        {
            "event_number": first_number + offset,
            "subscriber": subscriber,
            "entity": item.event.entity,
            "due_at_ms": now_ms,
        }
        for offset, item in enumerate(pending)
        for subscriber in subscriptions.get(type(item.event), ())
    ]
