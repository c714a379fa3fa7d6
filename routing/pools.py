"""The question as integers: which nodes there are, and for each item what is wanted where.

A *pool* is one item: the units asked for and the nodes that have some, cheapest first. Once the
set of open nodes is fixed, pools do not influence one another, which is what makes large orders
solvable exactly. This module decides nothing.
"""

from collections.abc import Callable
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
    units: int = 1
    has_rivals: bool = False
    by_node: dict[int, Option] = {}  # the options again; only where the search looks at the pool


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
    split: int
    ceiling: int
    parcels_max: int
    is_straight: bool  # lines are the freight itself, not just below it
    pools: list[Pool]
    merged: list[Pool]  # same value over any set of nodes, in fewer pools
    short: int
    constant: int


# (node index, its stock's `get`, cost of a unit, cost of a gram): walked through for every line.
_Shelf = tuple[int, Callable[[str, int], int], int, int]


def problem(question: Question, admitted: Admitted) -> Problem:
    """Turn the question and the nodes that passed the rules into integers."""
    policy = question.policy
    nodes, lanes = admitted.nodes, admitted.lanes
    weight_g = sum([demand.quantity * demand.weight_g for demand in question.demands])
    split = policy.split_penalty_minor * MICRO
    shelves: list[_Shelf] = []
    opening: list[int] = []
    for index, node in enumerate(nodes):
        start, gram = minorant(lanes[index], weight_g)
        shelves.append((index, node.stock.get, node.handling_unit_minor * MICRO, gram))
        opening.append(node.fixed_minor * MICRO + start + split)
    is_priced = policy.coverage is Coverage.PRICED
    ceiling = 0 if is_priced else _ceiling(question, admitted, weight_g)
    pools = [_pool(claims, ceiling) for claims in _claims(question, nodes, shelves, ceiling)]
    merged = _merge(pools) if len(pools) >= MERGE_FROM else pools
    for pool in merged:
        pool.by_node = {option[1]: option for option in pool.options}
    return Problem(
        question=question,
        nodes=nodes,
        lanes=lanes,
        opening=opening,
        split=split,
        ceiling=ceiling,
        parcels_max=min(policy.parcels_max or len(nodes), len(nodes)),
        is_straight=not [along for along in lanes if not is_straight(along, weight_g)],
        pools=pools,
        merged=merged,
        short=sum([pool.short for pool in pools]),
        constant=sum([pool.short * pool.penalty for pool in pools if not pool.has_rivals]),
    )


def _ceiling(question: Question, admitted: Admitted, weight_g: int) -> int:
    """More than any plan costs: everything at once, everywhere, and nothing of it served."""
    policy = question.policy
    minor, freight, dearest = 1, 0, 0
    for node, along in zip(admitted.nodes, admitted.lanes, strict=True):
        minor += node.fixed_minor + policy.split_penalty_minor
        freight += freight_micro(along, weight_g)
        dearest = max(dearest, node.handling_unit_minor)
    for demand in question.demands:
        penalty = _penalty_minor(demand, policy.unserved_unit_minor)
        minor += demand.quantity * (dearest + penalty)
    return minor * MICRO + freight


def _penalty_minor(demand: Demand, otherwise: int) -> int:
    own = demand.unserved_unit_minor
    return otherwise if own is None else own


def _claims(
    question: Question, nodes: list[NodeFacts], shelves: list[_Shelf], ceiling: int
) -> list[list[Claim]]:
    """Demands that are alike merged into claims; claims for one item beside each other."""
    pins = {pin.line_id: pin.node_id for pin in question.pins}
    otherwise = question.policy.unserved_unit_minor
    items: dict[str, list[Claim]] = {}
    keys: dict[int, object] = {}
    for index, demand in enumerate(question.demands):
        leaving = _penalty_minor(demand, otherwise) * MICRO + ceiling
        pin = pins.get(demand.line_id)
        key = (demand.weight_g, leaving, demand.requires, pin)
        claims = items.setdefault(demand.item_id, [])
        for claim in claims:
            if keys[id(claim)] == key:
                claim.lines.append((index, demand.quantity))
                claim.quantity += demand.quantity
                break
        else:
            options = _options(shelves, demand)
            if pin is not None or demand.requires:
                options = [option for option in options if _may(nodes[option[1]], demand, pin)]
            lines = [(index, demand.quantity)]
            claim = Claim(lines, demand.quantity, demand.weight_g, leaving, options)
            keys[id(claim)] = key
            claims.append(claim)
    return list(items.values())


def _options(shelves: list[_Shelf], demand: Demand) -> list[Option]:
    item, weight_g = demand.item_id, demand.weight_g
    options: list[Option] = []
    for node, units_of, unit, gram in shelves:
        stock = units_of(item, 0)
        if stock > 0:
            options.append((unit + weight_g * gram, node, stock))
    options.sort()
    return options


def _may(node: NodeFacts, demand: Demand, pin: str | None) -> bool:
    return pin in {None, node.node_id} and may_serve(node, demand)


def _pool(claims: list[Claim], ceiling: int) -> Pool:
    if len(claims) > 1:
        return _pool_of_rivals(claims, ceiling)
    claim = claims[0]
    options, wanted = claim.options, claim.quantity
    if not ceiling:
        options = _worth_serving(options, claim.penalty)
    stock = sum([option[2] for option in options])
    quantity = min(wanted, stock)
    options = _capped(options, quantity)
    return Pool(claims, quantity, wanted - quantity, claim.penalty, options)


def _pool_of_rivals(claims: list[Claim], ceiling: int) -> Pool:
    """The least the claims could cost if their differences did not matter: see `Pool`."""
    wanted = sum([claim.quantity for claim in claims])
    penalties = [claim.penalty for claim in claims]
    options = _cheapest_options(claims)
    if ceiling:
        everywhere = [node for _, node, _ in options]
        quantity = sum([share.units for share in compete(claims, everywhere)])
    else:
        options = _worth_serving(options, max(penalties))
        quantity = min(wanted, sum([option[2] for option in options]))
    options = _capped(options, quantity)
    return Pool(claims, quantity, wanted - quantity, min(penalties), options, has_rivals=True)


def _worth_serving(options: list[Option], penalty: int) -> list[Option]:
    """A unit that costs as much to serve as to leave is left: same total, fewer parcels."""
    return [option for option in options if option[0] < penalty]


def _capped(options: list[Option], quantity: int) -> list[Option]:
    return [
        (cost, node, stock if stock < quantity else quantity)  # noqa: FURB136 - see fill
        for cost, node, stock in options
    ]


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
        quantity = pool.quantity
        if pool.has_rivals or [option for option in pool.options if option[2] < quantity]:
            out.append(pool)
        elif pool.options:
            nodes = tuple([option[1] for option in pool.options])
            alike.setdefault(nodes, []).append(pool)
    return out + [_sum(nodes, group) for nodes, group in alike.items()]


def _sum(nodes: tuple[int, ...], group: list[Pool]) -> Pool:
    units = penalty = 0
    costs = dict.fromkeys(nodes, 0)
    for pool in group:
        quantity = pool.quantity
        units += quantity
        penalty += quantity * pool.penalty
        for cost, node, _ in pool.options:
            costs[node] += quantity * cost
    options = [(cost, node, 1) for node, cost in costs.items()]
    return Pool([], 1, 0, penalty, options, units)
