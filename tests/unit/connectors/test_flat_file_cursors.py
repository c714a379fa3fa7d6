"""A reading that was stopped goes on exactly where it was, or says why it cannot."""

import gzip

import pytest

from connectors.contract.errors import Unreadable
from connectors.contract.files import FileOutcome, RowTally
from tests.unit.connectors.sheets import orders, plain, read, row, sheet, unreadable

GATHERED = plain(
    """
[file]
gather_within_rows = 2
[[rules]]
when = { column = "sku", is = ["JUNK"] }
row = "quarantine"
reason = "Junk."
[[rules]]
when = { column = "qty", below = 0 }
row = "return_line"
"""
)
TANGLED = sheet(
    row("A"),
    row("B"),
    row("A", sku="TEA"),
    row("C", sku="JUNK"),
    row("C"),
    row("C", qty="-1"),
    "too short",
    row("D"),
    row("A"),
    row("E", price="x"),
    row("F"),
)


def names(outcomes: list[FileOutcome]) -> list[str]:
    return [order.external_id for order in orders(outcomes)]


@pytest.mark.parametrize("content", [TANGLED, gzip.compress(TANGLED, mtime=0)])
def test_every_cursor_gives_exactly_the_rest(content: bytes) -> None:
    whole = read(content, GATHERED)

    rests = [read(content, GATHERED, start=outcome.cursor) for outcome in whole]

    assert rests == [whole[at:] for at in range(1, len(whole) + 1)]
    assert sum((outcome.tally for outcome in whole), RowTally()) == RowTally(
        order_lines=6, return_lines=1, quarantined=4
    )


def test_an_order_that_gave_two_messages_is_resumed_between_them() -> None:
    whole = read(TANGLED, GATHERED)
    at = next(i for i, outcome in enumerate(whole) if outcome in orders_of(whole, "C"))

    rest = read(TANGLED, GATHERED, start=whole[at].cursor)

    assert rest[0] == whole[at + 1]
    assert type(rest[0]).__name__ == "ReadMessage"


def orders_of(outcomes: list[FileOutcome], name: str) -> list[FileOutcome]:
    wanted = next(order for order in orders(outcomes) if order.external_id == name)
    return [outcome for outcome in outcomes if getattr(outcome, "message", None) == wanted]


def test_a_file_that_has_grown_gives_what_was_added() -> None:
    before = sheet(row("A"), row("B"))
    cursor = read(before)[-1].cursor

    rest = read(before + row("C").encode() + b"\n", start=cursor)

    assert names(rest) == ["C"]


def test_rows_added_to_an_order_that_is_in_already_are_kept_out_with_words() -> None:
    before = sheet(row("A"), row("B"))
    cursor = read(before)[-1].cursor

    rest = read(before + row("B", sku="TEA").encode() + b"\n", start=cursor)

    assert [bad.code for bad in unreadable(rest)] == ["order.id_repeated"]


@pytest.mark.parametrize(
    "changed",
    [
        sheet(row("A", price="9.99"), row("B"), row("C")),
        sheet(row("0"), row("A"), row("B"), row("C")),
        sheet(row("A")),
    ],
)
def test_a_file_that_has_changed_is_not_continued(changed: bytes) -> None:
    cursor = read(sheet(row("A"), row("B"), row("C")))[1].cursor

    with pytest.raises(Unreadable) as refused:
        read(changed, start=cursor)

    assert refused.value.code == "cursor.file_changed"


def test_another_mapping_does_not_continue_a_reading() -> None:
    cursor = read(sheet(row("A"), row("B")))[0].cursor

    with pytest.raises(Unreadable, match=r"orders\.csv: The mapping is another one now"):
        read(sheet(row("A"), row("B")), GATHERED, start=cursor)


@pytest.mark.parametrize("cursor", ["7", "1.2.3", "1.zz.1.1.1.1.m", "'; drop table", "0" * 500])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(sheet(row("A")), start=cursor)

    assert refused.value.code == "cursor.unknown"
