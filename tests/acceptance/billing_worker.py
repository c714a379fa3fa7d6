"""Invoices what waits, in a process of its own that fails at every third try: for the H1 test.

Run as ``python -m tests.acceptance.billing_worker URL SEED``; prints how often it rolled back.
"""

import random
import sys
import time
from collections.abc import Sequence
from itertools import count
from typing import Any

import structlog

from oms.accounting import reactions
from oms.kernel.clock import HOUR_MS
from oms.kernel.events import Recorded
from oms.platform.dispatch import Dispatcher, Subscriber
from oms.platform.transaction import Transaction
from tests.integration.accounting.world import NOON_MS, World

ROUNDS_MAX = 400
IDLE_MAX = 20
WAIT_S = 0.1


class Stumbling:
    """Keeps books one event at a time, and stumbles over every third after the work was done."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.rollbacks = 0

    def __call__(self, tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
        reactions.keep_books(tx, events)
        if len(events) > 1 or self._chance.random() < 1 / 3:
            self.rollbacks += 1
            raise RuntimeError("stumbled on purpose after numbers were given")


def main(url: str, seed: int) -> int:
    """Work until nothing waits; answers how often the work was undone."""
    world, stumbling = World(url), Stumbling(seed)
    ticks = count(1)
    # Every look at the clock is an hour later, so that no back-off is waited for.
    world.uow.clock = lambda: NOON_MS + next(ticks) * HOUR_MS
    heard = {event: [Subscriber("accounting.keep_books", stumbling)] for event in reactions.HEARD}
    dispatcher = Dispatcher(world.uow, heard)
    idle = 0
    for _ in range(ROUNDS_MAX):
        idle = 0 if dispatcher.drain_reactions() else idle + 1
        if idle > IDLE_MAX:
            break
        if idle:
            time.sleep(WAIT_S)  # a server lets go of a killed process's rows when it notices
    world.close()
    return stumbling.rollbacks


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    sys.stdout.write(str(main(sys.argv[1], int(sys.argv[2]))))
