"""The journal: double entry, balanced in one currency or refused. It knows no rules of posting."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from oms.kernel.errors import Invalid
from oms.ledger.model import Entry
from oms.ledger.tables import journal_balance, journal_entry, journal_posting
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

ENTRY_COUNTER: Final = "journal_entry"


_KEYS: Final = ParameterRows("wanted", account=sa.Text, currency=sa.Text)
_LOCK = (
    sa.select(journal_balance.c.account, journal_balance.c.currency, journal_balance.c.amount_minor)
    .select_from(
        _KEYS.source.join(
            journal_balance,
            sa.and_(
                journal_balance.c.account == _KEYS.c.account,
                journal_balance.c.currency == _KEYS.c.currency,
            ),
        )
    )
    .order_by(journal_balance.c.account, journal_balance.c.currency)
    .with_for_update(of=journal_balance)
)
_ALL = sa.select(
    journal_balance.c.account, journal_balance.c.currency, journal_balance.c.amount_minor
).order_by(journal_balance.c.account, journal_balance.c.currency)


def post(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Write entries and what they do to the balances; entries without postings say nothing.

    `Invalid` if debits and credits of one are not equal: then none of them is written.
    """
    telling = [entry for entry in entries if entry.postings]
    for entry in telling:
        _expect_balanced(entry)
    if not telling:
        return
    first = tx.next_numbers(ENTRY_COUNTER, len(telling)).start
    _change_balances(tx, telling)
    tx.insert(
        journal_entry,
        [_entry_row(first + offset, entry, tx.now_ms) for offset, entry in enumerate(telling)],
    )
    tx.insert(
        journal_posting,
        [
            {
                "entry_id": first + offset,
                "position": position,
                "account": posting.account,
                "amount_minor": posting.amount_minor,
            }
            for offset, entry in enumerate(telling)
            for position, posting in enumerate(entry.postings)
        ],
    )


def balances(reader: Reader) -> dict[tuple[str, str], int]:
    """Amount in minor units by (account, currency)."""
    return {(account, currency): amount for account, currency, amount in reader.fetch(_ALL)}


def rebuild(tx: Transaction) -> None:
    """Make all balances anew from the postings: for a database that was changed behind our back."""
    if tx.dialect == "postgresql":  # SQLite has one writer anyway
        tx.connection.exec_driver_sql("LOCK TABLE journal_balance IN SHARE ROW EXCLUSIVE MODE")
    tx.run(sa.delete(journal_balance))
    tx.run(_REBUILD)


def _change_balances(tx: Transaction, entries: Sequence[Entry]) -> None:
    changes: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        for posting in entry.postings:
            changes[posting.account, entry.currency] += posting.amount_minor
    keys = sorted(changes)
    before = _lock(tx, keys)
    new = [key for key in keys if key not in before]
    if new:
        rows = [{"account": a, "currency": c, "amount_minor": 0} for a, c in new]
        tx.insert_new(journal_balance, rows)
        before |= _lock(tx, new)  # somebody else may have made them a moment ago, and filled them
    rows = [
        {"account": a, "currency": c, "amount_minor": before[a, c] + changes[a, c]} for a, c in keys
    ]
    tx.update(journal_balance, rows, ("account", "currency"))


def _lock(tx: Transaction, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    return {(a, c): amount for a, c, amount in tx.fetch(_LOCK, _KEYS(keys))}


def _expect_balanced(entry: Entry) -> None:
    difference = sum(posting.amount_minor for posting in entry.postings)
    if difference:
        raise Invalid(
            "journal.unbalanced",
            f"Debits and credits of '{entry.rule}' differ by {difference} minor units "
            f"of {entry.currency}.",
            "Correct the amounts: a journal entry must sum to zero.",
            {posting.account: str(posting.amount_minor) for posting in entry.postings},
        )


def _entry_row(number: int, entry: Entry, at_ms: int) -> dict[str, object]:
    return {
        "id": number,
        "at_ms": at_ms,
        "rule": entry.rule,
        "currency": entry.currency,
        "order_id": entry.order_id,
        "document_id": entry.document_id,
        "memo": entry.memo,
    }


_REBUILD = sa.insert(journal_balance).from_select(
    ["account", "currency", "amount_minor"],
    sa.select(
        journal_posting.c.account,
        journal_entry.c.currency,
        sa.cast(sa.func.sum(journal_posting.c.amount_minor), sa.BigInteger),
    )
    .join_from(journal_posting, journal_entry, journal_posting.c.entry_id == journal_entry.c.id)
    .group_by(journal_posting.c.account, journal_entry.c.currency),
)
