"""Carries events to their subscribers: reactions once in our database, effects to the outside.

A *reaction* works in the transaction that takes its rows out of the outbox. An *effect* leases a
row, talks to the outside without a transaction, and settles: at least once, with the event's number
as the idempotency key. When it drains is others' business (`embedded_worker`, `arq_worker`).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, runtime_checkable

import msgspec
import structlog

from oms.kernel.clock import SECOND_MS
from oms.kernel.errors import OMSError, Unavailable
from oms.kernel.events import Cause, Event, Recorded, wire_name
from oms.platform import metrics, outbox
from oms.platform.event_log import Subscriptions
from oms.platform.outbox import Kept, Lease, Row
from oms.platform.transaction import Transaction, UnitOfWork

BATCH: Final = 256  # events a reaction gets at once; on SQLite the gate waits for that long
EFFECTS_AT_ONCE: Final = 8  # conversations of one subscriber, each about another stream
LOOK_AGAIN_S: Final = 0.25  # for new work while conversations go on
LEASE_MS: Final = 60 * SECOND_MS  # after a kill the work is silent for so long
EFFECT_LIMIT_S: Final = 50  # shorter than the lease, so that two workers never do the same

Reaction = Callable[[Transaction, Sequence[Recorded[Any]]], None]
"""Work on a batch of events, oldest first, that touches only our database.

