"""Reactions: once, in order, and a failing one is in nobody's way but its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from oms.kernel.clock import HOUR_MS, ManualClock
from oms.kernel.events import Cause, Recorded
from oms.platform import backlog, outbox
from oms.platform.backlog import Decision
from oms.platform.database import Database
from oms.platform.dispatch import Dispatcher, Subscriber, Subscribers, because_of, subscriptions
from oms.platform.event_log import event_table
from oms.platform.metrics import Depth
from oms.platform.outbox import Row
from oms.platform.transaction import Transaction, UnitOfWork
from tests.integration.platform.bells import Echoed, Rang, failing_on, hearing_all, named, ring
from tests.integration.platform.tables import notes, write

Hearing = Callable[[Subscribers], UnitOfWork]


def one(work: Any, name: str = "ear") -> Subscribers:
    return {Rang: (Subscriber(name, work),)}


def noted(uow: UnitOfWork) -> list[str]:
    with uow.read() as reader:
        return notes(reader)


def test_a_reaction_gets_what_happened_once_oldest_first(hearing: Hearing) -> None:
    batches: list[list[str]] = []
    subscribers = one(failing_on(set(), batches))
    uow = hearing(subscribers)
    dispatcher = Dispatcher(uow, subscribers)
    ring(uow, "a1", "b1", "a2")

    assert dispatcher.drain_reactions() == 3
    assert dispatcher.drain_reactions() == 0
    assert batches == [["a1", "b1", "a2"]]


def test_what_a_reaction_tells_is_heard_in_the_same_drain(hearing: Hearing) -> None:
    def echo(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
        for event in events:
            tx.emit(Echoed(entity=event.event.entity), because_of(event))

    def note(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
        write(tx, *(f"{event.event.entity} echoed" for event in events))

    subscribers: Subscribers = {
        Rang: (Subscriber("echo", echo),),
        Echoed: (Subscriber("note", note),),
    }
    uow = hearing(subscribers)
    ring(uow, "a1", "b1")

    assert Dispatcher(uow, subscribers).drain_reactions() == 4
    assert noted(uow) == ["a echoed", "b echoed"]


def test_what_follows_keeps_the_actor_and_names_the_event(hearing: Hearing) -> None:
    def echo(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
        tx.emit(Echoed(entity="echo"))

    subscribers = one(echo)
    uow = hearing(subscribers)
    with uow.begin(Cause("usr_1", "req-9")) as tx:
        tx.emit(Rang(entity="a", times=1))
    Dispatcher(uow, subscribers).drain_reactions()

    with uow.read() as reader:
        told = reader.fetch(event_table.select().where(event_table.c.entity == "echo"))
    assert [(row.actor, row.request_id, row.cause) for row in told] == [("usr_1", "req-9", 1)]


def test_a_failing_event_holds_up_only_its_own_stream(hearing: Hearing) -> None:
    broken = {"a1"}
    batches: list[list[str]] = []
    subscribers = one(failing_on(broken, batches))
    uow = hearing(subscribers)
    ring(uow, "a1", "b1", "a2", "b2")

    handled = Dispatcher(uow, subscribers).drain_reactions()

    assert handled == 2
    assert noted(uow) == ["b1", "b2"]
    assert batches == [["a1", "b1", "a2", "b2"], ["a1"], ["b1"], ["b2"]]


def test_one_subscribers_failure_is_not_anothers(hearing: Hearing) -> None:
    subscribers: Subscribers = {
        Rang: (Subscriber("broken", failing_on({"a1"}, [])), Subscriber("ear", hearing_all))
    }
    uow = hearing(subscribers)
    ring(uow, "a1")

    Dispatcher(uow, subscribers).drain_reactions()

    assert noted(uow) == ["a1"]


def test_a_failed_event_comes_again_before_those_behind_it(
    hearing: Hearing, clock: ManualClock
) -> None:
    broken = {"a1"}
    batches: list[list[str]] = []
    subscribers = one(failing_on(broken, batches))
    uow = hearing(subscribers)
    dispatcher = Dispatcher(uow, subscribers)
    ring(uow, "a1", "a2")
    dispatcher.drain_reactions()

    broken.clear()
    assert dispatcher.drain_reactions() == 0  # not yet
    clock.advance(outbox.FIRST_DELAY_MS)

    assert dispatcher.drain_reactions() == 2
    assert batches[-1] == ["a1", "a2"]


def test_what_fails_to_the_end_is_set_aside_and_the_stream_goes_on(
    hearing: Hearing, clock: ManualClock
) -> None:
    subscribers = one(failing_on({"a1"}, []))
    uow = hearing(subscribers)
    dispatcher = Dispatcher(uow, subscribers)
    ring(uow, "a1", "a2")

    for _ in range(outbox.ATTEMPTS_MAX):
        dispatcher.drain_reactions()
        clock.advance(HOUR_MS)
    dispatcher.drain_reactions()

    with uow.read() as reader:
        (waiting,) = backlog.set_aside(reader)
        assert backlog.depths(reader) == [Depth("ear", 0, 1, 0)]
    assert noted(uow) == ["a2"]
    assert waiting.row == Row("ear", 1)
    assert (waiting.attempts, waiting.last_error) == (
        outbox.ATTEMPTS_MAX - 1,
        "ZeroDivisionError('a bug')",
    )


def test_delays_double_up_to_an_hour() -> None:
    delays_s = [outbox.delay_ms(attempts) // 1000 for attempts in range(1, outbox.ATTEMPTS_MAX)]

    assert delays_s == [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600]


def test_a_person_can_have_it_tried_again_or_dropped(hearing: Hearing, clock: ManualClock) -> None:
    broken = {"a1", "b1"}
    subscribers = one(failing_on(broken, []))
    uow = hearing(subscribers)
    dispatcher = Dispatcher(uow, subscribers)
    ring(uow, "a1", "b1")
    with uow.begin() as tx:
        for number in (1, 2):
            outbox.set_aside(tx, Row("ear", number), "by hand")

    broken.clear()
    ann = Cause("usr_1")
    with uow.begin() as tx:
        assert backlog.retry(tx, [Decision((Row("ear", 1), Row("ear", 99)), ann)]) == [1]
        assert backlog.dismiss(tx, [Decision((Row("ear", 2),), ann)]) == [1]

    assert dispatcher.drain_reactions() == 1
    assert noted(uow) == ["a1"]
    with uow.read() as reader:
        assert backlog.depths(reader) == []
        told = reader.fetch(event_table.select().where(event_table.c.actor == "usr_1"))
    assert [(row.type, row.entity) for row in told] == [
        ("outbox.retried", "a"),
        ("outbox.dismissed", "b"),
    ]


def test_an_event_whose_form_has_changed_fails_alone(hearing: Hearing) -> None:
    subscribers = one(hearing_all)
    uow = hearing(subscribers)
    ring(uow, "a1", "b1")
    with uow.begin() as tx:
        tx.update(event_table, [{"number": 1, "body": '{"type":"bell.rang"}'}], keys=("number",))

    assert Dispatcher(uow, subscribers).drain_reactions() == 1
    assert noted(uow) == ["b1"]


def test_two_subscribers_of_one_name_are_refused(uow: UnitOfWork) -> None:
    subscribers: Subscribers = {
        Rang: (Subscriber("ear", hearing_all),),
        Echoed: (Subscriber("ear", failing_on(set(), [])),),
    }

    with pytest.raises(ValueError, match="two subscribers are called 'ear'"):
        Dispatcher(uow, subscribers)


def test_several_workers_keep_each_streams_order(url: str, clock: ManualClock) -> None:
    """Each worker takes what the other has not locked, never what lies behind it."""
    heard: list[str] = []
    lock = threading.Lock()

    def react(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
        hearing_all(tx, events)
        with lock:
            heard.extend(named(event) for event in events)

    subscribers = one(react)
    workers = [Database(url) for _ in range(4)]
    units = [UnitOfWork(each, clock, subscriptions(subscribers)) for each in workers]

    def work(uow: UnitOfWork) -> None:
        dispatcher = Dispatcher(uow, subscribers)
        for _ in range(40):
            dispatcher.drain_reactions()

    threads = [threading.Thread(target=work, args=(uow,)) for uow in units[1:]]
    for thread in threads:
        thread.start()
    expected = []
    for times in range(1, 60):
        ring(units[0], *(f"{bell}{times}" for bell in "abcde"))
        expected.append(times)
    for thread in threads:
        thread.join()
    Dispatcher(units[0], subscribers).drain_reactions()

    by_bell = {bell: [int(name[1:]) for name in heard if name[0] == bell] for bell in "abcde"}
    assert by_bell == dict.fromkeys("abcde", expected)
    for each in workers:
        each.close()
