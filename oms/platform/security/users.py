"""Accounts of people: who they are, what they may do, and whether a password is theirs."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from oms.kernel.clock import MINUTE_MS, SECOND_MS
from oms.kernel.errors import Invalid, NotFound, Overloaded, Unauthenticated
from oms.kernel.events import SYSTEM, Cause
from oms.platform.database import metadata
from oms.platform.events import PasswordSet, UserPut
from oms.platform.rows import ParameterRows
from oms.platform.security.callers import EVERYWHERE, Caller, Reach, caller
from oms.platform.security.roles import expect_roles
from oms.platform.transaction import Reader, Transaction, UnitOfWork

PASSWORD_LENGTH_MIN: Final = 12
PASSWORD_LENGTH_MAX: Final = 1_000  # hashing more only burns time
FREE_FAILURES: Final = 5  # after those each further one doubles the wait
WAIT_MAX_MS: Final = 15 * MINUTE_MS

user_table = sa.Table(
    "user_account",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False, server_default=""),
    sa.Column("password_set_at_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("reach", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failed_at_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
)

_EMAILS: Final = ParameterRows("wanted", email=sa.Text)
_BY_EMAILS = sa.select(user_table).select_from(
    _EMAILS.source.join(user_table, user_table.c.email == _EMAILS.c.email)
)
_BY_EMAIL = sa.select(user_table).where(user_table.c.email == sa.bindparam("email"))
_BY_ID = sa.select(user_table).where(user_table.c.id == sa.bindparam("user_id"))
_ALL = sa.select(user_table).order_by(user_table.c.email)
_COUNT_FAILURE = (
    sa.update(user_table)
    .where(user_table.c.id == sa.bindparam("user_id"))
    .values(failures=user_table.c.failures + 1, failed_at_ms=sa.bindparam("now_ms"))
)


class PutUser(msgspec.Struct, frozen=True, kw_only=True):
    """Give a person access, or change what they reach; found by e-mail address."""

    email: str
    name: str
    roles: tuple[str, ...]
    reach: Reach = EVERYWHERE
    active: bool = True
    language: str = ""
    cause: Cause = SYSTEM


class User(msgspec.Struct, frozen=True):
    """A person's account as it may be seen. `language` is "" until one was chosen."""

    id: str
    email: str
    name: str
    roles: tuple[str, ...]
    reach: Reach
    active: bool
    language: str

    def as_caller(self) -> Caller:
        return caller(self.id, self.name, self.roles, self.reach)


def put(tx: Transaction, commands: Sequence[PutUser]) -> list[User]:
    """Make or change accounts; a new one has no password and cannot be used until it is set."""
    emails = sorted({_normal(command.email) for command in commands})
    found = tx.fetch(_BY_EMAILS, _EMAILS([(email,) for email in emails]))
    known = {row.email: (row.id, row.created_at_ms, row.language) for row in found}
    users, rows = [], {}
    for command in commands:
        email, roles = _normal(command.email), expect_roles(command.roles)
        id_, created_at_ms, language = known.setdefault(email, (tx.new_id("usr"), tx.now_ms, ""))
        language = command.language or language
        who = (id_, email, command.name, roles, command.reach, command.active, language)
        users.append(User(*who))
        rows[id_] = msgspec.structs.asdict(users[-1]) | {
            "roles": msgspec.json.encode(roles).decode(),
            "reach": msgspec.json.encode(command.reach).decode(),
            "created_at_ms": created_at_ms,
        }
        tx.emit(UserPut(entity=id_, roles=roles, active=command.active), command.cause)
    tx.upsert(user_table, list(rows.values()), keys=("id",))
    return users


def set_password(tx: Transaction, user_id: str, hashed: str, cause: Cause = SYSTEM) -> None:
    """Keep what `hashed_password` answered, and forget failures."""
    row = {
        "id": user_id,
        "password_hash": hashed,
        "password_set_at_ms": tx.now_ms,
        "failures": 0,
        "failed_at_ms": 0,
    }
    if not tx.update(user_table, [row], keys=("id",)):
        raise NotFound("user.not_found", f"There is no user '{user_id}'.", "See the list of users.")
    tx.emit(PasswordSet(entity=user_id), cause)


