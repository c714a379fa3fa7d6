"""Units that were not accepted: looked at again, sent back, or abandoned."""

from typing import Any

import pytest

from connectors.contract.parcels import TrackingStatus
from returns import service as returns
from returns.desk.model import Desk
from returns.model import Abandon, Disposition, Reconsider, RefusedUnits, SendBack
from tests.integration.floor.warehouse import Warehouse


@pytest.fixture
def order_id(floor: Warehouse) -> str:
    made = floor.ordered(A=3)
    floor.fulfilled(made)
    floor.delivered(made)
    return made


@pytest.fixture
def desk(floor: Warehouse, order_id: str) -> Desk:
    """2 of 3 A were refused at the dock in London, and 1 C that nobody sold."""
    came = floor.received(floor.asked_back(order_id, A=2), A=2, C=1)
    floor.judged(came, None, A=2, C=1)
    return floor.desk(came.ret.id)


def named(floor: Warehouse, desk: Desk, quantity: int = 2, line: int = 0) -> dict[str, Any]:
    units = (RefusedUnits(return_line_id=desk.lines[line].id, quantity=quantity),)
    return {"return_id": desk.ret.id, "node_id": floor.node_id("LON"), "units": units}


def test_refused_units_wait_and_are_not_credited(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    assert (desk.ret.state, [each.refused for each in desk.lines]) == ("receiving", [2, 1])
    assert floor.states(order_id) == {"delivered": 1, "return_rejected": 2}
    assert floor.credited_minor(order_id) == 0
    assert floor.units_at("node:returns_dock", "A") == 2
    floor.expect_proven()


def test_a_second_look_may_accept_them(floor: Warehouse, order_id: str, desk: Desk) -> None:
    floor.do(returns.reconsider, Reconsider(**named(floor, desk, 1), note="only dusty"))
    again = floor.desk(desk.ret.id)
    assert [each.to_inspect for each in again.lines] == [1, 0]

    floor.judged(again, Disposition.RESTOCK, A=1)

    assert floor.states(order_id) == {
        "delivered": 1,
        "return_rejected": 1,
        "return_accepted": 1,
    }
    assert floor.credited_minor(order_id) == 1_000
    floor.expect_proven()


def test_units_sent_back_travel_in_a_box_and_are_delivered_again(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    command = SendBack(**named(floor, desk), carrier="kestrel", tracking_number="KST-back")

    floor.do(returns.send_back, command)
    floor.do(returns.send_back, SendBack(**named(floor, desk, 1, line=1)))

    assert floor.states(order_id) == {"delivered": 1, "shipped": 2}
    assert floor.units_at("customer:unknown", "C") == 0
    assert floor.desk(desk.ret.id).ret.state == "closed"
    floor.expect_proven()
    [box] = [each for each in floor.parcels(order_id) if each.tracking_number == "KST-back"]
    floor.scan(box, TrackingStatus.DELIVERED)
    assert floor.states(order_id) == {"delivered": 3}
    assert floor.asked_back(order_id, A=3).ret.number == "RMA-000002"
    floor.expect_proven()


def test_abandoned_units_are_ours_without_a_credit(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    before = floor.units_at("node:available", "A")

    floor.do(returns.abandon, Abandon(**named(floor, desk), disposition=Disposition.RESTOCK))
    floor.do(
        returns.abandon, Abandon(**named(floor, desk, 1, line=1), disposition=Disposition.SCRAP)
    )
    floor.drain()

    assert floor.states(order_id) == {"delivered": 1, "return_accepted": 2}
    assert floor.units_at("node:available", "A") == before + 2
    assert floor.units_at("scrap", "C") == 1
    assert floor.credited_minor(order_id) == 0
    assert floor.desk(desk.ret.id).ret.state == "closed"
    floor.expect_proven()


def test_only_refused_units_can_go_these_ways(floor: Warehouse, desk: Desk) -> None:
    too_many = SendBack(**named(floor, desk, 3))
    aside = Abandon(**named(floor, desk), disposition=Disposition.QUARANTINE)
    nothing = Reconsider(return_id=desk.ret.id, node_id=floor.node_id("LON"), units=())

    assert floor.refusal(returns.send_back, too_many).code == "return.not_refused"
    assert floor.refusal(returns.abandon, aside).code == "return.disposition"
    assert floor.refusal(returns.reconsider, nothing).code == "return.nothing_named"
