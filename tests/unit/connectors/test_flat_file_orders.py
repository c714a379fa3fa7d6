"""What a good file becomes: orders, returns, charges, with money to the penny."""

from pathlib import Path

import pytest

from connectors.contract.messages import (
    ChannelCharge,
    ChannelParty,
    ChannelPayment,
    ChargeKind,
    PaymentTerms,
    order_total_minor,
    return_total_minor,
)
from connectors.marketplace.flat_file.layout import load, parse
from oms.kernel.address import Address
from oms.kernel.clock import to_iso
from tests.unit.connectors.sheets import (
    HEADER,
    PLAIN,
    order_of,
    orders,
    plain,
    read,
    returns,
    row,
    sheet,
    unreadable,
)

EXAMPLE = Path(__file__).parents[3] / "config" / "channels" / "example_orders.toml"
EXAMPLE_FILE = b"""\
Order,Date,Currency,E-mail,Ship to,Street,City,Postcode,Country,Kind,SKU,Item,Qty,Price,Off,VAT %
W-1001,2026-11-21 09:30,EUR,a@ex.eu,Ada L.,Ring 1,Berlin,10115,Germany,item,MUG-1,Mug,2,"12,50",,19
W-1001,,,,,,,,,item,TEA-3,Tea,1,"6,90","0,90",7
W-1001,,,,,,,,,postage,DHL,Parcel,1,"4,90",,19
W-1002,2026-11-21 09:41,EUR,,Bo,Rue X 2,Paris,75001,France,item,MUG-1,Mug,1,"12,50",,19
R-77,2026-11-22 10:00,EUR,a@ex.eu,,,,,Germany,return,MUG-1,Mug,-1,"12,50",,19
"""


def test_the_example_file_reads_as_the_example_mapping_says() -> None:
    outcomes = read(EXAMPLE_FILE, load(EXAMPLE))

    first, second = orders(outcomes)
    (back,) = returns(outcomes)
    assert not unreadable(outcomes)
    assert [(line.sku, line.quantity, line.line_total_minor) for line in first.lines] == [
        ("MUG-1", 2, 2500),
        ("TEA-3", 1, 690),
    ]
    assert [line.tax_minor for line in first.lines] == [399, 39]  # 7 % of 6.00, after its discount
    assert first.charges == (
        ChannelCharge(
            kind=ChargeKind.SHIPPING,
            title="Parcel",
            amount_minor=490,
            tax_minor=78,
            tax_rate=1900,
            code="DHL",
        ),
    )
    assert order_total_minor(first) == 2500 + 600 + 490
    assert first.customer == ChannelParty(email="a@ex.eu")
    assert first.ship_to == Address(
        country="DE", name="Ada L.", line1="Ring 1", city="Berlin", postal_code="10115"
    )
    assert to_iso(first.placed_at_ms) == "2026-11-21T08:30:00.000Z"
    assert second.customer is None
    assert [(line.sku, line.quantity, line.amount_minor) for line in back.lines] == [
        ("MUG-1", 1, 1250)
    ]


def test_the_example_mapping_quotes_the_file_it_is_tested_with() -> None:
    quoted = [line.removeprefix("#").strip() for line in EXAMPLE.read_text().splitlines()]

    assert [line for line in EXAMPLE_FILE.decode().splitlines() if line not in quoted] == []


def test_rows_with_one_id_are_one_order_and_its_lines_are_numbered() -> None:
    order = order_of(sheet(row("A", sku="MUG", qty="2"), row("A", sku="TEA")))

    assert order.external_id == "A"
    assert [(line.external_id, line.sku, line.quantity) for line in order.lines] == [
        ("1", "MUG", 2),
        ("2", "TEA", 1),
    ]


def test_an_order_paid_on_the_channel_says_how_much() -> None:
    order = order_of(sheet(row(qty="3")))

    assert order.payment_terms is PaymentTerms.PAID_ON_CHANNEL
    assert order.payments == (
        ChannelPayment(tender="channel", amount_minor=750, at_ms=order.placed_at_ms),
    )


