"""H3: every event that has a price becomes a journal entry, and debits always equal credits."""

from collections import Counter

import pytest

from oms.kernel.errors import Invalid
from oms.ledger import journal
from oms.ledger.model import Entry, Posting
from tests.acceptance import year
from tests.integration.accounting.world import World

pytestmark = pytest.mark.xdist_group("year")  # dear to make: once is enough


def test_debits_equal_credits_in_every_entry_of_a_year(a_year: World) -> None:
    with a_year.uow.read() as reader:
        sums = reader.connection.exec_driver_sql(
            "SELECT sum(amount_minor) FROM journal_posting GROUP BY entry_id"
        ).all()
        balances = journal.balances(reader)

    assert len(sums) > 300
    assert {int(total) for (total,) in sums} == {0}
    assert sum(balances.values()) == 0


def test_every_kind_of_event_with_a_price_is_in_the_journal(a_year: World) -> None:
    with a_year.uow.read() as reader:
        rules = Counter(
            rule for (rule,) in reader.connection.exec_driver_sql("SELECT rule FROM journal_entry")
        )

    assert rules.keys() >= {
        *("stock_received", "payment_received", "invoice", "deposit_applied", "cost_of_goods"),
        *("credit_note", "cost_of_goods_reversed", "deposit_released", "refund_due", "refund_paid"),
    }


def test_the_years_books_are_proven(a_year: World) -> None:
    assert year.broken(a_year) == []


def test_an_entry_out_of_balance_cannot_be_written(a_year: World) -> None:
    wrong = Entry("manual", "GBP", (Posting("Income:Sales", -100), Posting("Income:Charges", 99)))

    with pytest.raises(Invalid, match="differ by -1"), a_year.uow.begin() as tx:
        journal.post(tx, [wrong])

    assert year.broken(a_year) == []
