"""Releases: what nodes are asked to serve, and when it goes by itself."""

from fulfillment import service
from fulfillment.releasing.model import Release
from oms.catalog import service as catalog
from oms.catalog.model import PutChannel
from oms.orders.machine import HoldStage
from tests.integration.floor.warehouse import Warehouse
from tests.integration.orders.shop import line, order


def let_orders_go(floor: Warehouse) -> None:
    put = PutChannel(code="web", name="Webshop", currency="GBP", auto_release=True)
    floor.do(catalog.put_channels, put)


def test_an_order_served_by_two_nodes_becomes_two_fulfilment_orders(floor: Warehouse) -> None:
    order_id = floor.ordered(A=15)

    made = floor.released(order_id)

    assert [each.number for each in made] == ["FO-000001", "FO-000002"]
    assert len({each.node_id for each in made}) == 2
    assert floor.states(order_id) == {"released": 15}
    floor.expect_proven()


def test_an_order_that_waits_for_stock_is_not_released(floor: Warehouse) -> None:
    order_id = floor.ordered(A=31)
    floor.released(order_id)

    refused = floor.refusal(service.release, Release(order_id=order_id))

    assert floor.states(order_id) == {"released": 30, "open": 1}
    assert refused.code == "fulfilment.nothing_allocated"


def test_a_hold_on_a_line_lets_the_other_lines_go(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1, B=2)
    hold = floor.hold(order_id, HoldStage.RELEASE, floor.line_id(order_id, "A"))

    floor.released(order_id)

    assert floor.states(order_id) == {"allocated": 1, "released": 2}
    assert floor.refusal(service.release, Release(order_id=order_id)).code == "order.held"
    floor.unhold(hold)
    floor.released(order_id)
    assert floor.states(order_id) == {"released": 3}


def test_a_hold_of_another_stage_stops_no_release(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    floor.hold(order_id, HoldStage.SHIP)

    assert len(floor.released(order_id)) == 1


def test_the_job_releases_what_may_go_and_leaves_the_rest(floor: Warehouse) -> None:
    let_orders_go(floor)
    free, held, short = (floor.ordered(name, A=1) for name in ("W1", "W2", "W3"))
    partly = floor.place(order("W4", line("B"), line("C")))[0].order_id
    floor.hold(held, HoldStage.RELEASE)
    floor.hold(partly, HoldStage.RELEASE, floor.line_id(partly, "B"))

    with floor.uow.begin() as tx:
        first = service.release_due(tx, limit=2)
    with floor.uow.begin() as tx:
        rest = service.release_due(tx)
        again = service.release_due(tx)

    assert (len(first), len(rest), again) == (2, 1, [])
    assert floor.states(free) == floor.states(short) == {"released": 1}
    assert floor.states(held) == {"allocated": 1}
    assert floor.states(partly) == {"allocated": 1, "released": 1}


def test_orders_of_a_channel_without_auto_release_wait_for_a_person(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)

    with floor.uow.begin() as tx:
        assert service.release_due(tx) == []

    assert floor.states(order_id) == {"allocated": 1}
