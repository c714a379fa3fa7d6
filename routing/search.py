"""Which set of nodes to open: every set is visited, or a bound proves that it need not be.

Branch and bound over sets. `bounds.prices` says, for all sets of one branch at once, what none of
them can cost less than. Once all pools are covered a second bound takes over: what a further node
saves never grows when other nodes were opened before it, so nodes that do not pay one by one do not
pay together, and a node that serves nothing never will. The search stops at `WORK_MAX` and then
says how much better an unvisited plan could be. With weight-banded freight the bounds use lines
below the true price (`cost.minorant`), and each set that remains is settled by `bands`.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

from routing.bands import settle
from routing.bounds import Nodes, least_by_reach, least_of_two, prices
from routing.fill import Filled, Row, fill
from routing.pools import Pool, Problem

KEPT: Final = 8  # candidates an answer shows; keeps a typical decision below 2 kB
PROVEN: Final = 2  # the winner and the runner-up are proven, the rest are the best ones met
ENDLESS: Final = 1 << 100  # more than any plan is worth
FEW_NODES: Final = 8  # so few that closing each of them once tells most
ROUNDS_MAX: Final = 4  # of swapping nodes before the search proper
WORK_MAX: Final = 60_000  # pools filled, before the search settles for a bound (some 100 ms)

Rank = tuple[int, int, Nodes]  # value, parcels, nodes in canonical order: the smallest wins


class Found(msgspec.Struct, frozen=True, gc=False):
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
        self.proven = PROVEN if problem.is_straight else 1
        self.rivals = any(pool.has_rivals for pool in problem.merged)

    def run(self) -> None:
        """Afterwards `best` is there, and proven as far as `floor` says."""
        self._visit_singles()
        if not self.problem.ceiling or not self.best:
            self._visit(())
        if self.problem.parcels_max > 1 and not self._is_hopeless(least_of_two(self.problem), 2):
            everywhere = tuple(range(len(self.problem.nodes)))
            needed = self._needed(everywhere) if len(everywhere) <= FEW_NODES else ()
            if len(everywhere) > FEW_NODES:
                self._warm_up(everywhere)
            self._open(needed, [node for node in everywhere if node not in needed])

    def gap(self) -> int:
        """How much more the winner may be worth than the best plan there is; 0: proven."""
        winner = self.best[0].rank[0]
        return 0 if self.floor is None else max(0, winner - self.floor)

    def _visit_singles(self) -> None:
        """Every node alone; mostly in one walk through the options instead of a fill for each."""
        problem = self.problem
        nodes = range(len(problem.nodes))
        if not problem.is_straight or self.rivals:
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
        """Keep one of the best; a set met before is not kept twice."""
        best = self.best
        place = bisect_left(best, found)
        if place == KEPT or (place < len(best) and best[place].rank == found.rank):
            return
        best.insert(place, found)
        del best[KEPT:]

    def _leave(self, least: int) -> None:
        """Note that plans worth at least that much were not looked at."""
        self.floor = least if self.floor is None else min(self.floor, least)

    def _is_hopeless(self, least: int, parcels: int) -> bool:
        """Whether no plan of at least that value and parcels can be among the proven ones."""
        if len(self.best) < self.proven:
            return False
        value, fewest, _ = self.best[self.proven - 1].rank
        return least > value or (least == value and parcels > fewest)

    def _limit(self) -> int:
        """Plans worth more than this are not among the proven ones."""
        return self.best[self.proven - 1].rank[0] if len(self.best) >= self.proven else ENDLESS

    def _is_idle(self, filled: Filled, opened: Nodes) -> bool:
        """Whether a node serves nothing: then it never will, however many more are opened."""
        return self.problem.is_straight and len(filled.units) < len(opened)

    def _is_worn_out(self, least: int) -> bool:
        if self.work < WORK_MAX:
            return False
        self._leave(least)
        return True

    def _prices(self, opened: Nodes, allowed: Sequence[int]) -> tuple[int, dict[int, int]]:
        self.work += len(self.problem.merged) * (1 + len(allowed) // 4)
        return prices(self.problem, opened, allowed)

    def _explore(self, opened: Nodes, allowed: list[int], filled: Filled) -> None:
        """Visit what is worth it of all sets that hold `opened` and some of `allowed`.

        Sets are told apart by the first node, in order of slack, that serves the scarcest pool
        which `opened` does not cover.
        """
        parcels = len(opened) + 1
        while allowed and parcels <= self.problem.parcels_max:
            bound, slack = self._prices(opened, allowed)
            least = max(bound, least_by_reach(self.problem, opened, allowed, filled))
            if self._is_hopeless(least, parcels) or self._is_worn_out(least):
                return
            most = self._limit() - bound
            fit = [node for cost, node in sorted([(slack[n], n) for n in allowed]) if cost <= most]
            scarcest = self._scarcest(filled, fit)
            if scarcest is None:
                self._save(opened, fit, filled.value)
                return
            allowed = [node for node in fit if node not in scarcest.by_node]
            providers = [node for node in fit if node in scarcest.by_node]
            for place, node in enumerate(providers, start=1):
                most = self._limit() - bound - slack[node]
                if most >= 0:
                    others = [*providers[place:], *allowed]
                    self._open(
                        _with(opened, node), [other for other in others if slack[other] <= most]
                    )

    def _open(self, opened: Nodes, allowed: list[int]) -> None:
        filled = self._fill_or_visit(opened)
        if not self._is_idle(filled, opened):
            self._explore(opened, allowed, filled)

    def _scarcest(self, filled: Filled, allowed: list[int]) -> Pool | None:
        """The pool that lacks units and has fewest allowed nodes to get them from."""
        best: tuple[int, Pool] | None = None
        for index, _ in filled.left:
            pool = self.problem.merged[index]
            providers = sum([node in pool.by_node for node in allowed])
            if providers and (best is None or providers < best[0]):
                best = providers, pool
        return best[1] if best else None

    def _needed(self, everywhere: Nodes) -> Nodes:
        """Nodes that are in every set worth looking at.

        What closing a node costs never shrinks when others were closed before it, so if closing it
        first costs too much, closing it always does. An order of very many lines mostly needs all.
        """
        losses = []
        all_open = self._fill_or_visit(everywhere).value
        for node in everywhere:
            others = tuple([other for other in everywhere if other != node])
            losses.append(self._fill_or_visit(others).value - all_open)
        least = all_open + sum([min(0, loss) for loss in losses])
        most = self._limit() - least
        return tuple([node for node in everywhere if max(0, losses[node]) > most])

    def _fill_or_visit(self, opened: Nodes) -> Filled:
        """Visit a set that may be a plan; only fill one that has been visited or may not."""
        if 1 < len(opened) <= self.problem.parcels_max:
            return self._visit(opened)
        return fill(self.problem, opened)

    def _warm_up(self, allowed: Nodes) -> None:
        """Meet good sets early, because what they cost spares looking at others.

        Nodes that save most are opened one by one; then each of them in turn gives way to others.
        """
        _, slack = self._prices((), allowed)
        self._dive((), [node for node in allowed if not slack[node]])
        self._dive((), allowed)
        opened = self.best[0].rank[2]
        for _ in range(ROUNDS_MAX):
            for node in opened:
                if self.work >= WORK_MAX:
                    return
                kept = tuple([other for other in opened if other != node])
                self._dive(kept, [other for other in allowed if other != node])
            better = self.best[0].rank[2]
            if better == opened:
                return
            opened = better

    def _dive(self, opened: Nodes, allowed: Sequence[int]) -> Nodes:
        """Open what saves most of what is lacking, until nothing more pays."""
        problem = self.problem
        filled = fill(problem, opened)
        while len(opened) < problem.parcels_max:
            saved = {node: -problem.opening[node] for node in allowed if node not in opened}
            for index, left in filled.left:
                pool = problem.merged[index]
                for cost, node, stock in pool.options:
                    if node in saved:
                        saved[node] += min(left, stock) * (pool.penalty - cost)
            best = max(saved, key=saved.__getitem__, default=-1)
            if best < 0 or saved[best] <= 0:
                break
            opened = _with(opened, best)
            filled = self._fill_or_visit(opened)
        return opened

    def _save(self, opened: Nodes, allowed: list[int], value: int) -> None:
        """Visit larger sets that cover no more but may serve the same for less.

        What a node changes after others were opened is never better than what it changes now, so
        the changes of single nodes, added up, bound what all of them together can do.
        """
        parcels = len(opened) + 1
        if parcels > self.problem.parcels_max:
            return
        changes: list[tuple[int, int]] = []
        for node in allowed:
            if self.work >= WORK_MAX:
                self._leave(self._prices(opened, allowed)[0])
                return
            larger = _with(opened, node)
            filled = self._fill_or_visit(larger)
            if not self._is_idle(filled, larger):
                changes.append((filled.value - value, node))
        changes.sort()
        for place, (change, node) in enumerate(changes[:-1], start=1):
            later = changes[place:]
            gain = sum([min(0, other) for other, _ in later]) or later[0][0]
            if not self._is_hopeless(value + change + gain, parcels + 1):
                self._save(_with(opened, node), [other for _, other in later], value + change)


def _with(opened: Nodes, node: int) -> Nodes:
    return tuple(sorted((*opened, node)))
