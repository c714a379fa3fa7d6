"""Two ways to drain, in process and through arq on a real Redis, with the same subscribers."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest
import redis

from oms.kernel.clock import ManualClock
from oms.platform import arq_worker, backlog
from oms.platform.arq_worker import QUEUE, Waker, Work, working
from oms.platform.database import Database
from oms.platform.dispatch import Dispatcher, Subscriber, Subscribers, subscriptions
from oms.platform.embedded_worker import EmbeddedWorker
from oms.platform.jobs import Jobs, every
from oms.platform.transaction import UnitOfWork
from tests.integration.platform.bells import Rang, Telephone, hearing_all, ring
from tests.integration.platform.tables import notes, write

PATIENCE_S = 20


class Drained:
    """Everything a worker needs, and what it shall have done when it is finished."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.telephone = Telephone()
        subscribers: Subscribers = {
            Rang: (Subscriber("ear", hearing_all), Subscriber("telephone", self.telephone))
        }
        self.uow = UnitOfWork(database, clock, subscriptions(subscribers))
        self.dispatcher = Dispatcher(self.uow, subscribers)
        self.jobs = Jobs(self.uow, [every(3600, "hourly", lambda tx: write(tx, "a job ran"))])

    def work(self) -> Work:
        return Work(self.uow, self.dispatcher, self.jobs)

    def is_done(self) -> bool:
        with self.uow.read() as reader:
            return not backlog.depths(reader) and "a job ran" in notes(reader)

    def expect_all_done(self) -> None:
        with self.uow.read() as reader:
            assert notes(reader) == ["a job ran", "a1", "a1 answered", "b1", "b1 answered"]
        assert sorted(self.telephone.calls) == ["a1", "b1"]


@pytest.fixture
def drained(database: Database, clock: ManualClock) -> Drained:
    return Drained(database, clock)


@pytest.fixture
def embedded(drained: Drained) -> Iterator[EmbeddedWorker]:
    worker = EmbeddedWorker(drained.uow, drained.dispatcher, drained.jobs)
    worker.start()
    yield worker
    worker.stop()


def test_the_embedded_worker_does_what_was_left_and_what_comes(
    drained: Drained, embedded: EmbeddedWorker
) -> None:
    ring(drained.uow, "a1", "b1")

    wait_for(drained.is_done)

    embedded.stop()
    drained.expect_all_done()


def test_the_embedded_worker_goes_on_after_the_database_was_away(
    drained: Drained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oms.platform.embedded_worker.AWAY_S", 0.01)
    once = threading.Event()
    drain = drained.dispatcher.drain_reactions

    def fails_once() -> int:
        if not once.is_set():
            once.set()
            raise ZeroDivisionError("a bug in the machinery")
        return drain()

    monkeypatch.setattr(drained.dispatcher, "drain_reactions", fails_once)
    worker = EmbeddedWorker(drained.uow, drained.dispatcher, drained.jobs)
    worker.start()
    ring(drained.uow, "a1", "b1")

    wait_for(drained.is_done)

    worker.stop()
    drained.expect_all_done()


def test_a_stopped_worker_begins_nothing_new(drained: Drained, embedded: EmbeddedWorker) -> None:
    embedded.stop()

    ring(drained.uow, "a1", "b1")
    embedded.wake()

    with drained.uow.read() as reader:
        assert [depth.waiting for depth in backlog.depths(reader)] == [2, 2]


def test_an_arq_worker_does_the_same(drained: Drained, redis_url: str) -> None:
    async def main() -> None:
        async with working(drained.work(), redis_url):
            ring(drained.uow, "a1", "b1")
            await until(drained.is_done)

    asyncio.run(main())

    drained.expect_all_done()


def test_a_commit_wakes_a_worker_and_neighbours_share_a_wake_up(
    drained: Drained, redis_url: str
) -> None:
    async def main() -> int:
        waker = Waker(redis_url)
        drained.uow.after_commit(waker.wake)
        for _ in range(5):
            ring(drained.uow, "a1")
        with redis.Redis.from_url(redis_url) as client:
            await until(lambda: client.zcard(QUEUE) > 0)
            await asyncio.sleep(0)
            count = int(client.zcard(QUEUE))
        await waker.close()
        return count

    assert 1 <= asyncio.run(main()) < 5


def test_what_redis_forgets_is_found_in_the_outbox(drained: Drained, redis_url: str) -> None:
    async def main() -> None:
        waker = Waker(redis_url)
        drained.uow.after_commit(waker.wake)
        ring(drained.uow, "a1", "b1")
        await waker.close()
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        async with working(drained.work(), redis_url):
            await until(drained.is_done)

    asyncio.run(main())

    drained.expect_all_done()


def test_a_process_without_its_redis_goes_on(drained: Drained) -> None:
    """Waking fails with words in the log; the commit and what follows it do not care."""

    async def main() -> None:
        waker = Waker("redis://127.0.0.1:9")
        drained.uow.after_commit(waker.wake)
        ring(drained.uow, "a1")
        await asyncio.sleep(0.05)
        await waker.close()

    asyncio.run(main())

    assert drained.dispatcher.drain_reactions() == 1


def test_several_arq_workers_do_everything_once(
    drained: Drained, url: str, clock: ManualClock, redis_url: str
) -> None:
    others = [Database(url) for _ in range(2)]
    second, third = (Drained(each, clock) for each in others)

    async def main() -> None:
        async with (
            working(drained.work(), redis_url),
            working(second.work(), redis_url),
            working(third.work(), redis_url),
        ):
            for times in range(1, 21):
                ring(drained.uow, f"a{times}", f"b{times}")
            await until(drained.is_done)

    asyncio.run(main())

    called = [*drained.telephone.calls, *second.telephone.calls, *third.telephone.calls]
    assert sorted(called) == sorted(f"{bell}{times}" for bell in "ab" for times in range(1, 21))
    for each in others:
        each.close()


def test_work_asked_for_while_it_runs_runs_once_more() -> None:
    async def main() -> list[str]:
        done: list[str] = []
        goes_on = asyncio.Event()

        async def slowly() -> None:
            await goes_on.wait()
            done.append("ran")

        once: Callable[[], Awaitable[None]] = arq_worker._OneAtATime(slowly)
        running = asyncio.create_task(_awaited(once))
        await asyncio.sleep(0)
        for _ in range(3):
            await once()
        goes_on.set()
        await running
        return done

    assert asyncio.run(main()) == ["ran", "ran"]


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the other side is another process or thread
            await asyncio.sleep(0.02)


def wait_for(condition: Callable[[], bool]) -> None:
    asyncio.run(until(condition))
