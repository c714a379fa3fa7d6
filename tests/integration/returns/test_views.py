"""What screens and the API see of returns, and what checks find."""

from typing import Any

import pytest
import sqlalchemy as sa

from oms.kernel.errors import NotFound
from oms.ledger import check
from returns import queries
from returns.listing import queries as listing
from returns.listing.queries import ReturnPage
from returns.machine import ReturnState
from tests.integration.floor.warehouse import Warehouse


@pytest.fixture
def order_id(floor: Warehouse) -> str:
    made = floor.ordered(A=5)
    floor.fulfilled(made)
    floor.delivered(made)
    return made


def test_a_return_shows_all_that_happened_to_it(floor: Warehouse, order_id: str) -> None:
    desk = floor.received(floor.asked_back(order_id, A=3), A=2)
    floor.judged(desk, A=1)

    view = floor.view(desk.ret.id)

    assert (view.ret.number, view.ret.reason) == ("RMA-000001", "too small")
    assert [row.quantity for row in view.receptions] == [2]
    assert [(row.quantity, row.outcome, row.disposition) for row in view.inspections] == [
        (1, "accepted", "restock")
    ]
    assert view.allowed == ("receive", "close", "regrade")


def test_returns_are_listed_newest_first_by_what_one_looks_for(
    floor: Warehouse, order_id: str
) -> None:
    ids = []
    for _ in range(3):
        floor.clock.advance(1_000)
        ids.append(floor.asked_back(order_id, A=1).ret.id)
    floor.received(floor.desk(ids[0]), A=1)

    def found(**wanted: Any) -> list[str]:
        with floor.uow.read() as reader:
            return [each.id for each in listing.returns(reader, ReturnPage(**wanted))]

    assert found() == ids[::-1]
    assert found(count=2) == [ids[2], ids[1]]
    assert found(before=ids[1]) == [ids[0]]
    assert found(state=ReturnState.RECEIVING) == [ids[0]]
    assert found(order_id=order_id, number="RMA-000002") == [ids[1]]
    assert found(order_id="ord_x") == []
    with floor.uow.read() as reader:
        rows = queries.returns_of(reader, [order_id])
    counts = [(row.expected, row.received, row.to_inspect) for row in rows]
    assert counts == [(1, 1, 1), (1, 0, 0), (1, 0, 0)]


def test_a_return_nobody_knows_is_not_found(floor: Warehouse) -> None:
    with floor.uow.read() as reader, pytest.raises(NotFound, match="There is no return 'ret_x'"):
        queries.return_view(reader, "ret_x")


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        (
            "UPDATE return_line SET accepted = 1",
            {"returns_are_units", "returns_are_their_history"},
        ),
        (
            "UPDATE return_reception SET quantity = 3",
            {"returns_are_their_history", "returned_goods_are_there"},
        ),
        ("UPDATE return_order SET state = 'closed'", {"closed_returns_are_settled"}),
        (
            "UPDATE goods_balance SET units = units - 1 WHERE account = 'node:returns_dock'",
            {"returned_goods_are_there"},
        ),
        (
            "UPDATE line_slice SET state = 'return_requested' WHERE state = 'return_received'",
            {"returns_are_units", "units_on_the_way_have_returns"},
        ),
    ],
)
def test_checks_find_what_disagrees(
    floor: Warehouse, order_id: str, statement: str, names: set[str]
) -> None:
    floor.received(floor.asked_back(order_id, A=2), A=2)

    with floor.uow.begin() as tx:
        tx.connection.execute(sa.text(statement))
    with floor.uow.read() as reader:
        broken = {run.check.name for run in check.run(reader, queries.CHECKS) if not run.holds}

    assert broken == names
