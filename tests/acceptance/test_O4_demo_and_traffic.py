"""O4: demo data with a past, and traffic that lies on purpose and leaves the books clean."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from config.settings import load
from oms.bootstrap import CHECKS, System, open_system
from oms.catalog.model import PutChannel
from oms.catalog.service import put_channels
from oms.kernel.clock import ManualClock
from oms.kernel.errors import Refused
from oms.ledger import check
from oms.platform import audit
from oms.simulator import history
from oms.simulator.day import Day
from oms.simulator.scene import Doors, Pace, Scene
from oms.simulator.traffic import Traffic
from oms.simulator.world import Lies, World, load_world
from tests.services.databases import SqliteDatabases

NOON_MS = 1_795_323_600_000
"""A Sunday noon in Jakarta."""
TICK_MS = 4_000
FAST = Pace(480.0)


def small_world(orders: int = 60, lies: Lies | None = None) -> World:
    """The demo's world with a shorter past, perhaps with more lies."""
    world = load_world()
    merchant = replace(world.merchant, history_days=3.0, history_orders=orders)
    return replace(
        world, merchant=merchant, habits=replace(world.habits, lies=lies or world.habits.lies)
    )


@contextmanager
def opened(url: str, folder: Path, clock: ManualClock) -> Iterator[System]:
    settings = load(environment={"OMS_DATA_DIR": str(folder), "OMS_DATABASE_URL": url})
    with capture_logs(), open_system(settings, clock) as system:
        yield system


def seeded(system: System, clock: ManualClock, traffic: Traffic) -> int:
    return history.seed(system, clock, traffic, lambda _: None)


def play(system: System, clock: ManualClock, traffic: Traffic, ticks: int) -> None:
    """A run of the demo from now on: a new simulator that remembers nothing of an earlier one."""
    doors = Doors(system.uow, system.gate)
    day = Day(Scene.open(doors, traffic, FAST, clock.now_ms))
    with asyncio.Runner() as runner:
        for _ in range(ticks):
            clock.advance(TICK_MS)
            for actor in day.actors:
                actor.work(clock.now_ms)
            system.dispatcher.drain_reactions()
            runner.run(system.dispatcher.drain_effects())


def events(system: System, *types: str) -> list[dict[str, Any]]:
    """Bodies of what was told, oldest first, with the moment and the actor beside."""
    found: list[dict[str, Any]] = []
    last = 0
    while True:
        with system.uow.read() as reader:
            page = audit.after(reader, last, audit.PAGE_MAX, types)
        found += [
            {**msgspec.json.decode(each.body), "at_ms": each.at_ms, "actor": each.cause.actor}
            for each in page
        ]
        if len(page) < audit.PAGE_MAX:
            return found
        last = page[-1].number


def counts(system: System) -> Counter[str]:
    return Counter(each["type"] for each in events(system))


def broken(system: System) -> dict[str, tuple[check.Row, ...]]:
    with system.uow.snapshot() as reader:
        outcomes = list(check.run(reader, CHECKS))
    return {each.check.name: each.rows for each in outcomes if not each.holds}


def test_a_first_start_has_a_past_of_whole_lives_and_every_proof_holds(
    database_url: str, tmp_path: Path
) -> None:
    clock, traffic = ManualClock(NOON_MS), Traffic(small_world(40), seed=1)

    with opened(database_url, tmp_path, clock) as system:
        placed = seeded(system, clock, traffic)

        told = counts(system)
        assert placed == 40
        assert told["order.placed"] + told["quarantine.opened"] == 40
        assert told["shipment.shipped"] > 15
        assert told["invoice.issued"] > 15
        assert told["parcel.tracked"] > 40
        assert clock.now_ms == NOON_MS
        assert broken(system) == {}


