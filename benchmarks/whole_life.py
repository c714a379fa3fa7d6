"""An order's whole life in bulk: intake, sourcing, release, pick, pack, label, ship, books."""

import random
import time
from collections.abc import Sequence

from benchmarks import shop
from fulfillment.express.effects import fulfil_many
from fulfillment.express.model import Fulfil
from oms.bootstrap import System
from oms.orders.intake.model import TakeIn
from oms.sourcing import service as sourcing

BATCH = 250


def run(database_url: str, sizes: Sequence[int]) -> None:
    """Print orders a second at each size: the cost of one must not grow with their number."""
    with shop.opened(database_url) as system:
        world, chance = shop.stock_up(system), random.Random(2)
        done = 0
        for size in sizes:
            start = time.perf_counter()
            for first in range(done, done + size, BATCH):
                told = [
                    TakeIn(channel_id=world.channel_id, order=shop.order(world, n, chance))
                    for n in range(first, min(first + BATCH, done + size))
                ]
                _live(system, told)
            done += size
            rate = size / (time.perf_counter() - start)
            print(f"  whole life, after {done:,} orders: {rate:,.0f} orders/s")


def _live(system: System, told: Sequence[TakeIn]) -> None:
    with system.uow.begin() as tx:
        taken = [shop.done(answer) for answer in sourcing.place(tx, told)]
    wanted = [Fulfil(order_id=each.order_id) for each in taken]
    for left in fulfil_many(system.uow, system.carriers, wanted):
        shop.done(left)
    system.dispatcher.drain_reactions()
