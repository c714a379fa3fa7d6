"""The moving average: two whole numbers that never lose a minor unit."""

import pytest

from oms.inventory.costs.model import Cost


def test_units_are_worth_the_average() -> None:
    cost = Cost().plus(10, 1_000).plus(10, 2_000)

    assert cost.worth(4) == 600


@pytest.mark.parametrize(("units", "value"), [(1, 33), (2, 67), (3, 100)])
def test_thirds_are_rounded_and_the_last_unit_takes_what_is_left(units: int, value: int) -> None:
    assert Cost(3, 100).worth_taking(units) == value


@pytest.mark.parametrize(("units", "value"), [(1, 0), (3, 2), (5, 2)])
def test_halves_go_to_the_even_side(units: int, value: int) -> None:
    assert Cost(10, 5).worth(units) == value


def test_taking_one_by_one_takes_everything() -> None:
    cost, taken = Cost(7, 1_000), 0
    for _ in range(7):
        value = cost.worth_taking(1)
        cost, taken = cost.minus(1, value), taken + value

    assert (taken, cost) == (1_000, Cost(0, 0))


def test_units_nobody_knew_the_cost_of_are_worth_nothing() -> None:
    assert Cost().worth_taking(5) == 0
    assert Cost(2, 90).worth_taking(5) == 90
    assert Cost(2, 90).minus(5, 90) == Cost(0, 0)
