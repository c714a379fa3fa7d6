"""What others sent us, kept raw before it is understood, once per sender and message id.

Whoever understands a message marks it handled in the transaction of what it meant. Knows no
channel and no format.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.clock import DAY_MS
from oms.platform.database import metadata
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

KEPT_MS: Final = 90 * DAY_MS  # long enough to settle a dispute about what was sent
WORDS_MAX: Final = 500

inbox_table = sa.Table(
    "inbox",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("received_at_ms", sa.BigInteger, nullable=False),
    sa.Column("handled_at_ms", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("channel_id", "external_id"),
    sa.Index(
        "ix_inbox_unhandled",
        "kind",
        "id",
        postgresql_where=sa.text("handled_at_ms IS NULL"),
        sqlite_where=sa.text("handled_at_ms IS NULL"),
    ),
)

_IDS: Final = ParameterRows("wanted", id=sa.BigInteger)
_is_wanted = sa.exists().select_from(_IDS.source).where(inbox_table.c.id == _IDS.c.id)
_TAKE = (
    sa.select(inbox_table)
    .where(
        inbox_table.c.handled_at_ms.is_(None),
        inbox_table.c.kind == sa.bindparam("kind"),
        inbox_table.c.id > sa.bindparam("after_id"),
    )
    .order_by(inbox_table.c.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_READ = sa.select(inbox_table).where(_is_wanted).order_by(inbox_table.c.id)
_HANDLED = (
    sa.update(inbox_table)
    .where(_is_wanted)
    .values(handled_at_ms=sa.bindparam("now_ms"), last_error="")
)
_REPLAY = (
    sa.update(inbox_table).where(_is_wanted).values(handled_at_ms=None, attempts=0, last_error="")
)
_FAILED = (
    sa.update(inbox_table)
    .where(inbox_table.c.id == sa.bindparam("message_id"))
    .values(attempts=inbox_table.c.attempts + 1, last_error=sa.bindparam("words"))
)
_FORGET = sa.delete(inbox_table).where(
    inbox_table.c.handled_at_ms.is_not(None),
    inbox_table.c.received_at_ms < sa.bindparam("before_ms"),
)
_COUNT_UNHANDLED = sa.select(sa.func.count()).where(inbox_table.c.handled_at_ms.is_(None))


class Message(msgspec.Struct, frozen=True):
    """Something received: from whom, its id there, what kind of thing, its bytes as they came."""

    channel_id: str
    external_id: str
    kind: str
    body: bytes


class Received(msgspec.Struct, frozen=True):
    """A message as kept. `attempts` counts the times it could not be handled."""

    id: int
    message: Message
    received_at_ms: int
    handled_at_ms: int | None
    attempts: int
    last_error: str


def store(tx: Transaction, messages: Sequence[Message]) -> int:
    """Keep messages; those whose channel and id are known are dropped. Answers how many are new."""
    rows = [msgspec.structs.asdict(each) | {"received_at_ms": tx.now_ms} for each in messages]
    return tx.insert_new(inbox_table, rows)


def take(tx: Transaction, kind: str, limit: int, after_id: int = 0) -> list[Received]:
    """Lock unhandled messages of a kind, oldest first, that no other worker has."""
    found = tx.fetch(_TAKE, kind=kind, after_id=after_id, limit=limit)
    return [_received(row) for row in found]


def read(reader: Reader, ids: Iterable[int]) -> list[Received]:
    """Messages by id, oldest first; unknown ids are left out."""
    return [_received(row) for row in reader.fetch(_READ, _IDS([(id_,) for id_ in ids]))]


def handled(tx: Transaction, ids: Iterable[int]) -> None:
    """Mark messages as done, in the transaction of what they meant."""
    tx.run(_HANDLED, _IDS([(id_,) for id_ in ids]), now_ms=tx.now_ms)


def failed(tx: Transaction, id_: int, words: str) -> None:
    """Note why a message could not be handled; it stays unhandled."""
    tx.run(_FAILED, message_id=id_, words=words[:WORDS_MAX])


def replay(tx: Transaction, ids: Iterable[int]) -> int:
    """Have messages handled again. Answers how many there are."""
    return tx.run(_REPLAY, _IDS([(id_,) for id_ in ids]))


def forget(tx: Transaction) -> int:
    """Remove handled messages older than `KEPT_MS`; answers how many."""
    return tx.run(_FORGET, before_ms=tx.now_ms - KEPT_MS)


def unhandled(reader: Reader) -> int:
    """How many messages wait to be understood."""
    return int(reader.fetch(_COUNT_UNHANDLED)[0][0])


def _received(row: sa.Row[Any]) -> Received:
    return Received(
        id=row.id,
        message=Message(row.channel_id, row.external_id, row.kind, bytes(row.body)),
        received_at_ms=row.received_at_ms,
        handled_at_ms=row.handled_at_ms,
        attempts=row.attempts,
        last_error=row.last_error,
    )
