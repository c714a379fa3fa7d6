"""The rules of posting: what accounts.toml says is what entries do."""

import pytest

from oms.ledger import posting
from oms.ledger.model import Posting

CHART = """
[accounts]
"Assets:Till" = "coins"
"Income:Sales" = "goods"
"Income:Tips" = "thanks"

[rules.sale]
words = "sold"
debit."Assets:Till" = ["goods", "tip"]
credit."Income:Sales" = ["goods"]
credit."Income:Tips" = ["tip"]
"""


def test_an_invoice_debits_the_customer_with_everything_and_credits_each_part() -> None:
    entry = posting.entry("invoice", {"goods": 1000, "charges": 250, "tax": 200}, "GBP")

    assert entry.postings == (
        Posting("Assets:Receivable", 1450),
        Posting("Income:Sales", -1000),
        Posting("Income:Charges", -250),
        Posting("Liabilities:Tax", -200),
    )


def test_an_amount_of_zero_leaves_no_posting() -> None:
    entry = posting.entry("invoice", {"goods": 1000, "tax": 0}, "GBP")

    assert [p.account for p in entry.postings] == ["Assets:Receivable", "Income:Sales"]


def test_a_negative_amount_turns_the_entry_around() -> None:
    lost = posting.entry("stock_lost", {"cost": 5}, "GBP")
    found = posting.entry("stock_lost", {"cost": -5}, "GBP")

    assert [-p.amount_minor for p in lost.postings] == [p.amount_minor for p in found.postings]


def test_the_tender_names_the_account_the_money_waits_in() -> None:
    entry = posting.entry(
        "payment_received", {"amount": 700}, "IDR", tender="paid_on_channel", order_id="ord_1"
    )

    assert entry.postings[0] == Posting("Assets:Clearing:PaidOnChannel", 700)
    assert entry.order_id == "ord_1"


@pytest.mark.parametrize("rule", sorted(posting.chart().rules))
def test_every_rule_balances_whatever_its_amounts_are(rule: str) -> None:
    amounts = {name: 10**n for n, name in enumerate(sorted(posting.chart().rules[rule].amounts))}

    entry = posting.entry(rule, amounts, "GBP", tender="card")

    assert sum(p.amount_minor for p in entry.postings) == 0
    assert entry.postings


def test_every_account_of_the_chart_is_used_by_a_rule() -> None:
    chart = posting.chart()

    assert {account for r in chart.rules.values() for account, _, _ in r.lines()} == set(
        chart.accounts
    )


def test_an_amount_the_rule_does_not_know_is_a_bug() -> None:
    with pytest.raises(ValueError, match="rule 'invoice' has no amounts \\['gods'\\]"):
        posting.entry("invoice", {"gods": 1}, "GBP")


def test_a_placeholder_without_a_value_is_a_bug() -> None:
    with pytest.raises(KeyError, match="tender"):
        posting.entry("payment_received", {"amount": 1}, "GBP")


def test_a_chart_may_be_another_one() -> None:
    chart = posting.read_chart(CHART)

    assert chart.rules["sale"].amounts == {"goods", "tip"}


@pytest.mark.parametrize(
    ("line", "instead", "words"),
    [
        ('credit."Income:Tips" = ["tip"]', "", "once in debit and once in credit"),
        ('["goods", "tip"]', '["goods", "tip", "tip"]', "once in debit and once in credit"),
        ('"Income:Tips" = "thanks"', "", "unknown accounts \\['Income:Tips'\\]"),
        ('"Assets:Till" = "coins"', '"till" = "coins"', "'till' is not a name of an account"),
    ],
)
def test_a_chart_with_a_hole_is_refused_when_read(line: str, instead: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        posting.read_chart(CHART.replace(line, instead, 1))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("paid_on_channel", "PaidOnChannel"),
        ("cod", "Cod"),
        ("Gopay / OVO", "GopayOVO"),
        ("", "None"),
        ("—", "None"),
    ],
)
def test_any_text_becomes_a_part_of_an_account(text: str, part: str) -> None:
    assert posting.account_part(text) == part
