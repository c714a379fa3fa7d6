"""I4: inspection grades lead to a disposition, and a second inspection can change it."""

from collections.abc import Iterator

import pytest

from returns import service as returns
from returns.model import Disposition, Reconsider, RefusedUnits, Regrade, Verdict
from tests.integration.floor.warehouse import Warehouse, opened
from tests.services.databases import Databases


@pytest.fixture
def floor(databases: Databases) -> Iterator[Warehouse]:
    yield from opened(databases)


def test_every_disposition_takes_its_goods_where_it_says(floor: Warehouse) -> None:
    order_id = floor.ordered(A=7)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    desk = floor.received(floor.asked_back(order_id, A=7), A=7)
    shelf = floor.units_at("node:available", "A")
    graded = [*Disposition, None]
    verdicts = [
        Verdict(return_line_id=desk.lines[0].id, quantity=1, grade="B", disposition=each)
        for each in graded
    ]

    floor.do(returns.inspect, floor.inspection(desk, *verdicts))
    floor.drain()

    assert floor.units_at("node:available", "A") == shelf + 1
    assert floor.units_at("node:disposition", "A") == 2  # refurbish and quarantine
    assert floor.units_at("scrap", "A") == 3  # scrap, vendor and donate
    assert floor.units_at("node:returns_dock", "A") == 1  # refused
    rows = floor.view(desk.ret.id).inspections
    assert {(row.disposition, row.outcome) for row in rows} == {
        *((each, "accepted") for each in Disposition),
        (None, "refused"),
    }
    assert floor.credited_minor(order_id) == 6_000
    floor.expect_proven()


def test_units_are_inspected_again_and_get_another_disposition(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    desk = floor.received(floor.asked_back(order_id, A=2), A=2)
    floor.judged(desk, Disposition.QUARANTINE, A=1)
    floor.judged(floor.desk(desk.ret.id), None, A=1)
    line_id, london = desk.lines[0].id, floor.node_id("LON")
    shelf = floor.units_at("node:available", "A")

    floor.do(
        returns.regrade,
        Regrade(
            return_id=desk.ret.id,
            return_line_id=line_id,
            node_id=london,
            quantity=1,
            was=Disposition.QUARANTINE,
            disposition=Disposition.RESTOCK,
            grade="A",
        ),
    )
    floor.do(
        returns.reconsider,
        Reconsider(
            return_id=desk.ret.id,
            node_id=london,
            units=(RefusedUnits(return_line_id=line_id, quantity=1),),
        ),
    )
    floor.judged(floor.desk(desk.ret.id), Disposition.RESTOCK)

    assert floor.units_at("node:available", "A") == shelf + 2
    assert floor.states(order_id) == {"return_accepted": 2}
    assert floor.view(desk.ret.id).ret.state == "closed"
    assert floor.credited_minor(order_id) == 2_000
    floor.expect_proven()
