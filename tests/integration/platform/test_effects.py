"""Effects: stored before they are done, at least once, in order, and never in one another's way."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from oms.kernel.clock import ManualClock
from oms.kernel.errors import Refused, Unavailable
from oms.kernel.events import SYSTEM, Recorded
from oms.platform import backlog, dispatch, outbox
from oms.platform.dispatch import Dispatcher, Subscriber, Subscribers
from oms.platform.outbox import Row
from oms.platform.transaction import UnitOfWork
from tests.integration.platform.bells import Rang, Telephone, named, ring
from tests.integration.platform.tables import notes

Hearing = Callable[[Subscribers], UnitOfWork]


@pytest.fixture
def telephone() -> Telephone:
    return Telephone()


@pytest.fixture
def subscribers(telephone: Telephone) -> Subscribers:
    return {Rang: (Subscriber("telephone", telephone),)}


@pytest.fixture
def uow(hearing: Hearing, subscribers: Subscribers) -> UnitOfWork:
    return hearing(subscribers)


@pytest.fixture
def dispatcher(uow: UnitOfWork, subscribers: Subscribers) -> Dispatcher:
    return Dispatcher(uow, subscribers)


def drain(dispatcher: Dispatcher) -> int:
    return asyncio.run(dispatcher.drain_effects())


def noted(uow: UnitOfWork) -> list[str]:
    with uow.read() as reader:
        return notes(reader)


def test_an_effect_is_done_and_its_result_kept(
    uow: UnitOfWork, dispatcher: Dispatcher, telephone: Telephone
) -> None:
    ring(uow, "a1", "a2", "b1")

    assert drain(dispatcher) == 3
    assert drain(dispatcher) == 0
    assert noted(uow) == ["a1 answered", "a2 answered", "b1 answered"]
    assert [call for call in telephone.calls if call[0] == "a"] == ["a1", "a2"]


def test_a_failed_conversation_is_tried_again_with_the_same_key(
    uow: UnitOfWork, dispatcher: Dispatcher, telephone: Telephone, clock: ManualClock
) -> None:
    telephone.errors["a1"] = [ConnectionError("engaged")]
    ring(uow, "a1", "a2", "b1")
    drain(dispatcher)
    assert noted(uow) == ["b1 answered"]

    clock.advance(outbox.FIRST_DELAY_MS)
    drain(dispatcher)

    assert noted(uow) == ["a1 answered", "a2 answered", "b1 answered"]
    assert [key for key in telephone.keys if key == 1] == [1, 1]


def test_what_the_other_side_refuses_goes_to_a_person_at_once(
    uow: UnitOfWork, dispatcher: Dispatcher, telephone: Telephone
) -> None:
    telephone.errors["a1"] = [Refused("test.unknown_number", "No such number.")]
    ring(uow, "a1", "a2")

    drain(dispatcher)

    with uow.read() as reader:
        (waiting,) = backlog.set_aside(reader)
    assert waiting.last_error == "test.unknown_number: No such number."
    assert noted(uow) == ["a2 answered"]


class Busy(Unavailable):
    """Says when to come back."""

    retry_after_s = 90.0


def test_waiting_as_asked_is_no_failure(
    uow: UnitOfWork, dispatcher: Dispatcher, telephone: Telephone, clock: ManualClock
) -> None:
    telephone.errors["a1"] = [Busy("test.busy", "Later.") for _ in range(outbox.ATTEMPTS_MAX + 5)]
    ring(uow, "a1")
    while telephone.errors["a1"]:
        drain(dispatcher)
        clock.advance(89_000)
        assert drain(dispatcher) == 0
        clock.advance(1_000)

    drain(dispatcher)

    assert noted(uow) == ["a1 answered"]


def test_a_result_that_cannot_be_kept_is_asked_for_again(
    uow: UnitOfWork, dispatcher: Dispatcher, telephone: Telephone, clock: ManualClock
) -> None:
    """Here: because the same note exists already, so it fails until a person looks."""
    with uow.begin() as tx:
        telephone.settle(tx, recorded(), "a1 answered")
    ring(uow, "a1")

    drain(dispatcher)
    clock.advance(outbox.FIRST_DELAY_MS)
    drain(dispatcher)

    assert telephone.calls == ["a1", "a1"]


def test_what_a_dead_worker_had_begun_is_done_when_its_lease_ends(
    uow: UnitOfWork, dispatcher: Dispatcher, subscribers: Subscribers, clock: ManualClock
) -> None:
    ring(uow, "a1", "a2")
    with uow.begin() as tx:
        (dead,) = outbox.lease(tx, "telephone", 10, clock() + dispatch.LEASE_MS)
    assert dead.row == Row("telephone", 1)  # a2 waits behind it

    assert drain(dispatcher) == 0
    clock.advance(dispatch.LEASE_MS)

    assert drain(dispatcher) == 2
    assert noted(uow) == ["a1 answered", "a2 answered"]


def test_work_that_kills_every_worker_ends_with_a_person(
    uow: UnitOfWork, dispatcher: Dispatcher, clock: ManualClock
) -> None:
    ring(uow, "a1")
    for _ in range(outbox.ATTEMPTS_MAX):
        with uow.begin() as tx:
            assert len(outbox.lease(tx, "telephone", 10, clock() + dispatch.LEASE_MS)) == 1
        clock.advance(dispatch.LEASE_MS)

    assert drain(dispatcher) == 0

    with uow.read() as reader:
        (waiting,) = backlog.set_aside(reader)
    assert waiting.last_error == "The process died or took too long each time it tried."


def test_who_comes_late_leaves_the_result_to_who_took_over(
    uow: UnitOfWork, subscribers: Subscribers, telephone: Telephone, clock: ManualClock
) -> None:
    """A conversation outlives its lease; another worker does it again meanwhile."""
    other = Dispatcher(uow, subscribers)

    class Slow(Telephone):
        async def do(self, event: Recorded[Any]) -> str:
            clock.advance(dispatch.LEASE_MS)
            await other.drain_effects()
            return "too late"

    slow = Slow()
    ring(uow, "a1")

    drain(Dispatcher(uow, {Rang: (Subscriber("telephone", slow),)}))

    assert noted(uow) == ["a1 answered"]
    with uow.read() as reader:
        assert backlog.depths(reader) == []


def test_a_slow_conversation_holds_up_its_own_stream_only(hearing: Hearing) -> None:
    hangs_up = asyncio.Event()

    class Talkative(Telephone):
        async def do(self, event: Recorded[Any]) -> str:
            if named(event) == "a1":
                await hangs_up.wait()
            if named(event) == "z1":
                hangs_up.set()
            return await super().do(event)

    talkative = Talkative()
    subscribers: Subscribers = {Rang: (Subscriber("telephone", talkative),)}
    uow = hearing(subscribers)
    ring(uow, "a1", "a2", *(f"{bell}1" for bell in "bcdefghijklmnopqrstuvwxyz"))

    drain(Dispatcher(uow, subscribers))

    assert talkative.calls.index("z1") < talkative.calls.index("a1")
    assert talkative.calls[-1] == "a2"


def test_only_the_newest_is_told_where_nobody_needs_the_older(hearing: Hearing) -> None:
    class Level(Telephone):
        newest_only = True

    level = Level()
    subscribers: Subscribers = {Rang: (Subscriber("level", level),)}
    uow = hearing(subscribers)
    ring(uow, "a1", "a2", "b1", "a3")

    drain(Dispatcher(uow, subscribers))

    assert sorted(level.calls) == ["a3", "b1"]
    with uow.read() as reader:
        assert backlog.depths(reader) == []


def recorded() -> Recorded[Rang]:
    return Recorded(number=1, sequence=1, at_ms=0, cause=SYSTEM, event=Rang(entity="a", times=1))
