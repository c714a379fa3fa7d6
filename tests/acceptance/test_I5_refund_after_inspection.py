"""I5: money goes back after inspection, for what was accepted, at the share it was sold for."""

from collections.abc import Iterator

import pytest

from connectors.contract.messages import ChannelPayment
from oms.payments import queries as payments
from returns.model import Disposition
from tests.integration.floor.warehouse import Warehouse, opened
from tests.integration.orders.shop import line, order
from tests.services.databases import Databases


@pytest.fixture
def floor(databases: Databases) -> Iterator[Warehouse]:
    yield from opened(databases)


def refunded_minor(floor: Warehouse, order_id: str) -> int:
    with floor.uow.read() as reader:
        return sum(each.refunded_minor for each in payments.refunds_of(reader, order_id))


def test_nothing_is_refunded_before_inspection_and_only_what_is_accepted_after(
    floor: Warehouse,
) -> None:
    order_id = floor.ordered(A=3)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    desk = floor.received(floor.asked_back(order_id, A=3), A=3)
    floor.drain()
    assert refunded_minor(floor, order_id) == 0

    floor.judged(desk, Disposition.RESTOCK, A=2)
    floor.judged(floor.desk(desk.ret.id), None, A=1)

    assert floor.credited_minor(order_id) == 2_000
    assert refunded_minor(floor, order_id) == 2_000
    floor.expect_proven()


def test_refunds_of_a_discounted_order_sum_to_what_was_paid(floor: Warehouse) -> None:
    paid = 3 * 333 - 100
    told = order(
        "W1",
        line("A", 3, 333),
        discount_minor=100,
        payments=(ChannelPayment(tender="paid_on_channel", amount_minor=paid),),
    )
    order_id = floor.placed(told)
    floor.fulfilled(order_id)
    floor.delivered(order_id)

    shares = []
    for _ in range(3):
        before = refunded_minor(floor, order_id)
        floor.took_back(order_id, A=1)
        shares.append(refunded_minor(floor, order_id) - before)

    assert sum(shares) == paid
    assert max(shares) - min(shares) <= 1
    floor.expect_proven()