def test_an_order_that_costs_nothing_has_no_payment() -> None:
    order = order_of(sheet(row(price="0")))

    assert order.lines[0].line_total_minor == 0
    assert order.payments == ()


@pytest.mark.parametrize(
    ("price", "quantity", "unit_minor", "total_minor"),
    [
        ("0.005", "1", 0, 0),  # half a penny, to even
        ("0.015", "1", 2, 2),
        ("0.005", "3", 0, 2),
        ("0.001", "1000", 0, 100),
        ("1.333", "3", 133, 400),
    ],
)
def test_a_price_finer_than_a_penny_is_rounded_once_for_the_line(
    price: str, quantity: str, unit_minor: int, total_minor: int
) -> None:
    line = order_of(sheet(row(price=price, qty=quantity))).lines[0]

    assert (line.unit_price_minor, line.line_total_minor) == (unit_minor, total_minor)


def test_a_column_may_count_thousandths_of_the_currency() -> None:
    layout = parse(PLAIN.replace('"price"', '{ column = "price", scale = 1000 }'))

    line = order_of(sheet(row(price="2550", qty="6")), layout).lines[0]

    assert (line.unit_price_minor, line.line_total_minor) == (255, 1530)


@pytest.mark.parametrize(
    ("currency", "price", "minor"), [("JPY", "500", 500), ("KWD", "1.234", 1234), ("IDR", "5", 500)]
)
def test_amounts_follow_the_decimal_places_of_their_currency(
    currency: str, price: str, minor: int
) -> None:
    order = order_of(sheet(row(currency=currency, price=price)))

    assert order.currency == currency
    assert order.lines[0].unit_price_minor == minor


FULL = """
[time]
zone = "Asia/Jakarta"
[order]
id = "order"
number = "number"
placed_at = "at"
currency = { constant = "GBP" }
payment_terms = "cod"
discount = "off all"
total = "total"
shipping_choice = "delivery"
deadline = "by"
note = "note"
is_test = "test"
is_gift = "gift"
is_fulfilled_by_channel = "fba"
[line]
id = "position"
sku = "sku"
gtin = "ean"
title = "title"
quantity = { column = "qty", default = "1" }
line_total = "amount"
discount = "off"
tax = "tax"
tax_rate = "vat"
is_gift = "wrap"
reason = "why"
returned_order = "of"
[customer]
external_id = "buyer"
phone = "phone"
company = "company"
tax_number = "vat id"
locale = { constant = "id" }
[ship_to]
country = { constant = "ID" }
city = "city"
[bill_to]
country = { constant = "ID" }
city = "bill city"
[[rules]]
when = { column = "why", is_empty = false }
row = "return_line"
"""


def full(**cells: str) -> bytes:
    """A file of one row with these cells under the columns of the full mapping."""
    columns = parse(FULL).columns()
    named = {column.replace(" ", "_"): column for column in columns}
    given = {named[name]: text for name, text in cells.items()}
    return sheet(",".join(given.get(column, "") for column in columns), header=",".join(columns))


