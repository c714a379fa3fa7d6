"""Goods handed in over the counter."""

from returns import service as returns
from returns.counter.model import TakeBack
from returns.model import WantedBack
from tests.integration.floor.warehouse import Warehouse


def test_goods_handed_in_are_for_sale_again_and_credited(floor: Warehouse) -> None:
    order_id = floor.ordered(A=3)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    before = floor.units_at("node:available", "A")

    [desk] = floor.do(
        returns.take_back,
        TakeBack(
            order_id=order_id,
            node_id=floor.node_id("LON"),
            lines=(WantedBack(line_id=floor.line_id(order_id, "A"), quantity=2),),
        ),
    )
    floor.drain()

    assert (desk.ret.number, desk.ret.state) == ("RMA-000001", "closed")
    assert floor.states(order_id) == {"delivered": 1, "return_accepted": 2}
    assert floor.units_at("node:available", "A") == before + 2
    assert floor.credited_minor(order_id) == 2_000
    floor.expect_proven()
