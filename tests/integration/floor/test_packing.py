"""Packing: boxes with an SSCC, and out of them again."""

from fulfillment import service
from fulfillment.labels.model import VoidLabel
from fulfillment.packing.model import Pack, Unpack
from fulfillment.picking.model import Pick
from oms.kernel.barcodes import is_sscc
from tests.integration.floor.warehouse import Warehouse


def picked(floor: Warehouse, order_id: str) -> str:
    [fulfilment] = floor.released(order_id)
    floor.do(service.pick, Pick(fulfilment_id=fulfilment.id))
    return fulfilment.id


def test_every_box_has_a_number_and_weighs_what_is_in_it(floor: Warehouse) -> None:
    id_ = picked(floor, floor.ordered(A=3, B=1))
    boxes = (floor.box(A=2), floor.box(A=1, B=1))

    [done] = floor.do(service.pack, Pack(fulfilment_id=id_, boxes=boxes))

    assert [parcel.weight_g for parcel in done.parcels] == [1_000, 1_000]
    assert all(is_sscc(parcel.sscc) for parcel in done.parcels)
    assert len({parcel.sscc for parcel in done.parcels}) == 2
    floor.expect_proven()


def test_what_is_not_picked_cannot_be_packed(floor: Warehouse) -> None:
    id_ = picked(floor, floor.ordered(A=3))

    refused = floor.refusal(service.pack, Pack(fulfilment_id=id_, boxes=(floor.box(A=4),)))

    assert refused.fields == {floor.item_id("A"): "1 too many"}


def test_an_opened_box_gives_its_units_back_to_the_cart(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2, B=1)
    packed = floor.packed(order_id)

    [parcel] = floor.do(service.unpack, Unpack(parcel_id=packed.parcels[0].id))

    assert parcel.state == "unpacked"
    assert floor.states(order_id) == {"picked": 3}
    floor.do(service.pack, Pack(fulfilment_id=packed.fulfilment_id))
    assert [each.state for each in floor.parcels(order_id)] == ["unpacked", "packed"]
    floor.expect_proven()


def test_a_box_with_a_label_is_opened_only_when_the_label_is_void(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    [parcel] = floor.labelled(floor.packed(order_id))

    assert floor.refusal(service.unpack, Unpack(parcel_id=parcel.id)).code == "parcel.has_label"

    floor.do(service.void_labels, VoidLabel(parcel_id=parcel.id))
    floor.do(service.unpack, Unpack(parcel_id=parcel.id))
    assert floor.states(order_id) == {"picked": 2}


def test_boxes_of_one_order_can_be_opened_together(floor: Warehouse) -> None:
    order_id = floor.ordered(A=3)
    id_ = picked(floor, order_id)
    boxes = (floor.box(A=2), floor.box(A=1))
    [done] = floor.do(service.pack, Pack(fulfilment_id=id_, boxes=boxes))

    floor.do(service.unpack, *(Unpack(parcel_id=parcel.id) for parcel in done.parcels))

    assert floor.states(order_id) == {"picked": 3}
    floor.expect_proven()
