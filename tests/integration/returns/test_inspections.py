"""Grades, dispositions, credits, and second looks."""

import pytest

from oms.ledger.goods import balances
from returns import service as returns
from returns.desk.model import Desk
from returns.events import ReturnInspected, ReturnRegraded
from returns.model import Disposition, Inspect, Regrade, Verdict
from tests.integration.floor.warehouse import Warehouse

D = Disposition


@pytest.fixture
def order_id(floor: Warehouse) -> str:
    made = floor.ordered(A=5, B=1)
    floor.fulfilled(made)
    floor.delivered(made)
    return made


@pytest.fixture
def desk(floor: Warehouse, order_id: str) -> Desk:
    """4 A and 1 B lie at the dock in London."""
    return floor.received(floor.asked_back(order_id, A=4, B=1), A=4, B=1)


def verdict(desk: Desk, quantity: int, disposition: Disposition | None, line: int = 0) -> Verdict:
    return Verdict(
        return_line_id=desk.lines[line].id,
        quantity=quantity,
        grade="B",
        disposition=disposition,
        note="a scratch",
    )


@pytest.mark.parametrize(
    ("disposition", "account"),
    [
        (D.RESTOCK, "node:available"),
        (D.REFURBISH, "node:disposition"),
        (D.QUARANTINE, "node:disposition"),
        (D.SCRAP, "scrap"),
        (D.VENDOR, "scrap"),
        (D.DONATE, "scrap"),
    ],
)
def test_goods_go_where_their_disposition_says(
    floor: Warehouse, desk: Desk, disposition: Disposition, account: str
) -> None:
    before = floor.units_at(account, "A")

    floor.judged(desk, disposition, A=4)

    assert floor.units_at(account, "A") == before + 4
    assert floor.units_at("node:returns_dock", "A") == 0
    floor.expect_proven()


def test_verdicts_of_one_line_share_what_is_there(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    split = floor.received(desk, A=1)  # a second slice of the same line
    verdicts = (
        verdict(split, 3, D.RESTOCK),
        verdict(split, 1, D.SCRAP),
        verdict(split, 1, None),
        verdict(split, 1, D.QUARANTINE, line=1),
    )

    [done] = floor.do(returns.inspect, floor.inspection(split, *verdicts))
    floor.drain()

    assert [(each.accepted, each.refused) for each in done.lines] == [(4, 1), (1, 0)]
    assert floor.states(order_id) == {"return_accepted": 5, "return_rejected": 1}
    assert done.ret.state == "receiving"
    assert floor.events(desk.ret.id)[-2:] == ["return.refused", "return.inspected"]
    assert floor.credited_minor(order_id) == 5_000
    floor.expect_proven()


def test_the_event_tells_what_was_accepted(floor: Warehouse, order_id: str, desk: Desk) -> None:
    floor.judged(desk, D.RESTOCK, A=1)
    floor.judged(floor.desk(desk.ret.id), D.SCRAP, A=2)

    told = floor.told(desk.ret.id, ReturnInspected)

    assert [
        [(one.quantity, one.restocked, one.line_id is not None) for one in each.lines]
        for each in told
    ] == [[(1, True, True)], [(2, False, True)]]


def test_no_more_than_waits_at_the_node_can_be_judged(floor: Warehouse, desk: Desk) -> None:
    elsewhere = Inspect(
        return_id=desk.ret.id,
        node_id=floor.node_id("MAN"),
        verdicts=(verdict(desk, 1, D.RESTOCK),),
    )
    too_many = floor.inspection(desk, verdict(desk, 3, D.RESTOCK), verdict(desk, 2, D.RESTOCK))

    for command in (elsewhere, too_many):
        assert floor.refusal(returns.inspect, command).code == "return.nothing_to_inspect"
    assert floor.refusal(returns.inspect, floor.inspection(desk)).code == "return.nothing_judged"
    assert floor.count("inspection") == 0


def test_set_aside_units_can_be_graded_again_and_sold_after_all(
    floor: Warehouse, order_id: str, desk: Desk
) -> None:
    floor.judged(desk, D.QUARANTINE, A=4)
    credited = floor.credited_minor(order_id)
    value = floor.journal("Assets:Inventory")

    def regrade(quantity: int, was: Disposition, now: Disposition) -> Regrade:
        return Regrade(
            return_id=desk.ret.id,
            return_line_id=desk.lines[0].id,
            node_id=floor.node_id("LON"),
            quantity=quantity,
            was=was,
            disposition=now,
            grade="A",
        )

    floor.do(returns.regrade, regrade(3, D.QUARANTINE, D.REFURBISH))
    floor.do(returns.regrade, regrade(2, D.REFURBISH, D.RESTOCK))
    refused = floor.refusal(returns.regrade, regrade(2, D.REFURBISH, D.SCRAP))
    floor.drain()

    assert refused.sentence == "1 units of this line are set aside as 'refurbish' at this node."
    assert floor.units_at("node:disposition", "A") == 2
    assert floor.credited_minor(order_id) == credited == 4_000
    assert floor.journal("Assets:Inventory") == value + 2 * 400
    assert [each.restocked for each in floor.told(desk.ret.id, ReturnRegraded)] == [False, True]
    floor.expect_proven()


def test_restocked_units_cannot_be_graded_again(floor: Warehouse, desk: Desk) -> None:
    floor.judged(desk, D.RESTOCK, A=4)
    command = Regrade(
        return_id=desk.ret.id,
        return_line_id=desk.lines[0].id,
        node_id=floor.node_id("LON"),
        quantity=1,
        was=D.RESTOCK,
        disposition=D.SCRAP,
        grade="D",
    )

    assert floor.refusal(returns.regrade, command).code == "return.not_set_aside"


def test_a_return_is_closed_by_its_last_verdict(floor: Warehouse, desk: Desk) -> None:
    first = floor.judged(desk, D.RESTOCK, A=4)
    last = floor.judged(floor.desk(desk.ret.id), D.SCRAP, B=1)

    assert (first.ret.state, last.ret.state) == ("receiving", "closed")
    assert floor.events(desk.ret.id)[-1] == "return.closed"


def test_nothing_stays_at_the_disposition_but_what_is_set_aside(
    floor: Warehouse, desk: Desk
) -> None:
    floor.judged(desk, D.RESTOCK, A=4)
    floor.judged(floor.desk(desk.ret.id), D.QUARANTINE, B=1)

    with floor.uow.read() as reader:
        held = {
            (each.item_id, each.units)
            for each in balances(reader)
            if each.account == "node:disposition" and each.units
        }
    assert held == {(floor.item_id("B"), 1)}
