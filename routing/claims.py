"""Lines that want the same item, and how they share its stock at least cost.

Lines that are alike form one claim, and a single claim simply takes the cheapest units. Several
claims for one item (one of them pinned, or dearer to leave) compete: that is a transport problem.
"""

from collections.abc import Collection

import msgspec

# (cost of one unit in micro, node index, units it can serve); tuples because they sort by cost,
# then node, and because the inner loops of the search take them apart.
Option = tuple[int, int, int]


class Claim(msgspec.Struct, gc=False):
    """Alike lines for one item. `penalty` is micro, `options` are cheapest first."""

    lines: list[tuple[int, int]]  # (index of the demand, units)
    quantity: int
    weight_g: int
    penalty: int
    options: list[Option]


class Share(msgspec.Struct, gc=False):
    """Units of claim number `claim` that `node` serves."""

    claim: int
    node: int
    units: int


def take_cheapest(claim: Claim, opened: Collection[int]) -> list[Share]:
    """What one claim alone takes from the open nodes."""
    shares = []
    left = claim.quantity
    for cost, node, stock in claim.options:
        if left and node in opened and cost < claim.penalty:
            units = min(stock, left)
            shares.append(Share(0, node, units))
            left -= units
    return shares


def compete(claims: list[Claim], opened: Collection[int]) -> list[Share]:
    """The cheapest way to serve `claims` from the stock of the open nodes.

    Successive shortest paths: each claim in turn gets its units by the cheapest chain of pushing
    earlier claims elsewhere, which keeps the whole optimal for the claims seen so far.
    """
    transport = _Transport(claims, opened)
    for index, claim in enumerate(claims):
        left = claim.quantity
        while left:
            left -= transport.push(index, left)
    return transport.shares()


class _Transport:
    """Who has how many units of which node, and what a chain of pushes costs."""

    def __init__(self, claims: list[Claim], opened: Collection[int]) -> None:
        self.costs = [
            {node: cost for cost, node, _ in claim.options if node in opened} for claim in claims
        ]
        self.penalties = [claim.penalty for claim in claims]
        self.free: dict[int, int] = {}
        for claim in claims:
            self.free.update({node: stock for _, node, stock in claim.options if node in opened})
        self.taken: list[dict[int, int]] = [{} for _ in claims]

    def push(self, start: int, wanted: int) -> int:
        """Serve some of `wanted` units of claim `start`, or leave them, whichever is cheaper.

        Returns how many. Others move along the chain; the last claim of it finds free stock or
        leaves as many units as the first one gains.
        """
        distances, steps = self._distances(start)
        best = min((distances[claim] + self.penalties[claim], claim, -1) for claim in distances)
        for claim, reached in distances.items():
            for node, cost in self.costs[claim].items():
                if self.free[node]:
                    best = min(best, (reached + cost, claim, node))
        _, claim, node = best
        chain = _chain(steps, claim)
        amount = min([wanted, *(self.taken[other][shared] for other, shared in chain)])
        if node >= 0:
            amount = min(amount, self.free[node])
            self.free[node] -= amount
            self._add(claim, node, amount)
        for other, shared in chain:
            self._add(other, shared, -amount)
            self._add(steps[other][0], shared, amount)
        return amount

    def shares(self) -> list[Share]:
        return [
            Share(claim, node, units)
            for claim, nodes in enumerate(self.taken)
            for node, units in sorted(nodes.items())
            if units
        ]

    def _distances(self, start: int) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
        """Cheapest change of cost that frees a unit for `start` at the expense of each claim.

        Also the step before each claim: (claim that takes over, node). Bellman-Ford; there are
        never negative cycles, because what is taken so far is optimal.
        """
        distances = {start: 0}
        steps: dict[int, tuple[int, int]] = {}
        for _ in self.costs:
            for claim in sorted(distances):
                for node, cost in self.costs[claim].items():
                    for other, taken in enumerate(self.taken):
                        if other == claim or not taken.get(node):
                            continue
                        reached = distances[claim] + cost - self.costs[other][node]
                        if other not in distances or reached < distances[other]:
                            distances[other] = reached
                            steps[other] = (claim, node)
        return distances, steps

    def _add(self, claim: int, node: int, units: int) -> None:
        self.taken[claim][node] = self.taken[claim].get(node, 0) + units


def _chain(steps: dict[int, tuple[int, int]], last: int) -> list[tuple[int, int]]:
    """(claim that gives way, node) from `last` back to the start of the chain."""
    chain = []
    while last in steps:
        previous, node = steps[last]
        chain.append((last, node))
        last = previous
    return chain