def test_every_field_of_an_order_can_be_mapped() -> None:
    content = full(
        order="A", number="A/7", at="2026-11-21T09:30", off_all="1.00", total="17.00",
        delivery="express", by="2026-11-23T17:00", note="Ring twice", test="yes", gift="1",
        fba="true", position="L1", sku="MUG", ean="4006381333931", title="Mug", qty="3",
        amount="20.00", off="2.00", tax="1.50", vat="7.5", wrap="y", buyer="B-9",
        phone="+6221", company="PT Maju", vat_id="01.234", city="Bandung", bill_city="Jakarta",
    )  # fmt: skip

    order = order_of(content, parse(FULL))

    (line,) = order.lines
    assert (line.external_id, line.gtin, line.title, line.is_gift) == (
        "L1",
        "4006381333931",
        "Mug",
        True,
    )
    assert (line.quantity, line.line_total_minor, line.unit_price_minor) == (3, 2000, 667)
    assert (line.discount_minor, line.tax_minor, line.tax_rate) == (200, 150, 750)
    assert (order.external_number, order.discount_minor, order.total_minor) == ("A/7", 100, 1700)
    assert (order.payment_terms, order.payments) == (PaymentTerms.COD, ())
    assert (order.shipping_choice, order.note) == ("express", "Ring twice")
    assert (order.is_test, order.is_gift, order.is_fulfilled_by_channel) == (True, True, True)
    assert order.deadline_ms is not None
    assert to_iso(order.deadline_ms) == "2026-11-23T10:00:00.000Z"
    assert order.customer == ChannelParty(
        external_id="B-9", phone="+6221", company="PT Maju", tax_number="01.234", locale="id"
    )
    assert (order.ship_to.city, order.bill_to) == ("Bandung", Address("ID", city="Jakarta"))


def test_fields_that_are_empty_are_left_out_of_an_order() -> None:
    order = order_of(full(order="A", at="2026-11-21", sku="MUG", amount="2"), parse(FULL))

    assert (order.customer, order.bill_to, order.deadline_ms, order.total_minor) == (None,) * 4
    assert (order.lines[0].quantity, order.lines[0].external_id) == (1, "1")


def test_a_return_line_says_why_and_of_which_order() -> None:
    content = full(order="R", at="2026-11-21", sku="MUG", qty="-2", amount="-5", why="torn", of="A")

    (back,) = returns(read(content, parse(FULL)))

    assert [(line.reason, line.order_external_id, line.amount_minor) for line in back.lines] == [
        ("torn", "A", 500)
    ]
    assert back.ship_from == Address("ID")


def test_tax_is_taken_from_prices_by_country_and_day() -> None:
    layout = plain(
        """
[tax]
rates = [
  { countries = ["GB"], rate = 1750 },
  { countries = ["GB"], rate = 2000, since = "2011-01-04" },
]
"""
    )
    before = row("A", at="2011-01-03T23:59Z", price="117.50")
    after = row("B", at="2011-01-04T00:00Z", price="120.00")
    abroad = row("C", at="2011-01-04T00:00Z", price="120.00", country="France")

    lines = [order.lines[0] for order in orders(read(sheet(before, after, abroad), layout))]

    assert [(line.tax_rate, line.tax_minor) for line in lines] == [
        (1750, 1750),
        (2000, 2000),
        (0, 0),
    ]


def test_tax_comes_on_top_where_prices_do_not_include_it() -> None:
    layout = plain('[tax]\nprices_include_tax = false\nrates = [{countries=["GB"], rate=2000}]')

    order = order_of(sheet(row(price="10.00", qty="2")), layout)

    assert (order.lines[0].line_total_minor, order.lines[0].tax_minor) == (2000, 400)
    assert order_total_minor(order) == 2400
    assert order.payments[0].amount_minor == 2400


def test_a_discount_on_the_order_is_shared_before_tax_is_taken() -> None:
    layout = plain(
        """
[tax]
rates = [{ countries = ["GB"], rate = 2000 }]
[[rules]]
when = { column = "sku", is = ["COUPON"] }
row = "discount"
"""
    )
    rows = (row(price="60"), row(price="30", sku="TEA"), row(price="-30", sku="COUPON"))

    order = order_of(sheet(*rows), layout)

    assert order.discount_minor == 3000
    assert [line.tax_minor for line in order.lines] == [667, 333]  # of 40.00 and of 20.00
    assert order_total_minor(order) == 6000


