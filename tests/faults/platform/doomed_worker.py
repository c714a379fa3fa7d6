"""A worker that says what it has begun, and is killed before it ends. Run as a program."""

import asyncio
import sys
from typing import Any

from oms.kernel.events import Recorded
from oms.platform.clock import now_ms
from oms.platform.database import Database
from oms.platform.dispatch import Dispatcher, Subscriber, Subscribers, subscriptions
from oms.platform.transaction import Transaction, UnitOfWork
from tests.integration.platform.bells import Rang, named


class Hangs:
    """An effect that begins to talk and never ends."""

    async def do(self, event: Recorded[Any]) -> str:
        sys.stdout.write(f"{named(event)} with key {event.number}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
        raise AssertionError

    def settle(self, tx: Transaction, event: Recorded[Any], result: str) -> None:
        raise AssertionError


def main(url: str) -> None:
    subscribers: Subscribers = {Rang: (Subscriber("telephone", Hangs()),)}
    uow = UnitOfWork(Database(url), now_ms, subscriptions(subscribers))
    asyncio.run(Dispatcher(uow, subscribers).drain_effects())


if __name__ == "__main__":
    main(sys.argv[1])
