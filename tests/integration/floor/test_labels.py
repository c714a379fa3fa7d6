"""Labels: bought outside of transactions, kept once, given back."""

from io import BytesIO

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from connectors.contract.messages import ChannelCharge, ChargeKind, PaymentTerms
from connectors.contract.parcels import Label, LabelFormat
from fulfillment import queries, service
from fulfillment.documents.labels import label_pdf
from fulfillment.documents.slips import packing_slip_pdf
from fulfillment.events import LabelVoided
from fulfillment.labels.model import LabelOf, RequestLabels, VoidLabel
from fulfillment.labels.queries import consignments
from fulfillment.packing.model import Pack, Packed, Unpack
from fulfillment.picking.model import Pick
from fulfillment.printing.queries import label_facts, slip_facts
from oms.kernel.address import Address
from oms.kernel.errors import Refused
from oms.kernel.money import Money
from tests.integration.floor.warehouse import Warehouse
from tests.integration.orders.shop import line, order


def test_a_requested_label_is_bought_by_the_cheapest_service(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    packed = floor.packed(order_id)

    [parcel] = floor.labelled(packed)

    assert (parcel.state, parcel.carrier, parcel.service) == ("labelled", "kestrel", "STANDARD")
    assert parcel.tracking_number.startswith("KST")
    assert (parcel.label_currency, parcel.label_cost_minor > 0) == ("GBP", True)
    assert floor.events(parcel.id) == ["parcel.packed", "label.bought"]


def test_what_the_customer_chose_is_bought(floor: Warehouse) -> None:
    order_id = floor.placed(order("W1", line("A"), shipping_choice="express"))

    [parcel] = floor.labelled(floor.packed(order_id))

    assert parcel.service == "EXPRESS"


def test_a_service_asked_for_by_name_is_bought(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))
    command = RequestLabels(
        fulfilment_id=packed.fulfilment_id, carrier="kestrel", service="EXPRESS"
    )

    floor.do(service.request_labels, command)
    floor.drain()

    assert [each.service for each in floor.parcels(packed.order_id)] == ["EXPRESS"]


def test_a_box_nobody_takes_waits_for_a_person_with_the_reason(floor: Warehouse) -> None:
    order_id = floor.placed(order("W1", line("A"), ship_to=Address("AQ", name="Base Camp")))

    [parcel] = floor.labelled(floor.packed(order_id))

    assert parcel.state == "packed"
    assert "No carrier takes these parcels to AQ" in floor.scalar("SELECT last_error FROM outbox")


def test_nothing_to_label_is_said(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))
    floor.labelled(packed)

    command = RequestLabels(fulfilment_id=packed.fulfilment_id)

    assert floor.refusal(service.request_labels, command).code == "label.nothing_to_label"


def test_a_voided_label_is_given_back_and_another_can_be_bought(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))
    [parcel] = floor.labelled(packed)

    [bare] = floor.do(service.void_labels, VoidLabel(parcel_id=parcel.id))
    floor.drain()
    [again] = floor.labelled(packed)

    assert (bare.state, bare.tracking_number, bare.label_cost_minor) == ("packed", "", 0)
    [voided] = floor.told(parcel.id, LabelVoided)
    assert isinstance(voided, LabelVoided)
    assert voided.refunded_minor == parcel.label_cost_minor
    assert (again.state, again.labels_bought) == ("labelled", 2)


def test_only_a_label_that_is_there_can_be_voided(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))

    refused = floor.refusal(service.void_labels, VoidLabel(parcel_id=packed.parcels[0].id))

    assert refused.code == "parcel.move_not_allowed"


def bought(floor: Warehouse, packed: Packed) -> LabelOf:
    """A label as a carrier sells it, settled by nobody yet."""
    label = Label(
        external_id="L-1",
        parcel_reference=packed.parcels[0].sscc,
        carrier="kestrel",
        service="STANDARD",
        tracking_number="KST1",
        amount_minor=395,
        currency="GBP",
        format=LabelFormat.PDF,
        document=b"%PDF drawn by the carrier",
    )
    return LabelOf(packed.parcels[0].id, label)


def test_the_same_label_settled_twice_changes_nothing(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))
    label = bought(floor, packed)

    floor.do(service.settle_labels, label)
    floor.do(service.settle_labels, label)

    assert floor.events(label.parcel_id).count("label.bought") == 1
    with floor.uow.read() as reader:
        assert queries.label_document(reader, label.parcel_id) == ("pdf", label.label.document)


def test_a_label_for_a_box_that_was_opened_meanwhile_is_given_back(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))
    label = bought(floor, packed)
    floor.do(service.unpack, Unpack(parcel_id=label.parcel_id))

    floor.do(service.settle_labels, label)

    assert floor.events(label.parcel_id)[-1] == "label.void_requested"
    assert floor.parcels(packed.order_id)[0].state == "unpacked"


