"""Killed in the middle: what was begun is done again, what was not kept is not there."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from oms.kernel.clock import ManualClock
from oms.platform import dispatch
from oms.platform.clock import now_ms
from oms.platform.dispatch import Dispatcher, Subscriber, Subscribers
from oms.platform.transaction import UnitOfWork
from tests.integration.platform.bells import Rang, Telephone, ring
from tests.integration.platform.tables import notes

DOOMED = Path(__file__).with_name("doomed_worker.py")


@pytest.fixture
def clock() -> ManualClock:
    """The real moment, because the doomed process has a real clock."""
    return ManualClock(now_ms())


def test_what_a_killed_worker_had_begun_is_done_again_with_the_same_key(
    url: str, hearing: Callable[[Subscribers], UnitOfWork], clock: ManualClock
) -> None:
    telephone = Telephone()
    subscribers: Subscribers = {Rang: (Subscriber("telephone", telephone),)}
    uow = hearing(subscribers)
    ring(uow, "a1", "a2")

    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.platform.doomed_worker", url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=DOOMED.parents[3],
    ) as worker:
        assert worker.stdout is not None
        begun = worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
    dispatcher = Dispatcher(uow, subscribers)

    assert begun == "a1 with key 1\n"
    assert asyncio.run(dispatcher.drain_effects()) == 0  # nobody knows yet that it is dead
    clock.advance(2 * dispatch.LEASE_MS)
    assert asyncio.run(dispatcher.drain_effects()) == 2

    assert (telephone.calls, telephone.keys) == (["a1", "a2"], [1, 2])
    with uow.read() as reader:
        assert notes(reader) == ["a1 answered", "a2 answered"]
