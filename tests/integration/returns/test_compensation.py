"""Units that do not come back and are credited all the same: lost ones, and what may be kept."""

import pytest

from connectors.contract.parcels import TrackingStatus
from oms.kernel.clock import HOUR_MS
from returns import service as returns
from returns.model import Compensate, WantedBack, Why
from tests.integration.floor.warehouse import Warehouse


@pytest.fixture
def lost(floor: Warehouse) -> str:
    """An order of 3 A whose parcel the carrier lost."""
    order_id = floor.ordered(A=3)
    floor.fulfilled(order_id)
    [parcel] = floor.parcels(order_id)
    floor.scan(parcel, TrackingStatus.LOST)
    return order_id


def wish(floor: Warehouse, order_id: str, why: Why, **quantities: int) -> Compensate:
    lines = tuple(
        WantedBack(line_id=floor.line_id(order_id, sku), quantity=count)
        for sku, count in quantities.items()
    )
    return Compensate(order_id=order_id, lines=lines, why=why, reason="trace expired")


def test_a_lost_parcel_is_not_paid_back_until_somebody_decides(floor: Warehouse, lost: str) -> None:
    assert floor.states(lost) == {"lost": 3}
    assert floor.credited_minor(lost) == 0


def test_lost_units_are_credited_and_refunded_once(floor: Warehouse, lost: str) -> None:
    [desk] = floor.do(returns.compensate, wish(floor, lost, Why.LOST, A=2))
    floor.drain()

    assert (desk.ret.number, desk.ret.state) == ("RMA-000001", "closed")
    assert [(each.expected, each.not_coming) for each in desk.lines] == [(2, 2)]
    assert floor.states(lost) == {"lost": 3}
    assert (floor.credited_minor(lost), floor.refunded_minor(lost)) == (2_000, 2_000)
    refused = floor.refusal(returns.compensate, wish(floor, lost, Why.LOST, A=2))
    assert refused.code == "compensation.not_lost"
    assert "1 of this line are lost" in refused.sentence
    floor.do(returns.compensate, wish(floor, lost, Why.LOST, A=1))
    floor.drain()
    assert floor.refunded_minor(lost) == 3_000
    floor.expect_proven()


def test_the_goods_lost_stay_on_the_books_as_cost_of_what_was_sold(
    floor: Warehouse, lost: str
) -> None:
    before = floor.journal("Expenses:CostOfGoods"), floor.units_at("lost", "A")

    floor.do(returns.compensate, wish(floor, lost, Why.LOST, A=3))
    floor.drain()

    assert (floor.journal("Expenses:CostOfGoods"), floor.units_at("lost", "A")) == before


def test_what_is_found_and_delivered_after_all_is_not_credited_again(
    floor: Warehouse, lost: str
) -> None:
    floor.do(returns.compensate, wish(floor, lost, Why.LOST, A=3))
    floor.drain()
    [parcel] = floor.parcels(lost)

    floor.clock.advance(HOUR_MS)
    floor.scan(parcel, TrackingStatus.DELIVERED)
    assert floor.states(lost) == {"delivered": 3}
    floor.took_back(lost, A=3)

    assert (floor.credited_minor(lost), floor.refunded_minor(lost)) == (3_000, 3_000)


def test_a_customer_may_keep_what_is_credited(floor: Warehouse) -> None:
    order_id = floor.ordered(A=3)
    floor.fulfilled(order_id)
    floor.delivered(order_id)

    floor.do(returns.compensate, wish(floor, order_id, Why.KEPT, A=1))
    floor.drain()

    assert floor.states(order_id) == {"delivered": 2, "kept": 1}
    assert floor.refunded_minor(order_id) == 1_000
    assert floor.refusal(returns.request, floor.request(order_id, A=3)).code == (
        "return.not_delivered"
    )
    floor.expect_proven()


def test_what_a_carrier_was_turning_round_can_be_lost_too(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    floor.fulfilled(order_id)
    [parcel] = floor.parcels(order_id)
    floor.scan(parcel, TrackingStatus.RETURNED_TO_SENDER)
    assert floor.states(order_id) == {"return_in_transit": 2}

    floor.do(returns.compensate, wish(floor, order_id, Why.LOST, A=2))
    floor.drain()

    assert floor.states(order_id) == {"lost": 2}
    assert floor.refunded_minor(order_id) == 2_000
    floor.expect_proven()


def test_only_what_is_lost_or_with_the_customer_is_credited_unseen(
    floor: Warehouse, lost: str
) -> None:
    kept = wish(floor, lost, Why.KEPT, A=1)
    nobody = Compensate(order_id="ord_x", lines=(), why=Why.LOST)

    assert floor.refusal(returns.compensate, kept).code == "compensation.not_kept"
    assert floor.refusal(returns.compensate, nobody).code == "order.not_found"
    assert floor.count("return_order") == 0
