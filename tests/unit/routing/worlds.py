"""Questions for tests: full defaults, one override each, and random small worlds for the laws."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import strategies as st

from oms.kernel.address import Coordinates, distance_km
from routing.model import (
    Allocation,
    Coverage,
    Demand,
    Destination,
    DistanceBand,
    Freight,
    NodeFacts,
    NodeKind,
    Pin,
    Policy,
    Question,
    WeightBand,
)

LONDON = Coordinates(51.5074, -0.1278)
LEEDS = Coordinates(53.8008, -1.5491)
PARIS = Coordinates(48.8566, 2.3522)

FLAT = Freight((DistanceBand(None, 500),))
BY_WEIGHT = Freight(
    (
        DistanceBand(
            None, 300, per_kg_minor=20, weights=(WeightBand(1000, 100), WeightBand(3000, 250))
        ),
    )
)


def node(code: str, **changes: Any) -> NodeFacts:
    """An open British warehouse with ten of `itm_a`, 100 to open and 20 for each unit."""
    facts: dict[str, Any] = {
        "node_id": f"nod_{code.lower()}",
        "code": code,
        "kind": NodeKind.WAREHOUSE,
        "country": "GB",
        "at": LONDON,
        "fixed_minor": 100,
        "handling_unit_minor": 20,
        "stock": {"itm_a": 10},
    }
    return NodeFacts(**{**facts, **changes})


def demand(item: str = "a", quantity: int = 1, **changes: Any) -> Demand:
    """`lin_a` asks for `quantity` of `itm_a`, 500 g each; other letters likewise."""
    facts: dict[str, Any] = {
        "line_id": f"lin_{item}",
        "item_id": f"itm_{item}",
        "quantity": quantity,
        "weight_g": 500,
    }
    return Demand(**{**facts, **changes})


def question(
    nodes: Iterable[NodeFacts],
    demands: Iterable[Demand] = (demand(),),
    policy: Policy | None = None,
    **changes: Any,
) -> Question:
    """An order to London under a flat freight table."""
    facts: dict[str, Any] = {
        "order_ref": "ord_1",
        "currency": "GBP",
        "destination": Destination("GB", LONDON),
        "demands": tuple(demands),
        "nodes": tuple(nodes),
        "policy": policy or Policy(FLAT),
    }
    return Question(**{**facts, **changes})


def taken(allocations: Iterable[Allocation]) -> dict[tuple[str, str], int]:
    """(line, node code) → units, for short assertions."""
    out: dict[tuple[str, str], int] = {}
    for each in allocations:
        key = (each.line_id.removeprefix("lin_"), each.node_id.removeprefix("nod_").upper())
        out[key] = out.get(key, 0) + each.quantity
    return out


def price(asked: Question, allocations: Sequence[Allocation]) -> Fraction:
    """What a plan costs in minor units, reckoned again from the question, without rounding."""
    nodes = {each.node_id: each for each in asked.nodes}
    weights: dict[str, int] = {}
    total = Fraction(0)
    left = {(each.line_id, each.item_id): each.quantity for each in asked.demands}
    grams = {each.item_id: each.weight_g for each in asked.demands}
    for each in allocations:
        weights[each.node_id] = weights.get(each.node_id, 0) + each.quantity * grams[each.item_id]
        total += nodes[each.node_id].handling_unit_minor * each.quantity
        left[each.line_id, each.item_id] -= each.quantity
    for node_id, weight_g in weights.items():
        total += nodes[node_id].fixed_minor + freight_price(asked, nodes[node_id], weight_g)
    total += asked.policy.split_penalty_minor * max(0, len(weights) - 1)
    for wanted in asked.demands:
        own = wanted.unserved_unit_minor
        penalty = asked.policy.unserved_unit_minor if own is None else own
        total += penalty * left[wanted.line_id, wanted.item_id]
    return total


def freight_price(asked: Question, source: NodeFacts, weight_g: int) -> Fraction:
    """What one parcel costs, reckoned again from the freight table."""
    table, to = asked.policy.freight, asked.destination
    if source.at and to.at:
        km = -int(-distance_km(source.at, to.at) // 1)
    elif source.country == to.country:
        km = table.domestic_km_if_unknown
    else:
        km = table.abroad_km_if_unknown
    band = next(each for each in table.bands if each.up_to_km is None or km <= each.up_to_km)
    abroad = table.abroad_minor if source.country != to.country else 0
    start = band.base_minor + abroad + Fraction(band.per_1000km_minor * km, 1000)
    kg = band.per_kg_minor + Fraction(band.per_kg_1000km_minor * km, 1000)
    for weight in band.weights:
        if weight_g <= weight.up_to_g:
            return start + weight.price_minor
    if not band.weights:
        return start + kg * Fraction(weight_g, 1000)
    heaviest = band.weights[-1]
    return start + heaviest.price_minor + kg * Fraction(weight_g - heaviest.up_to_g, 1000)


WEIGHTS_G = {"a": 300, "b": 1250, "c": 90, "d": 2000, "e": 500, "f": 777}


@st.composite
def worlds(
    draw: Callable[..., Any],
    *,
    nodes_max: int = 4,
    lines_max: int = 3,
    units_max: int = 3,
    freights: st.SearchStrategy[Freight] | None = None,
    coverages: Sequence[Coverage] = tuple(Coverage),
) -> Question:
    """Small worlds full of ties, shortages, closed nodes, pins, tags and lines for one item."""
    items = list(WEIGHTS_G)[:lines_max]
    amount = st.sampled_from([0, 1, 10, 40, 150, 400])
    nodes = tuple(
        node(
            f"N{index}",
            country=draw(st.sampled_from(["GB", "FR"])),
            at=draw(st.sampled_from([LONDON, LEEDS, PARIS, None])),
            priority=draw(st.integers(0, 1)),
            is_open=draw(st.sampled_from([True, True, True, False])),
            ships_to=draw(st.sampled_from([(), (), ("GB",), ("FR",)])),
            serves=draw(st.sampled_from([("cold",), ()])),
            fixed_minor=draw(amount),
            handling_unit_minor=draw(amount),
            stock={f"itm_{item}": draw(st.integers(0, units_max)) for item in items},
        )
        for index in range(draw(st.integers(0, nodes_max)))
    )
    cold = draw(st.sampled_from(["", "", *items]))
    demands = tuple(
        demand(
            item,
            draw(st.integers(1, units_max)),
            line_id=f"lin_{index}",
            weight_g=WEIGHTS_G[item],
            requires=("cold",) if item == cold else (),
            unserved_unit_minor=draw(st.sampled_from([None, None, 0, 90, 700])),
        )
        for index, item in enumerate(
            draw(st.lists(st.sampled_from(items), min_size=1, max_size=lines_max))
        )
    )
    policy = Policy(
        draw(straight_freights() if freights is None else freights),
        split_penalty_minor=draw(amount),
        parcels_max=draw(st.sampled_from([None, None, 1, 2])),
        coverage=draw(st.sampled_from(coverages)),
        unserved_unit_minor=draw(st.sampled_from([0, 150, 600, 2000])),
    )
    pins: tuple[Pin, ...] = ()
    if nodes and draw(st.integers(0, 4)) == 0:
        pins = (Pin(demands[0].line_id, draw(st.sampled_from(nodes)).node_id),)
    to = draw(
        st.sampled_from([Destination("GB", LONDON), Destination("FR", PARIS), Destination("GB")])
    )
    return question(nodes, demands, policy, destination=to, pins=pins)


def straight_freights() -> st.SearchStrategy[Freight]:
    """Tables with distance bands and rates per kilogram and kilometre."""
    rate = st.sampled_from([0, 7, 33, 120])
    near = st.builds(DistanceBand, st.just(250), rate, rate, rate, rate)
    far = st.builds(DistanceBand, st.sampled_from([None, 600]), rate, rate, rate, rate)
    return st.builds(
        lambda first, last, abroad: Freight((first, last), abroad_minor=abroad), near, far, rate
    )


def stepped_freights() -> st.SearchStrategy[Freight]:
    """Tables with weight bands; prices rise by random steps."""
    steps = st.lists(
        st.tuples(st.sampled_from([100, 500, 1000, 2500]), st.sampled_from([0, 20, 90, 400])),
        min_size=1,
        max_size=4,
    )
    return st.builds(_stepped, steps, st.sampled_from([0, 15, 110]), st.sampled_from([0, 200]))


def _stepped(steps: list[tuple[int, int]], per_kg: int, base: int) -> Freight:
    weights, limit, total = [], 0, 0
    for grams, more in steps:
        limit, total = limit + grams, total + more
        weights.append(WeightBand(limit, total))
    return Freight((DistanceBand(None, base, per_kg_minor=per_kg, weights=tuple(weights)),))


def busy_world(seed: int, nodes: int, **policy: Any) -> Question:
    """A world where every node may serve and sets of nodes compete.

    Some orders are short and scarce, some so large that a second or third node pays for itself by
    serving the same for less, some have so many lines that alike ones are merged.
    """
    random = Random(seed)
    lines = random.choice([1, 2, 3, 4, 12])
    most = random.choice([5, 5, 60])
    demands = [
        demand(f"i{line}", random.randint(1, most), weight_g=random.choice([90, 300, 1250, 2000]))
        for line in range(lines)
    ]
    shelf = random.choice([most // 2, most, 2 * most])
    emptiness = random.choice([0.0, 0.3, 0.6])
    made = [
        node(
            f"N{index}",
            at=Coordinates(random.uniform(50, 56), random.uniform(-4, 1)),
            priority=random.randint(0, 1),
            fixed_minor=random.choice([20, 60, 100, 300]),
            handling_unit_minor=random.randint(5, 120),
            stock={
                each.item_id: random.choice([random.randint(0, shelf), 3 * most])
                for each in demands
                if random.random() >= emptiness
            },
        )
        for index in range(nodes)
    ]
    freight = Freight((DistanceBand(None, random.choice([0, 90, 300]), 600, 40, 90),))
    return question(made, demands, Policy(freight, split_penalty_minor=40, **policy))
