"""Arithmetic on shelves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.kernel.errors import Refused
from oms.kernel.quantity import Stock

shelves = st.dictionaries(st.sampled_from("abc"), st.integers(0, 5)).map(Stock)


def test_putting_together_and_taking_away() -> None:
    shelf = Stock({"cup": 3, "plate": 1})

    assert shelf + Stock({"cup": 2}) == Stock({"cup": 5, "plate": 1})
    assert shelf - Stock({"cup": 3}) == Stock({"plate": 1})
    assert shelf & Stock({"cup": 5, "bowl": 1}) == Stock({"cup": 3})


def test_taking_more_than_there_is_is_refused_with_the_sku() -> None:
    with pytest.raises(Refused) as refused:
        Stock({"cup": 3, "plate": 1}) - Stock({"cup": 4, "bowl": 1})

    assert refused.value.fields == {
        "cup": "4 asked for, 3 there",
        "bowl": "1 asked for, 0 there",
    }


def test_no_units_of_a_sku_are_the_same_as_not_knowing_it() -> None:
    assert Stock({"cup": 0}) == Stock()
    assert not Stock({"cup": 0})
    assert Stock({"cup": 1})["bowl"] == 0


def test_negative_units_are_a_bug() -> None:
    with pytest.raises(ValueError, match="cup"):
        Stock({"cup": -1})


@given(shelves, shelves)
def test_what_both_have_can_be_taken_from_either(left: Stock, right: Stock) -> None:
    both = left & right

    assert (left - both) + both == left
    assert both == right & left
    assert (left - both) & (right - both) == Stock()
    assert (left + right).total() == left.total() + right.total()
