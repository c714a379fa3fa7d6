"""Keys and accounts: who they are told to be, only with their secret, and not a moment longer."""

import pytest
from argon2 import PasswordHasher

from oms.kernel.clock import MINUTE_MS, ManualClock
from oms.kernel.errors import Invalid, NotFound, Overloaded, Unauthenticated
from oms.kernel.events import Cause
from oms.platform import audit
from oms.platform.security import keys, users
from oms.platform.security.callers import Reach
from oms.platform.security.keys import IssueKey, Keyring, RevokeKey
from oms.platform.security.roles import ROLES
from oms.platform.security.users import PutUser
from oms.platform.transaction import UnitOfWork

PASSWORD = "correct horse battery"


def issued(uow: UnitOfWork, *roles: str, reach: Reach | None = None) -> tuple[str, str]:
    """A key's id and token."""
    command = IssueKey(name="Shop", roles=roles, reach=reach or Reach(), cause=Cause("usr_1"))
    with uow.begin() as tx:
        (id_,) = keys.issue(tx, [command])
    return id_, keys.token(id_, command.secret)


def test_a_key_says_who_calls_and_what_they_may(uow: UnitOfWork) -> None:
    reach = Reach(channels=("chn_1",))
    id_, token = issued(uow, "integration", reach=reach)

    caller = Keyring(uow).identify(token)

    assert token.startswith("oms_")
    assert (caller.actor, caller.name, caller.reach) == (id_, "Shop", reach)
    assert caller.permissions == ROLES["integration"].permissions


def test_a_wrong_secret_of_a_right_key_is_unknown(uow: UnitOfWork) -> None:
    _, token = issued(uow, "owner")
    keyring = Keyring(uow)

    for wrong in (token[:-1], token + "0", token[:-1] + "x", token[4:], "oms_", "", "oms_é_é"):
        with pytest.raises(Unauthenticated):
            keyring.identify(wrong)


def test_the_secret_is_nowhere_in_the_database(uow: UnitOfWork) -> None:
    _, token = issued(uow, "owner")
    secret = token.rpartition("_")[2]

    with uow.read() as reader:
        rows = [str(tuple(row)) for row in reader.fetch(keys.api_key_table.select())]
        told = [bytes(event.body).decode() for event in audit.after(reader, 0, 100)]
    assert secret not in "".join(rows + told)
    assert secret not in repr(IssueKey(name="x", roles=(), secret=secret))


def test_a_revoked_key_is_unknown_at_once_here_and_soon_elsewhere(uow: UnitOfWork) -> None:
    id_, token = issued(uow, "owner")
    keyring = Keyring(uow)
    keyring.identify(token)
    assert keyring.remembered(token) is not None

    with uow.begin() as tx:
        assert keys.revoke(tx, [RevokeKey(id_), RevokeKey(id_)]) == [True, False]
    keyring.forget()

    assert keyring.remembered(token) is None
    with pytest.raises(Unauthenticated):
        keyring.identify(token)
    with uow.read() as reader:
        (key,) = keys.issued(reader)
        assert [event.type for event in audit.of_entity(reader, id_, 0, 10)] == [
            "key.issued",
            "key.revoked",
        ]
    assert key.revoked_at_ms == uow.clock()
    assert key.created_by == "usr_1"


