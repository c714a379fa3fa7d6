"""The true price of a set of nodes when parcels are priced by weight bands.

A band's step couples what pools do: moving one unit may make a whole parcel cheaper. Few ways to
share out the units are all tried, so the result is exact; with many, units are moved while that
helps, and the result is proven only where it meets the lower line of `cost.minorant`.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, permutations, product
from math import prod
from typing import Final

import msgspec

from routing.cost import MICRO, freight_micro
from routing.fill import Filled, Row, rows_of
from routing.pools import Problem

WAYS_MAX: Final = 600  # ways to share out the units of a set that are all tried (some 5 ms)
WORK_MAX: Final = 8_000  # claims looked at while moving units otherwise (some 20 ms)
NOBODY: Final = -1  # stands among nodes for units that stay unserved

Deal = list[dict[int, int]]  # for each claim: node → units


class Settled(msgspec.Struct, gc=False):
    """A set at its true price, the rows behind it, and whether no plan over it is cheaper.

    `work` is what finding it cost, in pools filled.
    """

    filled: Filled
    rows: list[Row]
    is_proven: bool
    work: int


def settle(problem: Problem, opened: Sequence[int], filled: Filled) -> Settled:
    """Find the cheapest plan over a set of nodes by true prices, from the one by lines."""
    table = _Table(problem, opened)
    start = table.dealt(rows_of(problem, opened))
    if table.value(start) == filled.value or table.is_forced():
        return table.settled(start, filled.value)
    ways = table.ways()
    if ways is not None:
        best = min((way for way in ways if table.is_possible(way)), key=table.value)
        return table.settled(best, table.value(best))
    return table.settled(table.improved(start), filled.value)


class _Table:
    """Claims against open nodes, and the true value of dealing units out between them."""

    def __init__(self, problem: Problem, opened: Sequence[int]) -> None:
        self.problem = problem
        self.opened = opened
        self.claims = [claim for pool in problem.pools for claim in pool.claims]
        self.places = {id(claim): place for place, claim in enumerate(self.claims)}
        self.pools = [at for at, pool in enumerate(problem.pools) for _ in pool.claims]
        self.stock = [
            {node: stock for _, node, stock in claim.options if node in opened}
            for claim in self.claims
        ]
        self.work = 0

    def dealt(self, rows: list[Row]) -> Deal:
        deal: Deal = [{} for _ in self.claims]
        for row in rows:
            deal[self.places[id(row.claim)]][row.node] = row.units
        return deal

    def value(self, deal: Deal) -> int:
        """What the deal is worth, as `Problem.ceiling` says; every open node sends a parcel."""
        self.work += len(self.claims)
        weights = dict.fromkeys(self.opened, 0)
        total = self._lost(deal) + self.problem.split * max(0, len(self.opened) - 1)
        for claim, units in zip(self.claims, deal, strict=True):
            for node, count in units.items():
                weights[node] += count * claim.weight_g
                total += count * self.problem.nodes[node].handling_unit_minor * MICRO
        for node, weight_g in weights.items():
            total += self.problem.nodes[node].fixed_minor * MICRO
            total += freight_micro(self.problem.lanes[node], weight_g)
        return total

    def is_forced(self) -> bool:
        """Whether there is only one deal worth thinking of: one node serves all it has."""
        rivals = any(pool.has_rivals for pool in self.problem.pools)
        return len(self.opened) <= 1 and not rivals and self.problem.ceiling > 0

    def ways(self) -> Iterator[Deal] | None:
        """Every way to deal the units out; None if there are more than `WAYS_MAX`."""
        choices = []
        for claim, stock in zip(self.claims, self.stock, strict=True):
            shared_out = _shared_out(claim.quantity, [*stock.items()])
            choices.append([*islice(shared_out, WAYS_MAX + 1)])
            if prod(len(ways) for ways in choices) > WAYS_MAX:
                return None
        return (list(way) for way in product(*choices))

    def is_possible(self, deal: Deal) -> bool:
        """Whether claims for one item together leave no node with less than nothing."""
        free: dict[tuple[int, int], int] = {}
        for pool, stock, units in zip(self.pools, self.stock, deal, strict=True):
            for node, count in units.items():
                free[pool, node] = free.get((pool, node), stock[node]) - count
        return all(left >= 0 for left in free.values())

    def improved(self, deal: Deal) -> Deal:
        """Move units of one claim from one node to another while that makes the deal cheaper."""
        value = self.value(deal)
        moving = True
        while moving and self.work < WORK_MAX:
            moving = False
            for moved in self._moves(deal):
                cheaper = self.value(moved)
                if cheaper < value:
                    deal, value, moving = moved, cheaper, True
                if moving or self.work >= WORK_MAX:
                    break
        return deal

    def settled(self, deal: Deal, least: int) -> Settled:
        """`deal` as a result; it is proven if no plan over the set is worth less than `least`."""
        rows = [
            Row(claim, node, units)
            for claim, shares in zip(self.claims, deal, strict=True)
            for node, units in sorted(shares.items())
            if units
        ]
        units: dict[int, int] = {}
        for row in rows:
            units[row.node] = units.get(row.node, 0) + row.units
        unserved = sum(claim.quantity for claim in self.claims) - sum(units.values())
        value = self.value(deal)
        filled = Filled(value, self._lost(deal), unserved, units, [])
        return Settled(filled, rows, value == least or self.is_forced(), self.work)

    def _lost(self, deal: Deal) -> int:
        return sum(
            (claim.quantity - sum(units.values())) * claim.penalty
            for claim, units in zip(self.claims, deal, strict=True)
        )

    def _moves(self, deal: Deal) -> Iterator[Deal]:
        """Deals that differ by some, then all units of a claim at one place being at another."""
        for place, (claim, stock) in enumerate(zip(self.claims, self.stock, strict=True)):
            shares = deal[place]
            here = {**shares, NOBODY: claim.quantity - sum(shares.values())}
            for source, target in permutations([*stock, NOBODY], 2):
                most = min(here.get(source, 0), stock.get(target, claim.quantity))
                for units in sorted({1, most // 2, most} - {0}, reverse=True):
                    if units > most:
                        continue
                    moved = dict(here)
                    moved[source] = moved.get(source, 0) - units
                    moved[target] = moved.get(target, 0) + units
                    del moved[NOBODY]
                    trial = [*deal[:place], moved, *deal[place + 1 :]]
                    if self.is_possible(trial):
                        yield trial


def _shared_out(quantity: int, stock: list[tuple[int, int]]) -> Iterator[dict[int, int]]:
    """Every way to take at most `quantity` units from shelves with that many each."""
    if not stock:
        yield {}
        return
    (node, units), rest = stock[0], stock[1:]
    for count in range(min(units, quantity) + 1):
        for others in _shared_out(quantity - count, rest):
            yield {node: count, **others} if count else others
