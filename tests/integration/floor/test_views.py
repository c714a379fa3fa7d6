"""What screens and the API see of the floor, and what checks find."""

import sqlalchemy as sa

from fulfillment import queries, service
from fulfillment.machine import FulfilmentState
from fulfillment.picking.model import Pick
from fulfillment.queries import QueuePage
from oms.kernel.errors import NotFound
from oms.ledger import check
from tests.integration.floor.shop_floor import BARCODES, CASE_OF_A
from tests.integration.floor.warehouse import Warehouse


def test_a_pick_list_says_what_to_take_and_how_far_it_is(floor: Warehouse) -> None:
    order_id = floor.ordered(B=1, A=3)
    [fulfilment] = floor.released(order_id)
    floor.do(service.pick, Pick(fulfilment_id=fulfilment.id, units=floor.units_of(A=2)))

    with floor.uow.read() as reader:
        found = queries.pick_list(reader, fulfilment.id)

    assert found.order_number == floor.facts(order_id).number
    first, second = found.items
    assert (first.sku, first.name, set(first.barcodes)) == (
        "A",
        "Item A",
        {f"0{BARCODES['A']}", CASE_OF_A},
    )
    assert (first.to_pick, first.picked, first.packed, first.left) == (1, 2, 0, 0)
    assert (second.sku, second.to_pick) == ("B", 1)
    assert not found.is_picked


def test_a_queue_is_read_in_pages_oldest_first(floor: Warehouse) -> None:
    made = []
    for number in range(3):
        floor.clock.now_ms += 1_000
        made += floor.released(floor.ordered(f"W{number}", A=1))
    ids, node_id = [each.id for each in made], made[0].node_id

    with floor.uow.read() as reader:
        first = queries.queue(reader, QueuePage(count=2))
        rest = queries.queue(reader, QueuePage(after=first[-1].id))
        here = queries.queue(reader, QueuePage(node_ids=(node_id,)))
        elsewhere = queries.queue(reader, QueuePage(node_ids=("nod_x",)))
        done = queries.queue(reader, QueuePage(state=FulfilmentState.CLOSED))

    assert [each.id for each in (*first, *rest)] == ids
    assert [each.id for each in here] == ids
    assert (elsewhere, done) == ([], [])


def test_what_does_not_exist_is_said_by_kind(floor: Warehouse) -> None:
    looks = (queries.fulfilment, queries.parcel, queries.shipment, queries.pick_list)
    codes = []
    with floor.uow.read() as reader:
        for look in looks:
            try:
                look(reader, "x")
            except NotFound as missing:
                codes.append(missing.code)

    assert codes == [
        "fulfilment.not_found",
        "parcel.not_found",
        "shipment.not_found",
        "fulfilment.not_found",
    ]


def broken(floor: Warehouse, *statements: str) -> set[str]:
    """Names of the floor's checks that find something after a change behind our back."""
    with floor.uow.begin() as tx:
        for statement in statements:
            tx.connection.execute(sa.text(statement))
    with floor.uow.read() as reader:
        return {each.check.name for each in check.run(reader, queries.CHECKS) if not each.holds}


def test_checks_find_a_unit_that_left_without_a_shipment(floor: Warehouse) -> None:
    floor.fulfilled(floor.ordered(A=2))

    assert broken(floor, "UPDATE shipment_line SET quantity = 1") == {"shipments_are_what_left"}


def test_checks_find_boxes_and_work_that_belong_to_nobody(floor: Warehouse) -> None:
    floor.packed(floor.ordered(A=2))

    assert broken(floor, "DELETE FROM fulfilment_order") == {
        "boxes_have_work",
        "work_has_fulfilment_orders",
    }


def test_checks_find_an_empty_box_and_a_unit_without_one(floor: Warehouse) -> None:
    floor.packed(floor.ordered(A=2))

    assert broken(floor, "UPDATE line_slice SET parcel_id = 'par_x'") == {
        "boxes_are_not_empty",
        "packed_units_have_boxes",
    }


def test_checks_find_a_box_that_is_away_and_work_that_nobody_has(floor: Warehouse) -> None:
    floor.fulfilled(floor.ordered(A=2))

    assert broken(
        floor,
        "UPDATE parcel SET shipment_id = ''",
        "UPDATE fulfilment_order SET state = 'accepted'",
    ) == {"boxes_left_with_shipments", "fulfilment_orders_have_work"}
