"""Periodic jobs: when due, by one process, and due again at once if that one dies."""

from oms.kernel.clock import ManualClock
from oms.platform import idempotency, jobs
from oms.platform.database import Database
from oms.platform.idempotency import Key
from oms.platform.jobs import Jobs, JobState, every
from oms.platform.transaction import Transaction, UnitOfWork
from tests.integration.platform.tables import notes, write


def counting(ran: list[int]) -> jobs.Job:
    return every(60, "count", lambda tx: ran.append(tx.now_ms))


def test_a_job_runs_when_its_time_has_come(uow: UnitOfWork, clock: ManualClock) -> None:
    ran: list[int] = []
    table = Jobs(uow, [counting(ran)])

    assert table.run_due() == 1
    clock.advance(59_999)
    assert table.run_due() == 0
    clock.advance(1)
    assert table.run_due() == 1
    assert len(ran) == 2


def test_another_process_does_not_run_it_again(
    uow: UnitOfWork, url: str, clock: ManualClock
) -> None:
    ran: list[int] = []
    other = Database(url)

    Jobs(uow, [counting(ran)]).run_due()
    Jobs(UnitOfWork(other, clock), [counting(ran)]).run_due()

    assert len(ran) == 1
    other.close()


def test_a_job_that_fails_undoes_its_work_and_is_soon_tried_again(
    uow: UnitOfWork, clock: ManualClock
) -> None:
    broken = [True]

    def work(tx: Transaction) -> None:
        write(tx, "done")
        if broken[0]:
            raise ZeroDivisionError("a bug")

    table = Jobs(uow, [every(86_400, "daily", work)])
    assert table.run_due() == 0
    with uow.read() as reader:
        (state,) = jobs.states(reader)
        assert notes(reader) == []
    assert state == JobState(
        "daily", clock() + jobs.RETRY_MS, None, 1, "ZeroDivisionError('a bug')"
    )

    broken[0] = False
    clock.advance(jobs.RETRY_MS)

    assert table.run_due() == 1
    with uow.read() as reader:
        (state,) = jobs.states(reader)
    assert (state.failures, state.last_at_ms) == (0, clock())


def test_one_failing_job_does_not_keep_others_from_running(uow: UnitOfWork) -> None:
    def fail(_: Transaction) -> None:
        raise ZeroDivisionError

    ran: list[int] = []

    assert Jobs(uow, [every(1, "broken", fail), counting(ran)]).run_due() == 1
    assert len(ran) == 1


def test_a_job_can_be_run_by_hand(uow: UnitOfWork) -> None:
    ran: list[int] = []

    Jobs(uow, [counting(ran)]).run("count")

    assert len(ran) == 1


def test_old_answers_are_forgotten_by_a_job(uow: UnitOfWork, clock: ManualClock) -> None:
    def remember(key: str) -> None:
        with uow.begin() as tx:
            idempotency.remember(tx, [Key("me", key, "hash")], ["answer"], [0])

    remember("old")
    clock.advance(idempotency.KEPT_MS)
    remember("young")
    clock.advance(1)

    Jobs(uow, [every(3600, "forget_answers", idempotency.reap)]).run_due()

    with uow.begin() as tx:
        answers = [None, None]
        todo = idempotency.recall(
            tx, [Key("me", "old", "hash"), Key("me", "young", "hash")], answers
        )
    assert todo == [0]
