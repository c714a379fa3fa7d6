"""Nodes whose floor we do not see: asked, answering, shipping by themselves; and cancels."""

import pytest

from connectors.contract.parcels import TrackingStatus
from fulfillment import service
from fulfillment.handoff.model import Answer, ReportShipped, Say
from fulfillment.machine import ParcelState
from fulfillment.model import Fulfilment
from fulfillment.packing.model import Pack
from fulfillment.picking.model import Pick
from fulfillment.shipping.model import Unship
from tests.integration.floor.warehouse import Warehouse


@pytest.fixture
def asked(floor: Warehouse) -> Fulfilment:
    """A 3PL asked for 4 D, which only it has."""
    floor.receive("3PL", {"D": 100})
    for node in ("LON", "MAN", "EDI"):
        floor.empty(node, "D")
    [fulfilment] = floor.released(floor.ordered(D=4))
    return fulfilment


def test_a_partner_is_asked_and_may_say_yes(floor: Warehouse, asked: Fulfilment) -> None:
    assert asked.state == "requested"
    assert floor.refusal(service.pick, Pick(fulfilment_id=asked.id)).code == "fulfilment.not_open"

    assert floor.say(asked.id, Answer.ACCEPT).state == "accepted"


def test_a_partner_that_says_no_frees_the_units(floor: Warehouse, asked: Fulfilment) -> None:
    done = floor.say(asked.id, Answer.REJECT, "no trucks")

    assert (done.state, done.reason) == ("rejected", "no trucks")
    assert floor.states(asked.order_id) == {"open": 4}
    floor.expect_proven()


def test_a_partner_ships_in_parts_and_is_tracked(floor: Warehouse, asked: Fulfilment) -> None:
    part = ReportShipped(
        fulfilment_id=asked.id,
        units=floor.units_of(D=1),
        carrier="heron",
        tracking_number="H-1",
    )
    rest = ReportShipped(fulfilment_id=asked.id, carrier="heron", tracking_number="H-2")

    floor.do(service.report_shipped, part)
    assert [each.state for each in floor.fulfilments(asked.order_id)] == ["accepted"]
    floor.do(service.report_shipped, rest)
    floor.drain()
    floor.scan(floor.parcels(asked.order_id)[0], TrackingStatus.DELIVERED)

    assert [each.state for each in floor.fulfilments(asked.order_id)] == ["closed"]
    assert floor.states(asked.order_id) == {"delivered": 1, "shipped": 3}
    floor.expect_proven()


def test_a_partner_cannot_ship_more_than_it_was_asked_for(
    floor: Warehouse, asked: Fulfilment
) -> None:
    command = ReportShipped(fulfilment_id=asked.id, units=floor.units_of(D=5))

    assert floor.refusal(service.report_shipped, command).fields == {
        floor.item_id("D"): "1 too many"
    }
    assert [each.state for each in floor.fulfilments(asked.order_id)] == ["requested"]


def test_a_partner_takes_back_its_word(floor: Warehouse, asked: Fulfilment) -> None:
    [done] = floor.do(service.report_shipped, ReportShipped(fulfilment_id=asked.id))

    floor.do(service.unship, Unship(shipment_id=done.shipment_id, reason="wrong order"))

    assert floor.states(asked.order_id) == {"released": 4}
    assert [each.state for each in floor.parcels(asked.order_id)] == [ParcelState.UNPACKED]
    assert [each.state for each in floor.fulfilments(asked.order_id)] == ["accepted"]
    floor.drain()
    floor.expect_proven()


def test_a_cancel_that_comes_too_late_loses_against_shipping(
    floor: Warehouse, asked: Fulfilment
) -> None:
    floor.say(asked.id, Answer.REQUEST_CANCEL)

    floor.do(service.report_shipped, ReportShipped(fulfilment_id=asked.id))
    refused = floor.refusal(service.say, Say(fulfilment_id=asked.id, answer=Answer.CONFIRM_CANCEL))

    assert floor.states(asked.order_id) == {"shipped": 4}
    assert refused.code == "fulfilment.move_not_allowed"


def test_a_confirmed_cancel_gives_the_money_back(floor: Warehouse, asked: Fulfilment) -> None:
    floor.say(asked.id, Answer.REQUEST_CANCEL)
    floor.say(asked.id, Answer.CONFIRM_CANCEL)
    floor.drain()

    assert floor.states(asked.order_id) == {"cancelled": 4}
    assert floor.units_at("node:available", "D", "3PL") == 100
    floor.expect_proven()


def test_our_own_floor_can_be_recalled_while_nothing_was_touched(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    [fulfilment] = floor.released(order_id)

    floor.say(fulfilment.id, Answer.RECALL)

    assert floor.states(order_id) == {"allocated": 2}
    [again] = floor.released(order_id)
    assert again.number == "FO-000002"
    floor.expect_proven()


def test_a_cancel_on_our_floor_opens_its_boxes(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2, B=1)
    [fulfilment] = floor.released(order_id)
    floor.do(service.pick, Pick(fulfilment_id=fulfilment.id, units=floor.units_of(A=2)))
    floor.do(service.pack, Pack(fulfilment_id=fulfilment.id))
    floor.say(fulfilment.id, Answer.REQUEST_CANCEL)

    floor.say(fulfilment.id, Answer.CONFIRM_CANCEL)
    floor.drain()

    assert floor.states(order_id) == {"cancelled": 3}
    assert [each.state for each in floor.parcels(order_id)] == ["unpacked"]
    assert floor.units_at("node:packed", "A") == 0
    floor.expect_proven()
