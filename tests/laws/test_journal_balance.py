"""Whatever amounts a rule is given, debits equal credits, and the balances are their sums."""

from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.ledger import journal, posting
from oms.ledger.model import Entry
from tests.integration.inventory import shelves as stock_room
from tests.integration.inventory.shelves import Shelves
from tests.services.databases import SqliteDatabases

amounts = st.integers(-(10**12), 10**12)
currencies = st.sampled_from(["GBP", "IDR", "JPY"])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    name, rule = draw(st.sampled_from(sorted(posting.chart().rules.items())))
    given_amounts = {amount: draw(amounts) for amount in sorted(rule.amounts)}
    return posting.entry(name, given_amounts, draw(currencies), tender="card")


@given(entries())
def test_every_entry_sums_to_zero(entry: Entry) -> None:
    assert sum(p.amount_minor for p in entry.postings) == 0
    assert all(p.amount_minor for p in entry.postings)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(entries(), max_size=8), max_size=6))
def test_balances_are_the_sums_of_postings(tmp_path: Path, batches: list[list[Entry]]) -> None:
    databases = SqliteDatabases(tmp_path)
    room = Shelves(databases.copy_of("room", stock_room.prepare))
    sums: Counter[tuple[str, str]] = Counter()

    for batch in batches:
        with room.uow.begin() as tx:
            journal.post(tx, batch)
        for entry in batch:
            for each in entry.postings:
                sums[each.account, entry.currency] += each.amount_minor

    with room.uow.read() as reader:
        kept = journal.balances(reader)
    broken = [outcome.check.name for outcome in room.broken()]
    room.database.close()
    assert {key: amount for key, amount in kept.items() if amount} == {
        key: amount for key, amount in sums.items() if amount
    }
    assert [name for name in broken if name != "inventory_value"] == []