def test_an_order_may_consist_of_charges_alone() -> None:
    layout = plain('[[rules]]\nwhen = {column="sku", is=["FEE"]}\nrow = "charge"\ncharge = "fee"')

    order = order_of(sheet(row(sku="FEE", qty="", price="7")), layout)

    assert order.lines == ()
    assert [(charge.kind, charge.amount_minor) for charge in order.charges] == [("fee", 700)]


def test_one_id_with_goods_both_ways_is_an_order_and_a_return() -> None:
    layout = plain('[[rules]]\nwhen = {column="qty", below=0}\nrow = "return_line"')

    outcomes = read(sheet(row(sku="NEW"), row(sku="OLD", qty="-2")), layout)

    (order,), (back,) = orders(outcomes), returns(outcomes)
    assert [line.sku for line in order.lines] == ["NEW"]
    assert [(line.sku, line.quantity, line.amount_minor) for line in back.lines] == [
        ("OLD", 2, 500)
    ]
    assert return_total_minor(back) == 500


def test_what_a_rule_sets_aside_keeps_its_reason_and_does_not_keep_the_order_out() -> None:
    layout = plain(
        """
[[rules]]
when = [{ column = "sku", starts_with = ["T-"] }, { column = "qty", is = ["0"] }]
row = "quarantine"
reason = "A test row."
"""
    )

    outcomes = read(sheet(row(sku="MUG"), row(sku="T-1", qty="0"), row(sku="TEA")), layout)

    (order,), (aside,) = orders(outcomes), unreadable(outcomes)
    assert [line.sku for line in order.lines] == ["MUG", "TEA"]
    assert (aside.source.first_row, aside.source.rows, aside.code) == (3, 1, "row.set_aside")
    assert "A test row." in aside.words


def test_what_the_mapping_has_no_word_for_is_kept_with_the_line() -> None:
    order = order_of(sheet(row() + ",red,", header=HEADER + ",colour,size"))

    assert order.lines[0].extra == {"colour": "red"}


def test_values_of_the_whole_order_may_stand_in_its_first_row_only() -> None:
    order = order_of(sheet(row("A", country="FR"), row("A", at="", currency="", country="")))

    assert (order.ship_to.country, len(order.lines)) == ("FR", 2)


def test_the_first_of_two_minutes_is_the_orders() -> None:
    order = order_of(sheet(row(at="2026-11-21T10:00Z"), row(at="2026-11-21T10:01Z")))

    assert to_iso(order.placed_at_ms) == "2026-11-21T10:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-07-01T12:00", "2026-07-01T11:00:00.000Z"),  # London in summer
        ("2026-12-01T12:00", "2026-12-01T12:00:00.000Z"),
        ("2026-07-01T12:00+07:00", "2026-07-01T05:00:00.000Z"),
        ("01.07.2026 12:00", "2026-07-01T11:00:00.000Z"),
        ("1782907200", "2026-07-01T12:00:00.000Z"),
    ],
)
def test_times_are_of_the_files_zone_unless_they_say_their_own(text: str, meant: str) -> None:
    layout = plain('[time]\nzone="Europe/London"\nformats=["iso", "%d.%m.%Y %H:%M", "epoch_s"]')

    assert to_iso(order_of(sheet(row(at=text)), layout).placed_at_ms) == meant


def test_lines_of_json_read_as_rows_do_and_amounts_keep_their_digits() -> None:
    content = (
        b'{"order": "A", "at": "2026-11-21T10:00Z", "sku": "MUG", "qty": 2, "price": 1.10,'
        b' "buyer": {"note": "ring"}}\n'
        b"\n"
        b'{"order": "A", "at": null, "sku": "TEA", "qty": 1, "price": "0.90", "gift": true}\n'
    )

    order = order_of(content, plain('[file]\nformat = "jsonl"'))

    assert [(line.sku, line.line_total_minor, line.extra) for line in order.lines] == [
        ("MUG", 220, {"buyer.note": "ring"}),
        ("TEA", 90, {"gift": "true"}),
    ]
