"""Goods counted in, whatever was announced."""

import pytest

from connectors.contract.parcels import TrackingStatus
from returns import service as returns
from returns.desk.model import Desk
from returns.model import Arrived, Close, Decide, Decision, Receive
from tests.integration.floor.warehouse import Warehouse


@pytest.fixture
def order_id(floor: Warehouse) -> str:
    """An order of 4 A and 2 B, delivered."""
    made = floor.ordered(A=4, B=2)
    floor.fulfilled(made)
    floor.delivered(made)
    return made


@pytest.fixture
def desk(floor: Warehouse, order_id: str) -> Desk:
    """3 A are announced."""
    return floor.asked_back(order_id, A=3)


def received(desk: Desk) -> list[tuple[int, int, bool]]:
    """(expected, received, whether a sale is known) of each line."""
    return [(each.expected, each.received, bool(each.line_id)) for each in desk.lines]


def test_goods_come_in_parts(floor: Warehouse, order_id: str, desk: Desk) -> None:
    first = floor.received(desk, A=1)
    floor.clock.advance(1)
    second = floor.received(desk, "MAN", A=2)

    assert (received(first), received(second)) == ([(3, 1, True)], [(3, 3, True)])
    assert floor.states(order_id) == {"delivered": 3, "return_received": 3}
    assert floor.units_at("node:returns_dock", "A", "LON") == 1
    assert floor.units_at("node:returns_dock", "A", "MAN") == 2
    rows = floor.view(desk.ret.id).receptions
    assert [(row.quantity, row.node_id) for row in rows] == [
        (1, floor.node_id("LON")),
        (2, floor.node_id("MAN")),
    ]
    floor.expect_proven()


def test_fewer_than_announced_close_the_return_and_the_rest_stays_with_the_customer(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    came = floor.received(desk, A=1)
    assert floor.refusal(returns.close, Close(return_id=desk.ret.id)).code == "return.not_settled"
    floor.judged(came)

    [closed] = floor.do(returns.close, Close(return_id=desk.ret.id))

    assert closed.ret.state == "closed"
    assert floor.states(order_id) == {"delivered": 5, "return_accepted": 1}
    floor.expect_proven()


def test_a_late_parcel_opens_a_closed_return_again(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    floor.judged(floor.received(desk, A=1))
    floor.do(returns.close, Close(return_id=desk.ret.id))

    late = floor.received(desk, A=2)
    done = floor.judged(late)

    assert (late.ret.state, done.ret.state) == ("receiving", "closed")
    assert floor.states(order_id) == {"delivered": 3, "return_accepted": 3}
    assert floor.credited_minor(order_id) == 3_000
    floor.expect_proven()


def test_goods_that_come_after_a_withdrawal_are_taken_in_all_the_same(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    floor.do(returns.decide, Decide(return_id=desk.ret.id, decision=Decision.WITHDRAW))

    came = floor.received(desk, A=3)

    assert (came.ret.state, received(came)) == ("receiving", [(3, 3, True)])
    floor.expect_proven()


def test_more_of_the_same_than_announced_is_more_of_the_order(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    came = floor.received(desk, A=4)

    assert received(came) == [(3, 4, True)]
    assert floor.states(order_id) == {"delivered": 2, "return_received": 4}
    floor.expect_proven()


def test_more_than_was_ever_sold_is_nobody_s(floor: Warehouse, order_id: str, desk: Desk) -> None:
    came = floor.received(desk, A=6)

    assert received(came) == [(3, 4, True), (0, 2, False)]
    assert floor.units_at("customer:unknown", "A") == -2
    floor.judged_all(came)
    assert floor.credited_minor(order_id) == 4_000
    floor.expect_proven()


def test_another_item_of_the_order_belongs_to_its_own_line(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    came = floor.received(desk, A=3, B=1)

    assert received(came) == [(3, 3, True), (0, 1, True)]
    assert came.lines[1].line_id == floor.line_id(order_id, "B")
    floor.judged(came, A=3)
    floor.judged(floor.desk(desk.ret.id), B=1)
    assert floor.credited_minor(order_id) == 4_000
    floor.expect_proven()


def test_an_item_nobody_announced_and_nobody_sold_is_blind(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    came = floor.received(desk, C=2)

    assert received(came) == [(3, 0, True), (0, 2, False)]
    assert came.lines[1].title == "Item C"
    again = floor.received(came, C=1)
    assert received(again)[1] == (0, 3, False)
    floor.judged(again, C=3)
    assert floor.credited_minor(order_id) == 0
    floor.expect_proven()


def test_a_line_can_be_named_and_must_be_of_this_return(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    def named(line_id: str, item_id: str = "") -> Receive:
        arrived = (Arrived(return_line_id=line_id, item_id=item_id, quantity=1),)
        return Receive(return_id=desk.ret.id, node_id=floor.node_id("LON"), arrived=arrived)

    floor.do(returns.receive, named(desk.lines[0].id))

    assert floor.refusal(returns.receive, named("rln_x")).code == "return.line_not_here"
    wrong = named(desk.lines[0].id, floor.item_id("B"))
    assert floor.refusal(returns.receive, wrong).code == "return.line_not_here"


def test_what_cannot_be_counted_is_refused(floor: Warehouse, desk: Desk) -> None:
    london = floor.node_id("LON")

    def refusal(node_id: str, *arrived: Arrived) -> str:
        command = Receive(return_id=desk.ret.id, node_id=node_id, arrived=arrived)
        return floor.refusal(returns.receive, command).code

    item_id = floor.item_id("A")
    assert refusal("nod_x", Arrived(item_id=item_id, quantity=1)) == "node.not_found"
    assert refusal(london, Arrived(item_id="itm_x", quantity=1)) == "item.not_found"
    assert refusal(london, Arrived(item_id=item_id, quantity=0)) == "return.quantity"
    assert refusal(london) == "return.nothing_arrived"
    assert floor.count("return_reception") == 0


def test_a_box_the_customer_refused_is_taken_back_without_a_request(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    floor.fulfilled(order_id)
    floor.scan(floor.parcels(order_id)[0], TrackingStatus.RETURNED_TO_SENDER)

    floor.took_back(order_id, A=2)

    assert floor.states(order_id) == {"return_accepted": 2}
    assert floor.credited_minor(order_id) == 2_000
    floor.expect_proven()
