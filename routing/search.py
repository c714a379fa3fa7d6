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

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

from routing.bands import settle
from routing.claims import Option
from routing.fill import Filled, Row, fill
from routing.pools import Pool, Problem

KEPT: Final = 8  # candidates an answer shows; keeps a typical decision below 2 kB
PROVEN: Final = 2  # the winner and the runner-up are proven, the rest are the best ones met
ENDLESS: Final = 1 << 100  # more than any plan is worth
FEW_NODES: Final = 8  # so few that closing each of them once tells most
ROUNDS_MAX: Final = 4  # of swapping nodes before the search proper
WORK_MAX: Final = 40_000  # pools filled, before the search settles for a bound (some 30 ms)

Nodes = tuple[int, ...]
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
        if self.problem.parcels_max > 1 and not self._is_hopeless(self._least_of_two(), 2):
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
        """Value of units that no set of nodes can serve."""
        if not self.rivals:
            return self.problem.constant
        rivals = [pool for pool in self.problem.merged if pool.has_rivals]
        return self.problem.constant + sum(pool.short * pool.penalty for pool in rivals)

    def _explore(self, opened: Nodes, allowed: list[int], filled: Filled) -> None:
        """Visit what is worth it of all sets that hold `opened` and some of `allowed`.

        Sets are told apart by the first node, in order of slack, that serves the scarcest pool
        which `opened` does not cover.
        """
        parcels = len(opened) + 1
        while allowed and parcels <= self.problem.parcels_max:
            bound, slack = self._prices(opened, allowed)
            least = max(bound, self._least_reach(opened, allowed, filled))
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

    def _least_reach(self, opened: Nodes, allowed: list[int], filled: Filled) -> int:
        """No plan is worth less, because so few parcels cannot carry more units.

        Only where parcels are limited: each further node serves at most what it could of the units
        that are lacking now.
        """
        problem = self.problem
        more = problem.parcels_max - len(opened)
        if not problem.ceiling or more >= len(allowed):
            return 0
        units = dict.fromkeys(allowed, 0)
        lacking = 0
        for index, left in filled.left:
            pool = problem.merged[index]
            lacking += left * pool.units
            for _, node, stock in pool.options:
                if node in units:
                    units[node] += min(stock, left) * pool.units
        short = max(0, lacking - sum(sorted(units.values(), reverse=True)[:more]))
        return self._unservable() + short * problem.ceiling

    def _prices(self, opened: Nodes, allowed: Sequence[int]) -> tuple[int, dict[int, int]]:
        """The bound for all sets of `opened` and some of `allowed`, and the slack of the latter.

        First each pool may use up an even share of what its nodes cost to open, then, pools with
        fewest nodes first, whatever is left. Nodes that are open have no slack to respect: there a
        price may rise until they cover the pool, and what it overpays them is taken off again.
        """
        pools = self.problem.merged
        purses = {node: self.problem.opening[node] for node in allowed}
        self.work += len(pools)
        crowd = dict.fromkeys(allowed, 0)
        shelves: list[_Shelf] = []
        for pool in pools:
            shelf = _shelf(pool, opened, purses)
            shelves.append(shelf)
            for _, node, _ in shelf.options:
                crowd[node] += 1
        shares = {node: cost // max(1, crowd[node]) for node, cost in purses.items()}
        for shelf in shelves:
            _raise(shelf, shares, purses)
        shelves.sort(key=_by_options)
        for shelf in shelves:
            _raise(shelf, purses, purses)
            if shelf.lacking and shelf.price == shelf.top < shelf.penalty:
                _turn_to_lacking(shelf)
                _raise(shelf, purses, purses)
        bound = self._unservable() - self.problem.split
        bound += sum([self.problem.opening[node] for node in opened])
        return bound + sum([_worth(shelf) for shelf in shelves]), purses


class _Shelf(msgspec.Struct, gc=False):
    """A pool as it looks while some nodes are open: what they take, and who else could."""

    quantity: int
    taken: list[Option]  # of open nodes
    options: list[Option]  # of nodes that may still be opened
    lacking: int  # units beyond what the open nodes have
    top: int  # highest price for now
    penalty: int
    price: int = 0


def _shelf(pool: Pool, opened: Nodes, purses: dict[int, int]) -> _Shelf:
    by_node = pool.by_node
    taken = sorted([by_node[node] for node in opened if node in by_node])
    top, left = 0, pool.quantity
    for cost, _, stock in taken:
        left -= stock
        top = cost
        if left <= 0:
            break
    if len(purses) * 3 < len(pool.options):
        options = sorted([by_node[node] for node in purses if node in by_node])
    else:
        options = [option for option in pool.options if option[1] in purses]
    top = min(top, pool.penalty) if taken else pool.penalty
    return _Shelf(pool.quantity, taken, options, max(0, left), top, pool.penalty)


def _by_options(shelf: _Shelf) -> int:
    return len(shelf.options)


def _turn_to_lacking(shelf: _Shelf) -> None:
    """Above what the open nodes cost, others earn the price only with units that are lacking."""
    lacking = shelf.lacking
    shelf.top = shelf.penalty
    shelf.options = [(cost, node, min(stock, lacking)) for cost, node, stock in shelf.options]


def _raise(shelf: _Shelf, limits: dict[int, int], purses: dict[int, int]) -> None:
    """Raise a price as far as the limit of each node pays for; the purses pay."""
    old, new = shelf.price, shelf.top
    for cost, node, stock in shelf.options:
        if cost >= new:
            break
        highest = (cost if cost > old else old) + limits[node] // stock  # noqa: FURB136 - see fill
        if highest < new:  # noqa: PLR1730 - as above
            new = highest
    if new <= old:
        return
    shelf.price = new
    for cost, node, stock in shelf.options:
        if cost >= new:
            break
        purses[node] -= stock * (new - (cost if cost > old else old))  # noqa: FURB136


def _worth(shelf: _Shelf) -> int:
    """What the pool adds to the bound."""
    price = shelf.price
    overpaid = sum([stock * (price - cost) for cost, _, stock in shelf.taken if cost < price])
    return shelf.quantity * price - overpaid


def _with(opened: Nodes, node: int) -> Nodes:
    return tuple(sorted((*opened, node)))