def test_the_past_lies_in_the_past_and_only_the_simulator_made_it(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    clock, traffic = ManualClock(NOON_MS), Traffic(small_world(30), seed=1)

    with opened(sqlite_databases.empty(), tmp_path, clock) as system:
        seeded(system, clock, traffic)

        placed = events(system, "order.placed")
        days = traffic.world.merchant.history_days
        assert {each["actor"] for each in placed} == {"simulator"}
        assert all(NOON_MS - days * 86_400_000 <= each["placed_at_ms"] for each in placed)
        assert all(each["placed_at_ms"] <= each["at_ms"] <= NOON_MS for each in placed)


def test_a_second_start_keeps_the_past_it_finds(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    url, clock, traffic = (
        sqlite_databases.empty(),
        ManualClock(NOON_MS),
        Traffic(small_world(20), seed=1),
    )

    with opened(url, tmp_path, clock) as system:
        seeded(system, clock, traffic)
        before = counts(system)
    with opened(url, tmp_path, clock) as system:
        assert seeded(system, clock, traffic) == 0
        assert counts(system) == before


def test_the_demo_does_not_move_in_with_another_merchant(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    clock, traffic = ManualClock(NOON_MS), Traffic(small_world(5), seed=1)

    with opened(sqlite_databases.empty(), tmp_path, clock) as system:
        with system.uow.begin() as tx:
            put_channels(tx, [PutChannel(code="own", name="Own shop", currency="GBP")])

        with pytest.raises(Refused, match="not the demo's"):
            seeded(system, clock, traffic)
        assert counts(system)["node.put"] == 0


def test_the_same_seed_gives_the_same_past(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    pasts = []
    for name in ("one", "two"):
        clock, traffic = ManualClock(NOON_MS), Traffic(small_world(25), seed=7)
        with opened(sqlite_databases.empty(), tmp_path / name, clock) as system:
            seeded(system, clock, traffic)
            placed = events(system, "order.placed")
            pasts.append(
                (
                    [(each["number"], each["external_id"], each["total_minor"]) for each in placed],
                    Counter((each["type"], each["at_ms"]) for each in events(system)),
                )
            )

    assert pasts[0] == pasts[1]


def test_traffic_goes_on_after_a_restart_without_telling_an_order_twice(
    database_url: str, tmp_path: Path
) -> None:
    clock, traffic = ManualClock(NOON_MS), Traffic(small_world(20), seed=1)

    with opened(database_url, tmp_path, clock) as system:
        seeded(system, clock, traffic)
        past = counts(system)
        play(system, clock, traffic, ticks=15)
        first = counts(system)
    with opened(database_url, tmp_path, clock) as system:
        play(system, clock, traffic, ticks=15)

        second = counts(system)
        names = [(e["channel_id"], e["external_id"]) for e in events(system, "order.placed")]
        assert past["order.placed"] < first["order.placed"] < second["order.placed"]
        assert past["shipment.shipped"] < first["shipment.shipped"] < second["shipment.shipped"]
        assert len(set(names)) == len(names)
        assert broken(system) == {}


def test_within_a_minute_there_are_orders_picks_departures_and_scans(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    clock, traffic = ManualClock(NOON_MS), Traffic(small_world(), seed=1)

    with opened(sqlite_databases.empty(), tmp_path, clock) as system:
        seeded(system, clock, traffic)
        past = counts(system)
        play(system, clock, traffic, ticks=60_000 // TICK_MS)

        minute = counts(system) - past
        assert minute["order.placed"] >= 15
        assert minute["parcel.packed"] >= 3
        assert minute["shipment.shipped"] >= 3
        assert minute["parcel.tracked"] >= 10


def test_lies_of_channels_floors_and_carriers_all_happen_and_break_nothing(
    database_url: str, tmp_path: Path
) -> None:
    often = replace(Lies(**dict.fromkeys(Lies.__struct_fields__, 0.25)), node_rejects=0.6)
    clock, traffic = ManualClock(NOON_MS), Traffic(small_world(60, often), seed=3)

    with opened(database_url, tmp_path, clock) as system:
        seeded(system, clock, traffic)
        play(system, clock, traffic, ticks=25)

        told = counts(system)
        scans = {each["status"] for each in events(system, "parcel.tracked")}
        holds = {each["reason"] for each in events(system, "order.hold_placed")}
        answers = {each["state"] for each in events(system, "fulfilment.answered")}
        assert told["quarantine.opened"] > 5
        assert told["order.change_proposed"] > 5
        assert told["count.needed"] >= 1
        assert told["order.lines_mapped"] >= 1
        assert told["order.changed"] + told["order.change_declined"] >= 1
        assert told["order.hold_released"] >= 1
        assert told["quarantine.dismissed"] >= 1
        assert {"unknown_listing", "total_differs"} <= holds
        assert {"accepted", "rejected", "closed"} <= answers
        assert {"lost", "returned_to_sender", "exception", "attempted", "delivered"} <= scans
        assert broken(system) == {}


def test_customers_change_their_minds_and_get_their_money_back(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    world = small_world(60)
    fickle = {
        name: replace(profile, cancel_rate=0.3, return_rate=0.6)
        for name, profile in world.habits.profiles.items()
    }
    world = replace(world, habits=replace(world.habits, profiles=fickle))
    clock, traffic = ManualClock(NOON_MS), Traffic(world, seed=1)

    with opened(sqlite_databases.empty(), tmp_path, clock) as system:
        seeded(system, clock, traffic)
        play(system, clock, traffic, ticks=70)

        told = counts(system)
        judged = {
            line["disposition"]
            for each in events(system, "return.inspected")
            for line in each["lines"]
        }
        assert told["order.lines_cancelled"] >= 5
        assert told["return.inspected"] >= 5
        assert told["credit_note.issued"] >= 5
        assert told["refund.succeeded"] >= 5
        assert len(judged) >= 3
        assert broken(system) == {}
