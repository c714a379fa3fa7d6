"""How long one decision takes, from question to answer with its candidate table.

    python -m benchmarks.routing.per_order [--orders 400] [--seed 1]

Times are CPU time, and each order is decided three times of which the fastest counts, so that what
is measured is the solver and not its neighbours on the machine. Worlds come from fixed seeds.
"""

import argparse
import time
from statistics import median, quantiles
from typing import Final

import msgspec

from benchmarks.routing.worlds import Shop, World
from routing.model import Question, encode_answer
from routing.solve import solve

REPEATS: Final = 3
FEW: Final = (1, 1, 1, 2, 2, 3, 4, 6)  # lines of an order, by frequency
BULK: Final = (1, 2, 4, 6, 12, 24)  # units of a wholesale line

# fmt: off
WORLDS: Final[tuple[tuple[str, World, float], ...]] = (
    # name, world, share of the orders asked for
    ("5 nodes, one line",      World(5, (1,)),                                    1.0),
    ("5 nodes",                World(5, FEW),                                     1.0),
    ("5 nodes, scarce",        World(5, FEW, stocked=0.2, units_max=4),           1.0),
    ("20 nodes",               World(20, FEW),                                    1.0),
    ("20 nodes, scarce",       World(20, FEW, stocked=0.2, units_max=4),          1.0),
    ("50 nodes",               World(50, FEW),                                    0.5),
    ("50 nodes, scarce",       World(50, FEW, stocked=0.2, units_max=4),          0.5),
    ("200 nodes",              World(200, FEW),                                   0.5),
    ("200 nodes, scarce",      World(200, FEW, stocked=0.2, units_max=4),         0.5),
    ("200 nodes, very scarce", World(200, FEW, stocked=0.1, units_max=2),         0.5),
    ("1,100 lines, 5 nodes",   World(5, (1100,), 0.9, 400, BULK),                 0.02),
    ("1,100 lines, scarce",    World(5, (1100,), 0.6, 40, BULK),                  0.02),
)
# fmt: on


class Measured(msgspec.Struct, frozen=True):
    """Times in microseconds; `examined` node sets and `parcels` are means."""

    p50: float
    p99: float
    worst: float
    examined: float
    parcels: float
    proven: float
    bytes_median: int


def measure(questions: list[Question]) -> Measured:
    """Decide every question; the first answer of each is looked at."""
    answers = [solve(question) for question in questions]
    times = [min(_time_us(question) for _ in range(REPEATS)) for question in questions]
    count = len(answers)
    return Measured(
        p50=median(times),
        p99=quantiles(times, n=100, method="inclusive")[98],
        worst=max(times),
        examined=sum(answer.examined for answer in answers) / count,
        parcels=sum(len(answer.winner.node_ids) for answer in answers) / count,
        proven=sum(answer.is_proven for answer in answers) / count,
        bytes_median=round(median(len(encode_answer(answer)) for answer in answers)),
    )


def machine_us() -> float:
    """What this machine needs to add a thousand numbers in plain Python: the yardstick."""

    def added() -> float:
        start = time.thread_time()
        total = 0
        for number in range(1000):
            total += number
        return (time.thread_time() - start) * 1e6

    return min(added() for _ in range(200))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--orders", type=int, default=400)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    print(f"yardstick: a thousand additions in plain Python take {machine_us():.0f} µs here")
    print(f"{'world':24} {'orders':>6} {'p50 µs':>8} {'p99 µs':>8} {'worst':>8}", end=" ")
    print(f"{'sets':>6} {'parcels':>7} {'proven':>7} {'bytes':>7}")
    for name, world, share in WORLDS:
        shop = Shop(world, asked.seed)
        questions = [shop.question() for _ in range(max(4, round(asked.orders * share)))]
        got = measure(questions)
        print(
            f"{name:24} {len(questions):6} {got.p50:8.0f} {got.p99:8.0f} {got.worst:8.0f}", end=" "
        )
        print(f"{got.examined:6.0f} {got.parcels:7.2f} {got.proven:7.1%} {got.bytes_median:7}")


def _time_us(question: Question) -> float:
    start = time.thread_time()
    solve(question)
    return (time.thread_time() - start) * 1e6


if __name__ == "__main__":
    main()
