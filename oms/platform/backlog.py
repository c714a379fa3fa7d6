"""How far subscribers are behind, and what waits for a person: shown, tried again, or dismissed."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.clock import to_iso
from oms.kernel.events import SYSTEM, Cause
from oms.platform.event_log import event_table, outbox_table
from oms.platform.events import WorkDismissed, WorkRetried
from oms.platform.metrics import Depth
from oms.platform.outbox import Row
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

PAGE_MAX: Final = 500

_is_live = outbox_table.c.set_aside_at_ms.is_(None)
_with_event = outbox_table.join(event_table, event_table.c.number == outbox_table.c.event_number)
_DEPTHS = (
    sa.select(
        outbox_table.c.subscriber,
        sa.func.count().filter(_is_live),
        sa.func.count(outbox_table.c.set_aside_at_ms),
        sa.func.min(event_table.c.at_ms).filter(_is_live),
    )
    .select_from(_with_event)
    .group_by(outbox_table.c.subscriber)
    .order_by(outbox_table.c.subscriber)
)
_SET_ASIDE = (
    sa.select(
        outbox_table.c.subscriber,
        outbox_table.c.event_number,
        outbox_table.c.entity,
        event_table.c.type,
        outbox_table.c.attempts,
        outbox_table.c.set_aside_at_ms,
        outbox_table.c.last_error,
    )
    .select_from(_with_event)
    .where(
        ~_is_live,
        sa.tuple_(outbox_table.c.subscriber, outbox_table.c.event_number)
        > sa.tuple_(sa.bindparam("subscriber"), sa.bindparam("event_number")),
    )
    .order_by(outbox_table.c.subscriber, outbox_table.c.event_number)
    .limit(sa.bindparam("limit"))
)
_WANTED: Final = ParameterRows("wanted", subscriber=sa.Text, event_number=sa.BigInteger)
_is_wanted = sa.and_(
    ~_is_live,
    sa.exists()
    .select_from(_WANTED.source)
    .where(
        outbox_table.c.subscriber == _WANTED.c.subscriber,
        outbox_table.c.event_number == _WANTED.c.event_number,
    ),
)
_NAMED = (outbox_table.c.entity, outbox_table.c.subscriber, outbox_table.c.event_number)
_RETRY = (
    sa.update(outbox_table)
    .where(_is_wanted)
    .values(set_aside_at_ms=None, attempts=0, lease_until_ms=0, due_at_ms=sa.bindparam("now_ms"))
    .returning(*_NAMED)
)
_DISMISS = sa.delete(outbox_table).where(_is_wanted).returning(*_NAMED)


class SetAside(msgspec.Struct, frozen=True):
    """An event that a subscriber could not take, with the words of its last failure."""

    row: Row
    entity: str
    event_type: str
    attempts: int
    at_ms: int
    last_error: str

    def __str__(self) -> str:
        return (
            f"{self.row.subscriber} could not take {self.event_type} of {self.entity}"
            f" ({to_iso(self.at_ms)}, attempt {self.attempts}): {self.last_error}"
        )


class Decision(msgspec.Struct, frozen=True):
    """What somebody decided to do with rows that were set aside."""

    rows: tuple[Row, ...]
    cause: Cause = SYSTEM


def depths(reader: Reader) -> list[Depth]:
    """How much waits for each subscriber that something waits for, and for how long."""
    return [
        Depth(name, waiting, aside, max(0, reader.now_ms - oldest) if oldest is not None else 0)
        for name, waiting, aside, oldest in reader.fetch(_DEPTHS)
    ]


def set_aside(reader: Reader, after: Row | None = None, limit: int = PAGE_MAX) -> list[SetAside]:
    """What waits for a person, in the order of subscribers and events, after a row."""
    start = after or Row("", 0)
    rows = reader.fetch(
        _SET_ASIDE,
        subscriber=start.subscriber,
        event_number=start.event_number,
        limit=min(limit, PAGE_MAX),
    )
    return [SetAside(Row(row[0], row[1]), *row[2:]) for row in rows]


def retry(tx: Transaction, decisions: Sequence[Decision]) -> list[int]:
    """Put rows back in line at once, as if never tried. Answers how many were set aside."""
    return [len(_decided(tx, _RETRY, decision, WorkRetried)) for decision in decisions]


def dismiss(tx: Transaction, decisions: Sequence[Decision]) -> list[int]:
    """Drop rows that a person has dealt with otherwise. Answers how many were set aside."""
    return [len(_decided(tx, _DISMISS, decision, WorkDismissed)) for decision in decisions]


def _decided(
    tx: Transaction,
    statement: sa.sql.base.Executable,
    decision: Decision,
    told: type[WorkRetried] | type[WorkDismissed],
) -> Sequence[sa.Row[Any]]:
    bound = _WANTED([(row.subscriber, row.event_number) for row in decision.rows])
    rows = tx.fetch(statement, bound, now_ms=tx.now_ms)
    for entity, subscriber, number in rows:
        tx.emit(told(entity=entity, subscriber=subscriber, event_number=number), decision.cause)
    return rows
