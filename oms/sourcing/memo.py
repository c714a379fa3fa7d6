"""Answers to questions that differ only in names: most orders of a day ask the same few.

A room of its own because it is a shortcut and nothing else: with or without it, every answer is
byte for byte what `routing.solve` gives.
"""

import threading
from typing import Any, Final

from msgspec.structs import replace

from oms.sourcing.model import Asked, World, question
from routing.model import Allocation, Answer, Unserved
from routing.solve import solve

REMEMBERED: Final = 5_000  # about 20 MB when full
DEMANDS_MAX: Final = 8  # larger orders are hardly ever alike, and take much to remember

Shape = tuple[Any, ...]


class Memo:
    """Answers by the shape of their question; the oldest is forgotten first. For all threads."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._answers: dict[Shape, tuple[Answer, tuple[int, ...], tuple[int, ...]]] = {}
        self._remembered = remembered
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def solve(self, world_id: str, world: World, asked: Asked) -> Answer:
        """What `routing.solve` answers to `asked` in this world, whose fingerprint is given."""
        if len(asked.demands) > DEMANDS_MAX:
            return solve(question(world, asked))
        key = _shape(world_id, asked)
        known = self._answers.get(key)
        if known is not None:
            return _renamed(known, asked)
        answer = solve(question(world, asked))
        if not any(each.item_id or each.line_id for each in answer.exclusions):
            with self._lock:
                if len(self._answers) >= self._remembered:
                    del self._answers[next(iter(self._answers))]
                self._answers[key] = (answer, *_places(answer, asked))
        return answer


def _shape(world_id: str, asked: Asked) -> Shape:
    """Everything an answer depends on, items and lines by rank, more units than asked for alike."""
    items = sorted({demand.item_id for demand in asked.demands})
    rank = {item_id: place for place, item_id in enumerate(items)}
    wanted = [0] * len(items)
    lines: dict[str, int] = {}
    demands = []
    for demand in asked.demands:
        place = rank[demand.item_id]
        wanted[place] += demand.quantity
        line = lines.setdefault(demand.line_id, len(lines))
        unserved = demand.unserved_unit_minor
        demands.append((line, place, demand.quantity, demand.weight_g, demand.requires, unserved))
    if min(map(min, asked.stock), default=0) >= max(wanted):
        return world_id, asked.destination, asked.closed, tuple(demands), None
    stock = tuple(
        [
            tuple([min(have, want) for have, want in zip(shelf, wanted, strict=True)])
            for shelf in asked.stock
        ]
    )
    return world_id, asked.destination, asked.closed, tuple(demands), stock


def _places(answer: Answer, asked: Asked) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which demand each allocation, and each unserved row, belongs to."""
    by_item = {(each.line_id, each.item_id): at for at, each in enumerate(asked.demands)}
    return (
        tuple(by_item[each.line_id, each.item_id] for each in answer.allocations),
        tuple(by_item[each.line_id, each.item_id] for each in answer.unserved),
    )


def _renamed(known: tuple[Answer, tuple[int, ...], tuple[int, ...]], asked: Asked) -> Answer:
    answer, allocated, unserved = known
    demands = asked.demands
    return replace(
        answer,
        order_ref=asked.order_ref,
        allocations=tuple(
            [
                Allocation(demands[at].line_id, demands[at].item_id, each.node_id, each.quantity)
                for at, each in zip(allocated, answer.allocations, strict=True)
            ]
        ),
        unserved=tuple(
            [
                Unserved(demands[at].line_id, demands[at].item_id, each.quantity, each.reason)
                for at, each in zip(unserved, answer.unserved, strict=True)
            ]
        ),
    )
