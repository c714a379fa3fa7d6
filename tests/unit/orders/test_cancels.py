"""Which units a cancel takes, and what it costs to take them."""

from typing import Any

import pytest

from oms.kernel.errors import NotFound, Refused
from oms.orders.cancels.model import Cancel, LineQuantity, Reinstate, plan
from oms.orders.machine import LineState
from oms.orders.model import LineMoney, Slice, cancel_shares, cancelled_by_line
from oms.orders.money import split_units

S = LineState
PLAIN = {"lin_1": LineMoney("ord_1", {"itm_1": 1}, split_units(1_000, 0, 10))}
SETS = {"lin_1": LineMoney("ord_1", {"itm_p": 2, "itm_q": 1}, split_units(999, 100, 3))}


def units(slice_id: int, state: LineState, quantity: int, item_id: str = "itm_1") -> Slice:
    nowhere: dict[str, Any] = dict.fromkeys(
        ("lot_id", "fulfilment_id", "parcel_id", "return_id"), ""
    )
    return Slice(
        id=slice_id,
        order_id="ord_1",
        line_id="lin_1",
        item_id=item_id,
        state=state,
        node_id="",
        quantity=quantity,
        **nowhere,
    )


def cancel(quantity: int | None = None) -> Cancel:
    lines = (LineQuantity("lin_1", quantity),)
    return Cancel(order_id="ord_1", lines=lines, reason="changed mind")


def test_units_nobody_works_on_go_first() -> None:
    slices = [units(1, S.ALLOCATED, 4), units(2, S.OPEN, 3), units(3, S.RELEASED, 3)]

    moves, changed = plan(cancel(5), slices, PLAIN)

    assert [(move.slice_id, move.name, move.quantity) for move in moves] == [
        (2, "cancel_open", 3),
        (1, "cancel_allocated", 2),
    ]
    assert moves[0].reason == "changed mind"
    assert changed.lines == (LineQuantity("lin_1", 5),)


def test_more_than_is_free_is_refused_and_says_how_much_is() -> None:
    slices = [units(1, S.ALLOCATED, 4), units(3, S.RELEASED, 6)]

    with pytest.raises(Refused) as refused:
        plan(cancel(5), slices, PLAIN)

    assert refused.value.fields == {"lin_1": "at most 4"}
    assert "ask the node" in refused.value.remedy


def test_a_whole_order_gives_what_is_free() -> None:
    slices = [units(1, S.ALLOCATED, 4), units(3, S.RELEASED, 6)]

    moves, _ = plan(Cancel(order_id="ord_1"), slices, PLAIN)

    assert [(move.name, move.quantity) for move in moves] == [("cancel_allocated", 4)]


def test_an_order_of_which_nothing_is_free_refuses() -> None:
    with pytest.raises(Refused, match="without asking a node"):
        plan(Cancel(order_id="ord_1"), [units(3, S.RELEASED, 10)], PLAIN)


def test_a_line_of_another_order_is_not_found() -> None:
    with pytest.raises(NotFound):
        plan(Cancel(order_id="ord_1", lines=(LineQuantity("lin_9"),)), [], PLAIN)


def test_a_set_is_cancelled_by_whole_sets() -> None:
    slices = [units(1, S.OPEN, 5, "itm_p"), units(2, S.OPEN, 3, "itm_q")]

    moves, changed = plan(cancel(), slices, SETS)

    assert [(move.slice_id, move.quantity) for move in moves] == [(1, 4), (2, 2)]
    assert changed.lines == (LineQuantity("lin_1", 2),)


def test_cancelled_units_can_be_wanted_again() -> None:
    slices = [units(1, S.CANCELLED, 4), units(2, S.OPEN, 6)]

    moves, _ = plan(Reinstate(order_id="ord_1"), slices, PLAIN)

    assert [(move.slice_id, move.name, move.quantity) for move in moves] == [(1, "reinstate", 4)]


def test_nothing_cancelled_cannot_be_reinstated() -> None:
    with pytest.raises(Refused, match="No unit of this order is cancelled"):
        plan(Reinstate(order_id="ord_1"), [units(2, S.OPEN, 10)], PLAIN)


def test_the_money_of_cancels_is_the_money_of_their_undoing() -> None:
    none = cancelled_by_line([], SETS)
    two = cancelled_by_line(
        [units(1, S.CANCELLED, 4, "itm_p"), units(2, S.CANCELLED, 2, "itm_q")], SETS
    )

    cancelled, _ = cancel_shares(none, two, SETS)
    _, reinstated = cancel_shares(two, none, SETS)

    assert two == {"lin_1": 2}
    assert cancelled == reinstated
    assert [(share.quantity, share.net_minor + share.tax_minor) for share in cancelled] == [
        (2, 732)
    ]
