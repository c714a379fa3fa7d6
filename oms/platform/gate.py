"""The gate: concurrent commands become one transaction, and a bad one fails alone.

One thread takes whatever waits, runs it as one batch, and answers the callers after the commit.
It adds no waiting of its own: the batch is what arrived while the last one was being written.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, Generic, TypeVar

import msgspec
import sqlalchemy as sa
import structlog

from oms.kernel.errors import OMSError, Overloaded, Stale
from oms.platform import idempotency
from oms.platform.transaction import Transaction, UnitOfWork

C = TypeVar("C")
R = TypeVar("R")

BATCH_MAX: Final = 256  # larger gained nothing in measurements and makes neighbours wait
QUEUE_MAX: Final = 4_096  # beyond this callers are told to come back
SINGLE_TRIES: Final = 3  # for a command that lost a race against another process

Handler = Callable[[Transaction, Sequence[C]], Sequence[R | OMSError]]
"""Work over a list: one answer or one expected failure for each command, in order.

Each command carries its own `cause`. A handler decides before it writes: what it answers with an `OMSError` must have left no trace.
"""

log = structlog.get_logger(__name__)


class Submission(msgspec.Struct, Generic[C, R]):
    """A command on its way: what to do, and where the answer goes."""

    handler: Handler[C, R]
    command: C
    key: idempotency.Key | None
    answer: "Future[R]"


class Gate:
    """One per process. `submit` from any thread; `close` finishes what was accepted."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._waiting: queue.Queue[Submission[Any, Any] | None] = queue.Queue(QUEUE_MAX)
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._thread.start()

    def submit(
        self,
        handler: Handler[C, R],
        command: C,
        key: idempotency.Key | None = None,
    ) -> "Future[R]":
        """Queue a command. The future resolves after the commit, or fails with an `OMSError`."""
        answer: Future[R] = Future()
        try:
            self._waiting.put_nowait(Submission(handler, command, key, answer))
        except queue.Full:
            answer.set_exception(
                Overloaded("gate.full", "Too many changes at once.", "Repeat in a second.")
            )
        return answer

    def depth(self) -> int:
        """How many commands wait."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            batch, open_ = self._take()
            if batch:
                self._work(batch)

    def _take(self) -> tuple[list[Submission[Any, Any]], bool]:
        """What waits now, at most `BATCH_MAX`; False when the gate was closed."""
        batch: list[Submission[Any, Any]] = []
        item = self._waiting.get()
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH_MAX:
                return batch, True
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _work(self, batch: Sequence[Submission[Any, Any]]) -> None:
        try:
            answers = self._in_one_transaction(batch)
        except Exception as error:
            if len(batch) == 1:
                self._alone(batch[0], error)
                return
            log.info("gate.batch_split", commands=len(batch), reason=repr(error)[:200])
            for item in batch:
                self._work([item])
            return
        for item, answer in zip(batch, answers, strict=True):
            _resolve(item.answer, answer)

    def _alone(self, item: Submission[Any, Any], error: Exception) -> None:
        """A command that failed by itself: repeat what a race explains, report the rest."""
        for _ in range(SINGLE_TRIES):
            if not isinstance(error, Stale | sa.exc.IntegrityError):
                break
            try:
                _resolve(item.answer, self._in_one_transaction([item])[0])
                return
            except Exception as again:
                error = again
        if not isinstance(error, OMSError):
            log.error("gate.command_failed", handler=item.handler.__qualname__, exc_info=error)
        item.answer.set_exception(error)

    def _in_one_transaction(self, batch: Sequence[Submission[Any, Any]]) -> list[Any]:
        answers: list[Any] = [None] * len(batch)
        with self._uow.begin() as tx:
            todo = idempotency.recall(tx, [item.key for item in batch], answers)
            for positions in _by_handler(batch, todo):
                handler = batch[positions[0]].handler
                results = handler(tx, [batch[p].command for p in positions])
                for position, result in zip(positions, results, strict=True):
                    answers[position] = result
            idempotency.remember(tx, [item.key for item in batch], answers, todo)
        return answers


def _by_handler(batch: Sequence[Submission[Any, Any]], todo: Sequence[int]) -> list[list[int]]:
    """Positions grouped by handler; commands of one handler keep their order."""
    groups: dict[Any, list[int]] = {}
    for position in todo:
        groups.setdefault(batch[position].handler, []).append(position)
    return list(groups.values())


def _resolve(future: "Future[Any]", answer: Any) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(answer, OMSError):
        future.set_exception(answer)
    else:
        future.set_result(answer)
