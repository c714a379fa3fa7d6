"""What lies on the table is counted in, graded and credited in one go, or nothing is changed."""

from returns import service as returns
from returns.finishing.model import Finish, Found, mark
from returns.model import Disposition
from tests.integration.floor.warehouse import Warehouse


def finish(floor: Warehouse, return_id: str, *found: Found, is_over: bool = False) -> Finish:
    return Finish(
        return_id=return_id,
        node_id=floor.node_id("LON"),
        found=found,
        seen=mark(floor.view(return_id).lines),
        is_over=is_over,
    )


def delivered(floor: Warehouse, units: int) -> str:
    order_id = floor.ordered(A=units)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    return order_id


def test_a_parcel_is_received_graded_and_credited_at_once(floor: Warehouse) -> None:
    order_id = delivered(floor, 3)
    desk = floor.asked_back(order_id, A=3)
    line_id = desk.lines[0].id
    good = Found(quantity=2, return_line_id=line_id, grade="A", disposition=Disposition.RESTOCK)
    worn = Found(quantity=1, return_line_id=line_id, grade="D", note="worn")

    floor.do(returns.finish, finish(floor, desk.ret.id, good, worn))
    floor.drain()

    line = floor.view(desk.ret.id).lines[0]
    assert (line.received, line.accepted, line.refused) == (3, 2, 1)
    assert floor.credited_minor(order_id) == 2_000
    floor.expect_proven()


def test_what_is_counted_in_already_is_only_graded(floor: Warehouse) -> None:
    order_id = delivered(floor, 2)
    desk = floor.received(floor.asked_back(order_id, A=2), A=1)
    line_id = desk.lines[0].id
    all_ = Found(quantity=2, return_line_id=line_id, grade="A", disposition=Disposition.RESTOCK)

    floor.do(returns.finish, finish(floor, desk.ret.id, all_))

    view = floor.view(desk.ret.id)
    assert (view.lines[0].received, view.ret.state) == (2, "closed")


def test_what_is_missing_is_given_up_when_somebody_says_so(floor: Warehouse) -> None:
    order_id = delivered(floor, 2)
    desk = floor.asked_back(order_id, A=2)
    one = Found(
        quantity=1,
        return_line_id=desk.lines[0].id,
        grade="A",
        disposition=Disposition.RESTOCK,
    )

    floor.do(returns.finish, finish(floor, desk.ret.id, one, is_over=True))
    floor.drain()

    assert floor.view(desk.ret.id).ret.state == "closed"
    assert floor.credited_minor(order_id) == 1_000
    floor.expect_proven()


def test_goods_nobody_announced_are_graded_without_a_credit(floor: Warehouse) -> None:
    order_id = delivered(floor, 1)
    desk = floor.asked_back(order_id, A=1)
    other = Found(
        quantity=1,
        item_id=floor.item_id("C"),
        grade="C",
        disposition=Disposition.QUARANTINE,
    )

    floor.do(returns.finish, finish(floor, desk.ret.id, other))
    floor.drain()

    assert floor.credited_minor(order_id) == 0
    assert sum(line.accepted for line in floor.view(desk.ret.id).lines) == 1
    floor.expect_proven()
