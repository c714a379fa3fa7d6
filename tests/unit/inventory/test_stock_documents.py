"""Receipts, adjustments and stock reports: what they may say and what they do."""

import pytest

from oms.inventory.documents import model
from oms.inventory.documents.model import (
    Adjustment,
    Decided,
    DocumentKind,
    Facts,
    Receipt,
    ReceiptLine,
    SetLevels,
    StockCommand,
)
from oms.kernel.errors import Invalid, Refused
from oms.ledger.model import Account
from tests.unit.inventory.test_promising import node

FACTS = Facts({"nod_a": node("nod_a")}, {"mug", "cup"}, "GBP")
AT_A = ("mug", "nod_a")


def wrong_fields(command: StockCommand, facts: Facts = FACTS) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        model.checked(command, facts)
    return refusal.value.fields


def flows(decided: Decided) -> list[tuple[str, int, Account, Account]]:
    return [(m.item_id, m.quantity, m.source.account, m.target.account) for m in decided.movements]


def test_a_receipt_names_every_field_that_is_wrong() -> None:
    receipt = Receipt(
        node_id="nod_x",
        currency="EUR",
        lines=(ReceiptLine("mug", 0), ReceiptLine("bundle", 1, -5)),
    )

    assert wrong_fields(receipt) == {
        "node_id": "there is no node 'nod_x'",
        "currency": "stock is kept in GBP: convert the costs to it",
        "lines[0].units": "must be at least 1",
        "lines[1].unit_cost_minor": "must not be negative",
        "lines[1].item_id": "'bundle' is no item that lies on shelves",
    }


def test_the_first_receipt_chooses_the_currency_of_the_books() -> None:
    receipt = Receipt(node_id="nod_a", currency="IDR", lines=(ReceiptLine("mug", 1),))
    facts = Facts(FACTS.nodes, FACTS.stock_items, "")

    assert model.checked(receipt, facts).id == "nod_a"
    assert "currency" in wrong_fields(
        Receipt(node_id="nod_a", currency="??", lines=receipt.lines), facts
    )


def test_a_document_has_lines() -> None:
    assert "lines" in wrong_fields(Receipt(node_id="nod_a", currency="GBP", lines=()))
    assert "levels" in wrong_fields(SetLevels(node_id="nod_a", levels=()))


def test_an_adjustment_says_why_and_changes_something() -> None:
    adjustment = Adjustment(node_id="nod_a", reason=" ", lines=(("mug", 0),))

    assert set(wrong_fields(adjustment)) == {"reason", "lines[0].delta"}


def test_a_level_stands_once_and_is_not_negative() -> None:
    report = SetLevels(node_id="nod_a", levels=(("mug", -1), ("mug", 2)))

    assert set(wrong_fields(report)) == {"levels[0].on_hand", "levels[1].item_id"}


def test_missing_units_leave_the_free_shelf_and_found_ones_come_to_it() -> None:
    adjustment = Adjustment(node_id="nod_a", reason="count", lines=(("mug", -2), ("cup", 3)))

    decided = model.decide_adjustment(adjustment, "adj_1", {AT_A: 2})

    assert flows(decided) == [
        ("mug", 2, Account.AVAILABLE, Account.VARIANCE),
        ("cup", 3, Account.VARIANCE, Account.AVAILABLE),
    ]
    assert decided.change == {"mug": -2, "cup": 3}


def test_more_cannot_be_missing_than_is_free() -> None:
    adjustment = Adjustment(node_id="nod_a", reason="count", lines=(("mug", -2), ("mug", -1)))

    with pytest.raises(Refused) as refusal:
        model.decide_adjustment(adjustment, "adj_1", {AT_A: 2})

    assert refusal.value.code == "stock.insufficient"
    assert refusal.value.fields == {"mug": "1 more than are free"}


@pytest.mark.parametrize(
    ("level", "shelf", "outcome"),
    [
        # level · (free, on hand) · (change of the free shelf, claimed)
        (10, (10, 10), (0, 0)),
        (12, (10, 10), (2, 0)),
        (7, (10, 10), (-3, 0)),
        (7, (2, 10), (-2, 1)),
        (0, (0, 4), (0, 4)),
        (0, (0, 0), (0, 0)),
    ],
)
def test_a_report_changes_the_free_shelf_and_leaves_what_orders_hold(
    level: int, shelf: tuple[int, int], outcome: tuple[int, int]
) -> None:
    report = SetLevels(node_id="nod_a", levels=(("mug", level),))

    decided = model.decide_levels(report, "lvl_1", {AT_A: shelf[0]}, {AT_A: shelf[1]})

    assert (decided.change["mug"], dict(decided.claimed).get("mug", 0)) == outcome


def test_the_same_document_twice_is_one_and_another_under_its_name_is_refused() -> None:
    receipt = Receipt(
        node_id="nod_a", currency="GBP", reference="PO-1", lines=(ReceiptLine("mug", 1),)
    )
    other = Receipt(
        node_id="nod_a", currency="GBP", reference="PO-1", lines=(ReceiptLine("mug", 2),)
    )
    kept = model.document(receipt, "rcp_1", 5)

    assert kept.kind is DocumentKind.RECEIPT
    assert model.expect_same(kept, receipt) == kept
    with pytest.raises(Refused, match="'PO-1'"):
        model.expect_same(kept, other)
