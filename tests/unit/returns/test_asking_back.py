"""What may be asked back and until when; what a reported return belongs to."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.model import Pile
from oms.kernel.clock import DAY_MS
from oms.kernel.errors import Invalid, Refused
from oms.orders.machine import LINE, LineState
from returns.counter.model import WAYS_TO_ACCEPTED
from returns.inspection.model import claim_share
from returns.intake.model import Sold, match
from returns.model import WantedBack
from returns.reception.model import WAYS_IN
from returns.requesting.model import (
    WantedItem,
    Way,
    moves_back,
    refuse_outside_window,
    wanted_items,
)
from tests.unit.floor.units import taken, units

PARTS = {"lin_1": {"itm_a": 1}, "lin_set": {"itm_a": 2, "itm_b": 1}}


def delivered(id_: int, quantity: int, **others: Any) -> Any:
    return units(id_, quantity, state=LineState.DELIVERED, **others)


@pytest.mark.parametrize("days", [0, 29, 30])
def test_the_window_is_open_to_the_end_of_its_last_day(days: int) -> None:
    refuse_outside_window(1_000, 1_000 + days * DAY_MS, window_days=30)


def test_after_the_window_only_agents_decide() -> None:
    with pytest.raises(Refused, match="until 30 days after delivery"):
        refuse_outside_window(1_000, 1_001 + 30 * DAY_MS, window_days=30)


def test_an_order_without_a_delivery_scan_has_no_window() -> None:
    refuse_outside_window(None, 10**12, window_days=30)


def test_a_bundle_is_wanted_as_its_parts_and_the_same_line_twice_counts_together() -> None:
    wanted = [
        WantedBack(line_id="lin_set", quantity=1, reason="broken"),
        WantedBack(line_id="lin_set", quantity=2),
        WantedBack(line_id="lin_1", quantity=1),
    ]

    items = wanted_items(wanted, PARTS)

    assert [(each.line_id, each.item_id, each.quantity) for each in items] == [
        ("lin_set", "itm_a", 6),
        ("lin_set", "itm_b", 3),
        ("lin_1", "itm_a", 1),
    ]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ([WantedBack(line_id="lin_x", quantity=1)], "return.not_delivered"),
        ([WantedBack(line_id="lin_1", quantity=0)], "return.quantity"),
        ([], "return.nothing_wanted"),
    ],
)
def test_what_cannot_be_wanted_back_is_refused(wanted: list[WantedBack], code: str) -> None:
    with pytest.raises((Refused, Invalid)) as refusal:
        wanted_items(wanted, PARTS)

    assert refusal.value.code == code


def test_units_come_back_from_where_they_are_and_say_all_their_moves() -> None:
    pile = Pile(
        [units(1, 2, state=LineState.SHIPPED), delivered(2, 1), delivered(3, 5, line_id="other")]
    )
    way = Way(WAYS_TO_ACCEPTED, "ret_1", "nod_9", "too small")

    moves = moves_back(pile, WantedItem("lin_1", "itm_a", 2), way)

    assert taken(moves) == [(2, 1), (1, 1)]
    assert [move.names for move in moves] == [
        ("receive_blind", "accept_return"),
        ("refuse", "receive_return", "accept_return"),
    ]
    assert {(m.return_id, m.node_id, m.reason) for m in moves} == {("ret_1", "nod_9", "too small")}


def test_units_on_their_way_for_another_return_are_not_taken() -> None:
    pile = Pile([units(1, 2, state=LineState.RETURN_IN_TRANSIT, return_id="ret_2")])

    with pytest.raises(Refused, match="0 of this line are with the customer"):
        moves_back(pile, WantedItem("lin_1", "itm_a", 1), Way(WAYS_TO_ACCEPTED, "ret_1", "nod_9"))


@pytest.mark.parametrize("ways", [WAYS_IN, WAYS_TO_ACCEPTED])
def test_every_way_is_walked_by_the_line_machine(ways: dict[LineState, tuple[str, ...]]) -> None:
    ends = set()
    for state, names in ways.items():
        for name in names:
            state = LINE.after(state, name)  # noqa: PLW2901 - walking is the point
        ends.add(state)
    assert len(ends) == 1


def sold(line_id: str, quantity: int, placed_at_ms: int, item_id: str = "itm_a") -> Sold:
    return Sold(f"ord_{line_id}", line_id, item_id, quantity, placed_at_ms, "GBP", "W", "1")


def test_the_latest_purchase_is_matched_first_and_the_rest_is_blind() -> None:
    candidates = [sold("l1", 2, 10), sold("l3", 1, 30), sold("l2", 1, 20)]

    matches = match(6, candidates, Counter())

    assert [(m.quantity, m.sold and m.sold.line_id) for m in matches] == [
        (1, "l3"),
        (1, "l2"),
        (2, "l1"),
        (2, None),
    ]


def test_parts_of_one_bundle_line_are_counted_apart() -> None:
    taken_: Counter[tuple[str, str]] = Counter()

    first = match(2, [sold("l", 2, 1, "itm_a")], taken_)
    second = match(1, [sold("l", 1, 1, "itm_b")], taken_)

    assert [m.sold is not None for m in (*first, *second)] == [True, True]


@given(
    there=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9)), max_size=4),
    wanted=st.lists(st.integers(1, 8), min_size=1, max_size=4),
)
def test_matching_takes_no_unit_twice_and_loses_none(
    there: list[tuple[int, int]], wanted: list[int]
) -> None:
    candidates = [sold(f"l{n}", quantity, at) for n, (quantity, at) in enumerate(there)]
    taken_: Counter[tuple[str, str]] = Counter()

    matches = [each for count in wanted for each in match(count, candidates, taken_)]

    matched = sum(each.quantity for each in matches if each.sold)
    assert sum(each.quantity for each in matches) == sum(wanted)
    assert matched == min(sum(wanted), sum(quantity for quantity, _ in there))
    assert all(taken_[each.line_id, each.item_id] <= each.quantity for each in candidates)


@given(total=st.integers(0, 10_000), parts=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_shares_of_a_claim_sum_to_it_and_units_beyond_it_have_none(
    total: int, parts: list[int]
) -> None:
    units_ = sum(parts)
    done, shares = 0, []
    for count in [*parts, 3]:
        shares.append(claim_share(total, units_, (done, count)))
        done += count

    assert sum(shares[:-1]) == total
    assert shares[-1] == 0
    assert all(share >= 0 for share in shares)
