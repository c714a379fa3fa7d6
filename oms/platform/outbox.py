"""The outbox as rows: which events wait for which subscriber, claimed and leased in order.

Order is kept per stream (one entity for one subscriber): a row is taken only if no earlier one of
its stream is left, except those set aside for a person. What subscribers do is not known here.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.clock import HOUR_MS, SECOND_MS
from oms.kernel.events import Cause
from oms.platform.event_log import event_table, outbox_table
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

ATTEMPTS_MAX: Final = 12
FIRST_DELAY_MS: Final = 4 * SECOND_MS  # doubled each time, twelve attempts take about two hours
DELAY_MAX_MS: Final = HOUR_MS
WORDS_MAX: Final = 500

_KEYS: Final = ("subscriber", "event_number")


class Row(msgspec.Struct, frozen=True):
    """The name of one row: which event, for whom."""

    subscriber: str
    event_number: int


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An event as it lies in the database, its body still JSON text."""

    number: int
    entity: str
    sequence: int
    type: str
    at_ms: int
    cause: Cause
    body: str
    attempts: int


class Lease(msgspec.Struct, frozen=True):
    """The right to try one event until a moment. `event` may be newer than the leased `row`."""

    row: Row
    until_ms: int
    event: Kept


_row = outbox_table.alias("waiting")
_earlier = outbox_table.alias("earlier")
_NAMES: Final = ParameterRows("named", subscriber=sa.Text)
_ENTITIES: Final = ParameterRows("wanted", entity=sa.Text)

_same_row = sa.and_(
    outbox_table.c.subscriber == sa.bindparam("subscriber"),
    outbox_table.c.event_number == sa.bindparam("event_number"),
)
_is_due = sa.and_(_row.c.set_aside_at_ms.is_(None), _row.c.due_at_ms <= sa.bindparam("now_ms"))
_waits_behind_another = sa.exists().where(
    _earlier.c.entity == _row.c.entity,
    _earlier.c.subscriber == _row.c.subscriber,
    _earlier.c.event_number < _row.c.event_number,
    _earlier.c.set_aside_at_ms.is_(None),
)
_waits_behind_a_delay = _waits_behind_another.where(
    _earlier.c.due_at_ms > sa.bindparam("now_ms"),
)
_EVENT: Final = [column for column in event_table.c if column.name != "cause"]
_KEPT = (
    sa.select(*_EVENT, event_table.c.cause.label("because_of"), _row.c.attempts)
    .select_from(_row.join(event_table, event_table.c.number == _row.c.event_number))
    .where(_row.c.subscriber == sa.bindparam("subscriber"))
)
_DUE = (
    _KEPT.where(_is_due)
    .order_by(_row.c.event_number)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True, of=_row)
)
_CLAIM = _DUE.where(~_waits_behind_a_delay)
_CLAIM_ONE = _CLAIM.where(_row.c.event_number == sa.bindparam("event_number"))
_LEASE = _DUE.where(~_waits_behind_another, _row.c.lease_until_ms <= sa.bindparam("now_ms"))
_NEWEST = (
    _KEPT.where(_row.c.entity == sa.bindparam("entity"), _row.c.set_aside_at_ms.is_(None))
    .order_by(_row.c.event_number.desc())
    .limit(1)
)
_HEADS = (
    sa.select(outbox_table.c.entity, sa.func.min(outbox_table.c.event_number))
    .select_from(_ENTITIES.source.join(outbox_table, outbox_table.c.entity == _ENTITIES.c.entity))
    .where(
        outbox_table.c.subscriber == sa.bindparam("subscriber"),
        outbox_table.c.set_aside_at_ms.is_(None),
    )
    .group_by(outbox_table.c.entity)
)
_DUE_NAMES = sa.select(_NAMES.c.subscriber).where(
    sa.exists().where(_row.c.subscriber == _NAMES.c.subscriber, _is_due)
)
_HELD = (
    sa.select(outbox_table.c.event_number)
    .where(_same_row, outbox_table.c.lease_until_ms == sa.bindparam("until_ms"))
    .with_for_update()
)
_FINISH_STREAM = sa.delete(outbox_table).where(
    outbox_table.c.subscriber == sa.bindparam("subscriber"),
    outbox_table.c.entity == sa.bindparam("entity"),
    outbox_table.c.event_number <= sa.bindparam("event_number"),
    outbox_table.c.set_aside_at_ms.is_(None),
)


def due_names(reader: Reader, names: Iterable[str]) -> list[str]:
    """Those of the subscribers that something is due for (it may yet be taken by another)."""
    bound = _NAMES([(name,) for name in names])
    return [row[0] for row in reader.fetch(_DUE_NAMES, bound, now_ms=reader.now_ms)]


def claim(tx: Transaction, subscriber: str, limit: int) -> list[Kept]:
    """Lock due events, oldest first, each with all of its stream before it."""
    found = tx.fetch(_CLAIM, subscriber=subscriber, now_ms=tx.now_ms, limit=limit)
    return _in_line(tx, subscriber, [_kept(each) for each in found])


