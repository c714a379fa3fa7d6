"""Which lines arrived units belong to."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.model import Pile
from oms.kernel.errors import Refused
from oms.orders.machine import LineState
from oms.orders.model import Slice
from returns.machine import ReturnState
from returns.model import Arrived, Return, ReturnLine
from returns.reception.model import Counting
from tests.unit.floor.units import taken, units

S = LineState
RETURN = Return(
    id="ret_1",
    number="RMA-1",
    channel_id="chn_1",
    external_id=None,
    order_id="ord_1",
    customer_id="",
    currency="GBP",
    state=ReturnState.RECEIVING,
    reason="",
    requested_at_ms=0,
)


def line(id_: str, expected: int, line_id: str = "lin_1") -> ReturnLine:
    return ReturnLine(
        id=id_,
        return_id="ret_1",
        position=int(id_[-1]),
        line_id=line_id,
        item_id="itm_a",
        expected=expected,
    )


def counting(lines: Sequence[ReturnLine], slices: Sequence[Slice]) -> Counting:
    ids = (f"new_{number}" for number in count(1))
    return Counting(
        ret=RETURN,
        node_id="nod_9",
        lines={each.id: each for each in lines},
        pile=Pile(slices),
        names={"itm_a": "A", "itm_b": "B"},
        new_id=lambda: next(ids),
    )


def authorised(id_: int, quantity: int, line_id: str = "lin_1") -> Slice:
    return units(id_, quantity, state=S.RETURN_AUTHORISED, return_id="ret_1", line_id=line_id)


def test_announced_units_come_first_on_every_line_of_the_item() -> None:
    desk = counting(
        [line("rln_1", 1), line("rln_2", 2, line_id="lin_2")],
        [authorised(1, 1), authorised(2, 2, "lin_2"), units(3, 5, state=S.DELIVERED)],
    )

    desk.count(Arrived(item_id="itm_a", quantity=3))

    assert taken(desk.moves) == [(1, 1), (2, 2)]
    assert desk.counts == [("rln_1", 1), ("rln_2", 2)]


def test_a_named_line_is_filled_before_others() -> None:
    desk = counting(
        [line("rln_1", 1), line("rln_2", 1, line_id="lin_2")],
        [authorised(1, 1), authorised(2, 1, "lin_2")],
    )

    desk.count(Arrived(return_line_id="rln_2", quantity=1))

    assert desk.counts == [("rln_2", 1)]


def test_units_on_their_way_with_a_carrier_are_received_from_there() -> None:
    refused_box = units(1, 1, state=S.RETURN_IN_TRANSIT)
    sent = units(2, 1, state=S.RETURN_IN_TRANSIT, return_id="ret_1")
    desk = counting([line("rln_1", 1)], [refused_box, sent])

    desk.count(Arrived(item_id="itm_a", quantity=2))

    assert {move.names for move in desk.moves} == {("receive_return",)}


def test_units_of_another_return_are_left_to_it() -> None:
    theirs = units(1, 3, state=S.RETURN_AUTHORISED, return_id="ret_2")
    desk = counting([line("rln_1", 1)], [theirs])

    desk.count(Arrived(item_id="itm_a", quantity=1))

    assert (desk.moves, desk.blind) == ([], [("itm_a", 1)])


def test_a_blind_line_of_a_report_is_filled_as_it_was_announced() -> None:
    desk = counting([line("rln_1", 2, line_id="")], [])

    desk.count(Arrived(item_id="itm_a", quantity=2))

    assert (desk.counts, desk.blind) == ([("rln_1", 2)], [("itm_a", 2)])


def test_a_line_of_another_return_is_not_here() -> None:
    with pytest.raises(Refused, match="RMA-1 has no line 'rln_9' of this item"):
        counting([line("rln_1", 2)], []).count(Arrived(return_line_id="rln_9", quantity=1))


@given(
    states=st.lists(
        st.tuples(
            st.sampled_from([S.DELIVERED, S.RETURN_AUTHORISED, S.RETURN_IN_TRANSIT, S.SHIPPED]),
            st.integers(1, 4),
        ),
        max_size=4,
    ),
    expected=st.integers(0, 6),
    arrivals=st.lists(st.integers(1, 6), min_size=1, max_size=4),
)
def test_every_arrived_unit_is_counted_once_and_no_unit_is_taken_twice(
    states: list[tuple[LineState, int]], expected: int, arrivals: list[int]
) -> None:
    slices = [
        units(
            number,
            quantity,
            state=state,
            return_id="ret_1" if state is S.RETURN_AUTHORISED else "",
        )
        for number, (state, quantity) in enumerate(states)
    ]
    desk = counting([line("rln_1", expected)], slices)

    for quantity in arrivals:
        desk.count(Arrived(item_id="itm_a", quantity=quantity))

    arrived = sum(arrivals)
    assert sum(each.received for each in desk.lines.values()) == arrived
    assert sum(n for _, n in desk.counts) == arrived
    assert sum(move.quantity for move in desk.moves) + sum(n for _, n in desk.blind) == arrived
    for piece in slices:
        assert sum(m.quantity for m in desk.moves if m.slice_id == piece.id) <= piece.quantity
