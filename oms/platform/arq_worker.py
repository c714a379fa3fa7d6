"""The worker at scale: the embedded worker's work in processes of its own, woken through Redis.

arq carries wake-ups and the clock's tick, never facts: whatever Redis loses, the next tick finds in
the outbox, and while Redis is away this worker looks at the database by itself.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import structlog
from arq import ArqRedis, create_pool, cron, func
from arq.connections import RedisSettings
from arq.worker import Worker
from redis.exceptions import RedisError

from oms.kernel.errors import Unavailable
from oms.platform.dispatch import Dispatcher
from oms.platform.jobs import Jobs
from oms.platform.transaction import UnitOfWork

QUEUE: Final = "oms:wake-ups"
WINDOW_MS: Final = 50  # commits within it share a wake-up
DRAIN_LIMIT_S: Final = 3_600  # a backlog of millions takes a while; one killed is taken up at once
POLL_S: Final = 0.05
AWAY_S: Final = 1.0
STOP_LIMIT_S: Final = 20.0

log = structlog.get_logger(__name__)


class Waker:
    """Wakes workers after commits of this process. It lives in the loop it was made in."""

    def __init__(self, redis_url: str) -> None:
        self._settings = _redis_settings(redis_url)
        self._loop = asyncio.get_running_loop()
        self._bell = asyncio.Event()
        self._task = self._loop.create_task(self._repeat())

    def wake(self) -> None:
        """Have the outbox looked at soon. Cheap, from any thread, and no matter if it fails."""
        with contextlib.suppress(RuntimeError):  # the loop has ended: the next tick finds the rest
            self._loop.call_soon_threadsafe(self._bell.set)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _repeat(self) -> None:
        redis: ArqRedis | None = None
        try:
            while True:
                await self._bell.wait()
                self._bell.clear()
                try:
                    redis = redis or await create_pool(self._settings, default_queue_name=QUEUE)
                    await _enqueue(redis)
                except (RedisError, OSError) as error:
                    log.warning("waker.redis_away", reason=repr(error)[:200])
                    await asyncio.sleep(AWAY_S)
        finally:
            if redis is not None:
                await redis.aclose(close_connection_pool=True)


async def _enqueue(redis: ArqRedis) -> None:
    """One wake-up at the end of this window, whoever else asks for it too.

    It must not start before the window has ended: a commit after its start would be taken for
    included although it looked at the outbox before.
    """
    window = time.time_ns() // 1_000_000 // WINDOW_MS + 1
    at = datetime.fromtimestamp(window * WINDOW_MS / 1000, tz=UTC)
    await redis.enqueue_job("drain", _job_id=f"drain:{window}", _defer_until=at)


class Work:
    """What a worker does, each at most once at a time in this process."""

    def __init__(
        self,
        uow: UnitOfWork,
        dispatcher: Dispatcher,
        jobs: Jobs,
        goodbye: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`goodbye` ends what effects keep open (connections) when the work is over."""
        self.uow, self.dispatcher, self.goodbye = uow, dispatcher, goodbye
        self._react = _OneAtATime(lambda: asyncio.to_thread(dispatcher.drain_reactions))
        self._affect = _OneAtATime(dispatcher.drain_effects)
        self._run_jobs = _OneAtATime(lambda: asyncio.to_thread(jobs.run_due))

    async def drain(self) -> None:
        """React and talk until nothing is due. A slow conversation does not keep from reacting."""
        await _all(self._react(), self._affect())

    async def tick(self) -> None:
        """Run what is due by the clock; find what was lost or fell due by itself."""
        await _all(self._run_jobs(), self._react(), self._affect())


class _OneAtATime:
    """Work that, asked for while it runs, runs once more and lets the asker go."""

    def __init__(self, work: Callable[[], Awaitable[object]]) -> None:
        self._work = work
        self._is_running = self._is_wanted = False

    async def __call__(self) -> None:
        self._is_wanted = True
        if self._is_running:
            return
        self._is_running = True
        try:
            while self._is_wanted:
                self._is_wanted = False
                await self._work()
        finally:
            self._is_running = False


async def _all(*works: Awaitable[None]) -> None:
    """Wait for all of them; a database that is away is no failure, the next tick tries again."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, Unavailable):
            log.warning("worker.database_away", reason=outcome.sentence)
        elif isinstance(outcome, BaseException):
            raise outcome


async def drain(ctx: dict[str, Any]) -> None:
    """The wake-up."""
    await ctx["work"].drain()


async def tick(ctx: dict[str, Any]) -> None:
    """The clock: once a second, in one worker."""
    await ctx["work"].tick()


def arq_worker(work: Work, redis_url: str) -> Worker:
    """An arq worker for this work."""
    return Worker(
        functions=[func(drain, max_tries=1)],
        cron_jobs=[cron(tick, name="tick", second=set(range(60)), max_tries=1)],
        queue_name=QUEUE,
        redis_settings=_redis_settings(redis_url),
        ctx={"work": work},
        handle_signals=False,
        job_timeout=DRAIN_LIMIT_S,
        keep_result=0,
        poll_delay=POLL_S,
        # The default would run whatever somebody puts into Redis.
        job_serializer=msgspec.msgpack.encode,
        job_deserializer=msgspec.msgpack.decode,
        timezone=UTC,
    )


@asynccontextmanager
async def working(work: Work, redis_url: str) -> AsyncIterator["asyncio.Task[None]"]:
    """Work through Redis while the block lasts; then finish what was begun, within limits.

    The task ends by itself only with an error, most likely because Redis is away.
    """
    worker = arq_worker(work, redis_url)
    task = asyncio.create_task(worker.async_run())
    try:
        yield task
    finally:
        worker.allow_pick_jobs = False
        begun = list(worker.tasks.values())
        if begun:
            await asyncio.wait(begun, timeout=STOP_LIMIT_S)
        for each in (task, *begun):
            each.cancel()
        await asyncio.gather(task, *begun, return_exceptions=True)
        if worker.ctx.get("redis") is not None:
            await worker.pool.aclose(close_connection_pool=True)


def run(work: Work, redis_url: str) -> None:
    """Work until SIGTERM or SIGINT, then finish what was begun."""
    asyncio.run(_run(work, redis_url))


async def _run(work: Work, redis_url: str) -> None:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sent, stopping.set)
    waker = Waker(redis_url)  # what we tell may be another worker's to hear
    work.uow.after_commit(waker.wake)
    log.info("worker.started")
    while not stopping.is_set():
        await _until_stopped_or_away(work, redis_url, stopping)
    await waker.close()
    if work.goodbye is not None:
        await work.goodbye()
    log.info("worker.stopped")


async def _until_stopped_or_away(work: Work, redis_url: str, stopping: asyncio.Event) -> None:
    asked = asyncio.create_task(stopping.wait())
    async with working(work, redis_url) as task:
        await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            work.dispatcher.close()
            return
    asked.cancel()
    error = task.exception()
    if not isinstance(error, RedisError | OSError):
        raise error or RuntimeError("the worker ended by itself")
    log.warning("worker.redis_away", reason=repr(error)[:200])
    await work.tick()
    await asyncio.sleep(AWAY_S)


def _redis_settings(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries = 0  # we come back by ourselves
    return settings
