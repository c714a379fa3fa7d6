"""A past for the demo: days of orders through their whole life, in seconds, by a clock of its own.

The same people do the same work as live, at the pace of real days; only the clock is hurried.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from oms.bootstrap import System
from oms.kernel.clock import DAY_MS, HOUR_MS, ManualClock
from oms.platform.database import Database
from oms.simulator.day import Day
from oms.simulator.scene import Doors, Pace, Scene
from oms.simulator.setting_up import is_set_up, set_up
from oms.simulator.traffic import Traffic

STEP_MS: Final = 2 * HOUR_MS
REAL_DAY: Final = Pace(1.0)

Progress = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


def seed(system: System, clock: ManualClock, traffic: Traffic, progress: Progress) -> int:
    """Set the merchant up and live through the days before `clock`'s moment, if nobody did yet.

    `clock` is the system's. Answers how many orders were placed.
    """
    merchant, end_ms = traffic.world.merchant, clock.now_ms
    start_ms = end_ms - int(merchant.history_days * DAY_MS)
    if is_set_up(system.uow, traffic.world):
        return 0
    _do_not_wait_for_the_disk(system.database)
    clock.now_ms = start_ms
    set_up(system.uow, traffic.world, traffic, traffic.seed)
    moments = traffic.history(merchant.history_orders, start_ms, end_ms)
    scene = Scene.open(Doors(system.uow, system.gate), traffic, REAL_DAY, start_ms)
    day, done = Day(scene), 0
    day.floor.go_home(end_ms)
    with asyncio.Runner() as runner:
        while clock.now_ms < end_ms:
            clock.now_ms = min(clock.now_ms + STEP_MS, end_ms)
            arrived = [at_ms for at_ms in moments[done:] if at_ms < clock.now_ms]
            day.customers.order(arrived, clock.now_ms)
            day.customers.follow_up(clock.now_ms)
            day.serve(clock.now_ms)
            system.dispatcher.drain_reactions()
            runner.run(system.dispatcher.drain_effects())
            done += len(arrived)
            progress((clock.now_ms - start_ms) / (end_ms - start_ms))
    return done


def _do_not_wait_for_the_disk(database: Database) -> None:
    """Whoever pulls the plug in these seconds starts again with a fresh database; nothing is lost.

    It holds until the system is closed: live traffic waits for every commit like any merchant's.
    """
    if database.dialect != "sqlite":
        return
    database.engine.dispose()

    @sa.event.listens_for(database.engine, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")
