"""What makes a message an order, what stops it, and what it is to us the second time."""

from typing import Any

import pytest
from msgspec.structs import replace

from connectors.contract.messages import (
    ChannelCharge,
    ChannelLine,
    ChannelOrder,
    ChannelPayment,
    ChargeKind,
    PaymentTerms,
)
from oms.catalog.model import ItemKind, ItemRef
from oms.kernel.address import Address
from oms.kernel.errors import Invalid
from oms.orders.intake.model import (
    Claim,
    NewLine,
    Prospect,
    TakeIn,
    check,
    content_hash,
    first_slices,
    lines_to_source,
    price,
    search_text,
    wanted_holds,
)
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import Hold

LINE = ChannelLine(
    external_id="1", sku="A", quantity=2, unit_price_minor=500, line_total_minor=1_000
)
CHARGE = ChannelCharge(kind=ChargeKind.SHIPPING, title="Post", amount_minor=300)
ORDER = ChannelOrder(
    external_id="W-1",
    placed_at_ms=1_700_000_000_000,
    currency="GBP",
    ship_to=Address("GB", name="Ada King", postal_code="SW1A 1AA", city="London"),
    lines=(LINE, replace(LINE, external_id="2", sku="B")),
    prices_include_tax=True,
    payment_terms=PaymentTerms.PAID_ON_CHANNEL,
    charges=(CHARGE,),
)
ITEM = ItemRef(
    id="itm_a", sku="A", name="Item", kind=ItemKind.STOCK, weight_g=1, tags=(), tax_rate_bp=0
)
HUGE = 10**30
LARGE = replace(LINE, line_total_minor=10**15)
SET = replace(ITEM, id="itm_s", kind=ItemKind.BUNDLE, parts=(("itm_p", 2), ("itm_q", 1)))


