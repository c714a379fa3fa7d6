"""Whatever is wrong with a row is said with file, row and column, and the rest goes in."""

import pytest

from connectors.contract.files import RowTally
from connectors.marketplace.flat_file.csv_rows import RECORD_LINES_MAX
from connectors.marketplace.flat_file.groups import ORDER_ROWS_MAX
from connectors.marketplace.flat_file.layout import parse
from connectors.marketplace.flat_file.source import KEPT_BYTES
from tests.unit.connectors.sheets import (
    HEADER,
    PLAIN,
    order_of,
    orders,
    plain,
    read,
    row,
    sheet,
    unreadable,
    words_of,
)

JSON = plain('[file]\nformat = "jsonl"')


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            {"qty": "two"},
            "row 2, column 'qty': 'two' is not a whole number. Write digits only, such as 12.",
        ),
        ({"qty": ""}, "column 'qty': An empty cell is not a whole number."),
        ({"qty": "1.5"}, "column 'qty': '1.5' is not a whole number."),
        ({"qty": "0"}, "column 'qty': '0' is no quantity of an order line: it takes at least 1."),
        ({"qty": "-3"}, "column 'qty': '-3' is no quantity of an order line"),
        ({"qty": "9" * 12}, "column 'qty': '999999999999' is larger than 1000000000."),
        ({"qty": "9" * 5000}, "column 'qty': '9999999999999999999999999999999999999999…' is not"),
        ({"qty": "١٢"}, "column 'qty': '١٢' is not a whole number."),
        ({"price": "-2.50"}, "column 'price': '-2.50' is below zero."),
        ({"price": "2,50".replace(",", "_")}, "column 'price': '2_50' is not an amount."),
        ({"price": "1e3"}, "column 'price': '1e3' is not an amount."),
        ({"price": "NaN"}, "column 'price': 'NaN' is not an amount."),
        ({"price": "9" * 15}, "column 'price': '999999999999999' is more money than this"),
        (
            {"price": "9" * 12, "qty": "900000"},
            "column 'qty': '900000' is more money than this system keeps.",
        ),
        ({"at": "yesterday"}, "column 'at': 'yesterday' is not a time as the mapping describes"),
        ({"at": "0026-11-21"}, "column 'at': '0026-11-21' lies outside the years 1990 to 2100."),
        ({"currency": "EURO"}, "column 'currency': 'EURO' is not a currency code."),
        ({"country": "Narnia"}, "column 'country': 'Narnia' is not a country that is known here."),
        ({"sku": ""}, "column 'sku': This cell is empty. Fill it in."),
        ({"sku": "x" * 101}, "column 'sku': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is longer"),
    ],
)
def test_a_wrong_cell_is_named_with_row_and_column(cells: dict[str, str], words: str) -> None:
    assert words in words_of(sheet(row("A", **cells)))


def test_an_hour_that_clocks_skipped_is_no_time() -> None:
    words = words_of(sheet(row(at="2026-03-29T01:30")), plain('[time]\nzone = "Europe/London"'))

    assert "'2026-03-29T01:30' does not exist in Europe/London" in words


def test_one_wrong_cell_keeps_its_whole_order_out_and_all_its_problems_are_told() -> None:
    rows = (row("A"), row("B", qty="x"), row("B"), row("B", price="y"), row("C"))

    outcomes = read(sheet(*rows))

    (bad,) = unreadable(outcomes)
    assert [order.external_id for order in orders(outcomes)] == ["A", "C"]
    assert (bad.external_id, bad.source.first_row, bad.source.last_row) == ("B", 3, 5)
    assert bad.tally == RowTally(quarantined=3)
    assert [(problem.row, problem.column) for problem in bad.problems] == [(3, "qty"), (5, "price")]


def test_rows_in_quarantine_are_a_file_that_can_be_mended_and_read() -> None:
    (bad,) = unreadable(read(sheet(row("A"), row("B", qty="x"))))

    mended = "\n".join((bad.header, *bad.raw)).replace(",x,", ",4,")

    assert order_of(mended.encode()).lines[0].quantity == 4


