"""Weight bands: where a unit more makes a parcel dearer by a step."""

from routing.bands import WAYS_MAX
from routing.model import Coverage, DistanceBand, Freight, Policy, WeightBand
from routing.solve import solve
from tests.unit.routing.worlds import BY_WEIGHT, demand, node, price, question, taken

STEEP = Freight((DistanceBand(None, 0, weights=(WeightBand(1000, 100), WeightBand(20_000, 5000))),))


def test_a_parcel_is_split_to_stay_below_a_step() -> None:
    nodes = [node("A", fixed_minor=50), node("B", fixed_minor=60)]

    answer = solve(question(nodes, [demand("a", 4)], Policy(STEEP)))

    assert taken(answer.allocations) == {("a", "A"): 2, ("a", "B"): 2}
    assert answer.cost.total == 50 + 60 + 4 * 20 + 2 * 100
    assert answer.is_proven


def test_a_light_parcel_is_not_split() -> None:
    answer = solve(question([node("A"), node("B")], [demand("a", 2)], Policy(STEEP)))

    assert len(answer.winner.node_ids) == 1


def test_when_leaving_has_a_price_a_unit_may_be_left_to_stay_below_a_step() -> None:
    policy = Policy(STEEP, coverage=Coverage.PRICED, unserved_unit_minor=700)

    answer = solve(question([node("A")], [demand("a", 3)], policy))

    assert taken(answer.allocations) == {("a", "A"): 2}
    assert answer.is_proven


def test_with_more_ways_than_can_be_tried_the_gap_is_told() -> None:
    nodes = [node(code, stock={"itm_a": 40, "itm_b": 40}) for code in "ABCD"]
    lines = [demand("a", 40), demand("b", 40, weight_g=330)]
    freight = Freight(
        (DistanceBand(None, 0, weights=tuple(WeightBand(g, g) for g in range(700, 9000, 1900))),)
    )
    assert WAYS_MAX < 41**2

    asked = question(nodes, lines, Policy(freight))
    answer = solve(asked)

    assert not answer.unserved
    assert answer.cost.total == round(price(asked, answer.allocations))
    assert answer.gap_minor < answer.cost.total


def test_the_true_price_decides_between_nodes() -> None:
    nodes = [node("A", fixed_minor=0), node("B", fixed_minor=120)]

    answer = solve(question(nodes, [demand("a", 3)], Policy(BY_WEIGHT)))

    assert answer.cost.freight == 300 + 250
    assert answer.winner.node_ids == ("nod_a",)
