"""Events are numbered in the order in which they become visible, by however many processes."""

import contextlib
import multiprocessing
import time
from collections.abc import Callable

from oms.kernel.clock import ManualClock
from oms.kernel.events import Cause
from oms.platform import audit
from oms.platform.database import Database
from oms.platform.dispatch import Subscriber, Subscribers
from oms.platform.transaction import UnitOfWork
from tests.integration.platform.bells import Rang, hearing_all, ring
from tests.integration.platform.tables import write

WRITERS = 2
TRANSACTIONS = 60
EVENTS_EACH = 3


def write_many(url: str, name: str) -> None:
    """What each process of the race does: many small transactions, some undone."""
    database = Database(url)
    uow = UnitOfWork(database, lambda: 0)
    for number in range(TRANSACTIONS):
        if number % 7 == 0:
            with contextlib.suppress(ZeroDivisionError):
                fail_after_telling(uow, name)
        with uow.begin() as tx:
            for _ in range(EVENTS_EACH):
                tx.emit(Rang(entity="shared" if number % 2 else name, times=number))
    database.close()


def fail_after_telling(uow: UnitOfWork, name: str) -> None:
    with uow.begin() as tx:
        tx.emit(Rang(entity=name, times=0))
        tx.flush_events({})  # the number is taken, and must come back
        raise ZeroDivisionError


def test_who_follows_the_feed_misses_nothing_while_processes_write(
    url: str, uow: UnitOfWork
) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(url, f"w{n}")) for n in range(WRITERS)]
    for writer in writers:
        writer.start()

    total = WRITERS * TRANSACTIONS * EVENTS_EACH
    seen: list[int] = []
    deadline = time.monotonic() + 60
    while len(seen) < total and time.monotonic() < deadline:
        with uow.read() as reader:
            page = audit.after(reader, seen[-1] if seen else 0, limit=7)
        seen.extend(event.number for event in page)
    for writer in writers:
        writer.join(10)

    assert seen == list(range(1, total + 1))
    with uow.read() as reader:
        shared = audit.of_entity(reader, "shared", 0, limit=audit.PAGE_MAX)
    assert [event.sequence for event in shared] == list(range(1, len(shared) + 1))


def test_events_of_an_entity_are_counted_from_one(uow: UnitOfWork) -> None:
    ring(uow, "a1", "b1", "a2")
    ring(uow, "a3")
    with uow.begin() as tx:
        tx.emit_first(Rang(entity="c", times=1))
        tx.emit(Rang(entity="c", times=2))

    with uow.read() as reader:
        told = [(e.entity, e.sequence, e.number) for e in audit.after(reader, 0, limit=10)]

    assert told == [("a", 1, 1), ("b", 1, 2), ("a", 2, 3), ("a", 3, 4), ("c", 1, 5), ("c", 2, 6)]


def test_a_transaction_that_fails_tells_nothing_and_wakes_nobody(uow: UnitOfWork) -> None:
    woken: list[None] = []
    uow.after_commit(lambda: woken.append(None))

    with contextlib.suppress(ZeroDivisionError):
        fail_after_telling(uow, "a")
    with uow.begin() as tx:
        write(tx, "no event, no waking")
    assert woken == []

    ring(uow, "a1")

    assert len(woken) == 1
    with uow.read() as reader:
        assert [event.number for event in audit.after(reader, 0, limit=10)] == [1]


def test_an_event_waits_for_each_of_its_subscribers(
    hearing: Callable[[Subscribers], UnitOfWork],
) -> None:
    uow = hearing({Rang: (Subscriber("one", hearing_all), Subscriber("two", hearing_all))})

    ring(uow, "a1", "a2")

    with uow.read() as reader:
        rows = reader.connection.exec_driver_sql(
            "SELECT subscriber, event_number FROM outbox ORDER BY 1, 2"
        ).all()
    assert [tuple(row) for row in rows] == [("one", 1), ("one", 2), ("two", 1), ("two", 2)]


def test_it_can_be_asked_who_did_what_and_what_followed(
    uow: UnitOfWork, clock: ManualClock
) -> None:
    with uow.begin(Cause("usr_1", "req-1")) as tx:
        tx.emit(Rang(entity="a", times=1))
        tx.emit(Rang(entity="b", times=1), Cause("usr_2", "req-2"))
    clock.advance(1000)
    with uow.begin(Cause("usr_1", "req-1", event_number=1)) as tx:
        tx.emit(Rang(entity="a", times=2))

    with uow.read() as reader:
        by_entity = audit.of_entity(reader, "a", 0, limit=10)
        by_actor = audit.of_actor(reader, "usr_1", 0, limit=10)
        followed = audit.because_of(reader, 1)

    assert [event.number for event in by_entity] == [1, 3]
    assert [event.number for event in by_actor] == [1, 3]
    assert [event.number for event in followed] == [3]
    assert by_entity[0].at_ms == clock() - 1000
    assert by_entity[0].cause == Cause("usr_1", "req-1")
    assert by_entity[0].type == "bell.rang"
    assert bytes(by_entity[0].body) == b'{"type":"bell.rang","entity":"a","times":1}'
