"""Finishing over a list: reception and inspection of what lies on the table in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from oms.kernel.errors import OMSError, Refused
from oms.platform.batches import in_rounds
from oms.platform.gate import Handler
from oms.platform.transaction import Transaction
from returns import store
from returns.desk.model import Desk
from returns.finishing import model
from returns.finishing.model import Finish, Waiting
from returns.inspection.service import inspect
from returns.model import Close, Inspect, Receive, ReturnLine, by_line, unknown
from returns.reception.service import close, receive

C = TypeVar("C")


class _Turn(msgspec.Struct):
    """A command while it is carried out; `lines` as the last step left them."""

    command: Finish
    lines: Sequence[ReturnLine]
    answer: Desk | OMSError | None = None

    @property
    def is_refused(self) -> bool:
        return isinstance(self.answer, OMSError)


def finish(tx: Transaction, commands: Sequence[Finish]) -> list[Desk | OMSError]:
    """Count in what is not counted in yet, grade what has a grade, and expect nothing more where
    that is said. A refusal raised half-way takes everything back.
    """
    return in_rounds(commands, lambda c: c.return_id, lambda batch: _round(tx, batch))


def _round(tx: Transaction, commands: Sequence[Finish]) -> list[Desk | OMSError]:
    ids = [command.return_id for command in commands]
    known = store.lock_returns(tx, ids)
    lines = by_line(store.lines_of(tx, known))
    turns = [_begun(command, lines, command.return_id in known) for command in commands]
    waiting = _waiting(tx, turns)
    _step(tx, turns, receive, lambda turn: _receive(turn, waiting[turn.command.return_id]))
    waiting = _waiting(tx, turns)
    _step(tx, turns, inspect, lambda turn: _inspect(turn, waiting[turn.command.return_id]))
    _step(tx, turns, close, _close)
    return [turn.answer or _nothing() for turn in turns]


def _begun(command: Finish, lines: dict[str, list[ReturnLine]], is_known: bool) -> _Turn:  # noqa: FBT001 - one caller, above
    turn = _Turn(command, lines.get(command.return_id, ()))
    try:
        if not is_known:
            raise unknown("return", command.return_id)
        model.refuse_stale(command, turn.lines)
    except OMSError as refusal:
        turn.answer = refusal
    return turn


def _step(
    tx: Transaction,
    turns: Sequence[_Turn],
    handler: Handler[C, Desk],
    command_for: Callable[[_Turn], C | None],
) -> None:
    """One step of all turns that have something to do in it."""
    wanted: list[tuple[_Turn, C]] = []
    for turn in turns:
        if turn.is_refused:
            continue
        try:
            command = command_for(turn)
        except OMSError as refusal:
            if turn.answer is not None:  # something was written for it already
                raise
            turn.answer = refusal
            continue
        if command is not None:
            wanted.append((turn, command))
    answers = handler(tx, [command for _, command in wanted]) if wanted else ()
    for (turn, _), answer in zip(wanted, answers, strict=True):
        if isinstance(answer, OMSError) and turn.answer is not None:
            raise answer
        turn.answer = answer
        if isinstance(answer, Desk):
            turn.lines = answer.lines


def _receive(turn: _Turn, waiting: Waiting) -> Receive | None:
    command = turn.command
    arrived = model.arrivals(command.found, waiting)
    if not arrived:
        return None
    return Receive(
        return_id=command.return_id,
        node_id=command.node_id,
        arrived=arrived,
        cause=command.cause,
    )


def _inspect(turn: _Turn, waiting: Waiting) -> Inspect | None:
    command = turn.command
    verdicts = model.verdicts(command.found, turn.lines, waiting)
    if not verdicts:
        return None
    return Inspect(
        return_id=command.return_id,
        node_id=command.node_id,
        verdicts=verdicts,
        cause=command.cause,
    )


def _close(turn: _Turn) -> Close | None:
    is_missing = any(line.missing for line in turn.lines)
    if not (turn.command.is_over and is_missing):
        return None
    return Close(return_id=turn.command.return_id, cause=turn.command.cause)


def _waiting(tx: Transaction, turns: Sequence[_Turn]) -> dict[str, dict[str, int]]:
    """Units that wait for inspection at each command's node, by return and return line."""
    nodes = {turn.command.return_id: turn.command.node_id for turn in turns}
    owner = {line.id: line.return_id for turn in turns for line in turn.lines}
    waiting: dict[str, dict[str, int]] = defaultdict(dict)
    for (line_id, node_id, outcome, _), units in store.standing(tx, nodes).items():
        return_id = owner.get(line_id, "")
        if outcome is None and nodes.get(return_id) == node_id:
            waiting[return_id][line_id] = units
    return waiting


def _nothing() -> Refused:
    return Refused("return.nothing_judged", "Nothing was counted or judged.", "Say what was found.")