def line(**others: Any) -> dict[str, Any]:
    return {"lines": (replace(LINE, **others),)}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"lines": (), "charges": ()}, "lines"),
        ({"placed_at_ms": 0}, "placed_at_ms"),
        ({"currency": "XXQ"}, "currency"),
        ({"discount_minor": 2_001}, "discount_minor"),
        ({"discount_minor": -1}, "discount_minor"),
        (line(quantity=0), "lines[0].quantity"),
        (line(quantity=-1), "lines[0].quantity"),
        (line(line_total_minor=-1), "lines[0].line_total_minor"),
        (line(discount_minor=1_001), "lines[0].discount_minor"),
        (line(tax_minor=-1), "lines[0].tax_minor"),
        (line(tax_minor=1_001), "lines[0].tax_minor"),
        ({"lines": (LINE, LINE)}, "lines[1].external_id"),
        ({"charges": (replace(CHARGE, amount_minor=-1),)}, "charges[0].amount_minor"),
        ({"charges": (replace(CHARGE, tax_minor=-1),)}, "charges[0].tax_minor"),
        ({"charges": (replace(CHARGE, tax_minor=301),)}, "charges[0].tax_minor"),
        ({"charges": (replace(CHARGE, tax_minor=HUGE),)}, "charges[0].tax_minor"),
        ({"payments": (ChannelPayment(tender="x", amount_minor=-1),)}, "payments[0].amount_minor"),
        (line(tax_minor=501, discount_minor=500), "lines[0].tax_minor"),
        (line(tax_minor=501) | {"discount_minor": 500}, "lines[0].tax_minor"),
        (line(tax_minor=HUGE) | {"prices_include_tax": False}, "lines[0].tax_minor"),
        (line(tax_rate=HUGE), "lines[0].tax_rate"),
        (line(unit_price_minor=-1), "lines[0].unit_price_minor"),
        ({"placed_at_ms": HUGE}, "placed_at_ms"),
        ({"deadline_ms": HUGE}, "deadline_ms"),
        (
            {"lines": tuple(replace(LARGE, external_id=str(n)) for n in range(2))},
            "lines",
        ),
        ({"ship_to": Address("United Kingdom")}, "ship_to.country"),
        ({"ship_to": Address("gb")}, "ship_to.country"),
    ],
)
def test_a_message_that_cannot_be_an_order_is_refused_at_the_field(
    wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check(replace(ORDER, **wrong))

    assert list(refused.value.fields) == [field]
    assert field in refused.value.sentence


def test_a_good_order_is_accepted() -> None:
    check(ORDER)


def test_an_order_of_charges_alone_is_an_order() -> None:
    check(replace(ORDER, lines=()))


def test_the_same_words_have_the_same_fingerprint_in_any_order_of_extras() -> None:
    one = replace(ORDER, extra={"a": "1", "b": "2"})
    other = replace(ORDER, extra={"b": "2", "a": "1"})

    assert content_hash(one) == content_hash(other)
    assert content_hash(one) != content_hash(ORDER)


def test_a_person_finds_an_order_by_number_name_place_and_what_the_channel_calls_it() -> None:
    text = search_text(replace(ORDER, external_number="#1001"), "SO-000007")

    assert text == "so-000007 w-1 #1001 ada king sw1a 1aa london"


def prospect(order: ChannelOrder = ORDER, items: tuple[ItemRef | None, ...] = ()) -> Prospect:
    priced = price(order)
    known = items or (ITEM,) * len(order.lines)
    lines = tuple(
        NewLine(f"lin_{position}", position, told, item, money)
        for position, (told, item, money) in enumerate(
            zip(order.lines, known, priced.lines, strict=True)
        )
    )
    wanted = tuple(wanted_holds(order, priced, lines))
    holds = tuple(
        Hold(f"hld_{n}", "ord_1", each.line_id, "", each.stage, each.reason)
        for n, each in enumerate(wanted)
    )
    return Prospect(
        command=TakeIn(channel_id="chn_1", order=order),
        order_id="ord_1",
        content_hash="",
        priced=priced,
        lines=lines,
        wanted_holds=wanted,
        holds=holds,
    )


def reasons(order: ChannelOrder) -> list[tuple[str, HoldStage]]:
    return [(each.reason, each.stage) for each in prospect(order).wanted_holds]


def test_what_needs_a_person_comes_in_with_a_hold_at_the_right_stage() -> None:
    nowhere = Address("")

    assert reasons(ORDER) == []
    assert reasons(replace(ORDER, is_test=True)) == [("test_order", HoldStage.INTAKE)]
    assert reasons(replace(ORDER, ship_to=nowhere)) == [("country_missing", HoldStage.INTAKE)]
    assert reasons(replace(ORDER, total_minor=2_300)) == []
    assert reasons(replace(ORDER, total_minor=2_299)) == [("total_differs", HoldStage.RELEASE)]
    assert reasons(replace(ORDER, is_fulfilled_by_channel=True)) == [
        ("fulfilled_by_channel", HoldStage.ALLOCATION)
    ]


def test_an_unknown_listing_holds_its_line_and_the_others_are_sourced() -> None:
    half_known = prospect(items=(ITEM, None))

    assert [each.line_id for each in half_known.holds] == ["lin_1"]
    assert [each.id for each in lines_to_source(half_known)] == ["lin_0"]
    assert [(each.item_id, each.state) for each in first_slices(half_known, ())] == [
        ("itm_a", LineState.OPEN),
        ("", LineState.OPEN),
    ]


def test_an_order_held_at_intake_is_a_draft_and_looks_for_no_node() -> None:
    held = prospect(replace(ORDER, is_test=True))

    assert {each.state for each in first_slices(held, ())} == {LineState.DRAFT}
    assert lines_to_source(held) == []


def test_claimed_units_are_born_allocated_and_the_rest_open() -> None:
    claims = [Claim("lin_0", "itm_a", "nod_1", 1)]

    slices = first_slices(prospect(), claims)

    assert [(each.line_id, each.state, each.node_id, each.quantity) for each in slices] == [
        ("lin_0", LineState.ALLOCATED, "nod_1", 1),
        ("lin_0", LineState.OPEN, "", 1),
        ("lin_1", LineState.OPEN, "", 2),
    ]


def test_a_set_is_in_slices_by_its_parts() -> None:
    of_sets = replace(ORDER, lines=(LINE,))

    slices = first_slices(prospect(of_sets, (SET,)), ())

    assert [(each.item_id, each.quantity) for each in slices] == [("itm_p", 4), ("itm_q", 2)]
