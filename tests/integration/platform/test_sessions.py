"""How long somebody who signed in stays known, and what ends it."""

import pytest

from oms.kernel.clock import MINUTE_MS, ManualClock
from oms.platform.security import sessions, users
from oms.platform.security.sessions import IDLE_MS, LIFE_MS
from oms.platform.security.users import PutUser, User
from oms.platform.transaction import UnitOfWork

HASHED = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$not-checked-here"


@pytest.fixture
def ann(uow: UnitOfWork) -> User:
    with uow.begin() as tx:
        [user] = users.put(tx, [PutUser(email="ann@example.org", name="Ann", roles=("floor",))])
        users.set_password(tx, user.id, HASHED)
    return user


def begin(uow: UnitOfWork, user: User) -> str:
    with uow.begin() as tx:
        return sessions.begin(tx, user.id)


def who(uow: UnitOfWork, token: str) -> User | None:
    """Who has this token; seen, as pages do it."""
    with uow.read() as reader:
        found = sessions.find(reader, token)
    if found is None:
        return None
    if found[1]:
        with uow.begin() as tx:
            sessions.seen(tx, token)
    return found[0]


def test_a_session_is_whoever_signed_in_until_they_sign_out(uow: UnitOfWork, ann: User) -> None:
    token, elsewhere = begin(uow, ann), begin(uow, ann)

    assert who(uow, token) == ann
    with uow.begin() as tx:
        sessions.end(tx, token)

    assert who(uow, token) is None
    assert who(uow, elsewhere) == ann
    assert who(uow, "guessed") is None


def test_a_session_in_use_stays_and_an_idle_one_ends(
    uow: UnitOfWork, clock: ManualClock, ann: User
) -> None:
    used, idle = begin(uow, ann), begin(uow, ann)

    for _ in range(3):
        clock.advance(IDLE_MS // 2)
        assert who(uow, used) == ann

    assert who(uow, idle) is None


def test_no_session_lives_for_ever(uow: UnitOfWork, clock: ManualClock, ann: User) -> None:
    token = begin(uow, ann)
    for _ in range(LIFE_MS // (IDLE_MS - MINUTE_MS)):
        clock.advance(IDLE_MS - MINUTE_MS)
        assert who(uow, token) == ann
    clock.advance(IDLE_MS - MINUTE_MS)

    assert who(uow, token) is None


def test_a_new_password_and_a_closed_account_end_every_session(
    uow: UnitOfWork, clock: ManualClock, ann: User
) -> None:
    before = begin(uow, ann)
    clock.advance(1)
    with uow.begin() as tx:
        users.set_password(tx, ann.id, HASHED)
    assert who(uow, before) is None

    after = begin(uow, ann)
    assert who(uow, after) == ann
    with uow.begin() as tx:
        closed = PutUser(email=ann.email, name=ann.name, roles=ann.roles, active=False)
        users.put(tx, [closed])
    assert who(uow, after) is None


def test_what_nobody_can_go_on_with_is_forgotten(
    uow: UnitOfWork, clock: ManualClock, ann: User
) -> None:
    begin(uow, ann)
    clock.advance(IDLE_MS)
    begin(uow, ann)

    with uow.begin() as tx:
        assert sessions.reap(tx) == 1
