"""Departures, and departures that were none."""

from connectors.contract.parcels import TrackingStatus
from fulfillment import queries, service
from fulfillment.events import ShipmentShipped, ShipmentUndone, ShippedLine
from fulfillment.handoff.model import Answer
from fulfillment.packing.model import Pack
from fulfillment.picking.model import Pick
from fulfillment.shipping.model import Ship, Unship
from oms.orders.machine import HoldStage
from tests.integration.floor.warehouse import Warehouse


def test_a_shipment_tells_its_lines_and_closes_the_work(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2, B=1)

    done = floor.shipped(order_id)

    [told] = floor.told(done.shipment_id, ShipmentShipped)
    assert isinstance(told, ShipmentShipped)
    assert (told.number, told.order_id) == ("SH-000001", order_id)
    assert sorted(told.lines, key=lambda each: each.quantity) == [
        ShippedLine(floor.line_id(order_id, "B"), floor.item_id("B"), 1),
        ShippedLine(floor.line_id(order_id, "A"), floor.item_id("A"), 2),
    ]
    assert [each.state for each in floor.fulfilments(order_id)] == ["closed"]
    assert floor.units_at("transit:outbound", "A") == 2
    floor.expect_proven()


def test_boxes_can_leave_one_by_one(floor: Warehouse) -> None:
    order_id = floor.ordered(A=3)
    [fulfilment] = floor.released(order_id)
    floor.do(service.pick, Pick(fulfilment_id=fulfilment.id))
    boxes = (floor.box(A=1), floor.box(A=2))
    [packed] = floor.do(service.pack, Pack(fulfilment_id=fulfilment.id, boxes=boxes))
    first, second = floor.labelled(packed)

    floor.do(service.ship, Ship(fulfilment_id=fulfilment.id, parcel_ids=(first.id,)))
    assert [each.state for each in floor.fulfilments(order_id)] == ["accepted"]
    floor.do(service.ship, Ship(fulfilment_id=fulfilment.id))
    floor.drain()

    assert [each.state for each in floor.parcels(order_id)] == ["shipped", "shipped"]
    assert [each.state for each in floor.fulfilments(order_id)] == ["closed"]
    with floor.uow.read() as reader:
        shipments = queries.shipments_of(reader, [order_id])
    contents = [[(line.parcel_id, line.quantity) for line in each.lines] for each in shipments]
    assert sorted(contents) == sorted([[(first.id, 1)], [(second.id, 2)]])
    floor.expect_proven()


def test_a_box_without_a_label_cannot_leave(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))

    refused = floor.refusal(service.ship, Ship(fulfilment_id=packed.fulfilment_id))

    assert refused.code == "parcel.no_label"


def test_a_box_of_another_order_is_refused(floor: Warehouse) -> None:
    ours, theirs = (floor.packed(floor.ordered(name, A=1)) for name in ("W1", "W2"))
    [parcel] = floor.labelled(theirs)

    command = Ship(fulfilment_id=ours.fulfilment_id, parcel_ids=(parcel.id,))

    assert floor.refusal(service.ship, command).code == "parcel.not_here"


def test_a_hold_at_the_ship_stage_keeps_the_boxes(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    packed = floor.packed(order_id)
    floor.labelled(packed)
    hold = floor.hold(order_id, HoldStage.SHIP)

    command = Ship(fulfilment_id=packed.fulfilment_id)

    assert floor.refusal(service.ship, command).code == "order.held"
    floor.unhold(hold)
    floor.do(service.ship, command)


def test_a_hold_on_one_line_does_not_stop_the_other_node_in_the_same_batch(
    floor: Warehouse,
) -> None:
    order_id = floor.ordered(A=15)
    one, two = floor.released(order_id)
    for each in (one, two):
        floor.do(service.pick, Pick(fulfilment_id=each.id))
        [packed] = floor.do(service.pack, Pack(fulfilment_id=each.id))
        floor.labelled(packed)
    floor.hold(order_id, HoldStage.SHIP, fulfilment_id=one.id)

    held, left = floor.attempt(service.ship, Ship(fulfilment_id=one.id), Ship(fulfilment_id=two.id))

    assert held.code == "order.held"
    assert left.fulfilment_id == two.id


def test_an_undone_shipment_stands_on_the_dock_again(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    done = floor.shipped(order_id)

    [undone] = floor.do(service.unship, Unship(shipment_id=done.shipment_id, reason="left behind"))

    assert undone.lines == done.lines
    [told] = floor.told(done.shipment_id, ShipmentUndone)
    assert isinstance(told, ShipmentUndone)
    assert (told.lines, told.reason) == (done.lines, "left behind")
    assert [each.state for each in floor.parcels(order_id)] == ["labelled"]
    assert floor.states(order_id) == {"packed": 2}
    assert [each.state for each in floor.fulfilments(order_id)] == ["accepted"]
    floor.drain()
    floor.expect_proven()

    again = Unship(shipment_id=done.shipment_id, reason="twice")
    assert floor.refusal(service.unship, again).code == "shipment.undone"
    [fulfilment] = floor.fulfilments(order_id)
    floor.do(service.ship, Ship(fulfilment_id=fulfilment.id))
    assert floor.states(order_id) == {"shipped": 2}
    floor.drain()
    floor.expect_proven()


def test_what_a_carrier_has_seen_cannot_be_undone(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    done = floor.shipped(order_id)
    command = Unship(shipment_id=done.shipment_id, reason="left behind")
    floor.scan(floor.parcels(order_id)[0], TrackingStatus.ACCEPTED)

    assert floor.refusal(service.unship, command).code == "shipment.on_its_way"


def test_a_scan_before_we_said_that_it_left_counts_when_we_do(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    packed = floor.packed(order_id)
    [parcel] = floor.labelled(packed)
    floor.scan(parcel, TrackingStatus.DELIVERED)
    assert floor.states(order_id) == {"packed": 2}

    floor.do(service.ship, Ship(fulfilment_id=packed.fulfilment_id))

    assert floor.states(order_id) == {"delivered": 2}
    assert [each.state for each in floor.parcels(order_id)] == ["delivered"]


def test_work_is_done_only_on_what_is_accepted(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    [fulfilment] = floor.released(order_id)
    floor.say(fulfilment.id, Answer.REQUEST_CANCEL)

    refused = floor.refusal(service.pick, Pick(fulfilment_id=fulfilment.id))

    assert refused.sentence == "FO-000001 is cancel requested."