def test_two_currencies_in_one_order_are_named_with_both_rows() -> None:
    assert words_of(sheet(row("A"), row("A", currency="EUR"))) == (
        "orders.csv, row 3, column 'currency': This row says 'EUR', but row 2 of the same order "
        "says 'GBP'. Correct one of them, or give the rows ids of their own if they are two orders."
    )


def test_an_id_that_comes_again_later_is_never_a_second_order() -> None:
    outcomes = read(sheet(row("A"), row("B"), row("A", sku="TEA")))

    assert [order.external_id for order in orders(outcomes)] == ["A", "B"]
    assert unreadable(outcomes)[0].words.startswith(
        "orders.csv, row 4, column 'order': Order 'A' already stood at row 2, with other orders "
        "between."
    )


def test_rows_of_other_orders_may_stand_between_where_the_mapping_says_so() -> None:
    rows = (row("A"), row("B"), row("B"), row("A", sku="TEA"), row("C"))
    layout = plain("[file]\ngather_within_rows = 2")

    outcomes = read(sheet(*rows), layout)

    assert not unreadable(outcomes)
    assert [(order.external_id, len(order.lines)) for order in orders(outcomes)] == [
        ("A", 2),
        ("B", 2),
        ("C", 1),
    ]


def test_an_order_without_end_stays_out_and_memory_stays_small() -> None:
    rows = [row("A")] * (ORDER_ROWS_MAX + 5) + [row("B")]

    outcomes = read(sheet(*rows))

    assert [order.external_id for order in orders(outcomes)] == ["B"]
    assert [bad.code for bad in unreadable(outcomes)] == [
        "order.too_many_rows",
        "order.id_repeated",
    ]
    assert sum(bad.source.rows for bad in unreadable(outcomes)) == ORDER_ROWS_MAX + 5


def test_a_line_of_ten_megabytes_is_one_row_in_quarantine() -> None:
    long = "X," + "y" * 10_000_000

    outcomes = read(sheet(row("A"), long, row("B")))

    (bad,) = unreadable(outcomes)
    assert [order.external_id for order in orders(outcomes)] == ["A", "B"]
    assert "row 3: This row is longer than 128 KiB." in bad.words
    assert len(bad.raw[0]) + bad.left_out == len(long) + 1  # and its line end
    assert len(bad.raw[0]) == KEPT_BYTES


@pytest.mark.parametrize(
    "junk", [b"\x00\x01\x02\x03", b"\xff\xfe\x80,,,,,,", b"\x1f\x8b\x08\x00junk"]
)
def test_binary_junk_is_kept_out_and_kept(junk: bytes) -> None:
    content = sheet(row("A"), row("A", sku="TEA"), row("B"))
    lines = content.splitlines(keepends=True)

    outcomes = read(b"".join([*lines[:2], junk + b"\n", *lines[2:]]))

    (bad,) = unreadable(outcomes)
    assert [(order.external_id, len(order.lines)) for order in orders(outcomes)] == [
        ("A", 2),
        ("B", 1),
    ]
    assert (bad.source.first_row, bad.source.rows) == (3, 1)
    assert "\\x" in bad.raw[0]
    assert "\0" not in bad.raw[0]


def test_a_nul_in_a_cell_keeps_its_order_out() -> None:
    outcomes = read(sheet(row("A"), row("B", sku="M\0UG")))

    assert [order.external_id for order in orders(outcomes)] == ["A"]
    assert unreadable(outcomes)[0].code == "row.binary"


def test_a_row_with_a_cell_too_many_keeps_its_order_out() -> None:
    outcomes = read(sheet(row("A"), row("B") + ",extra", row("B"), row("C")))

    assert [order.external_id for order in orders(outcomes)] == ["A", "C"]
    assert "row 3: The header names 7 cells, this row has 8." in unreadable(outcomes)[0].words


