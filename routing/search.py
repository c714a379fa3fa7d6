"""Which set of nodes to open: exact, by prices that prove most sets too dear without a look.

Write F for what opening a node costs (fixed, start of freight, split penalty), c for what a unit of
a pool costs at a node, s for the units it has there (at most the quantity q asked for), p for what
leaving a unit costs. A plan opens a set S, serves x ≤ s units and leaves u. Give every pool any
price v ≤ p per unit and call F − Σ s·max(0, v − c), summed over pools, the *slack* of a node. If no
slack is negative, then for every plan

    cost = Σ F + Σ c·x + Σ p·u ≥ Σ F + Σ v·(x + u) − Σ max(0, v − c)·x ≥ Σ q·v + Σ slack over S

because x + u = q and x ≤ s. So Σ q·v bounds every plan from below, and each opened node adds its
slack: sets whose slacks do not fit between this bound and the best plans known need no look.
Once all pools are covered a second bound takes over: what a further node saves never grows when
other nodes were opened before it, so nodes that do not pay alone do not pay together.

The search visits each remaining set once. It stops at `WORK_MAX` and then says how much better an
unvisited plan could be. With weight-banded freight the bounds use lines below the true price
(`cost.minorant`) and each remaining set is settled by `bands`.
"""

from bisect import insort
from collections.abc import Sequence
from typing import Final

import msgspec

from routing.bands import settle
from routing.fill import Filled, Row, fill
from routing.pools import Pool, Problem

KEPT: Final = 8  # candidates an answer shows; keeps a typical decision below 2 kB
PROVEN: Final = 2  # the winner and the runner-up are proven, the rest are the best ones met
WORK_MAX: Final = 40_000  # pools filled, before the search settles for a bound (some 30 ms)

Nodes = tuple[int, ...]
Rank = tuple[int, int, Nodes]  # value, parcels, nodes in canonical order: the smallest wins


class Found(msgspec.Struct, frozen=True):
    """A set of nodes that are all of use, and its cheapest plan; None: as `fill` has it."""

    rank: Rank
    filled: Filled | None = None
    rows: list[Row] | None = None

    def __lt__(self, other: "Found") -> bool:
        return self.rank < other.rank


