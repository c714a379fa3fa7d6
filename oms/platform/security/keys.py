"""Keys for programs: `oms_` + id + `_` + secret. Only a hash of the secret is kept."""

import hmac
import secrets
import threading
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.errors import NotFound, OMSError, Unauthenticated
from oms.kernel.events import SYSTEM, Cause
from oms.platform.database import metadata
from oms.platform.events import KeyIssued, KeyRevoked
from oms.platform.security.callers import EVERYWHERE, Caller, Reach, caller
from oms.platform.security.roles import expect_roles
from oms.platform.transaction import Reader, Transaction, UnitOfWork

SECRET_BYTES: Final = 20
KNOWN_FOR_S: Final = 10.0  # so long a revoked key may still work in other processes
KNOWN_MAX: Final = 10_000
_START: Final = "oms_"
_ID_START: Final = "key_"

api_key_table = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("reach", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("revoked_at_ms", sa.BigInteger),
)

_ONE = sa.select(api_key_table).where(api_key_table.c.id == sa.bindparam("key_id"))
_ALL = sa.select(api_key_table).order_by(api_key_table.c.id)
_REVOKE = (
    sa.update(api_key_table)
    .where(api_key_table.c.id == sa.bindparam("key_id"), api_key_table.c.revoked_at_ms.is_(None))
    .values(revoked_at_ms=sa.bindparam("now_ms"))
)


def new_secret() -> str:
    return secrets.token_hex(SECRET_BYTES)


class IssueKey(msgspec.Struct, frozen=True, kw_only=True):
    """Give a program access. `secret` is known to nobody else: see `token`."""

    name: str
    roles: tuple[str, ...]
    reach: Reach = EVERYWHERE
    secret: str = msgspec.field(default_factory=new_secret)
    cause: Cause = SYSTEM

    def __repr__(self) -> str:
        return f"IssueKey(name={self.name!r}, roles={self.roles!r})"


class RevokeKey(msgspec.Struct, frozen=True):
    """End a program's access."""

    id: str
    cause: Cause = SYSTEM


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it may be seen."""

    id: str
    name: str
    roles: tuple[str, ...]
    reach: Reach
    created_at_ms: int
    created_by: str
    revoked_at_ms: int | None


def issue(tx: Transaction, commands: Sequence[IssueKey]) -> list[str]:
    """Make keys and answer their ids. Raises `Invalid` for a role that does not exist."""
    ids, rows = [], []
    for command in commands:
        roles, id_ = expect_roles(command.roles), tx.new_id("key")
        ids.append(id_)
        rows.append(
            {
                "id": id_,
                "name": command.name,
                "secret_hash": _hash(command.secret),
                "roles": msgspec.json.encode(roles).decode(),
                "reach": msgspec.json.encode(command.reach).decode(),
                "created_at_ms": tx.now_ms,
                "created_by": command.cause.actor,
            }
        )
        tx.emit_first(KeyIssued(entity=id_, name=command.name, roles=roles), command.cause)
    tx.insert(api_key_table, rows)
    return ids


def token(key_id: str, secret: str) -> str:
    """What the program sends as `Authorization: Bearer …`: shown once, it cannot be had again."""
    return f"{_START}{key_id.removeprefix(_ID_START)}_{secret}"


def revoke(tx: Transaction, commands: Sequence[RevokeKey]) -> list[bool | OMSError]:
    """End keys; True where that was new, False where it was done before."""
    return [_revoke(tx, command) for command in commands]


def issued(reader: Reader) -> list[ApiKey]:
    """Every key ever issued, oldest first."""
    return [_api_key(row) for row in reader.fetch(_ALL)]


class Keyring:
    """Tells callers by their tokens, remembering each for a few seconds. One per process."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._known: dict[bytes, tuple[Caller, float]] = {}
        self._lock = threading.Lock()

    def remembered(self, token: str) -> Caller | None:
        """The caller, if it was identified a moment ago. Never waits."""
        found = self._known.get(_fingerprint(token))
        return found[0] if found and found[1] > time.monotonic() else None

    def identify(self, token: str) -> Caller:
        """The caller with this token, read from the database; else `Unauthenticated`."""
        with self._uow.read() as reader:
            found = _identified(reader, token)
        with self._lock:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[_fingerprint(token)] = (found, time.monotonic() + KNOWN_FOR_S)
        return found

    def forget(self) -> None:
        """Ask the database again for everybody: after a key was revoked here."""
        with self._lock:
            self._known.clear()


def _revoke(tx: Transaction, command: RevokeKey) -> bool | OMSError:
    if tx.run(_REVOKE, key_id=command.id, now_ms=tx.now_ms):
        tx.emit(KeyRevoked(entity=command.id), command.cause)
        return True
    if tx.fetch_one(_ONE, key_id=command.id) is None:
        return NotFound(
            "key.not_found", f"There is no API key '{command.id}'.", "See the list of keys."
        )
    return False


def _identified(reader: Reader, token: str) -> Caller:
    id_, _, secret = token.removeprefix(_START).partition("_")
    row = reader.fetch_one(_ONE, key_id=_ID_START + id_)
    if (
        row is None
        or row.revoked_at_ms is not None
        or not token.startswith(_START)
        or not hmac.compare_digest(row.secret_hash, _hash(secret))
    ):
        raise Unauthenticated(
            "access.unknown_key",
            "This API key is not known, or was revoked.",
            "Send 'Authorization: Bearer oms_…' with a key that an owner has issued.",
        )
    key = _api_key(row)
    return caller(key.id, key.name, key.roles, key.reach)


def _api_key(row: sa.Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        roles=msgspec.json.decode(row.roles, type=tuple[str, ...]),
        reach=msgspec.json.decode(row.reach, type=Reach),
        created_at_ms=row.created_at_ms,
        created_by=row.created_by,
        revoked_at_ms=row.revoked_at_ms,
    )


def _hash(secret: str) -> str:
    # 160 random bits need no slow hash: nobody can try them all.
    return sha256(secret.encode()).hexdigest()


def _fingerprint(token: str) -> bytes:
    return sha256(token.encode(errors="replace")).digest()
