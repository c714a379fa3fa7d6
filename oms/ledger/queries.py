"""The books as people read them: what was posted to an account, what a document did, and how an
item moved.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.ledger.model import Account
from oms.ledger.tables import goods_entry, journal_entry, journal_posting
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

PAGE_MAX: Final = 500

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_HEAD: Final = tuple(
    journal_entry.c[name]
    for name in ("id", "at_ms", "rule", "currency", "order_id", "document_id", "memo")
)
_POSTINGS: Final = (
    sa.select(*_HEAD, journal_posting.c.amount_minor)
    .join(journal_posting, journal_posting.c.entry_id == journal_entry.c.id)
    .where(
        journal_posting.c.account == sa.bindparam("account"),
        journal_entry.c.currency == sa.bindparam("currency"),
        journal_entry.c.id < sa.bindparam("before", type_=sa.BigInteger),
    )
    .order_by(journal_entry.c.id.desc(), journal_posting.c.position)
    .limit(sa.bindparam("count"))
)
_ENTRIES: Final = (
    sa.select(*_HEAD, journal_posting.c.account, journal_posting.c.amount_minor)
    .select_from(
        _WANTED.source.join(journal_entry, journal_entry.c.document_id == _WANTED.c.id).join(
            journal_posting, journal_posting.c.entry_id == journal_entry.c.id
        )
    )
    .order_by(journal_entry.c.id, journal_posting.c.position)
)
_LAST: Final = 2**62


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """An entry, as far as it concerns one account; above zero it is a debit."""

    id: int
    at_ms: int
    rule: str
    currency: str
    order_id: str
    document_id: str
    memo: str
    amount_minor: int


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its postings as (account, amount); debits are above zero."""

    id: int
    at_ms: int
    rule: str
    currency: str
    postings: tuple[tuple[str, int], ...]


def postings(reader: Reader, account: str, currency: str, span: tuple[int, int]) -> list[Posted]:
    """What was posted to an account, newest first; `span`: before this entry (0: all), so many."""
    before, count = span
    rows = reader.fetch(
        _POSTINGS,
        account=account,
        currency=currency,
        before=before or _LAST,
        count=min(count, PAGE_MAX),
    )
    return [Posted(**row._mapping) for row in rows]


def entries_about(reader: Reader, document_ids: Iterable[str]) -> list[JournalEntry]:
    """Entries that these documents caused, in the order in which they were written."""
    wanted = [(each,) for each in sorted(set(document_ids))]
    heads: dict[int, Any] = {}
    lines: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in reader.fetch(_ENTRIES, _WANTED(wanted)) if wanted else ():
        heads[row.id] = row
        lines[row.id].append((row.account, row.amount_minor))
    return [
        JournalEntry(
            id=row.id,
            at_ms=row.at_ms,
            rule=row.rule,
            currency=row.currency,
            postings=tuple(lines[row.id]),
        )
        for row in heads.values()
    ]


_ROW: Final = goods_entry.c


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one item that went from one place to another; nodes and order "" where there is
    none.
    """

    id: int
    at_ms: int
    move: str
    quantity: int
    source: Account
    source_node_id: str
    target: Account
    target_node_id: str
    order_id: str
    document_id: str


_MOVED: Final = (
    sa.select(
        _ROW.id,
        _ROW.at_ms,
        _ROW.move,
        _ROW.quantity,
        _ROW.source_account.label("source"),
        _ROW.source_node_id,
        _ROW.target_account.label("target"),
        _ROW.target_node_id,
        _ROW.order_id,
        _ROW.document_id,
    )
    .where(_ROW.item_id == sa.bindparam("item_id"))
    .order_by(_ROW.id.desc())
    .limit(sa.bindparam("count"))
)


def last_movements(reader: Reader, item_id: str, count: int) -> list[Moved]:
    """The newest movements of an item, newest first."""
    return [
        Moved(**row._asdict() | {"source": Account(row.source), "target": Account(row.target)})
        for row in reader.fetch(_MOVED, item_id=item_id, count=count)
    ]