def set_language(tx: Transaction, user_id: str, language: str) -> None:
    """The language a person reads pages in, such as ``id``."""
    tx.update(user_table, [{"id": user_id, "language": language}], keys=("id",))


def hashed_password(password: str) -> str:
    """The form in which a password is kept. Slow on purpose: call it outside of a transaction."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Invalid(
            "user.password_length",
            f"A password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters.",
            "Choose a longer one; a sentence is easy to remember.",
            {"password": "length"},
        )
    return _hasher().hash(password)


def verify(uow: UnitOfWork, email: str, password: str) -> User:
    """The person whose address and password these are; else `Unauthenticated`.

    After a few failures the account asks to wait, longer each time (`Overloaded`). Slow on
    purpose, and no transaction is open meanwhile.
    """
    with uow.read() as reader:
        row = reader.fetch_one(_BY_EMAIL, email=email.strip().lower())
        now_ms = reader.now_ms
    if row is not None:
        _expect_waited(row, now_ms)
    # Also for an unknown address, so that the time taken does not tell who is known.
    matches = _matches(row.password_hash if row and row.password_hash else _nobodys(), password)
    if row is None or not row.active or not row.password_hash or not matches:
        _count_failure(uow, row)
        raise Unauthenticated(
            "user.wrong_password",
            "This e-mail address and password do not belong together.",
            "Check both; after several failures there is a pause before the next try.",
        )
    _welcome(uow, row, password)
    return from_row(row)


def by_id(reader: Reader, user_id: str) -> User | None:
    row = reader.fetch_one(_BY_ID, user_id=user_id)
    return from_row(row) if row is not None else None


def everybody(reader: Reader) -> list[User]:
    """Every account, by e-mail address."""
    return [from_row(row) for row in reader.fetch(_ALL)]


def from_row(row: sa.Row[Any]) -> User:
    """The account in a row of `user_table`."""
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        roles=msgspec.json.decode(row.roles, type=tuple[str, ...]),
        reach=msgspec.json.decode(row.reach, type=Reach),
        active=bool(row.active),
        language=row.language,
    )


def _expect_waited(row: sa.Row[Any], now_ms: int) -> None:
    if row.failures < FREE_FAILURES:
        return
    wait_ms = min(SECOND_MS * 2 ** min(row.failures - FREE_FAILURES, 20), WAIT_MAX_MS)
    left_ms = row.failed_at_ms + wait_ms - now_ms
    if left_ms > 0:
        raise Overloaded(
            "user.too_many_failures",
            "Too many wrong passwords for this address.",
            f"Wait {-(-left_ms // SECOND_MS)} s, then try again.",
        )


def _count_failure(uow: UnitOfWork, row: sa.Row[Any] | None) -> None:
    if row is not None:
        with uow.begin() as tx:
            tx.run(_COUNT_FAILURE, user_id=row.id, now_ms=tx.now_ms)


def _welcome(uow: UnitOfWork, row: sa.Row[Any], password: str) -> None:
    """Forget failures, and keep the password in today's form if it is in a former one."""
    is_old = _hasher().check_needs_rehash(row.password_hash)
    if row.failures or is_old:
        kept = _hasher().hash(password) if is_old else row.password_hash
        with uow.begin() as tx:
            changes = {"password_hash": kept, "failures": 0, "failed_at_ms": 0}
            tx.update(user_table, [{"id": row.id, **changes}], keys=("id",))


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password[:PASSWORD_LENGTH_MAX])
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("a password that nobody has")


def _normal(email: str) -> str:
    address = email.strip().lower()
    if address.count("@") != 1 or address.startswith("@") or address.endswith("@"):
        raise Invalid(
            "user.email",
            "A person's account needs an e-mail address.",
            "Give one such as ann@example.org.",
            {"email": "not an address"},
        )
    return address