class Search:
    """One search through the sets of nodes of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.best: list[Found] = []  # the KEPT best, best first
        self.examined = 0
        self.work = 0
        self.floor: int | None = None  # the least an unvisited plan may be worth; None: no such
        self.prices: list[int] = []  # of merged pools, by index
        self.slack: list[int] = []  # of nodes
        self.reach: list[int] = []  # units that so many nodes serve at most, where parcels are few

    def run(self) -> None:
        """Afterwards `best` is there, and proven as far as `floor` says."""
        self._visit_singles()
        if not self.problem.ceiling or not self.best:
            self._visit(())
        if self.problem.parcels_max > 1 and not self._is_hopeless(self._least_of_two(), 2):
            bound = self._set_prices()
            self._set_reach()
            nodes = sorted(range(len(self.slack)), key=lambda node: (self.slack[node], node))
            self._explore((), bound, nodes)

    def gap(self) -> int:
        """How much more the winner may be worth than the best plan there is; 0: proven."""
        winner = self.best[0].rank[0]
        return 0 if self.floor is None else max(0, winner - self.floor)

    def _visit_singles(self) -> None:
        """Every node alone; mostly in one walk through the options instead of a fill for each."""
        problem = self.problem
        nodes = range(len(problem.nodes))
        if not problem.is_straight or any(pool.has_rivals for pool in problem.merged):
            for node in nodes:
                self._visit((node,))
            return
        saved = [0] * len(nodes)
        nothing = problem.constant - problem.split
        for pool in problem.merged:
            penalty = pool.penalty
            nothing += pool.quantity * penalty
            for cost, node, stock in pool.options:
                saved[node] += stock * (penalty - cost)
        self.examined += len(nodes)
        for node in nodes:
            if saved[node]:
                value = nothing + problem.opening[node] - saved[node]
                self._keep(Found((value, 1, (node,))))

    def _visit(self, opened: Nodes) -> Filled:
        """Fill a set and keep it as a candidate if each of its nodes is of use."""
        problem = self.problem
        filled = fill(problem, opened)
        self.examined += 1
        self.work += len(problem.merged)
        if problem.is_straight:
            if len(filled.units) == len(opened):
                self._keep(Found((filled.value, len(opened), opened), filled))
        elif not self._is_hopeless(filled.value, len(opened)):
            self._settle(opened, filled)
        return filled

    def _settle(self, opened: Nodes, filled: Filled) -> None:
        settled = settle(self.problem, opened, filled)
        self.work += settled.work
        if len(settled.filled.units) == len(opened):
            rank = (settled.filled.value, len(opened), opened)
            self._keep(Found(rank, settled.filled, settled.rows))
        if not settled.is_proven:
            self._leave(filled.value)

    def _keep(self, found: Found) -> None:
        best = self.best
        if len(best) < KEPT:
            insort(best, found)
        elif found < best[-1]:
            best.pop()
            insort(best, found)

    def _leave(self, least: int) -> None:
        """Note that plans worth at least that much were not looked at."""
        self.floor = least if self.floor is None else min(self.floor, least)

    def _is_hopeless(self, least: int, parcels: int) -> bool:
        """Whether no plan of at least that value and parcels can be among the proven ones."""
        if len(self.best) < PROVEN:
            return False
        value, fewest, _ = self.best[PROVEN - 1].rank
        return least > value or (least == value and parcels > fewest)

    def _least_of_two(self) -> int:
        """No plan with two or more parcels is worth less: all units at their cheapest."""
        problem = self.problem
        least = self._unservable() - problem.split + sum(sorted(problem.opening)[:2])
        for pool in problem.merged:
            left = pool.quantity
            for cost, _, stock in pool.options:
                take = min(stock, left)
                least += take * cost
                left -= take
                if not left:
                    break
        return least

    def _unservable(self) -> int:
        rivals = [pool for pool in self.problem.merged if pool.has_rivals]
        return self.problem.constant + sum(pool.short * pool.penalty for pool in rivals)

    def _set_prices(self) -> int:
        """Find prices and slacks as the module's docstring says; returns the bound Σ q·v.

        Any prices are valid. First each pool may use up an even share of what its nodes cost to
        open, then, pools with fewest nodes first, whatever is left.
        """
        problem, pools = self.problem, self.problem.merged
        self.slack = list(problem.opening)
        crowd = [0] * len(self.slack)
        for pool in pools:
            for _, node, _ in pool.options:
                crowd[node] += 1
        shares = [
            cost // max(1, pools_there)
            for cost, pools_there in zip(self.slack, crowd, strict=True)
        ]
        self.prices = [0] * len(pools)
        for index, pool in enumerate(pools):
            self._raise_price(index, pool, shares)
        for index, pool in sorted(enumerate(pools), key=lambda pair: len(pair[1].options)):
            self._raise_price(index, pool, self.slack)
        value = self._unservable() - problem.split
        return value + sum(pool.quantity * self.prices[i] for i, pool in enumerate(pools))

    def _raise_price(self, index: int, pool: Pool, purses: Sequence[int]) -> None:
        """Raise a pool's price as far as the purse of each of its nodes pays for."""
        old = self.prices[index]
        new = pool.penalty
        for cost, node, stock in pool.options:
            new = min(new, max(cost, old) + purses[node] // stock)
        if new <= old:
            return
        self.prices[index] = new
        slack = self.slack
        for cost, node, stock in pool.options:
            if cost >= new:
                break
            slack[node] -= stock * (new - max(cost, old))

    def _set_reach(self) -> None:
        """Units that 0, 1, 2… nodes serve at most: matters where parcels are limited."""
        problem = self.problem
        if not problem.ceiling or problem.parcels_max == len(problem.nodes):
            return
        units = [0] * len(problem.nodes)
        for pool in problem.merged:
            for _, node, stock in pool.options:
                units[node] += stock * pool.units
        units.sort(reverse=True)
        self.reach = [sum(units[:count]) for count in range(problem.parcels_max + 1)]

    def _explore(self, opened: Nodes, floor: int, allowed: list[int]) -> None:
        """Visit what is worth it of all sets that hold `opened` and some of `allowed`.

        `floor` is the bound plus the slack of `opened`. Sets are told apart by the first node,
        in order of slack, that serves the scarcest pool that `opened` does not cover.
        """
        filled = fill(self.problem, opened) if len(opened) < 2 else self._visit(opened)
        while allowed and len(opened) < self.problem.parcels_max:
            least, scarcest = self._look_ahead(opened, floor, allowed, filled)
            if self._is_hopeless(least, len(opened) + 1) or self._is_worn_out(least):
                return
            if scarcest is None:
                self._save(opened, floor, allowed, filled.value)
                return
            for node in [node for node in allowed if node in scarcest.by_node]:
                allowed = [other for other in allowed if other != node]
                self._open(opened, node, floor, allowed)

    def _open(self, opened: Nodes, node: int, floor: int, allowed: list[int]) -> None:
        """Explore the sets that also hold `node`, unless they are too dear or time is up."""
        floor += self.slack[node]
        parcels = len(opened) + 1
        if self._is_hopeless(floor, parcels) or self._is_worn_out(floor):
            return
        fit = [
            other
            for other in allowed
            if not self._is_hopeless(floor + self.slack[other], parcels + 1)
        ]
        self._explore(_with(opened, node), floor, fit)

    def _look_ahead(
        self, opened: Nodes, floor: int, allowed: list[int], filled: Filled
    ) -> tuple[int, Pool | None]:
        """The least a larger set is worth, and the scarcest pool it could still cover better.

        Units no allowed node has will stay unserved and cost their penalty instead of the price.
        """
        least, missing, fewest = floor, 0, len(allowed) + 1
        scarcest: Pool | None = None
        for index, left in filled.left:
            pool = self.problem.merged[index]
            missing += left * pool.units
            providers = sum([node in pool.by_node for node in allowed])
            if not providers:
                least += left * (pool.penalty - self.prices[index])
            elif providers < fewest:
                fewest, scarcest = providers, pool
        if self.reach:
            short = missing - self.reach[self.problem.parcels_max - len(opened)]
            least = max(least, self._unservable() + short * self.problem.ceiling)
        return least, scarcest

    def _save(self, opened: Nodes, floor: int, allowed: list[int], value: int) -> None:
        """Visit larger sets that cover no more but may serve the same for less.

        What a node changes after others were opened is never better than what it changes now, so
        the changes of single nodes, added up, bound what all of them together can do.
        """
        if len(opened) == self.problem.parcels_max:
            return
        changes: list[tuple[int, int]] = []
        parcels = len(opened) + 1
        for node in allowed:
            if self._is_hopeless(floor + self.slack[node], parcels):
                continue
            if self._is_worn_out(floor):
                return
            changes.append((self._visit(_with(opened, node)).value - value, node))
        changes.sort()
        for place, (change, node) in enumerate(changes[:-1], start=1):
            later = changes[place:]
            gain = sum([min(0, other) for other, _ in later]) or later[0][0]
            if not self._is_hopeless(value + change + gain, parcels + 1):
                rest = [other for _, other in later]
                self._save(_with(opened, node), floor + self.slack[node], rest, value + change)

    def _is_worn_out(self, least: int) -> bool:
        if self.work < WORK_MAX:
            return False
        self._leave(least)
        return True


def _with(opened: Nodes, node: int) -> Nodes:
    return tuple(sorted((*opened, node)))
