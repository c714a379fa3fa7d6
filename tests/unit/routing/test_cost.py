"""Freight and terms, to the millionth of a minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.kernel.errors import Invalid
from routing.cost import MICRO, Lane, freight_micro, is_straight, lane, minorant
from routing.model import (
    Destination,
    DistanceBand,
    Freight,
    Policy,
    WeightBand,
    decode_question,
    encode_question,
)
from routing.solve import solve
from tests.unit.routing.worlds import (
    BY_WEIGHT,
    LEEDS,
    LONDON,
    PARIS,
    demand,
    node,
    question,
    stepped_freights,
)

HOME = Destination("GB", LONDON)


def along(freight: Freight, source: str = "GB", to: Destination = HOME) -> Lane:
    found = lane(freight, node("A", at=LEEDS, country=source), to)
    assert found is not None
    return found


def test_freight_is_base_plus_distance_plus_weight_plus_both() -> None:
    freight = Freight((DistanceBand(None, 250, 400, 30, 100),))

    price = freight_micro(along(freight), 2500)

    km = 273  # Leeds to London, begun kilometres
    assert price == 250 * MICRO + km * 400 * 1000 + 2500 * (30 * 1000 + 100 * km)


def test_the_distance_band_is_the_first_that_reaches() -> None:
    freight = Freight((DistanceBand(272, 100), DistanceBand(273, 200), DistanceBand(None, 300)))

    assert along(freight).start == 200 * MICRO


def test_a_parcel_that_crosses_a_border_costs_more() -> None:
    freight = Freight((DistanceBand(None, 100),), abroad_minor=350)

    assert along(freight, "GB").start == 100 * MICRO
    assert along(freight, "IE").start == 450 * MICRO


@pytest.mark.parametrize(("country", "km"), [("GB", 300), ("FR", 1500)])
def test_without_coordinates_the_table_says_how_far_it_is(country: str, km: int) -> None:
    freight = Freight((DistanceBand(None, 100),))

    assert along(freight, to=Destination(country)).km == km


@pytest.mark.parametrize(
    ("grams", "minor"), [(0, 400), (1000, 400), (1001, 550), (3000, 550), (4000, 570)]
)
def test_a_parcel_costs_what_its_weight_band_says_and_per_kg_beyond_the_last(
    grams: int, minor: int
) -> None:
    assert freight_micro(along(BY_WEIGHT), grams) == minor * MICRO


def test_the_line_below_a_straight_price_is_the_price() -> None:
    straight = along(Freight((DistanceBand(None, 250, per_kg_minor=40),)))

    assert minorant(straight, 9000) == (250 * MICRO, 40_000)
    assert is_straight(straight, 9000)


def test_within_the_lightest_band_the_price_is_straight() -> None:
    assert is_straight(along(BY_WEIGHT), 1000)
    assert minorant(along(BY_WEIGHT), 1000) == (400 * MICRO, 0)
    assert not is_straight(along(BY_WEIGHT), 1001)


@given(stepped_freights(), st.integers(1, 12_000))
def test_the_line_is_never_above_the_price_and_never_falls(freight: Freight, most: int) -> None:
    there = along(freight)

    start, slope = minorant(there, most)

    assert start >= 0
    assert slope >= 0
    for grams in {0, 1, most // 3, most // 2, most - 1, most, *range(0, most, 97)}:
        assert start + slope * grams <= freight_micro(there, grams)


@pytest.mark.parametrize(
    "bands",
    [
        (),
        (DistanceBand(None, 100), DistanceBand(500, 200)),
        (DistanceBand(500, 100), DistanceBand(200, 200)),
    ],
)
def test_a_freight_table_with_a_hole_is_refused(bands: tuple[DistanceBand, ...]) -> None:
    with pytest.raises(ValueError, match="distance bands"):
        Freight(bands)


def test_a_heavier_parcel_is_never_cheaper() -> None:
    with pytest.raises(ValueError, match="never become cheaper"):
        DistanceBand(None, 100, weights=(WeightBand(1000, 300), WeightBand(2000, 200)))


def test_negative_money_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        DistanceBand(None, -1)
    with pytest.raises(ValueError, match="not negative"):
        Policy(BY_WEIGHT, split_penalty_minor=-1)


def test_a_stored_question_with_a_broken_table_is_unreadable_in_words() -> None:
    stored = encode_question(question([node("A")]))

    with pytest.raises(Invalid, match="no negative number"):
        decode_question(stored.replace(b'"base_minor":500', b'"base_minor":-5'))


def test_a_stored_question_holds_only_stock_it_asks_about() -> None:
    asked = question([node("A", stock={"itm_a": 1, "itm_z": 9})])

    assert decode_question(encode_question(asked)).nodes[0].stock == {"itm_a": 1}


def test_a_half_minor_unit_of_freight_is_rounded_up_once() -> None:
    freight = Freight((DistanceBand(None, 0, per_kg_minor=1),))
    nodes = [node("A", at=PARIS, stock={"itm_a": 1}), node("B", stock={"itm_a": 1})]

    answer = solve(question(nodes, [demand("a", 2, weight_g=250)], Policy(freight)))

    assert answer.cost.freight == 1
    assert answer.cost.total == 100 + 100 + 20 + 20 + 1
