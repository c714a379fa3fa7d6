"""Batch intake: orders taken in, sourced and reserved, many in a transaction; spread and hot."""

import random
import time
from collections.abc import Callable

from benchmarks import shop
from benchmarks.shop import Shop
from connectors.contract.messages import ChannelOrder
from oms.bootstrap import System
from oms.orders.intake.model import TakeIn
from oms.sourcing import service as sourcing

BATCH = 500


def run(database_url: str, orders: int) -> None:
    """Print orders a second and CPU an order, for spread demand and for one hot item."""
    for name, make in (("spread", shop.order), ("one hot item", shop.hot_order)):
        with shop.opened(database_url) as system:
            _measure(system, name, make, orders)


def _measure(
    system: System, name: str, make: Callable[[Shop, int, random.Random], ChannelOrder], count: int
) -> None:
    world, chance = shop.stock_up(system), random.Random(1)
    told = [TakeIn(channel_id=world.channel_id, order=make(world, n, chance)) for n in range(count)]
    start, cpu = time.perf_counter(), time.process_time()
    for first in range(0, count, BATCH):
        with system.uow.begin() as tx:
            for answer in sourcing.place(tx, told[first : first + BATCH]):
                shop.done(answer)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    print(
        f"  batch intake, {name}: {count / seconds:,.0f} orders/s,"
        f" {used / count * 1e6:,.0f} µs of our CPU an order ({system.database.dialect})"
    )
