"""The decision is the best there is: against trying everything, and against an outside solver."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import highspy
from hypothesis import assume, given, settings

from routing.model import Allocation, Coverage, Demand, Question
from routing.rules import admit
from routing.solve import solve
from tests.unit.routing.worlds import freight_price, price, stepped_freights, worlds

PLANS_MAX = 20_000
new_program: Any = highspy.Highs  # it carries no types
MILP_TOLERANCE = 1e-3  # minor units; the outside solver reckons in floating point


def deals(asked: Question, wanted: Demand) -> list[tuple[Allocation, ...]]:
    """Every way to serve some of one demand, stock of other demands left aside."""
    pins = {pin.line_id: pin.node_id for pin in asked.pins}
    nodes = [
        each
        for each in admit(asked).nodes
        if pins.get(wanted.line_id, each.node_id) == each.node_id
        and set(wanted.requires) <= set(each.serves)
    ]
    counts = [range(min(wanted.quantity, each.stock[wanted.item_id]) + 1) for each in nodes]
    return [
        tuple(
            Allocation(wanted.line_id, wanted.item_id, each.node_id, units)
            for each, units in zip(nodes, way, strict=True)
            if units
        )
        for way in product(*counts)
        if sum(way) <= wanted.quantity
    ]


def plans(asked: Question) -> Iterator[list[Allocation]]:
    """Every plan that keeps to stock and to the limit of parcels."""
    choices = [deals(asked, each) for each in asked.demands]
    size = 1
    for ways in choices:
        size *= len(ways)
    assume(size <= PLANS_MAX)
    stock = {(each.node_id, item): n for each in asked.nodes for item, n in each.stock.items()}
    for way in product(*choices):
        allocations = [each for part in way for each in part]
        used: dict[tuple[str, str], int] = {}
        for each in allocations:
            key = (each.node_id, each.item_id)
            used[key] = used.get(key, 0) + each.quantity
        parcels = {each.node_id for each in allocations}
        fits = all(units <= stock[key] for key, units in used.items())
        if fits and len(parcels) <= (asked.policy.parcels_max or len(asked.nodes)):
            yield allocations


def best_of_all(asked: Question) -> tuple[int, Fraction]:
    wanted = sum(each.quantity for each in asked.demands)

    def merit(allocations: list[Allocation]) -> tuple[int, Fraction]:
        left = wanted - sum(each.quantity for each in allocations)
        if asked.policy.coverage is Coverage.SHIP_COMPLETE and left and allocations:
            return wanted + 1, Fraction(0)
        looked_at = 0 if asked.policy.coverage is Coverage.PRICED else left
        return looked_at, price(asked, allocations)

    return min(merit(allocations) for allocations in plans(asked))


def found(asked: Question) -> tuple[int, Fraction]:
    answer = solve(asked)
    left = sum(each.quantity for each in answer.unserved)
    looked_at = 0 if asked.policy.coverage is Coverage.PRICED else left
    return looked_at, price(asked, answer.allocations)


@settings(max_examples=300)
@given(worlds(nodes_max=3, lines_max=3, units_max=2))
def test_no_plan_of_a_small_world_is_better(asked: Question) -> None:
    assert found(asked) == best_of_all(asked)
    assert solve(asked).is_proven


@settings(max_examples=150)
@given(worlds(nodes_max=3, lines_max=2, units_max=3, freights=stepped_freights()))
def test_with_weight_bands_no_plan_is_better_than_the_answer_says(asked: Question) -> None:
    answer = solve(asked)
    served, cost = best_of_all(asked)

    if answer.is_proven:
        assert found(asked) == (served, cost)
    else:
        assert found(asked)[0] - served <= answer.gap_units
        assert answer.gap_units or found(asked)[1] - cost <= answer.gap_minor


@settings(max_examples=120)
@given(worlds(nodes_max=5, lines_max=6, units_max=6, coverages=[Coverage.MOST_UNITS]))
def test_an_outside_solver_finds_nothing_cheaper_when_all_that_can_be_is_served(
    asked: Question,
) -> None:
    answer = solve(asked)
    outside = Outside(asked)
    left = outside.fewest_unserved()

    assert sum(each.quantity for each in answer.unserved) == left
    cheapest = outside.cheapest(left)
    assert abs(float(price(asked, answer.allocations)) - cheapest) <= MILP_TOLERANCE


@settings(max_examples=120)
@given(worlds(nodes_max=5, lines_max=6, units_max=6, coverages=[Coverage.PRICED]))
def test_an_outside_solver_finds_nothing_cheaper_when_leaving_has_a_price(asked: Question) -> None:
    answer = solve(asked)

    cheapest = Outside(asked).cheapest(None)

    assert abs(float(price(asked, answer.allocations)) - cheapest) <= MILP_TOLERANCE


class Outside:
    """The same question as a mixed-integer programme for HiGHS."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self.program = new_program()
        self.program.silent()
        self.program.setOptionValue("mip_rel_gap", 0.0)
        self.program.setOptionValue("mip_abs_gap", 1e-6)
        self.program.setOptionValue("mip_feasibility_tolerance", 1e-9)
        self.cost: Any = 0.0
        self.unserved: Any = 0.0
        self.drawn: dict[tuple[str, str], list[Any]] = {}
        self._write()

    def fewest_unserved(self) -> int:
        self.program.minimize(self.unserved)
        return round(float(self.program.getObjectiveValue()))

    def cheapest(self, unserved: int | None) -> float:
        if unserved is not None:
            self.program.addConstr(self.unserved <= unserved)
        self.program.minimize(self.cost)
        return float(self.program.getObjectiveValue())

    def _write(self) -> None:
        asked, program = self.asked, self.program
        admitted = admit(asked).nodes
        used = {each.node_id: program.addBinary() for each in admitted}
        for wanted in asked.demands:
            self._write_demand(wanted, used)
        for each in admitted:
            opening = each.fixed_minor + freight_price(asked, each, 0)
            self.cost += float(opening) * used[each.node_id]
        for (node_id, item_id), drawn in self.drawn.items():
            stock = {each.node_id: each.stock[item_id] for each in admitted}
            program.addConstr(sum(drawn) <= stock[node_id])
        if admitted:
            some = program.addBinary()
            program.addConstr(some <= sum(used.values()))
            program.addConstr(sum(used.values()) <= (asked.policy.parcels_max or len(used)))
            self.cost += asked.policy.split_penalty_minor * (sum(used.values()) - some)

    def _write_demand(self, wanted: Demand, used: dict[str, Any]) -> None:
        asked, program = self.asked, self.program
        pins = {pin.line_id: pin.node_id for pin in asked.pins}
        left = program.addIntegral(lb=0, ub=wanted.quantity)
        own = wanted.unserved_unit_minor
        self.cost += (asked.policy.unserved_unit_minor if own is None else own) * left
        self.unserved += left
        served = left + 0.0
        for each in admit(asked).nodes:
            pinned_elsewhere = pins.get(wanted.line_id, each.node_id) != each.node_id
            if pinned_elsewhere or not set(wanted.requires) <= set(each.serves):
                continue
            most = min(wanted.quantity, each.stock[wanted.item_id])
            units = program.addIntegral(lb=0, ub=most)
            program.addConstr(units <= most * used[each.node_id])
            freight = freight_price(asked, each, wanted.weight_g) - freight_price(asked, each, 0)
            self.cost += float(each.handling_unit_minor + freight) * units
            self.drawn.setdefault((each.node_id, wanted.item_id), []).append(units)
            served += units
        program.addConstr(served == wanted.quantity)
