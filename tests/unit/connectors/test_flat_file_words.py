"""How countries and numbers are written in files, and what they mean."""

from tests.unit.connectors.sheets import (
    HEADER,
    order_of,
    orders,
    plain,
    read,
    row,
    sheet,
)


def test_a_country_is_known_by_code_name_or_the_mappings_own_word() -> None:
    layout = plain('[countries]\n"EIRE" = "IE"')
    rows = [row(str(n), country=name) for n, name in enumerate(("de", "Germany", "EIRE"))]

    found = [order.ship_to.country for order in orders(read(sheet(*rows), layout))]

    assert found == ["DE", "DE", "IE"]


def test_decimal_commas_and_thousands_are_read_where_the_mapping_says_so() -> None:
    layout = plain('[file]\ndelimiter = ";"\n[numbers]\ndecimal = ","\nthousands = "."')
    content = sheet(*[part.replace(",", ";") for part in (row(),)], header=HEADER.replace(",", ";"))

    order = order_of(content.replace(b"2.50", b"1.002,50"), layout)

    assert order.lines[0].unit_price_minor == 100250
