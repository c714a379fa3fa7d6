"""Units taken from slices: nothing twice, nothing that is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.model import Pile, Units, moves_for
from fulfillment.packing.model import Box, box_contents
from oms.kernel.errors import Invalid, Refused
from tests.unit.floor.units import taken, units


def test_what_one_taking_took_is_not_there_for_the_next() -> None:
    pile = Pile([units(1, 3), units(2, 2)])

    first = pile.take(lambda _: True, 4)
    second = pile.take(lambda _: True, 4)

    assert [(each.id, count) for each, count in first] == [(1, 3), (2, 1)]
    assert [(each.id, count) for each, count in second] == [(2, 1)]


@given(
    there=st.lists(st.integers(1, 9), max_size=5), wanted=st.lists(st.integers(0, 20), max_size=6)
)
def test_a_pile_never_gives_more_than_it_has(there: list[int], wanted: list[int]) -> None:
    pile = Pile([units(number, quantity) for number, quantity in enumerate(there)])

    given_ = [sum(count for _, count in pile.take(lambda _: True, each)) for each in wanted]

    assert sum(given_) == min(sum(there), sum(wanted))


def test_moves_without_wanted_units_take_everything() -> None:
    moves = moves_for("pick", Pile([units(1, 3), units(2, 2, "itm_b")]), ())

    assert taken(moves) == [(1, 3), (2, 2)]


def test_units_wanted_twice_are_counted_together() -> None:
    wanted = (Units("itm_a", 1), Units("itm_a", 2))

    assert taken(moves_for("pick", Pile([units(1, 5)]), wanted)) == [(1, 3)]


def test_more_than_there_is_is_refused_with_the_item_named() -> None:
    with pytest.raises(Refused) as refusal:
        moves_for("pick", Pile([units(1, 2)]), [Units("itm_a", 3), Units("itm_x", 1)])

    assert refusal.value.code == "fulfilment.too_many_to_pick"
    assert refusal.value.fields == {"itm_a": "1 too many", "itm_x": "1 too many"}


def test_nothing_to_do_is_said() -> None:
    with pytest.raises(Refused, match="There is nothing to short pick"):
        moves_for("short_pick", Pile([]), ())


def test_a_quantity_below_one_is_no_quantity() -> None:
    with pytest.raises(Invalid, match="at least 1"):
        moves_for("pick", Pile([units(1, 2)]), [Units("itm_a", 0)])


def test_boxes_share_what_was_picked() -> None:
    slices = [units(1, 3), units(2, 2, "itm_b")]
    boxes = [Box(units=(Units("itm_a", 2),)), Box(units=(Units("itm_a", 1), Units("itm_b", 2)))]

    first, second = box_contents(slices, boxes)

    assert (taken(first), taken(second)) == ([(1, 2)], [(1, 1), (2, 2)])


def test_one_box_without_contents_takes_everything_whatever_it_weighs() -> None:
    [only] = box_contents([units(1, 3), units(2)], [Box(weight_g=900)])

    assert taken(only) == [(1, 3), (2, 1)]


def test_of_several_boxes_each_names_its_contents() -> None:
    with pytest.raises(Invalid, match="A box has no units"):
        box_contents([units(1, 3)], [Box(units=(Units("itm_a", 2),)), Box()])


def test_a_box_cannot_weigh_less_than_nothing() -> None:
    with pytest.raises(Invalid, match="less than nothing"):
        box_contents([units(1, 3)], [Box(weight_g=-1)])