def test_a_key_that_never_was_cannot_be_revoked(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        (answer,) = keys.revoke(tx, [RevokeKey("key_none")])

    assert isinstance(answer, NotFound)


def test_a_key_needs_a_role_that_exists(uow: UnitOfWork) -> None:
    with uow.begin() as tx, pytest.raises(Invalid):
        keys.issue(tx, [IssueKey(name="x", roles=("boss",))])


@pytest.fixture
def ann(uow: UnitOfWork) -> str:
    """The id of a person who has a password."""
    with uow.begin() as tx:
        (user,) = users.put(tx, [PutUser(email=" Ann@Example.org", name="Ann", roles=("owner",))])
        users.set_password(tx, user.id, users.hashed_password(PASSWORD))
    return user.id


def test_a_person_is_known_by_address_and_password(uow: UnitOfWork, ann: str) -> None:
    user = users.verify(uow, "ANN@example.org ", PASSWORD)

    assert (user.id, user.email) == (ann, "ann@example.org")
    assert user.as_caller().permissions == ROLES["owner"].permissions


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.org", "wrong horse battery"),
        ("ann@example.org", ""),
        ("bob@example.org", PASSWORD),
        ("", ""),
    ],
)
def test_anybody_else_is_told_the_same(
    uow: UnitOfWork, ann: str, email: str, password: str
) -> None:
    with pytest.raises(Unauthenticated) as caught:
        users.verify(uow, email, password)

    assert caught.value.code == "user.wrong_password"


def test_guessing_gets_slower_and_slower(uow: UnitOfWork, ann: str, clock: ManualClock) -> None:
    for _ in range(users.FREE_FAILURES):
        with pytest.raises(Unauthenticated):
            users.verify(uow, "ann@example.org", "guess")

    with pytest.raises(Overloaded, match="Too many wrong passwords"):
        users.verify(uow, "ann@example.org", PASSWORD)
    clock.advance(1_000)
    assert users.verify(uow, "ann@example.org", PASSWORD).id == ann
    assert users.verify(uow, "ann@example.org", PASSWORD).id == ann  # forgiven

    with uow.begin() as tx:
        changes = {"id": ann, "failures": 50, "failed_at_ms": tx.now_ms}
        tx.update(users.user_table, [changes], keys=("id",))
    clock.advance(15 * MINUTE_MS)
    assert users.verify(uow, "ann@example.org", PASSWORD).id == ann


def test_an_account_that_was_closed_or_has_no_password_is_no_way_in(
    uow: UnitOfWork, ann: str
) -> None:
    with uow.begin() as tx:
        closed = PutUser(email="ann@example.org", name="Ann", roles=("owner",), active=False)
        bob = PutUser(email="bob@example.org", name="Bob", roles=("floor",))
        users.put(tx, [closed, bob])

    for email, password in (("ann@example.org", PASSWORD), ("bob@example.org", "")):
        with pytest.raises(Unauthenticated):
            users.verify(uow, email, password)


def test_changing_an_account_keeps_its_id_and_password(uow: UnitOfWork, ann: str) -> None:
    with uow.begin() as tx:
        (changed,) = users.put(
            tx,
            [
                PutUser(
                    email="ann@example.org",
                    name="Ann B.",
                    roles=("floor", "returns"),
                    reach=Reach(nodes=("nod_1",)),
                )
            ],
        )

    user = users.verify(uow, "ann@example.org", PASSWORD)
    assert user == changed
    assert (user.id, user.roles, user.reach.nodes) == (ann, ("floor", "returns"), ("nod_1",))
    with uow.read() as reader:
        assert users.everybody(reader) == [user]
        assert users.by_id(reader, ann) == user
        assert users.by_id(reader, "usr_none") is None


def test_a_password_kept_in_a_former_form_is_kept_anew(uow: UnitOfWork, ann: str) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with uow.begin() as tx:
        users.set_password(tx, ann, weak)

    users.verify(uow, "ann@example.org", PASSWORD)

    with uow.read() as reader:
        (row,) = reader.fetch(users.user_table.select())
    assert not PasswordHasher().check_needs_rehash(row.password_hash)
    assert users.verify(uow, "ann@example.org", PASSWORD).id == ann


def test_a_short_password_and_no_address_are_refused(uow: UnitOfWork) -> None:
    with pytest.raises(Invalid, match="12 to 1000 characters"):
        users.hashed_password("short")
    with uow.begin() as tx, pytest.raises(Invalid, match="e-mail address"):
        users.put(tx, [PutUser(email="ann", name="Ann", roles=("owner",))])
