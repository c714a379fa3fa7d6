"""Run the replay and print what became of every row, how long it took, and what agrees."""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.real_orders.replay import Replay
from config.settings import load
from oms.bootstrap import CHECKS, open_system
from oms.kernel.clock import ManualClock, to_iso
from oms.ledger import check


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the data set lies")
    parser.add_argument(
        "--database", default="", help="an empty database; default: a new SQLite file"
    )
    parser.add_argument("--days", type=int, default=10**6, help="stop after so many days of trade")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"OMS_DATA_DIR": folder, "OMS_DATABASE_URL": chosen.database}
        clock = ManualClock(0)
        with open_system(load(environment=environment), clock) as system:
            replay = Replay(system.uow, clock, system.dispatcher)
            start = time.perf_counter()
            for number, day_ms in enumerate(replay.days(chosen.folder), start=1):
                if number % 20 == 0:
                    print(f"{to_iso(day_ms)[:10]}  {replay.counts.rows.rows:,} rows", flush=True)
                if number == chosen.days:
                    break
            seconds = time.perf_counter() - start
            report(replay, seconds)
            with system.uow.read() as reader:
                broken = [o for o in check.run(reader, CHECKS) if not o.holds]
    for outcome in broken:
        print(f"BROKEN {outcome.check.name}: {outcome.count} rows, such as {outcome.rows[:3]}")
    print(f"oms check: {len(CHECKS)} checks, {len(broken)} broken")
    return 1 if broken else 0


def report(replay: Replay, seconds: float) -> None:
    counts, rows = replay.counts, replay.counts.rows
    print(
        f"{rows.rows:,} rows read = {rows.order_lines:,} order lines + {rows.return_lines:,} return"
        f" lines + {rows.charges:,} services + {rows.quarantined:,} quarantined"
    )
    print(
        f"{counts.orders_new:,} orders, {replay.shipments:,} shipments, {counts.returns_new:,}"
        f" returns ({counts.units_returned_matched:,} units matched,"
        f" {counts.units_returned_blind:,} blind), {counts.quarantined:,} in quarantine"
    )
    print(f"{seconds:.0f} s, {counts.orders_new / seconds:,.0f} orders/s through their whole life:")
    for name, spent in sorted(replay.phase.seconds.items(), key=lambda each: -each[1]):
        print(f"  {name:10} {spent:7.1f} s")
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak_kib / 1024:,.0f} MiB")


if __name__ == "__main__":
    sys.exit(main())