It must be idempotent by state: a batch that fails is tried again event by event.
"""

log = structlog.get_logger(__name__)


@runtime_checkable
class Effect(Protocol):
    """Work on one event that talks to the outside.

    `do` raises when it did not work: what may get better is tried again, what the other side
    refused for good (an `OMSError` of 400 to 499 that is not `retryable`) is set aside at once. An
    error with `retry_after_s` waits that long without counting. An effect with `newest_only = True`
    is given only the newest of the events that wait about one entity.
    """

    async def do(self, event: Recorded[Any]) -> Any: ...

    def settle(self, tx: Transaction, event: Recorded[Any], result: Any) -> None: ...


class Subscriber(msgspec.Struct, frozen=True):
    """Somebody who hears of events, by a name that stays: it is written beside what waits."""

    name: str
    work: "Reaction | Effect"


Subscribers = Mapping[type[Event], Sequence[Subscriber]]


def subscriptions(subscribers: Subscribers) -> Subscriptions:
    """Names only: what `UnitOfWork` needs to fill the outbox."""
    return {event: [each.name for each in heard] for event, heard in subscribers.items()}


def because_of(event: Recorded[Any]) -> Cause:
    """The cause of what is done because of an event: still its actor and request."""
    return Cause(event.cause.actor, event.cause.request_id, event.number)


class Dispatcher:
    """Drains the outbox. Any number may run, in any number of processes on PostgreSQL."""

    def __init__(self, uow: UnitOfWork, subscribers: Subscribers) -> None:
        self._uow = uow
        self._decoders = {wire_name(each): msgspec.json.Decoder(each) for each in subscribers}
        self._reactions: dict[str, Reaction] = {}
        self._effects: dict[str, Effect] = {}
        for subscriber in _unique(subscribers):
            if isinstance(subscriber.work, Effect):
                self._effects[subscriber.name] = subscriber.work
            else:
                self._reactions[subscriber.name] = subscriber.work
        self._closed = False

    def close(self) -> None:
        """Let every drain end after what it is doing now."""
        self._closed = True

    def drain_reactions(self) -> int:
        """React to everything due, and to what follows from it; answers how many events.

        Raises `Unavailable` when the database is away; nothing is lost by that.
        """
        total, handled = 0, 1
        while handled and not self._closed:
            with self._uow.read() as reader:
                names = outbox.due_names(reader, self._reactions)
            handled = sum(self._drain_reaction(name) for name in names)
            total += handled
        return total

    async def drain_effects(self) -> int:
        """Try every effect that is due, until none is; answers how many attempts were made.

        A slow conversation holds up its own stream and, at worst, its own subscriber.
        """
        running: dict[asyncio.Task[None], str] = {}
        total = 0
        try:
            while True:
                leases = await asyncio.to_thread(self._lease_effects, Counter(running.values()))
                for held in leases:
                    running[asyncio.create_task(self._try(held))] = held.row.subscriber
                total += len(leases)
                if not running:
                    return total
                done, _ = await asyncio.wait(
                    running, timeout=LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    del running[task]
                    task.result()
        finally:
            for task in running:
                task.cancel()  # its lease will lapse, and it will be done again
            await asyncio.gather(*running, return_exceptions=True)

    def _drain_reaction(self, name: str) -> int:
        total = 0
        while not self._closed and (handled := self._react(name)):
            total += handled
        return total

    def _react(self, name: str) -> int:
        """One batch for one reaction; answers how many of it succeeded."""
        events: list[Kept] = []
        try:
            with self._uow.begin() as tx:
                events = outbox.claim(tx, name, BATCH)
                self._work(tx, name, events)
        except Unavailable:
            raise
        except Exception as error:
            if not events:
                raise
            log.info(
                "reaction.batch_split", subscriber=name, events=len(events), reason=repr(error)
            )
            return sum(self._react_alone(name, event) for event in events)
        metrics.reaction(name, "done", len(events))
        return len(events)

    def _react_alone(self, name: str, event: Kept) -> int:
        row = Row(name, event.number)
        try:
            with self._uow.begin() as tx:
                claimed = outbox.claim_one(tx, row)
                self._work(tx, name, [claimed] if claimed else [])
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - said aloud and noted beside the event
            _complain("reaction.failed", row, event, error)
            with self._uow.begin() as tx:
                last = outbox.failed(tx, row, event.attempts + 1, _words(error))
            metrics.reaction(name, "set_aside" if last else "failed", 1)
            return 0
        metrics.reaction(name, "done", 1 if claimed else 0)
        return 1 if claimed else 0

    def _work(self, tx: Transaction, name: str, events: Sequence[Kept]) -> None:
        if not events:
            return
        recorded = [self._recorded(event) for event in events]
        if len(recorded) == 1:
            tx.cause = because_of(recorded[0])
        self._reactions[name](tx, recorded)
        outbox.finish(tx, name, [event.number for event in events])

    def _lease_effects(self, busy: Counter[str]) -> list[Lease]:
        if self._closed:
            return []
        room = {name: EFFECTS_AT_ONCE - busy[name] for name in self._effects}
        with self._uow.read() as reader:
            names = outbox.due_names(reader, [name for name in room if room[name] > 0])
        return [held for name in names for held in self._lease(name, room[name])]

    def _lease(self, name: str, limit: int) -> list[Lease]:
        with self._uow.begin() as tx:
            leases = outbox.lease(tx, name, limit, tx.now_ms + LEASE_MS)
            if getattr(self._effects[name], "newest_only", False):
                leases = [outbox.newest(tx, held) for held in leases]
        return leases

    async def _try(self, held: Lease) -> None:
        """Do and settle one leased event, or note why not. Only a lost database gets past here."""
        name = held.row.subscriber
        try:
            async with asyncio.timeout(EFFECT_LIMIT_S):
                event = self._recorded(held.event)
                result = await self._effects[name].do(event)
            await asyncio.to_thread(self._settle, held, event, result)
            metrics.effect(name, "done")
        except Exception as error:  # noqa: BLE001 - as above
            _complain("effect.failed", held.row, held.event, error)
            outcome = await asyncio.to_thread(self._note_failure, held, error)
            metrics.effect(name, outcome)

    def _settle(self, held: Lease, event: Recorded[Any], result: Any) -> None:
        with self._uow.begin(because_of(event)) as tx:
            if outbox.is_held(tx, held):
                self._effects[held.row.subscriber].settle(tx, event, result)
                outbox.finish_lease(tx, held)

    def _note_failure(self, held: Lease, error: Exception) -> str:
        retry_after_s = getattr(error, "retry_after_s", None)
        with self._uow.begin() as tx:
            if not outbox.is_held(tx, held):
                return "overtaken"
            if retry_after_s is not None:
                until_ms = tx.now_ms + int(retry_after_s * SECOND_MS)
                outbox.postpone(tx, held.row, until_ms, _words(error))
                return "postponed"
            if _is_final(error):
                outbox.set_aside(tx, held.row, _words(error))
                return "set_aside"
            last = outbox.failed(tx, held.row, held.event.attempts + 1, _words(error))
            return "set_aside" if last else "failed"

    def _recorded(self, event: Kept) -> Recorded[Any]:
        return Recorded(
            number=event.number,
            sequence=event.sequence,
            at_ms=event.at_ms,
            cause=event.cause,
            event=self._decoders[event.type].decode(event.body),
        )


def _unique(subscribers: Subscribers) -> list[Subscriber]:
    found: dict[str, Subscriber] = {}
    for subscriber in (each for heard in subscribers.values() for each in heard):
        if found.setdefault(subscriber.name, subscriber).work is not subscriber.work:
            raise ValueError(f"two subscribers are called '{subscriber.name}'")
    return list(found.values())


def _is_final(error: Exception) -> bool:
    return isinstance(error, OMSError) and not error.retryable and 400 <= error.status < 500


def _words(error: Exception) -> str:
    return f"{error.code}: {error.sentence}" if isinstance(error, OMSError) else repr(error)


def _complain(said: str, row: Row, event: Kept, error: Exception) -> None:
    named = {"subscriber": row.subscriber, "event_number": row.event_number, "type": event.type}
    if isinstance(error, OMSError):
        log.warning(said, entity=event.entity, reason=_words(error), **named)
    else:
        log.error(said, entity=event.entity, exc_info=error, **named)
