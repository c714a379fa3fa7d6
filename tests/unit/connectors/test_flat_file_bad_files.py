"""A file that cannot be read is refused in words; of a broken one the good part goes in."""

import codecs
import gzip
from collections.abc import Callable

import pytest

from connectors.contract.errors import Unreadable
from tests.unit.connectors.sheets import (
    HEADER,
    order_of,
    orders,
    plain,
    read,
    row,
    sheet,
    unreadable,
)

JSON = plain('[file]\nformat = "jsonl"')


def test_missing_columns_are_named_with_those_the_file_has() -> None:
    with pytest.raises(Unreadable) as refused:
        read(sheet(header="order,at,qty"))

    assert refused.value.code == "file.columns_missing"
    assert refused.value.sentence == (
        "orders.csv, row 1: the mapping needs columns that are not there: "
        "currency, sku, price, country. The file has: order, at, qty."
    )


def test_a_file_with_another_delimiter_is_told_which() -> None:
    with pytest.raises(Unreadable) as refused:
        read(HEADER.replace(",", ";").encode())

    assert refused.value.remedy == "The header holds ';': set it as the delimiter in the mapping."


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(Unreadable, match="column 'sku' stands there more than once"):
        read(sheet(header=HEADER + ",sku"))


@pytest.mark.parametrize("content", [b"", b"\n\n \n", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_said_to_be_empty(content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)

    assert refused.value.code == "file.empty"


def test_a_header_alone_is_a_file_without_orders() -> None:
    assert read(sheet()) == []


@pytest.mark.parametrize(
    ("begins", "is_said"),
    [(b"PK\x03\x04rest", "a spreadsheet or zip archive"), (b"%PDF-1.7", "a PDF")],
)
def test_what_is_no_text_is_named(begins: bytes, is_said: str) -> None:
    with pytest.raises(Unreadable, match=f"orders.csv is {is_said}, not a text file"):
        read(begins)


def test_a_json_file_without_the_needed_names_is_refused() -> None:
    with pytest.raises(Unreadable, match="needs columns that are not there: at, price, qty, sku"):
        read(b'{"order": "A", "when": 1}\n', JSON)


def test_json_lines_read_as_csv_are_told_how_to_be_read() -> None:
    with pytest.raises(Unreadable) as refused:
        read(b'{"order": "1", "sku": "MUG"}\n')

    assert 'format = "jsonl"' in refused.value.remedy


def test_a_csv_file_read_as_json_lines_is_refused() -> None:
    with pytest.raises(Unreadable, match="row 1: This row is not a JSON object"):
        read(sheet(row()), JSON)


# Encodings and compression


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: gzip.compress(text.encode()),
        lambda text: gzip.compress(text[:60].encode()) + gzip.compress(text[60:].encode()),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.rstrip("\n").encode(),
    ],
)
def test_files_are_read_as_programs_write_them(encode: Callable[[str], bytes]) -> None:
    text = sheet(row("A", sku="Größe"), row("B")).decode()

    first, second = orders(read(encode(text)))

    assert (first.lines[0].sku, second.external_id) == ("Größe", "B")


def test_a_row_in_another_encoding_keeps_its_order_out_and_no_other() -> None:
    content = sheet(row("A"), row("B", sku="Größe"), row("C")).decode().encode("cp1252")

    outcomes = read(content)

    (bad,) = unreadable(outcomes)
    assert [order.external_id for order in orders(outcomes)] == ["A", "C"]
    assert bad.external_id == "B"
    assert bad.raw == ("B,2026-11-21T10:00Z,GBP,Gr\\xf6\\xdfe,1,2.50,GB",)
    assert bad.words == (
        "orders.csv, row 3: This row is not UTF-8 text. "
        'If a Windows program wrote the file, set fallback_encoding = "cp1252".'
    )


def test_a_fallback_encoding_reads_such_rows() -> None:
    content = sheet(row("A", sku="Größe")).decode().encode("cp1252")

    order = order_of(content, plain('[file]\nfallback_encoding = "cp1252"'))

    assert order.lines[0].sku == "Größe"


def test_utf_16_without_a_mark_is_refused_with_a_hint() -> None:
    with pytest.raises(Unreadable) as refused:
        read(sheet(row()).decode().encode("utf-16-le"))

    assert "UTF-16" in refused.value.remedy


def test_broken_utf_16_spoils_its_row_alone() -> None:
    content = sheet(row("A"), row("B", sku="X"), row("C")).decode().encode("utf-16")
    at = content.index("X".encode("utf-16-le"))

    outcomes = read(content[:at] + b"\x00\xd8" + content[at + 2 :])  # half a surrogate pair

    assert [order.external_id for order in orders(outcomes)] == ["A", "C"]
    assert [bad.code for bad in unreadable(outcomes)] == ["row.encoding"]


def _cut(content: bytes, share: float) -> bytes:
    whole = gzip.compress(content, mtime=0)
    return whole[: int(len(whole) * share)]


def _many_orders(count: int) -> bytes:
    return sheet(
        *(row(f"N{n}", sku=f"{n * 7919 % 1000}-{part}") for n in range(count) for part in "ab")
    )


def test_a_file_cut_off_gives_its_whole_orders_and_says_where_it_ends() -> None:
    outcomes = read(_cut(_many_orders(200), 0.7))

    last, end = outcomes[-2:]
    good = orders(outcomes)
    assert [order.external_id for order in good] == [f"N{n}" for n in range(len(good))]
    assert {len(order.lines) for order in good} == {2}
    assert last in unreadable(outcomes)
    assert end in unreadable(outcomes)
    assert last.source.last_row + 1 == end.source.first_row
    assert end.source.rows == 0
    assert end.words.endswith(
        "The compressed file ends in the middle. "
        "Copy it again and read it again: what is already in will be recognised."
    )


def test_reading_goes_on_in_the_whole_file_where_the_cut_one_ended() -> None:
    content = _many_orders(200)
    before = read(_cut(content, 0.7))

    after = read(gzip.compress(content), start=before[-1].cursor)

    names = [order.external_id for order in (*orders(before), *orders(after))]
    assert names == [f"N{n}" for n in range(200)]


def test_a_damaged_file_gives_what_stands_before_the_damage() -> None:
    whole = bytearray(gzip.compress(_many_orders(6_000), mtime=0))
    at = len(whole) * 3 // 4
    whole[at : at + 64] = bytes(64)

    outcomes = read(bytes(whole))

    assert unreadable(outcomes)[-1].code == "file.damaged"
    assert 1_000 < len(orders(outcomes)) < 6_000
