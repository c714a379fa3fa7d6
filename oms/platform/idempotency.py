"""One request, one effect: the answer is kept with its key in the transaction that did the work."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.clock import HOUR_MS
from oms.kernel.errors import OMSError, Refused
from oms.platform.database import metadata
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Transaction

KEPT_MS: Final = 72 * HOUR_MS  # broken on Friday, mended on Monday

idempotency_table = sa.Table(
    "idempotency",
    metadata,
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_idempotency_at_ms", "at_ms"),
)

_WANTED: Final = ParameterRows("wanted", actor=sa.Text, key=sa.Text)
_FIND = sa.select(idempotency_table).select_from(
    _WANTED.source.join(
        idempotency_table,
        sa.and_(
            idempotency_table.c.actor == _WANTED.c.actor, idempotency_table.c.key == _WANTED.c.key
        ),
    )
)
_REAP = sa.delete(idempotency_table).where(idempotency_table.c.at_ms < sa.bindparam("before_ms"))


class Key(msgspec.Struct, frozen=True):
    """A caller's name for one request; `request_hash` tells a repeat from a reuse."""

    actor: str
    key: str
    request_hash: str


class Remembered(msgspec.Struct, frozen=True):
    """The answer of an earlier request with the same key, as JSON text."""

    body: str


def request_hash(*parts: bytes) -> str:
    """A fingerprint of what was asked: method, path, body."""
    return sha256(b"\0".join(parts)).hexdigest()


def recall(tx: Transaction, keys: Sequence[Key | None], answers: list[Any]) -> list[int]:
    """Fill in `answers` known already; return the positions that are still to be worked on.

    A key that comes twice in one batch is worked on once: `remember` answers its twin.
    """
    wanted = sorted({(key.actor, key.key) for key in keys if key})
    known = (
        {(row.actor, row.key): row for row in tx.fetch(_FIND, _WANTED(wanted))} if wanted else {}
    )
    todo, first = [], dict[tuple[str, str], Key]()
    for position, key in enumerate(keys):
        if key is None:
            todo.append(position)
            continue
        name = (key.actor, key.key)
        row = known.get(name)
        if row is not None:
            same = row.request_hash == key.request_hash
            answers[position] = Remembered(row.answer) if same else _reused(key)
        elif name not in first:
            first[name] = key
            todo.append(position)
        elif first[name].request_hash != key.request_hash:
            answers[position] = _reused(key)
    return todo


def remember(
    tx: Transaction, keys: Sequence[Key | None], answers: list[Any], done: Sequence[int]
) -> None:
    """Keep the successful answers of the positions just worked on, and answer their twins."""
    fresh: dict[tuple[str, str], Remembered | OMSError] = {}
    rows = []
    for position in done:
        key, answer = keys[position], answers[position]
        if key is None:
            continue
        if isinstance(answer, OMSError):
            fresh[key.actor, key.key] = answer
            continue
        text = msgspec.json.encode(answer).decode()
        fresh[key.actor, key.key] = Remembered(text)
        rows.append(msgspec.structs.asdict(key) | {"answer": text, "at_ms": tx.now_ms})
    twins = set(range(len(keys))) - set(done)
    for position in twins:
        key = keys[position]
        if key is not None and answers[position] is None:
            answers[position] = fresh[key.actor, key.key]
    tx.insert(idempotency_table, rows)


def reap(tx: Transaction) -> int:
    """Forget answers older than `KEPT_MS`; returns how many."""
    return tx.run(_REAP, before_ms=tx.now_ms - KEPT_MS)


def _reused(key: Key) -> Refused:
    return Refused(
        "idempotency.key_reused",
        f"The Idempotency-Key '{key.key}' was used for another request.",
        "Use a new key for a new request; repeat a request with exactly the same body.",
    )