def test_the_same_boxes_are_asked_for_with_the_same_key_until_a_label_was_bought(
    floor: Warehouse,
) -> None:
    packed = floor.packed(floor.ordered(A=1))

    def key() -> str:
        with floor.uow.read() as reader:
            [wanted] = consignments(reader, floor.parcels(packed.order_id))
        return wanted.request.idempotency_key

    first, second = key(), key()
    floor.do(service.settle_labels, bought(floor, packed))
    floor.do(service.void_labels, VoidLabel(parcel_id=packed.parcels[0].id))

    assert first == second
    assert key() != first


def test_goods_that_cross_a_border_are_declared(floor: Warehouse) -> None:
    told = order("W1", line("A", 2), line("SET"), ship_to=Address("FR", name="Zoé", city="Lyon"))
    packed = floor.packed(floor.placed(told))

    with floor.uow.read() as reader:
        [wanted] = consignments(reader, list(packed.parcels))

    [parcel] = wanted.request.parcels
    declared = sorted((each.sku, each.quantity, each.value_minor) for each in parcel.content)
    assert declared == [("A", 2, 555), ("A", 2, 1_667), ("B", 1, 277)]
    assert wanted.request.ship_from.name == floor.scalar(
        "SELECT name FROM node WHERE id = :name", packed.parcels[0].node_id
    )


def test_cash_is_collected_box_by_box_and_sums_to_the_order(floor: Warehouse) -> None:
    postage = ChannelCharge(kind=ChargeKind.SHIPPING, title="Postage", amount_minor=350)
    told = order(
        "W1",
        line("A", 3),
        charges=(postage,),
        payment_terms=PaymentTerms.COD,
        payments=(),
        shipping_choice="EXPRESS",
    )
    order_id = floor.placed(told)
    [fulfilment] = floor.released(order_id)
    for count in (1, 2):
        units = floor.units_of(A=count)
        floor.do(service.pick, Pick(fulfilment_id=fulfilment.id, units=units))
        floor.do(service.pack, Pack(fulfilment_id=fulfilment.id))
        floor.do(service.request_labels, RequestLabels(fulfilment_id=fulfilment.id))
        floor.drain()

    parcels = floor.parcels(order_id)

    assert [parcel.collect_minor for parcel in parcels] == [1_350, 2_000]
    with floor.uow.read() as reader:
        first, second = label_facts(reader, [parcel.id for parcel in parcels])
    assert (first.collect, second.collect) == (Money(1_350, "GBP"), Money(2_000, "GBP"))


def test_a_label_of_ours_is_drawn_from_facts_when_it_is_printed(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    [parcel] = floor.labelled(floor.packed(order_id))

    with floor.uow.read() as reader:
        [facts] = label_facts(reader, [parcel.id])
        drawn_by_carrier = queries.label_document(reader, parcel.id)

    assert drawn_by_carrier is None
    assert (facts.order_number, facts.to.name) == (floor.facts(order_id).number, "Ada King")
    assert (facts.carrier, facts.service) == ("Kestrel Parcels", "Standard")
    text = PdfReader(BytesIO(label_pdf([facts]))).pages[0].extract_text()
    assert "Ada King" in text


def test_a_box_without_a_label_has_none_to_print(floor: Warehouse) -> None:
    packed = floor.packed(floor.ordered(A=1))

    with floor.uow.read() as reader, pytest.raises(Refused, match="no label to print"):
        label_facts(reader, [packed.parcels[0].id])


def test_a_slip_says_what_is_in_the_box_and_what_follows(floor: Warehouse) -> None:
    order_id = floor.ordered(A=3, B=1)
    [fulfilment] = floor.released(order_id)
    floor.do(service.pick, Pick(fulfilment_id=fulfilment.id))
    boxes = (floor.box(A=2), floor.box(A=1, B=1))
    [packed] = floor.do(service.pack, Pack(fulfilment_id=fulfilment.id, boxes=boxes))

    with floor.uow.read() as reader:
        first, second = slip_facts(reader, [parcel.id for parcel in packed.parcels])

    assert [(each.sku, each.quantity) for each in first.lines] == [("A", 2)]
    assert [(each.sku, each.quantity) for each in first.to_follow] == [("A", 1), ("B", 1)]
    assert [(each.parcel_number, each.parcel_count) for each in (first, second)] == [(1, 2), (2, 2)]
    with_portal = replace(first, return_url="https://example.org/r")
    assert packing_slip_pdf([with_portal]).startswith(b"%PDF")
