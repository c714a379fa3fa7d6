"""The question as integers: which nodes there are, and for each item what is wanted where.

A *pool* is one item: the units asked for and the nodes that have some, cheapest first. Once the
set of open nodes is fixed, pools do not influence one another, which is what makes large orders
solvable exactly. This module decides nothing.
"""

from typing import Final

import msgspec

from routing.claims import Claim, Option, compete
from routing.cost import MICRO, Lane, freight_micro, is_straight, minorant
from routing.model import Coverage, Demand, NodeFacts, Question
from routing.rules import Admitted, may_serve

MERGE_FROM: Final = 8  # fewer pools are searched faster than they are merged


class Pool(msgspec.Struct, gc=False):
    """What is wanted of one item, and where it is.

    `quantity` is at most what all nodes together can serve, the `short` rest nobody can. `units`
    is how many units one step of quantity stands for: more than one in merged pools. With several
    claims, `quantity`, `options` and `penalty` never cost more than the truth, which `fill` finds.
    """

    claims: list[Claim]
    quantity: int
    short: int
    penalty: int
    options: list[Option]
    by_node: dict[int, Option]
    units: int = 1
    has_rivals: bool = False


class Problem(msgspec.Struct, gc=False):
    """Everything the search needs. Costs are micro; nodes are indexes in canonical order.

    `ceiling`: weight of one unserved unit where coverage comes before cost: more than all costs of
    any plan together, so that a plan's value is ``unserved × ceiling + cost``. 0 where unserved
    units are merely priced. `short` counts units that no set of nodes can serve, `constant` is the
    value of those of them that are in pools without rivals.
    """

    question: Question
    nodes: list[NodeFacts]
    lanes: list[Lane]
    opening: list[int]  # fixed + start of the freight + split penalty
    gram: list[int]
    split: int
    ceiling: int
    parcels_max: int
    is_straight: bool  # the lines are the freight itself, not just below it
    pools: list[Pool] = []
    merged: list[Pool] = []  # same value over any set of nodes, in fewer pools
    short: int = 0
    constant: int = 0


def problem(question: Question, admitted: Admitted) -> Problem:
    """Turn the question and the nodes that passed the rules into integers."""
    policy = question.policy
    nodes, lanes = admitted.nodes, admitted.lanes
    weight_g = sum(demand.quantity * demand.weight_g for demand in question.demands)
    lines = [minorant(along, weight_g) for along in lanes]
    split = policy.split_penalty_minor * MICRO
    is_priced = policy.coverage is Coverage.PRICED
    out = Problem(
        question=question,
        nodes=nodes,
        lanes=lanes,
        opening=[
            node.fixed_minor * MICRO + start + split
            for node, (start, _) in zip(nodes, lines, strict=True)
        ],
        gram=[gram for _, gram in lines],
        split=split,
        ceiling=0 if is_priced else _ceiling(question, admitted, weight_g),
        parcels_max=min(policy.parcels_max or len(nodes), len(nodes)),
        is_straight=all(is_straight(along, weight_g) for along in lanes),
    )
    out.pools = [_pool(claims, out) for claims in _claims(out)]
    out.merged = _merge(out.pools) if len(out.pools) >= MERGE_FROM else out.pools
    out.short = sum(pool.short for pool in out.pools)
    out.constant = sum(pool.short * pool.penalty for pool in out.pools if not pool.has_rivals)
    return out


def _ceiling(question: Question, admitted: Admitted, weight_g: int) -> int:
    """More than any plan costs: everything at once, everywhere, and nothing of it served."""
    policy = question.policy
    opening = sum(
        (node.fixed_minor + policy.split_penalty_minor) * MICRO + freight_micro(along, weight_g)
        for node, along in zip(admitted.nodes, admitted.lanes, strict=True)
    )
    dearest = max((node.handling_unit_minor for node in admitted.nodes), default=0)
    units = sum(
        demand.quantity * (dearest + _penalty_minor(demand, policy.unserved_unit_minor))
        for demand in question.demands
    )
    return opening + units * MICRO + 1


def _penalty_minor(demand: Demand, otherwise: int) -> int:
    own = demand.unserved_unit_minor
    return otherwise if own is None else own


