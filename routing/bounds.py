"""What no plan can be worth less than: the proofs the search leans on.

Write F for what opening a node costs (fixed, start of freight, split penalty), c for what a unit of
a pool costs at a node, s for the units it has there (at most the quantity q asked for), p for what
leaving a unit costs. A plan opens a set S, serves x ≤ s units and leaves u, and x + u = q.

*Prices.* Give every pool any price v ≤ p per unit, and call F − Σ s·max(0, v − c), summed over
pools, the slack of a node. Then for every plan

    Σ F + Σ c·x + Σ p·u ≥ Σ F + Σ v·(x + u) − Σ max(0, v − c)·x ≥ Σ q·v + Σ slack over S

If slacks of nodes that may or may not be opened are not negative, Σ q·v plus the slacks of nodes
that are opened for certain bounds all plans, and each further node adds its own slack: a set whose
slacks do not fit between this bound and the best plans known need not be looked at.

*Lacking units.* Let open nodes T have fewer than q of a pool, r lacking, and let m be the highest
cost among them. Above v = m a further node earns the price with at most r units; what it serves
beyond these replaces units of T, which saves at most m − c each. For if Z units come from outside
T, then D ≥ Z − r units of T stay unused, and with v·(r + D) for the Z units and those left

    cost ≥ Σ c·s over T + v·r + (v − m)·D − Σ (v − c)·x over the others

where the last two terms together are never below −Σ [min(s, r)·max(0, v − c) + the rest of s at
max(0, m − c)]. So from m upward s may be cut to r. That is why opening one node makes the bound
for the next so much closer.
"""

from collections.abc import Sequence

import msgspec

from routing.claims import Option
from routing.fill import Filled
from routing.pools import Pool, Problem

Nodes = tuple[int, ...]


def unservable(problem: Problem) -> int:
    """Value of the units that no set of nodes can serve."""
    rivals = [pool for pool in problem.merged if pool.has_rivals]
    return problem.constant + sum([pool.short * pool.penalty for pool in rivals])


def least_of_two(problem: Problem) -> int:
    """No plan with two or more parcels is worth less: all units at their cheapest."""
    least = unservable(problem) - problem.split + sum(sorted(problem.opening)[:2])
    for pool in problem.merged:
        left = pool.quantity
        for cost, _, stock in pool.options:
            if stock >= left:
                least += left * cost
                break
            least += stock * cost
            left -= stock
        else:
            least += left * pool.penalty
    return least


def least_by_reach(problem: Problem, opened: Nodes, allowed: Sequence[int], filled: Filled) -> int:
    """No plan is worth less, because so few parcels cannot carry more units.

    Only where parcels are limited: each further node serves at most what it could of the units
    that are lacking now.
    """
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
    return unservable(problem) + short * problem.ceiling


def prices(problem: Problem, opened: Nodes, allowed: Sequence[int]) -> tuple[int, dict[int, int]]:
    """The bound for all sets of `opened` and some of `allowed`, and the slacks of the latter.

    Any prices are valid; these are found in two walks. First each pool may use up an even share of
    what its nodes cost to open, then, pools with fewest nodes first, whatever is left.
    """
    slack = {node: problem.opening[node] for node in allowed}
    crowd = dict.fromkeys(allowed, 0)
    shelves: list[_Shelf] = []
    for pool in problem.merged:
        shelf = _shelf(pool, opened, slack)
        shelves.append(shelf)
        for _, node, _ in shelf.options:
            crowd[node] += 1
    shares = {node: cost // max(1, crowd[node]) for node, cost in slack.items()}
    for shelf in shelves:
        _raise(shelf, shares, slack)
    shelves.sort(key=_by_options)
    for shelf in shelves:
        _raise(shelf, slack, slack)
        if shelf.lacking and shelf.price == shelf.top < shelf.penalty:
            _turn_to_lacking(shelf)
            _raise(shelf, slack, slack)
    bound = unservable(problem) - problem.split
    bound += sum([problem.opening[node] for node in opened])
    return bound + sum([_worth(shelf) for shelf in shelves]), slack


class _Shelf(msgspec.Struct, gc=False):
    """A pool as it looks while some nodes are open: what they take, and who else could."""

    quantity: int
    taken: list[Option]  # of open nodes
    options: list[Option]  # of nodes that may still be opened
    lacking: int  # units beyond what the open nodes have
    top: int  # highest price for now
    penalty: int
    price: int = 0


def _shelf(pool: Pool, opened: Nodes, slack: dict[int, int]) -> _Shelf:
    by_node = pool.by_node
    taken = sorted([by_node[node] for node in opened if node in by_node])
    top, left = 0, pool.quantity
    for cost, _, stock in taken:
        left -= stock
        top = cost
        if left <= 0:
            break
    if len(slack) * 3 < len(pool.options):
        options = sorted([by_node[node] for node in slack if node in by_node])
    else:
        options = [option for option in pool.options if option[1] in slack]
    top = min(top, pool.penalty) if taken else pool.penalty
    return _Shelf(pool.quantity, taken, options, max(0, left), top, pool.penalty)


def _by_options(shelf: _Shelf) -> int:
    return len(shelf.options)


def _turn_to_lacking(shelf: _Shelf) -> None:
    """Above what the open nodes cost, others earn the price only with units that are lacking."""
    lacking = shelf.lacking
    shelf.top = shelf.penalty
    shelf.options = [(cost, node, min(stock, lacking)) for cost, node, stock in shelf.options]


def _raise(shelf: _Shelf, limits: dict[int, int], slack: dict[int, int]) -> None:
    """Raise a price as far as the limit of each node pays for; it comes out of the slacks."""
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
        slack[node] -= stock * (new - (cost if cost > old else old))  # noqa: FURB136 - as above


def _worth(shelf: _Shelf) -> int:
    """What the pool adds to the bound."""
    price = shelf.price
    overpaid = sum([stock * (price - cost) for cost, _, stock in shelf.taken if cost < price])
    return shelf.quantity * price - overpaid
