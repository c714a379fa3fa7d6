"""One look at the event log a second for all pages of this process, handed on as it is asked for.

A page gets ids and reads again by itself, so nobody is told what they may not see.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Final

import msgspec
import structlog
from litestar.concurrency import sync_to_thread

from oms.kernel.errors import Unavailable
from oms.platform import audit
from oms.platform.transaction import UnitOfWork

LOOK_S: Final = 1.0
NEWS_MAX: Final = 500  # of one look; who misses some sees them at the next reading
SILENCE_S: Final = 15.0  # then a comment goes out, so that nobody in between hangs up
QUEUE_MAX: Final = 20

log = structlog.get_logger(__name__)


class News(msgspec.Struct, frozen=True):
    """Something happened to an entity: the event's name and the entity's id."""

    type: str
    entity: str


class Stream:
    """Looks while somebody listens, and rests while nobody does. Lives on the server's loop."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._listeners: set[asyncio.Queue[Sequence[News]]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._stopped = asyncio.Event()

    async def listen(self) -> AsyncGenerator[Sequence[News], None]:
        """News as they come; an empty list when nothing came for a while."""
        queue: asyncio.Queue[Sequence[News]] = asyncio.Queue(QUEUE_MAX)
        self._listeners.add(queue)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            while not self._stopped.is_set():
                try:
                    yield await asyncio.wait_for(queue.get(), SILENCE_S)
                except TimeoutError:
                    yield ()
        finally:
            self._listeners.discard(queue)

    def stop(self) -> None:
        """Let every listener go: the server is about to stop."""
        self._stopped.set()
        for queue in self._listeners:
            _put(queue, ())

    async def _look(self) -> None:
        number = await sync_to_thread(self._last)
        while self._listeners:
            await asyncio.sleep(LOOK_S)
            try:
                news, number = await sync_to_thread(self._after, number)
            except Unavailable:
                continue  # the pages say by themselves that the server is away
            if news:
                for queue in self._listeners:
                    _put(queue, news)

    def _last(self) -> int:
        with self._uow.read() as reader:
            return audit.last_number(reader)

    def _after(self, number: int) -> tuple[Sequence[News], int]:
        with self._uow.read() as reader:
            told = audit.after(reader, number, NEWS_MAX)
        if not told:
            return (), number
        return tuple(News(each.type, each.entity) for each in told), told[-1].number


def as_event(name: str, value: object) -> bytes:
    """A server-sent event."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(value))


def _put(queue: asyncio.Queue[Sequence[News]], news: Sequence[News]) -> None:
    if not queue.full():  # who does not keep up reads the page again at the next news
        queue.put_nowait(news)