def _claims(to: Problem) -> list[list[Claim]]:
    """Demands that are alike merged into claims; claims for one item beside each other."""
    question = to.question
    pins = {pin.line_id: pin.node_id for pin in question.pins}
    otherwise = question.policy.unserved_unit_minor
    alike: dict[tuple[str, object], Claim] = {}
    items: dict[str, list[Claim]] = {}
    for index, demand in enumerate(question.demands):
        penalty = _penalty_minor(demand, otherwise)
        pin = pins.get(demand.line_id)
        key = (demand.item_id, (demand.weight_g, penalty, demand.requires, pin))
        claim = alike.get(key)
        if claim is None:
            leaving = penalty * MICRO + to.ceiling
            claim = Claim([], 0, demand.weight_g, leaving, _options(to, demand, pin))
            alike[key] = claim
            items.setdefault(demand.item_id, []).append(claim)
        claim.lines.append((index, demand.quantity))
        claim.quantity += demand.quantity
    return list(items.values())


def _options(to: Problem, demand: Demand, pin: str | None) -> list[Option]:
    item, weight_g, requires = demand.item_id, demand.weight_g, demand.requires
    options = []
    for index, node in enumerate(to.nodes):
        stock = node.stock.get(item, 0)
        if stock <= 0 or (requires and not may_serve(node, demand)):
            continue
        if pin is None or pin == node.node_id:
            cost = node.handling_unit_minor * MICRO + weight_g * to.gram[index]
            options.append((cost, index, stock))
    options.sort()
    return options


def _pool(claims: list[Claim], to: Problem) -> Pool:
    wanted = sum(claim.quantity for claim in claims)
    penalties = [claim.penalty for claim in claims]
    options = claims[0].options if len(claims) == 1 else _cheapest_options(claims)
    if not to.ceiling:
        # A unit that costs as much to serve as to leave is left: same total, fewer parcels.
        options = [option for option in options if option[0] < max(penalties)]
    quantity = min(wanted, sum(stock for _, _, stock in options))
    if len(claims) > 1 and to.ceiling:
        quantity = sum(share.units for share in compete(claims, range(len(to.nodes))))
    options = [(cost, node, min(stock, quantity)) for cost, node, stock in options]
    return Pool(
        claims=claims,
        quantity=quantity,
        short=wanted - quantity,
        penalty=min(penalties),
        options=options,
        by_node={option[1]: option for option in options},
        has_rivals=len(claims) > 1,
    )


def _cheapest_options(claims: list[Claim]) -> list[Option]:
    """For each node the least any of the claims pays there, cheapest first."""
    best: dict[int, Option] = {}
    for claim in claims:
        for option in claim.options:
            best[option[1]] = min(option, best.get(option[1], option))
    return sorted(best.values())


def _merge(pools: list[Pool]) -> list[Pool]:
    """Pools that every node serves in full or not at all, added up where nodes rank alike.

    Over any set of open nodes such a pool goes whole to the first of its nodes that is open, so
    pools with the same ranking go to the same node, and their costs just add. An order of 1,100
    lines over five nodes becomes a few dozen pools.
    """
    out: list[Pool] = []
    alike: dict[tuple[int, ...], list[Pool]] = {}
    for pool in pools:
        if pool.has_rivals or any(stock < pool.quantity for _, _, stock in pool.options):
            out.append(pool)
        elif pool.options:
            alike.setdefault(tuple([option[1] for option in pool.options]), []).append(pool)
    return out + [_sum(nodes, group) for nodes, group in alike.items()]


def _sum(nodes: tuple[int, ...], group: list[Pool]) -> Pool:
    costs = [
        sum(pool.quantity * pool.options[place][0] for pool in group) for place in range(len(nodes))
    ]
    options = [(cost, node, 1) for cost, node in zip(costs, nodes, strict=True)]
    return Pool(
        claims=[],
        quantity=1,
        short=0,
        penalty=sum(pool.quantity * pool.penalty for pool in group),
        options=options,
        by_node={option[1]: option for option in options},
        units=sum(pool.quantity for pool in group),
    )
