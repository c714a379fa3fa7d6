"""I3: partial and repeated receipts; what is received differs from what was expected."""

from collections.abc import Iterator

import pytest

from returns import service as returns
from returns.model import Close
from tests.integration.floor.warehouse import Warehouse, opened
from tests.services.databases import Databases


@pytest.fixture
def floor(databases: Databases) -> Iterator[Warehouse]:
    yield from opened(databases)


def test_a_return_is_received_in_parts_with_fewer_more_and_other_goods(
    floor: Warehouse,
) -> None:
    order_id = floor.ordered(A=4, B=2)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    desk = floor.asked_back(order_id, A=3, B=2)

    floor.received(desk, A=2)
    floor.received(desk, B=1, C=1)
    came = floor.received(desk, A=2)

    assert [(line.title, line.expected, line.received) for line in came.lines] == [
        ("Item A", 3, 4),
        ("Item B", 2, 1),
        ("Item C", 0, 1),
    ]
    floor.judged_all(came)
    floor.do(returns.close, Close(return_id=desk.ret.id))
    assert floor.states(order_id) == {"delivered": 1, "return_accepted": 5}
    assert floor.credited_minor(order_id) == 5_000
    floor.expect_proven()


def test_a_parcel_that_comes_after_closing_is_received_too(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    desk = floor.asked_back(order_id, A=2)
    floor.judged_all(floor.received(desk, A=1))
    floor.do(returns.close, Close(return_id=desk.ret.id))

    floor.judged_all(floor.received(desk, "LON", A=1))

    assert floor.states(order_id) == {"return_accepted": 2}
    assert floor.view(desk.ret.id).ret.state == "closed"
    floor.expect_proven()
