"""Whatever bytes are in a file, reading them ends: with outcomes for every row, or in words."""

import gzip
import json

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.contract.errors import Unreadable
from connectors.contract.files import FileOutcome, ReadMessage
from connectors.contract.messages import ChannelOrder, order_total_minor
from connectors.marketplace.flat_file.layout import Layout
from tests.unit.connectors.sheets import HEADER, plain, read, row, sheet

CSV = plain(
    """
[file]
gather_within_rows = 1
[[rules]]
when = { column = "qty", below = 0 }
row = "return_line"
"""
)
JSON = plain('[file]\nformat = "jsonl"')
CP1252 = plain('[file]\nfallback_encoding = "cp1252"')

cells = st.one_of(
    st.sampled_from(["", "A", "B", "1", "-1", "2.5", "GBP", "GB", "2026-11-21", '"', "9" * 30]),
    st.text(max_size=12),
)
rows = st.lists(cells, max_size=9).map(",".join).map(lambda text: text.encode("utf-8", "replace"))
good_rows = st.sampled_from("ABC").map(row).map(str.encode)
junk = st.binary(max_size=40)
lines = st.lists(st.one_of(rows, good_rows, junk), max_size=12).map(b"\n".join)


def checked(content: bytes, layout: Layout) -> list[FileOutcome]:
    """What comes out, with what must hold for any file."""
    try:
        outcomes = read(content, layout)
    except Unreadable:
        return []
    for outcome in outcomes:
        if not isinstance(outcome, ReadMessage):
            assert outcome.words
            outcome.words.encode()
            assert "\0" not in "".join(outcome.raw)
        elif isinstance(outcome.message, ChannelOrder):
            assert order_total_minor(outcome.message) >= 0
            assert all(line.quantity > 0 for line in outcome.message.lines)
    return outcomes


@given(junk)
@example(b"\x1f\x8b")
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf")
@example(b"\x1f\x8b\x08\x00" + bytes(20))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    for layout in (CSV, JSON):
        checked(content, layout)


@given(lines)
@example(b'A,"\n\n",')
@example(b"\r\r\n\n\r")
@example(b"A," * 60_000)
def test_any_rows_under_a_good_header_are_all_accounted_for(body: bytes) -> None:
    content = HEADER.encode() + b"\n" + body

    for layout in (CSV, CP1252):
        outcomes = checked(content, layout)
        for at, outcome in enumerate(outcomes):
            assert read(content, layout, start=outcome.cursor) == outcomes[at + 1 :]


@given(st.lists(st.sampled_from("ABCDEF").map(row), max_size=20), st.integers(0, 10))
def test_no_row_is_lost_or_doubled(good: list[str], broken: int) -> None:
    body = [*good[:broken], "no,row", *good[broken:]]

    outcomes = checked(sheet(*body), CSV)

    assert sum(outcome.source.rows for outcome in outcomes) == len(body)
    assert sum(outcome.tally.rows for outcome in outcomes) == len(body)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.sampled_from(HEADER.split(",")), values), max_size=5))
def test_any_objects_are_read_or_kept_out(objects: list[dict[str, object]]) -> None:
    good = {"order": "A", "at": "2026-11-21", "currency": "GBP", "sku": "M", "qty": 1, "price": 1}
    content = "".join(json.dumps(each) + "\n" for each in (good, *objects))

    outcomes = checked(content.encode(), JSON)

    assert sum(outcome.source.rows for outcome in outcomes) == len(objects) + 1


@given(lines, st.integers(min_value=1))
def test_a_gzip_file_may_be_cut_anywhere(body: bytes, at: int) -> None:
    whole = gzip.compress(HEADER.encode() + b"\n" + body, mtime=0)

    checked(whole[: at % len(whole)], CSV)
    checked(whole[: at % len(whole)] + body, CSV)
