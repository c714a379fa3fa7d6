"""Before goods come back: windows, decisions, the way."""

import pytest
from msgspec.structs import replace

from config import returns as policy
from oms.kernel.clock import DAY_MS
from oms.kernel.errors import Refused
from returns import service as returns
from returns.events import ReturnClosed, ReturnDecided, ReturnRequested
from returns.model import (
    Arrived,
    AskedBy,
    Decide,
    Decision,
    News,
    Receive,
    ReportNews,
    Request,
)
from tests.integration.floor.warehouse import Warehouse
from tests.integration.orders.shop import line, order


@pytest.fixture
def delivered(floor: Warehouse) -> str:
    order_id = floor.ordered(A=3, B=1)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    return order_id


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy under which a person looks at every request."""
    monkeypatch.setattr(policy, "AUTHORISE_INSIDE_WINDOW", False)


def test_a_request_inside_the_window_is_authorised_at_once(
    floor: Warehouse, delivered: str
) -> None:
    desk = floor.asked_back(delivered, A=2)

    assert (desk.ret.number, desk.ret.state) == ("RMA-000001", "authorised")
    assert [(each.expected, each.title) for each in desk.lines] == [(2, "Item A")]
    assert floor.states(delivered) == {"delivered": 2, "return_authorised": 2}
    [told] = floor.told(desk.ret.id, ReturnRequested)
    assert told == ReturnRequested(
        entity=desk.ret.id, number="RMA-000001", order_id=delivered, state="authorised"
    )
    floor.expect_proven()


def test_after_the_window_only_an_agent_can_take_goods_back(
    floor: Warehouse, delivered: str
) -> None:
    floor.clock.advance((policy.WINDOW_DAYS + 1) * DAY_MS)
    command = floor.request(delivered, A=1)

    assert floor.refusal(returns.request, command).code == "return.window_closed"
    [desk] = floor.do(returns.request, replace(command, asked_by=AskedBy.AGENT))
    assert desk.ret.state == "authorised"


def test_only_what_the_customer_has_can_be_asked_back(floor: Warehouse, delivered: str) -> None:
    floor.asked_back(delivered, A=2)

    refused = floor.refusal(returns.request, floor.request(delivered, A=2))

    assert refused.sentence == "2 units are wanted back, 1 of this line are with the customer."
    assert floor.states(delivered)


def test_an_order_nobody_knows_has_nothing_to_return(floor: Warehouse) -> None:
    refused = floor.refusal(returns.request, Request(order_id="ord_x", lines=()))

    assert refused.code == "order.not_found"


def test_a_refused_request_takes_no_number(floor: Warehouse, delivered: str) -> None:
    floor.refusal(returns.request, floor.request(delivered, A=9))

    assert floor.asked_back(delivered, A=1).ret.number == "RMA-000001"
    assert floor.count("return_order") == 1


def test_a_person_authorises_or_declines(floor: Warehouse, delivered: str, by_hand: None) -> None:
    yes, no = (floor.asked_back(delivered, **{sku: 1}) for sku in ("A", "B"))
    assert floor.states(delivered) == {"delivered": 2, "return_requested": 2}

    floor.do(
        returns.decide,
        Decide(return_id=yes.ret.id, decision=Decision.AUTHORISE),
        Decide(return_id=no.ret.id, decision=Decision.DECLINE, reason="worn"),
    )

    assert floor.states(delivered) == {"delivered": 3, "return_authorised": 1}
    [told] = floor.told(no.ret.id, ReturnDecided)
    assert told == ReturnDecided(
        entity=no.ret.id, order_id=delivered, state="declined", reason="worn"
    )
    floor.expect_proven()


def test_a_withdrawn_return_leaves_the_goods_with_the_customer(
    floor: Warehouse, delivered: str
) -> None:
    desk = floor.asked_back(delivered, A=2)

    floor.do(returns.decide, Decide(return_id=desk.ret.id, decision=Decision.WITHDRAW))

    assert floor.states(delivered) == {"delivered": 4}
    assert floor.asked_back(delivered, A=3).ret.state == "authorised"
    floor.expect_proven()


def test_a_decision_twice_is_refused_with_what_is_possible(
    floor: Warehouse, delivered: str
) -> None:
    desk = floor.asked_back(delivered, A=2)
    command = Decide(return_id=desk.ret.id, decision=Decision.AUTHORISE)

    assert floor.refusal(returns.decide, command).remedy == "Possible now: withdraw, receive, lose."


def test_goods_on_their_way_are_in_transit_and_may_get_lost(
    floor: Warehouse, delivered: str
) -> None:
    desk = floor.asked_back(delivered, A=2)
    sent = ReportNews(return_id=desk.ret.id, news=News.SENT, words="H-7")

    floor.do(returns.report_news, sent)
    assert floor.states(delivered) == {"delivered": 2, "return_in_transit": 2}
    floor.expect_proven()
    assert floor.refusal(returns.report_news, sent).code == "return.nothing_on_its_way"
    floor.do(returns.report_news, replace(sent, news=News.LOST))

    assert floor.states(delivered) == {"delivered": 2, "lost": 2}
    floor.expect_proven()


def test_what_a_carrier_loses_on_the_way_back_is_credited_as_if_it_had_come(
    floor: Warehouse, delivered: str
) -> None:
    desk = floor.asked_back(delivered, A=2)
    sent = ReportNews(return_id=desk.ret.id, news=News.SENT)
    floor.do(returns.report_news, sent)

    floor.do(returns.report_news, replace(sent, news=News.LOST, words="claim 7"))
    floor.drain()

    assert floor.credited_minor(delivered) == 2_000
    assert floor.refunded_minor(delivered) == 2_000
    now = floor.desk(desk.ret.id)
    assert (now.ret.state, now.lines[0].not_coming) == ("closed", 2)
    [told] = floor.told(desk.ret.id, ReturnClosed)
    assert told == ReturnClosed(entity=desk.ret.id, order_id=delivered, missing=0)
    floor.expect_proven()


def test_only_the_lost_part_of_a_return_is_credited_before_it_is_seen(
    floor: Warehouse, delivered: str
) -> None:
    desk = floor.asked_back(delivered, A=2, B=1)
    floor.do(returns.report_news, ReportNews(return_id=desk.ret.id, news=News.SENT))
    came = floor.received(desk, A=1, B=1)

    floor.do(returns.report_news, ReportNews(return_id=desk.ret.id, news=News.LOST))
    floor.drain()
    assert floor.credited_minor(delivered) == 1_000
    floor.judged_all(floor.desk(came.ret.id))

    assert floor.credited_minor(delivered) == 3_000
    assert floor.desk(desk.ret.id).ret.state == "closed"
    floor.expect_proven()


def test_goods_that_turn_up_after_they_were_credited_are_not_credited_twice(
    floor: Warehouse, delivered: str
) -> None:
    desk = floor.asked_back(delivered, A=1)
    floor.do(returns.report_news, ReportNews(return_id=desk.ret.id, news=News.SENT))
    floor.do(returns.report_news, ReportNews(return_id=desk.ret.id, news=News.LOST))
    floor.drain()

    # The box turns up after all while its customer still has two others.
    late = floor.desk(desk.ret.id)
    named = Arrived(return_line_id=late.lines[0].id, quantity=1)
    command = Receive(return_id=late.ret.id, node_id=floor.node_id("LON"), arrived=(named,))
    [came] = floor.do(returns.receive, command)
    floor.judged_all(came)

    assert floor.states(delivered) == {"delivered": 3, "lost": 1}
    assert floor.credited_minor(delivered) == 1_000
    floor.expect_proven()


def test_a_bundle_is_asked_back_as_its_parts(floor: Warehouse) -> None:
    order_id = floor.placed(order("W1", line("SET", 2)))
    floor.fulfilled(order_id)
    floor.delivered(order_id)

    desk = floor.asked_back(order_id, SET=1)

    wanted = {each.item_id: each.expected for each in desk.lines}
    assert wanted == {floor.item_id("A"): 2, floor.item_id("B"): 1}
    assert floor.states(order_id) == {"delivered": 3, "return_authorised": 3}
    floor.expect_proven()


def test_two_requests_for_one_order_in_a_batch_see_each_other(
    floor: Warehouse, delivered: str
) -> None:
    command = floor.request(delivered, A=2)

    first, second = floor.attempt(returns.request, command, command)

    assert first.ret.number == "RMA-000001"
    assert isinstance(second, Refused)
