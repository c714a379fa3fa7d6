"""Drains the outbox and runs jobs inside the serving process: woken by commits, and by the clock.

Two threads of its own: one for what touches our database, one for conversations with the outside.
At scale `arq_worker` does the same with the same dispatcher in processes of its own.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from oms.kernel.errors import Unavailable
from oms.platform.dispatch import Dispatcher
from oms.platform.jobs import Jobs
from oms.platform.transaction import UnitOfWork

POLL_S: Final = 1.0  # for what falls due by itself and for commits of other processes
LINGER_S: Final = 0.01  # lets the events of neighbouring commits share a batch
AWAY_S: Final = 5.0  # between attempts while the database is away
STOP_LIMIT_S: Final = 20.0  # conversations that last longer are done again by the next process

log = structlog.get_logger(__name__)


class EmbeddedWorker:
    """Starts with `start`, sleeps while nothing happens, and stops within `STOP_LIMIT_S`."""

    def __init__(
        self,
        uow: UnitOfWork,
        dispatcher: Dispatcher,
        jobs: Jobs,
        goodbye: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        """`goodbye` ends what effects keep open (connections), in the loop they ran in."""
        self._dispatcher, self._jobs, self._goodbye = dispatcher, jobs, goodbye
        self._jobs_looked_at_s = 0.0
        self._stopping = threading.Event()
        self._reactions, self._effects = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._react, name="reactions", daemon=True),
            threading.Thread(target=self._affect, name="effects", daemon=True),
        ]
        uow.after_commit(self.wake)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look at the outbox now. Cheap; may be called from any thread."""
        self._reactions.set()
        self._effects.set()

    def stop(self) -> None:
        """Finish what is being done, start nothing new."""
        self._stopping.set()
        self._dispatcher.close()
        self.wake()
        for thread in self._threads:
            thread.join(STOP_LIMIT_S)

    def _react(self) -> None:
        self._repeat(self._reactions, self._react_once)

    def _react_once(self) -> None:
        if time.monotonic() - self._jobs_looked_at_s >= POLL_S:
            self._jobs_looked_at_s = time.monotonic()
            self._jobs.run_due()
        self._dispatcher.drain_reactions()

    def _affect(self) -> None:
        # One loop for the life of the thread, so that connections to the outside stay open.
        with asyncio.Runner() as runner:
            self._repeat(self._effects, lambda: runner.run(self._dispatcher.drain_effects()))
            if self._goodbye is not None:
                runner.run(self._goodbye())

    def _repeat(self, bell: threading.Event, work: Callable[[], object]) -> None:
        while not self._stopping.is_set():
            bell.wait(POLL_S)
            self._stopping.wait(LINGER_S)
            bell.clear()
            try:
                work()
            except Unavailable as error:
                log.warning("worker.database_away", reason=error.sentence)
                self._stopping.wait(AWAY_S)
            except Exception:
                # A bug in the machinery itself: say so, and do not take the web server along.
                log.exception("worker.failed")
                self._stopping.wait(AWAY_S)
