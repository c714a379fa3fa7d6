"""What a crash or a silent gateway leaves in doubt is settled by the clock, without a person."""

import pytest

from connectors.contract.messages import PaymentTerms
from connectors.payments.test_gateway.wire import Fault, Operation
from oms.bootstrap import JOBS, SUBSCRIBERS
from oms.kernel.clock import MINUTE_MS
from oms.payments import queries
from oms.payments.answers.service import IN_DOUBT_AFTER_MS
from oms.payments.events import AnswersMissing
from oms.payments.machine import RefundState
from oms.platform import outbox
from oms.platform.event_log import outbox_table
from oms.platform.jobs import Jobs
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World

CARD = PaymentTerms.CAPTURE_ON_SHIP


@pytest.fixture
def jobs(world: World) -> Jobs:
    return Jobs(world.uow, JOBS)


def test_a_capture_whose_answer_a_crash_has_lost_is_settled_by_the_job(
    world: World, jobs: Jobs
) -> None:
    world.gateway.command(Operation.CAPTURE, Fault.TIMEOUT)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    forget_the_outbox(world)

    later(world, jobs)

    assert world.payments(order)[0].captured_minor == 1000
    assert world.account(order).receivable_minor == 0
    taken = [each.operation for each in world.gateway.gateway.moved]
    assert taken == [Operation.AUTHORISE, Operation.CAPTURE]
    world.expect_proven()


def test_an_answer_promised_for_later_is_fetched_by_the_job(world: World, jobs: Jobs) -> None:
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    world.gateway.command(Operation.REFUND, Fault.PENDING)
    world.come_back(order, 1)
    assert world.refunds(order)[0].state is RefundState.IN_DOUBT

    later(world, jobs)

    assert world.refunds(order)[0].state is RefundState.SUCCEEDED
    world.expect_proven()


def test_the_job_says_nothing_while_nothing_is_in_doubt(world: World, jobs: Jobs) -> None:
    world.order(Sold(1, 1000), terms=CARD)

    later(world, jobs)

    assert world.heard(AnswersMissing) == []


def test_one_hopeless_wish_does_not_keep_the_others_waiting(world: World, jobs: Jobs) -> None:
    world.gateway.command(Operation.AUTHORISE, Fault.SERVER_ERROR, times=2)
    first = world.order(Sold(1, 1000), terms=CARD)
    second = world.order(Sold(1, 700), terms=CARD)
    forget_the_outbox(world)
    world.gateway.command(Operation.AUTHORISE, Fault.SERVER_ERROR, times=1)

    later(world, jobs)

    held = sorted(world.payments(each)[0].authorised_minor for each in (first, second))
    assert held in ([0, 700], [0, 1000])
    with world.uow.read() as reader:
        assert len(queries.in_doubt(reader, reader.now_ms, 10)) == 1


def test_the_job_and_what_it_asks_are_wired() -> None:
    assert "payments.look_for_doubt" in {job.name for job in JOBS}
    assert SUBSCRIBERS[AnswersMissing] == ("payments.sweep",)


def later(world: World, jobs: Jobs) -> None:
    """The time comes at which nobody waits for an answer any more; all jobs run."""
    world.clock.advance(IN_DOUBT_AFTER_MS + MINUTE_MS)
    jobs.run("payments.look_for_doubt")
    world.drain()


def forget_the_outbox(world: World) -> None:
    """A person dismisses what waits, or it was set aside: nobody will ask again by himself."""
    with world.uow.begin() as tx:
        waiting = tx.fetch(outbox_table.select())
        for row in waiting:
            outbox.set_aside(tx, outbox.Row(row.subscriber, row.event_number), "the process died")
