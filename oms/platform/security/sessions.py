"""People who signed in: a random token in their browser, of which only a hash is kept here."""

import secrets
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from oms.kernel.clock import DAY_MS, HOUR_MS, MINUTE_MS
from oms.platform.database import metadata
from oms.platform.security import users
from oms.platform.security.users import User, user_table
from oms.platform.transaction import Reader, Transaction

TOKEN_BYTES: Final = 24
IDLE_MS: Final = 12 * HOUR_MS  # longer than a shift with its breaks
LIFE_MS: Final = 14 * DAY_MS  # then one signs in again, however busy
SEEN_EVERY_MS: Final = 5 * MINUTE_MS  # a session that was seen just now is not written again

session_table = sa.Table(
    "web_session",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("began_at_ms", sa.BigInteger, nullable=False),
    sa.Column("seen_at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_web_session_seen_at_ms", "seen_at_ms"),
)

_BY_TOKEN = (
    sa.select(user_table, session_table.c.seen_at_ms)
    .select_from(session_table.join(user_table, user_table.c.id == session_table.c.user_id))
    .where(
        session_table.c.token_hash == sa.bindparam("token_hash"),
        session_table.c.seen_at_ms > sa.bindparam("seen_after_ms"),
        session_table.c.began_at_ms > sa.bindparam("began_after_ms"),
        session_table.c.began_at_ms >= user_table.c.password_set_at_ms,
        user_table.c.active,
    )
)
_REAP = sa.delete(session_table).where(session_table.c.seen_at_ms <= sa.bindparam("before_ms"))


def begin(tx: Transaction, user_id: str) -> str:
    """Let a person in whose password was right; the answer is what their browser keeps."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"user_id": user_id, "began_at_ms": tx.now_ms, "seen_at_ms": tx.now_ms}
    tx.insert(session_table, [{"token_hash": _hash(token), **row}])
    return token


def find(reader: Reader, token: str) -> tuple[User, bool] | None:
    """Who has this token, and whether it is time to call `seen`.

    None when the session ended, lay idle for too long, or is from before the last change of the
    password, or when the account was closed.
    """
    row = reader.fetch_one(
        _BY_TOKEN,
        token_hash=_hash(token),
        seen_after_ms=reader.now_ms - IDLE_MS,
        began_after_ms=reader.now_ms - LIFE_MS,
    )
    if row is None:
        return None
    return users.from_row(row), row.seen_at_ms + SEEN_EVERY_MS <= reader.now_ms


def seen(tx: Transaction, token: str) -> None:
    """Note that somebody works with this session."""
    row = {"token_hash": _hash(token), "seen_at_ms": tx.now_ms}
    tx.update(session_table, [row], keys=("token_hash",))


def end(tx: Transaction, token: str) -> None:
    """Sign out; an unknown token is no mistake."""
    tx.delete(session_table, [{"token_hash": _hash(token)}])


def reap(tx: Transaction) -> int:
    """Forget sessions that nobody can go on with; returns how many."""
    return tx.run(_REAP, before_ms=tx.now_ms - IDLE_MS)


def _hash(token: str) -> str:
    # 192 random bits need no slow hash: nobody can try them all.
    return sha256(token.encode(errors="replace")).hexdigest()
