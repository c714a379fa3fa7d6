"""Once the set of open nodes is fixed: which of them serves what, and what that is worth.

Exact where freight follows a straight line: then every pool by itself takes its cheapest units,
and nothing couples pools but the nodes that are open, which are given.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from routing.claims import Claim, Option, Share, compete, take_cheapest
from routing.cost import MICRO, rounded
from routing.model import CostTerms
from routing.pools import Pool, Problem

SCAN_MAX: Final = 10  # more options than this are looked up by node instead of walked through


class Filled(msgspec.Struct, gc=False):
    """The cheapest use of a set of open nodes.

    `value` is as `Problem.ceiling` says and `lost` the part of it that stands for unserved units.
    `units` per node that serves any, `unserved` those that none does; `left` says for merged pools,
    by their index, what they still lack though other nodes have it.
    """

    value: int
    lost: int
    unserved: int
    units: dict[int, int]
    left: list[tuple[int, int]]


class Row(msgspec.Struct, gc=False):
    """Units of one claim served by `node`."""

    claim: Claim
    node: int
    units: int


def fill(problem: Problem, opened: Sequence[int]) -> Filled:
    """Serve all pools from the open nodes at least cost along the freight lines."""
    served = opening(problem, opened)
    out = Filled(0, problem.constant, problem.short, {}, [])
    units = out.units
    for index, pool in enumerate(problem.merged):
        if pool.has_rivals:
            served += _fill_rivals(problem, index, opened, out)
            continue
        left = pool.quantity
        for cost, node, stock in _options(pool, opened):
            if node in opened:
                take = stock if stock < left else left  # noqa: FURB136 - min() is three times slower
                served += take * cost
                units[node] = units.get(node, 0) + take * pool.units
                left -= take
                if not left:
                    break
        if left:
            out.lost += left * pool.penalty
            out.unserved += left * pool.units
            out.left.append((index, left))
    out.value = served + out.lost
    return out


def opening(problem: Problem, opened: Sequence[int]) -> int:
    """What the nodes cost before they serve a unit; the first parcel is no split."""
    if not opened:
        return 0
    total = -problem.split
    for node in opened:
        total += problem.opening[node]
    return total


def rows_of(problem: Problem, opened: Sequence[int]) -> list[Row]:
    """The units behind `fill`, claim by claim, before pools were merged."""
    return [
        Row(pool.claims[share.claim], share.node, share.units)
        for pool in problem.pools
        for share in _shares(pool, opened)
    ]


def terms(problem: Problem, filled: Filled) -> CostTerms:
    """The terms of a filled set of nodes; freight, the only one with a fraction, is rounded."""
    fixed = handling = 0
    for index, units in filled.units.items():
        node = problem.nodes[index]
        fixed += node.fixed_minor
        handling += node.handling_unit_minor * units
    uncovered = filled.unserved * problem.ceiling
    unserved = (filled.lost - uncovered) // MICRO
    split = problem.split // MICRO * max(0, len(filled.units) - 1)
    whole = fixed + handling + split + unserved
    freight = rounded(filled.value - uncovered - whole * MICRO)
    return CostTerms(fixed, handling, freight, split, unserved, whole + freight)


def _options(pool: Pool, opened: Sequence[int]) -> list[Option]:
    """Options of the pool that may be open, cheapest first."""
    if len(pool.options) <= SCAN_MAX:
        return pool.options
    by_node = pool.by_node
    return sorted([by_node[node] for node in opened if node in by_node])


def _shares(pool: Pool, opened: Sequence[int]) -> list[Share]:
    if pool.has_rivals:
        return compete(pool.claims, opened)
    return take_cheapest(pool.claims[0], opened)


def _fill_rivals(problem: Problem, index: int, opened: Sequence[int], out: Filled) -> int:
    """Add the shares of claims that compete; returns what serving them costs."""
    pool = problem.merged[index]
    costs = [{node: cost for cost, node, _ in claim.options} for claim in pool.claims]
    unserved = [claim.quantity for claim in pool.claims]
    served = 0
    for share in compete(pool.claims, opened):
        served += share.units * costs[share.claim][share.node]
        unserved[share.claim] -= share.units
        out.units[share.node] = out.units.get(share.node, 0) + share.units
    for claim, left in zip(pool.claims, unserved, strict=True):
        out.lost += left * claim.penalty
    if sum(unserved) > pool.short:
        out.unserved += sum(unserved) - pool.short
        out.left.append((index, sum(unserved) - pool.short))
    return served