def test_a_row_too_short_to_name_its_order_says_which_it_follows() -> None:
    good = "MUG,A,2026-11-21T10:00Z,GBP,1,2.50,GB"

    words = words_of(sheet(good, "TEA", good, header="sku,order,at,currency,qty,price,country"))

    assert "The header names 7 cells, this row has 1." in words
    assert "It follows a row of order 'A'." in words


def test_a_row_without_an_id_is_no_order() -> None:
    outcomes = read(sheet(row("A"), row(""), row("B")))

    assert [order.external_id for order in orders(outcomes)] == ["A", "B"]
    assert unreadable(outcomes)[0].code == "row.no_order_id"


def test_a_quote_that_is_never_closed_spoils_its_row_alone() -> None:
    outcomes = read(sheet(row("A"), row("B", sku='"MUG'), row("C"), row("D", sku='"TEA"')))

    (bad,) = unreadable(outcomes)
    assert [order.external_id for order in orders(outcomes)] == ["A", "C", "D"]
    assert bad.words.startswith(
        "orders.csv, row 3: A quotation mark opened in this row is not closed properly."
    )


def test_an_open_quote_far_from_any_other_loses_no_row() -> None:
    rows = [row(f"N{n}") for n in range(RECORD_LINES_MAX * 3)]

    outcomes = read(sheet(row("A", sku='"MUG'), *rows))

    assert [order.external_id for order in orders(outcomes)] == [f"N{n}" for n in range(300)]
    assert [bad.source.first_row for bad in unreadable(outcomes)] == [2]


def test_a_quoted_cell_may_hold_line_ends_and_rows_keep_their_line_numbers() -> None:
    outcomes = read(sheet(row("A", sku='"MUG\nblue, ""big"""'), row("B", qty="x")))

    assert orders(outcomes)[0].lines[0].sku == 'MUG\nblue, "big"'
    assert unreadable(outcomes)[0].source.first_row == 4


def test_line_ids_that_repeat_and_totals_that_differ_are_told() -> None:
    layout = parse(PLAIN.replace("[line]", 'total = "total"\n[line]\nid = "line"'))
    header = HEADER + ",line,total"

    repeated = words_of(sheet(row() + ",7,5.00", row() + ",7,", header=header), layout)
    differs = words_of(sheet(row() + ",7,2.51", header=header), layout)

    assert "row 3, column 'line': Line '7' stands in this order already." in repeated
    assert "column 'total': The rows add up to 2.50, but the order's total says 2.51." in differs


def test_a_discount_larger_than_the_goods_is_told() -> None:
    layout = plain('[[rules]]\nwhen = {column="sku", is=["OFF"]}\nrow = "discount"')

    words = words_of(sheet(row(price="2.00"), row(sku="OFF", price="3.00")), layout)

    assert "The discount is larger than what it is taken from." in words


@pytest.mark.parametrize(
    "line", ["[1, 2]", '"text"', "{", '{"a": ' * 5000, '{"order": "\\ud800"}', "nul"]
)
def test_a_line_that_is_no_object_spoils_its_row_alone(line: str) -> None:
    good = '{"order": "%s", "at": "2026-11-21", "sku": "M", "qty": 1, "price": 1}\n'

    outcomes = read((good % "A" + line + "\n" + good % "B").encode(), JSON)

    assert [order.external_id for order in orders(outcomes)] == ["A", "B"]
    assert unreadable(outcomes)[0].words.startswith("orders.csv, row 2: This row is not a JSON")


def test_control_characters_written_as_escapes_are_binary_too() -> None:
    usual = '"at": "2026-11-21T10:00Z", "qty": 1, "price": 1'
    rows = (
        f'"order": "A", {usual}, "sku": "M\\u0000G"',
        f'"order": "B", {usual}, "sku": "\\u00c9"',
    )

    outcomes = read("".join(f"{{{text}}}\n" for text in rows).encode(), JSON)

    (bad,), (good,) = unreadable(outcomes), orders(outcomes)
    assert "row 1: This row holds control characters" in bad.words
    assert good.lines[0].sku == "É"
