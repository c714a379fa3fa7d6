"""Which offer is taken for a box, and what the courier collects at the door."""

import pytest
from msgspec.structs import replace

from connectors.contract.parcels import CarrierQuote, LabelRequest
from fulfillment.labels.model import Cash, Consignment, best_offer, cash_to_collect
from oms.kernel.address import Address
from oms.kernel.errors import Refused
from oms.orders.events import PaymentNote
from oms.orders.facts import ChargeFacts, LineFacts, OrderFacts
from oms.orders.money import split_units

DAY_MS = 86_400_000


def offer(service: str, amount_minor: int, by_day: int, currency: str = "GBP") -> CarrierQuote:
    return CarrierQuote(
        carrier="kestrel",
        service=service,
        title=f"Kestrel {service.title()}",
        amount_minor=amount_minor,
        currency=currency,
        deliver_by_ms=by_day * DAY_MS,
    )


def consignment(choice: str = "", by_day: int | None = None) -> Consignment:
    request = LabelRequest(
        idempotency_key="k",
        order_number="SO-1",
        service="",
        ship_from=Address("GB"),
        ship_to=Address("DE"),
        parcels=(),
        ship_at_ms=0,
        currency="GBP",
    )
    return Consignment(
        fulfilment_id="ful_1",
        parcel_ids=(),
        request=request,
        shipping_choice=choice,
        deadline_ms=by_day and by_day * DAY_MS,
    )


CHEAP, FAST, FASTER = offer("SLOW", 300, 5), offer("FAST", 900, 2), offer("FASTER", 950, 1)


def test_the_cheapest_offer_is_taken_when_nobody_waits() -> None:
    assert best_offer([FAST, CHEAP, FASTER], consignment()) is CHEAP


def test_the_cheapest_that_is_there_in_time_is_taken() -> None:
    assert best_offer([CHEAP, FASTER, FAST], consignment(by_day=3)) is FAST


def test_when_nothing_is_in_time_the_fastest_is_taken() -> None:
    assert best_offer([CHEAP, FAST, FASTER], consignment(by_day=0)) is FASTER


@pytest.mark.parametrize("choice", ["faster", "kestrel/FASTER", "Kestrel Faster"])
def test_what_the_customer_chose_is_taken_however_it_is_written(choice: str) -> None:
    assert best_offer([CHEAP, FAST, FASTER], consignment(choice)) is FASTER


def test_a_choice_that_nobody_offers_leaves_the_choice_to_us() -> None:
    assert best_offer([FAST, CHEAP], consignment("drone")) is CHEAP


def test_amounts_of_another_currency_are_not_compared() -> None:
    rupiah = offer("REG", 200, 9, "IDR")

    assert best_offer([rupiah, FAST], consignment()) is FAST
    assert best_offer([rupiah], consignment()) is rupiah


def test_no_offer_is_said_with_the_country() -> None:
    with pytest.raises(Refused, match="No carrier takes these parcels to DE"):
        best_offer([], consignment())


def line(id_: str, quantity: int, net_minor: int, *parts: tuple[str, int]) -> LineFacts:
    return LineFacts(
        id=id_,
        position=0,
        external_id=id_,
        listing_sku=id_,
        item_id=parts[0][0],
        title=id_,
        quantity=quantity,
        unit_price_minor=0,
        net_minor=net_minor,
        tax_minor=0,
        tax_rate_bp=0,
        unit_split=split_units(net_minor, 0, quantity),
        parts=parts,
        extra={},
    )


def order(*lines: LineFacts) -> OrderFacts:
    postage = ChargeFacts(
        id="chg_1",
        position=0,
        kind="shipping",
        title="Postage",
        net_minor=400,
        tax_minor=80,
        tax_rate_bp=2_000,
    )
    return OrderFacts(
        id="ord_1",
        number="SO-1",
        channel_id="chn_1",
        external_id="W1",
        external_number="",
        customer_id=None,
        currency="GBP",
        placed_at_ms=0,
        received_at_ms=0,
        deadline_ms=None,
        ship_to=Address("GB"),
        bill_to=None,
        payment_terms="cod",
        prices_include_tax=True,
        locale="",
        shipping_choice="",
        goods_minor=0,
        discount_minor=0,
        charges_minor=0,
        tax_minor=0,
        total_minor=0,
        version=1,
        payments=(),
        extra={},
        lines=lines,
        charges=(postage,),
    )


NOTHING_BEFORE = Cash({}, has_charges=False)


def test_the_first_box_collects_its_goods_and_all_charges() -> None:
    due = cash_to_collect(order(line("l", 3, 1_000, ("a", 1))), NOTHING_BEFORE, {("l", "a"): 1})

    assert due == 334 + 480


def test_boxes_together_collect_the_order_to_the_cent() -> None:
    whole = order(line("l", 3, 1_000, ("a", 1)))

    first = cash_to_collect(whole, NOTHING_BEFORE, {("l", "a"): 1})
    second = cash_to_collect(whole, Cash({("l", "a"): 1}, has_charges=True), {("l", "a"): 2})

    assert (first, second) == (334 + 480, 666)


def test_a_bundle_is_collected_with_the_box_that_completes_it() -> None:
    whole = order(line("l", 1, 900, ("a", 2), ("b", 1)))

    first = cash_to_collect(whole, NOTHING_BEFORE, {("l", "a"): 2})
    second = cash_to_collect(whole, Cash({("l", "a"): 2}, has_charges=True), {("l", "b"): 1})

    assert (first, second) == (480, 900)


@pytest.mark.parametrize(("paid", "boxes"), [(300, (514, 666)), (1_000, (0, 480)), (2_000, (0, 0))])
def test_what_was_paid_before_is_not_collected_at_the_door_again(
    paid: int, boxes: tuple[int, int]
) -> None:
    note = PaymentNote(tender="voucher", amount_minor=paid)
    whole = replace(order(line("l", 3, 1_000, ("a", 1))), payments=(note,))

    first = cash_to_collect(whole, NOTHING_BEFORE, {("l", "a"): 1})
    second = cash_to_collect(whole, Cash({("l", "a"): 1}, has_charges=True), {("l", "a"): 2})

    assert (first, second) == boxes