def claim_one(tx: Transaction, row: Row) -> Kept | None:
    """Lock one event, if it is still there, due, and first of its stream."""
    found = tx.fetch(_CLAIM_ONE, now_ms=tx.now_ms, limit=1, **_named(row))
    return next(iter(_in_line(tx, row.subscriber, [_kept(each) for each in found])), None)


def finish(tx: Transaction, subscriber: str, numbers: Iterable[int]) -> None:
    """Take claimed rows out, in the transaction that did their work."""
    tx.delete(outbox_table, [_named(Row(subscriber, number)) for number in numbers])


def lease(tx: Transaction, subscriber: str, limit: int, until_ms: int) -> list[Lease]:
    """Lease due heads of streams; each lease counts as an attempt, so a deadly one has an end."""
    found = tx.fetch(_LEASE, subscriber=subscriber, now_ms=tx.now_ms, limit=limit)
    events = [_kept(each) for each in found]
    for event in events:
        if event.attempts >= ATTEMPTS_MAX:
            words = "The process died or took too long each time it tried."
            set_aside(tx, Row(subscriber, event.number), words)
    leased = [event for event in events if event.attempts < ATTEMPTS_MAX]
    changes = [
        _named(Row(subscriber, event.number))
        | {"lease_until_ms": until_ms, "attempts": event.attempts + 1}
        for event in leased
    ]
    tx.update(outbox_table, changes, _KEYS)
    return [Lease(Row(subscriber, event.number), until_ms, event) for event in leased]


def newest(tx: Transaction, held: Lease) -> Lease:
    """The same lease over its stream's newest event: what came between need not be told."""
    row = tx.fetch_one(_NEWEST, subscriber=held.row.subscriber, entity=held.event.entity)
    if row is None:
        return held
    event = msgspec.structs.replace(_kept(row), attempts=held.event.attempts)
    return msgspec.structs.replace(held, event=event)


def is_held(tx: Transaction, held: Lease) -> bool:
    """Whether nobody has taken the lease over or finished it meanwhile; locks the row."""
    return tx.fetch_one(_HELD, until_ms=held.until_ms, **_named(held.row)) is not None


def finish_lease(tx: Transaction, held: Lease) -> None:
    """Take the leased row out, with those of its stream that a newer event made superfluous."""
    tx.run(
        _FINISH_STREAM,
        subscriber=held.row.subscriber,
        entity=held.event.entity,
        event_number=held.event.number,
    )


def failed(tx: Transaction, row: Row, attempts: int, words: str) -> bool:
    """Note failure number `attempts` and let the row wait; True if that was the last one."""
    if attempts >= ATTEMPTS_MAX:
        set_aside(tx, row, words)
        return True
    until_ms = tx.now_ms + delay_ms(attempts)
    _change(tx, row, {"attempts": attempts, "due_at_ms": until_ms, "last_error": words})
    return False


def postpone(tx: Transaction, row: Row, until_ms: int, words: str) -> None:
    """Let a row wait without counting an attempt, because the other side asked for it."""
    _change(tx, row, {"attempts": 0, "due_at_ms": until_ms, "last_error": words})


def set_aside(tx: Transaction, row: Row, words: str) -> None:
    """Stop trying; the stream goes on without it. A person can `backlog.retry` or `dismiss` it."""
    _change(tx, row, {"set_aside_at_ms": tx.now_ms, "last_error": words})


def delay_ms(attempts: int) -> int:
    """How long to wait after so many failures."""
    return int(min(FIRST_DELAY_MS * 2 ** (attempts - 1), DELAY_MAX_MS))


def _change(tx: Transaction, row: Row, changes: dict[str, Any]) -> None:
    cut = {"last_error": changes["last_error"][:WORDS_MAX], "lease_until_ms": 0}
    tx.update(outbox_table, [_named(row) | changes | cut], _KEYS)


def _in_line(tx: Transaction, subscriber: str, events: list[Kept]) -> list[Kept]:
    """Without those whose stream begins with a row that another worker has locked."""
    if tx.dialect == "sqlite" or not events:
        return events  # nobody else can be writing
    bound = _ENTITIES([(entity,) for entity in sorted({event.entity for event in events})])
    heads: dict[str, int] = {
        row[0]: row[1] for row in tx.fetch(_HEADS, bound, subscriber=subscriber)
    }
    ours = {event.number for event in events}
    return [event for event in events if heads.get(event.entity) in ours]


def _kept(row: sa.Row[Any]) -> Kept:
    return Kept(
        number=row.number,
        entity=row.entity,
        sequence=row.sequence,
        type=row.type,
        at_ms=row.at_ms,
        cause=Cause(row.actor, row.request_id, row.because_of),
        body=row.body,
        attempts=row.attempts,
    )


def _named(row: Row) -> dict[str, Any]:
    return {"subscriber": row.subscriber, "event_number": row.event_number}
