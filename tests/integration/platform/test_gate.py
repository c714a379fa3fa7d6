"""The gate: many callers, few transactions, and nobody suffers for another."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from typing import Any

import pytest
import sqlalchemy as sa

from oms.kernel.errors import Invalid, OMSError, Overloaded, Refused, Stale, Unavailable
from oms.platform import gate as gate_module
from oms.platform.database import Database
from oms.platform.gate import Gate
from oms.platform.idempotency import Key, Remembered
from oms.platform.transaction import Transaction, UnitOfWork
from tests.integration.platform.tables import notes, write


class Door:
    """A handler that keeps the gate busy until it is opened."""

    def __init__(self, gate: Gate) -> None:
        self._entered, self._open = threading.Event(), threading.Event()
        self.answer = gate.submit(self._pass, "")
        assert self._entered.wait(10)

    def open(self) -> None:
        self._open.set()

    def _pass(self, tx: Transaction, commands: Sequence[str]) -> Sequence[str]:
        self._entered.set()
        assert self._open.wait(10)
        return commands


@pytest.fixture
def commits(database: Database) -> list[None]:
    """One entry for each transaction committed from now on."""
    seen: list[None] = []
    sa.event.listen(database.engine, "commit", lambda _: seen.append(None))
    return seen


@pytest.fixture
def gate(uow: UnitOfWork) -> Iterator[Gate]:
    made = Gate(uow)
    yield made
    made.close()


def keep(tx: Transaction, texts: Sequence[str]) -> Sequence[str | OMSError]:
    """Write each text; `no` is refused, `bug` is one."""
    if "bug" in texts:
        raise ZeroDivisionError("a bug")
    kept = [text for text in texts if text != "no"]
    write(tx, *kept)
    return [Refused("test.no", "No.") if text == "no" else f"kept {text}" for text in texts]


def test_commands_that_come_together_are_written_together(
    gate: Gate, uow: UnitOfWork, commits: list[None]
) -> None:
    door = Door(gate)
    answers = [gate.submit(keep, f"{number:03}") for number in range(200)]
    assert gate.depth() == 200

    door.open()

    assert [answer.result(10) for answer in answers[:2]] == ["kept 000", "kept 001"]
    wait(answers)
    assert len(commits) == 2  # the door and everybody behind it
    with uow.read() as reader:
        assert len(notes(reader)) == 200


def test_a_refused_command_is_told_alone(gate: Gate, commits: list[None]) -> None:
    door = Door(gate)
    good, bad, other = (gate.submit(keep, text) for text in ("a", "no", "b"))

    door.open()

    assert good.result(10) == "kept a"
    assert other.result(10) == "kept b"
    assert raised(bad) == "test.no"
    assert len(commits) == 2


def test_a_command_that_breaks_the_batch_fails_alone(gate: Gate, uow: UnitOfWork) -> None:
    door = Door(gate)
    answers = {text: gate.submit(keep, text) for text in ("a", "b", "c", "bug", "d", "e", "f", "g")}

    door.open()

    assert isinstance(answers.pop("bug").exception(10), ZeroDivisionError)
    assert [answer.result(10) for answer in answers.values()] == [f"kept {t}" for t in answers]
    with uow.read() as reader:
        assert notes(reader) == list("abcdefg")


def test_an_answer_comes_only_when_the_work_is_kept(gate: Gate, uow: UnitOfWork) -> None:
    seen: list[list[str]] = []

    def look(_: "Future[str]") -> None:
        with uow.read() as reader:
            seen.append(notes(reader))

    answer = gate.submit(keep, "a")
    answer.add_done_callback(look)
    answer.result(10)
    gate.close()

    assert seen == [["a"]]


def test_the_same_request_twice_in_one_batch_is_done_once(gate: Gate, uow: UnitOfWork) -> None:
    door = Door(gate)
    first, twin = (gate.submit(keep, "a", Key("me", "key-1", "hash")) for _ in range(2))

    door.open()

    assert first.result(10) == "kept a"
    assert twin.result(10) == Remembered('"kept a"')


def test_a_repeated_request_gets_its_first_answer(gate: Gate) -> None:
    key = Key("me", "key-1", "hash")
    gate.submit(keep, "a", key).result(10)

    assert gate.submit(keep, "a", key).result(10) == Remembered('"kept a"')


def test_a_key_used_for_another_request_is_refused(gate: Gate) -> None:
    gate.submit(keep, "a", Key("me", "key-1", "hash")).result(10)

    assert raised(gate.submit(keep, "b", Key("me", "key-1", "other"))) == "idempotency.key_reused"
    assert gate.submit(keep, "b", Key("you", "key-1", "other")).result(10) == "kept b"


def test_a_refused_request_may_be_repeated_with_its_key(gate: Gate) -> None:
    answers = [gate.submit(keep, "no", Key("me", "key-1", "hash")) for _ in range(2)]

    assert [raised(answer) for answer in answers] == ["test.no", "test.no"]


def test_a_command_that_lost_a_race_is_tried_again(gate: Gate) -> None:
    tries: list[str] = []

    def race(tx: Transaction, texts: Sequence[str]) -> Sequence[str]:
        tries.extend(texts)
        if len(tries) < 3:
            raise Stale("test.stale", "Somebody was faster.")
        return texts

    assert gate.submit(race, "a").result(10) == "a"
    assert tries == ["a", "a", "a"]


def test_a_caller_who_went_away_is_not_served_and_harms_nobody(gate: Gate, uow: UnitOfWork) -> None:
    door = Door(gate)
    gone = gate.submit(keep, "gone")
    stays = gate.submit(keep, "stays")
    gone.cancel()

    door.open()

    assert stays.result(10) == "kept stays"
    assert gate.submit(keep, "later").result(10) == "kept later"
    with uow.read() as reader:
        assert notes(reader) == ["later", "stays"]


def test_a_full_gate_asks_to_come_back(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "QUEUE_MAX", 2)
    door = Door(gate)
    waiting = gate.submit(keep, "a")
    too_many = gate.submit_all(keep, ["b", "c"])
    fits = gate.submit(keep, "d")

    assert {type(answer.exception(10)) for answer in too_many} == {Overloaded}
    door.open()

    assert [waiting.result(10), fits.result(10)] == ["kept a", "kept d"]


def test_a_closing_gate_finishes_what_waits_and_takes_nothing_new(
    gate: Gate, uow: UnitOfWork
) -> None:
    door = Door(gate)
    waiting = gate.submit(keep, "a")
    closing = threading.Thread(target=gate.close)
    closing.start()
    door.open()
    closing.join(10)

    assert waiting.result(0) == "kept a"
    assert isinstance(gate.submit(keep, "b").exception(0), Unavailable)


def test_many_commands_at_once_are_answered_one_by_one(gate: Gate) -> None:
    answers = gate.submit_all(keep, ["a", "no", "b"])

    assert answers[0].result(10) == "kept a"
    assert raised(answers[1]) == "test.no"
    assert answers[2].result(10) == "kept b"


def test_a_value_the_database_cannot_hold_is_the_callers_fault(gate: Gate, url: str) -> None:
    answer = gate.submit(keep, "nul \0 here")

    if url.startswith("sqlite"):  # which holds it
        assert answer.result(10) == "kept nul \0 here"
    else:
        assert isinstance(answer.exception(10), Invalid)


def test_a_busy_database_is_told_to_all_at_once(gate: Gate) -> None:
    """Each try waits for a connection, so a batch must not be tried in ever smaller parts."""
    tries: list[int] = []

    def busy(tx: Transaction, commands: Sequence[str]) -> Sequence[str]:
        tries.append(len(commands))
        raise Overloaded("database.busy", "Every connection is in use.", "Repeat in a second.")

    door = Door(gate)
    answers = [gate.submit(busy, str(number)) for number in range(8)]
    door.open()

    assert {raised(answer) for answer in answers} == {"database.busy"}
    assert len(tries) == 1


def test_on_postgresql_every_handler_has_a_transaction_of_its_own(
    gate: Gate, url: str, commits: list[None]
) -> None:
    """One handler locks in one order; two behind one another would not."""

    def other(tx: Transaction, texts: Sequence[str]) -> Sequence[str]:
        return [answer.upper() for answer in keep(tx, texts) if isinstance(answer, str)]

    door = Door(gate)
    work = [(keep, "a"), (other, "b"), (keep, "c"), (other, "d")]
    answers = [gate.submit(handler, text) for handler, text in work]
    door.open()

    assert [answer.result(10) for answer in answers] == ["kept a", "KEPT B", "kept c", "KEPT D"]
    together = 1 if url.startswith("sqlite") else 2
    assert len(commits) == 1 + together  # the door comes first


def raised(answer: "Future[Any]") -> str:
    error = answer.exception(10)
    assert isinstance(error, OMSError)
    return error.code
