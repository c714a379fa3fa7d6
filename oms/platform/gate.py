"""The gate: concurrent commands become one transaction, and a bad one fails alone.

One thread takes whatever waits, runs it as one batch (on PostgreSQL one for each handler), and
answers the callers after the commit.
It adds no waiting of its own: the batch is what arrived while the last one was being written.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, Generic, TypeVar, overload

import msgspec
import sqlalchemy as sa
import structlog

from oms.kernel.errors import OMSError, Overloaded, Stale, Unavailable
from oms.platform import idempotency, metrics
from oms.platform.database import NOTHING_CHANGED
from oms.platform.idempotency import Key, Remembered
from oms.platform.transaction import Transaction, UnitOfWork

C = TypeVar("C")
R = TypeVar("R")

BATCH_MAX: Final = 256  # larger gained nothing in measurements and makes neighbours wait
QUEUE_MAX: Final = 4_096  # beyond this callers are told to come back
SINGLE_TRIES: Final = 3  # for a command that lost a race against another process

Handler = Callable[[Transaction, Sequence[C]], Sequence[R | OMSError]]
"""Work over a list: one answer or one expected failure for each command, in order.

Each command carries its own `cause`. A handler decides before it writes: what it answers with an
`OMSError` must have left no trace.
"""

log = structlog.get_logger(__name__)


class Submission(msgspec.Struct, Generic[C, R]):
    """A command on its way: what to do, since when it waits, and where the answer goes."""

    handler: Handler[C, R]
    command: C
    key: Key | None
    answer: "Future[R | Remembered]"
    since_s: float


class Gate:
    """One per process. `submit` from any thread; `close` finishes what was accepted."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._waiting: deque[Submission[Any, Any]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._thread.start()

    @overload
    def submit(self, handler: Handler[C, R], command: C) -> "Future[R]": ...

    @overload
    def submit(
        self, handler: Handler[C, R], command: C, key: Key | None
    ) -> "Future[R | Remembered]": ...

    def submit(self, handler: Handler[C, R], command: C, key: Key | None = None) -> "Future[Any]":
        """Queue a command. The future resolves after the commit, or fails with an `OMSError`.

        With a key that was used before, it resolves to what was answered then.
        """
        return self.submit_all(handler, [command], [key])[0]

    def submit_all(
        self, handler: Handler[C, R], commands: Sequence[C], keys: Sequence[Key | None] = ()
    ) -> "list[Future[R | Remembered]]":
        """Queue many commands at once; each fails or succeeds for itself.

        They are all accepted or, if there is no room for them, all refused (`Overloaded`).
        """
        now_s = time.perf_counter()
        submissions = [
            Submission(handler, command, key, Future(), now_s)
            for command, key in zip(commands, keys or [None] * len(commands), strict=True)
        ]
        refusal = self._accept(submissions)
        if refusal is not None:
            for submission in submissions:
                submission.answer.set_exception(refusal)
        return [submission.answer for submission in submissions]

    def depth(self) -> int:
        """How many commands wait."""
        return len(self._waiting)

    def is_working(self) -> bool:
        """Whether what is submitted will be done: neither closed nor broken."""
        return self._thread.is_alive() and not self._closed

    def close(self) -> None:
        """Finish what waits, then stop; what comes later is refused."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _accept(self, submissions: Sequence[Submission[C, R]]) -> OMSError | None:
        with self._changed:
            if self._closed:
                return Unavailable(
                    "gate.closed", "This process is about to stop.", "Repeat in a few seconds."
                )
            if len(self._waiting) + len(submissions) > QUEUE_MAX:
                return Overloaded("gate.full", "Too many changes at once.", "Repeat in a second.")
            self._waiting.extend(submissions)
            self._changed.notify()
        return None

    def _run(self) -> None:
        while batch := self._take():
            live = [item for item in batch if item.answer.set_running_or_notify_cancel()]
            for part in self._parts(live):
                metrics.gate_batch(len(part), len(self._waiting))
                self._work(part)

    def _take(self) -> list[Submission[Any, Any]]:
        """What waits now, at most `BATCH_MAX`; nothing when the gate is closed and empty."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            count = min(len(self._waiting), BATCH_MAX)
            return [self._waiting.popleft() for _ in range(count)]

    def _parts(self, batch: Sequence[Submission[Any, Any]]) -> list[list[Submission[Any, Any]]]:
        """What goes into one transaction: on SQLite all, on PostgreSQL what one handler does.

        A handler locks in one order, several behind one another do not: two processes with mixed
        batches would wait for each other, and each such ring stops both for a second.
        """
        if not batch or self._uow.database.dialect == "sqlite":
            return [list(batch)] if batch else []
        groups = _by_handler(batch, range(len(batch)))
        return [[batch[position] for position in positions] for positions in groups]

    def _work(self, batch: Sequence[Submission[Any, Any]]) -> None:
        try:
            answers = self._attempt(batch)
        except Exception as error:  # noqa: BLE001 - whatever it was, the callers are told
            self._failed(batch, error)
            return
        for item, answer in zip(batch, answers, strict=True):
            _resolve(item, answer)

    def _failed(self, batch: Sequence[Submission[Any, Any]], error: Exception) -> None:
        """Nothing of the batch was kept: halve it until the command that fails is alone."""
        if isinstance(error, Unavailable | Overloaded):
            # The database is away or busy for all of them: to try each would only take longer.
            for item in batch:
                _resolve(item, error)
        elif len(batch) == 1:
            self._alone(batch[0], error)
        else:
            log.info("gate.batch_split", commands=len(batch), reason=repr(error)[:200])
            middle = len(batch) // 2
            self._work(batch[:middle])
            self._work(batch[middle:])

    def _alone(self, item: Submission[Any, Any], error: Exception) -> None:
        """A command that failed by itself: repeat what a race explains, report the rest."""
        for _ in range(SINGLE_TRIES):
            if not isinstance(error, Stale | sa.exc.IntegrityError):
                break
            try:
                _resolve(item, self._in_one_transaction([item])[0])
                return
            except Exception as again:  # noqa: BLE001 - as above
                error = again
        if not isinstance(error, OMSError):
            log.error("gate.command_failed", handler=_name(item.handler), exc_info=error)
        _resolve(item, error)

    def _attempt(self, batch: Sequence[Submission[Any, Any]]) -> list[Any]:
        try:
            return self._in_one_transaction(batch)
        except Unavailable as error:
            if error.code != NOTHING_CHANGED:
                raise
            # The pool may hold connections from before a restart; the next one is new.
            return self._in_one_transaction(batch)

    def _in_one_transaction(self, batch: Sequence[Submission[Any, Any]]) -> list[Any]:
        answers: list[Any] = [None] * len(batch)
        keys = [item.key for item in batch]
        with self._uow.begin() as tx:
            todo = idempotency.recall(tx, keys, answers)
            for positions in _by_handler(batch, todo):
                handler = batch[positions[0]].handler
                results = handler(tx, [batch[p].command for p in positions])
                for position, result in zip(positions, results, strict=True):
                    answers[position] = result
            idempotency.remember(tx, keys, answers, todo)
        return answers


def _by_handler(batch: Sequence[Submission[Any, Any]], todo: Sequence[int]) -> list[list[int]]:
    """Positions grouped by handler; commands of one handler keep their order."""
    groups: dict[Any, list[int]] = {}
    for position in todo:
        groups.setdefault(batch[position].handler, []).append(position)
    return list(groups.values())


def _resolve(item: Submission[Any, Any], answer: Any) -> None:
    if isinstance(answer, Exception):
        item.answer.set_exception(answer)
        outcome = answer.code if isinstance(answer, OMSError) else "bug"
    else:
        item.answer.set_result(answer)
        outcome = "done"
    metrics.command(_name(item.handler), outcome, time.perf_counter() - item.since_s)


def _name(handler: Handler[Any, Any]) -> str:
    return getattr(handler, "__qualname__", type(handler).__name__)
