"""A database that vanishes, or whose disk is full, stops work with words and loses nothing."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from oms.kernel.clock import ManualClock
from oms.kernel.errors import OMSError, Overloaded, Unavailable
from oms.platform import database as database_module
from oms.platform.database import COMMIT_UNKNOWN, NOTHING_CHANGED, Database, metadata
from oms.platform.dispatch import Dispatcher, Subscriber, Subscribers, subscriptions
from oms.platform.gate import Gate
from oms.platform.transaction import Transaction, UnitOfWork
from tests.integration.platform.bells import Rang, hearing_all, ring
from tests.integration.platform.tables import notes, write
from tests.services.databases import Databases
from tests.services.postgresql import PostgresqlServer
from tests.services.programs import Missing, not_run


def keep(tx: Transaction, texts: Sequence[str]) -> Sequence[str | OMSError]:
    write(tx, *texts)
    return texts


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    try:
        started = PostgresqlServer().start()
    except Missing as missing:
        not_run(f"PostgreSQL: {missing}")
    yield started
    started.remove()


@pytest.fixture
def postgresql(server: PostgresqlServer) -> Iterator[Database]:
    made = Database(server.url)
    metadata.create_all(made.engine)
    yield made
    made.close()


@pytest.mark.postgresql
def test_a_server_that_was_killed_and_came_back_is_used_again_without_a_restart(
    server: PostgresqlServer, postgresql: Database, clock: ManualClock
) -> None:
    subscribers: Subscribers = {Rang: (Subscriber("ear", hearing_all),)}
    uow = UnitOfWork(postgresql, clock, subscriptions(subscribers))
    gate = Gate(uow)
    gate.submit(keep, "before").result(10)
    ring(uow, "a1")

    server.kill()
    answers = [gate.submit(keep, f"meanwhile {number}") for number in range(20)]
    errors = [answer.exception(60) for answer in answers]
    with pytest.raises(Unavailable):
        Dispatcher(uow, subscribers).drain_reactions()
    server.start()

    assert {type(error) for error in errors} == {Unavailable}
    assert gate.submit(keep, "after").result(60) == "after"
    assert Dispatcher(uow, subscribers).drain_reactions() == 1
    gate.close()
    with uow.read() as reader:
        assert notes(reader) == ["a1", "after", "before"]


@pytest.mark.postgresql
def test_a_change_whose_confirmation_got_lost_is_not_blindly_repeated(
    postgresql: Database, clock: ManualClock
) -> None:
    """It may have been kept: whoever asked is told so, and decides."""
    uow = UnitOfWork(postgresql, clock)
    gate = Gate(uow)
    calls: list[str] = []

    def lose(tx: Transaction, texts: Sequence[str]) -> Sequence[str | OMSError]:
        calls.extend(texts)
        write(tx, *texts)
        with postgresql.writing() as other:
            (me,) = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").one()
            other.exec_driver_sql(f"SELECT pg_terminate_backend({me}, 5000)")
        return texts

    error = gate.submit(lose, "a").exception(30)

    assert isinstance(error, Unavailable)
    assert error.code == COMMIT_UNKNOWN
    assert "same Idempotency-Key" in error.remedy
    assert calls == ["a"]
    assert gate.submit(keep, "b").result(30) == "b"
    gate.close()


@pytest.mark.postgresql
def test_a_connection_that_breaks_before_the_end_is_repeated_once(
    postgresql: Database, clock: ManualClock
) -> None:
    """As it is after every restart of the server: nothing was kept, so nothing is done twice."""
    uow = UnitOfWork(postgresql, clock)
    gate = Gate(uow)
    calls: list[str] = []

    def break_once(tx: Transaction, texts: Sequence[str]) -> Sequence[str | OMSError]:
        calls.extend(texts)
        if len(calls) == 1:
            with postgresql.writing() as other:
                (me,) = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").one()
                other.exec_driver_sql(f"SELECT pg_terminate_backend({me}, 5000)")
        return keep(tx, texts)

    assert gate.submit(break_once, "a").result(30) == "a"
    assert calls == ["a", "a"]
    gate.close()


def test_a_server_that_is_not_there_is_said_to_be_so(clock: ManualClock) -> None:
    nowhere = Database("postgresql+psycopg://postgres@127.0.0.1:9/nowhere")
    gate = Gate(UnitOfWork(nowhere, clock))

    error = gate.submit(keep, "a").exception(30)

    assert isinstance(error, Unavailable)
    assert error.code == NOTHING_CHANGED
    assert error.sentence.startswith("The database does not answer: ")
    gate.close()


def test_a_full_disk_stops_writing_with_words_and_not_reading(
    sqlite_databases: Databases, clock: ManualClock
) -> None:
    database = Database(sqlite_databases.empty())
    metadata.create_all(database.engine)
    uow = UnitOfWork(database, clock)
    gate = Gate(uow)
    gate.submit(keep, "before").result(10)

    def limit(pages: int) -> None:
        with database.writing() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    limit(1)  # SQLite takes the present size if that is more
    errors = [gate.submit(keep, "x" * 100_000 + str(n)).exception(10) for n in range(3)]

    assert {type(error) for error in errors} == {Unavailable}
    assert "disk is full" in str(errors[0])
    with uow.read() as reader:
        assert notes(reader) == ["before"]
    limit(1_000_000)
    assert gate.submit(keep, "after").result(10) == "after"
    gate.close()
    database.close()


def test_when_every_connection_is_busy_callers_are_asked_to_come_back(
    sqlite_databases: Databases, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "READERS", 1)
    monkeypatch.setattr(database_module, "POOL_WAIT_S", 0.01)
    database = Database(sqlite_databases.empty())
    uow = UnitOfWork(database, clock)

    with uow.read(), uow.read(), pytest.raises(Overloaded):
        uow.read().__enter__()
    database.close()


def test_sqlite_takes_turns_in_the_order_they_were_asked_for(
    sqlite_databases: Databases, clock: ManualClock
) -> None:
    """A busy gate must not keep reactions waiting for ever."""
    database = Database(sqlite_databases.empty())
    turns = database._turns
    assert turns is not None
    order: list[int] = []

    def take(number: int) -> None:
        with turns.mine():
            order.append(number)

    with turns.mine():
        threads = [threading.Thread(target=take, args=(number,)) for number in range(5)]
        for number, thread in enumerate(threads):
            thread.start()
            while len(turns._waiting) <= number:
                thread.join(0.001)
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4]
    database.close()
