"""Roles are data: each means exactly what the file says, and callers reach what they are given."""

import pytest

from oms.kernel.errors import Denied, Invalid, NotFound
from oms.platform.security.callers import Reach, caller
from oms.platform.security.roles import (
    PERMISSIONS,
    ROLES,
    expect_permission,
    expect_roles,
    permissions_of,
)


def test_an_owner_may_do_everything() -> None:
    assert ROLES["owner"].permissions == set(PERMISSIONS)


def test_the_roles_of_the_trade_are_there() -> None:
    assert list(ROLES) == [
        *("owner", "merchant", "floor", "returns", "agent", "accountant", "integration")
    ]


def test_every_permission_but_the_owners_is_somebody_elses_too() -> None:
    """Otherwise a permission guards nothing that anybody but an owner would do."""
    others = permissions_of([role for role in ROLES if role != "owner"])

    assert set(PERMISSIONS) - others == {
        *("channels:write", "keys:read", "keys:write", "users:read", "users:write")
    }


@pytest.mark.parametrize(
    ("role", "may_not"),
    [
        ("floor", ["orders:write", "returns:write", "customers:read", "keys:read"]),
        ("returns", ["orders:write", "payments:write", "inventory:write"]),
        ("agent", ["inventory:write", "payments:write", "accounting:read"]),
        ("accountant", ["orders:write", "inventory:write", "fulfilment:write"]),
        ("integration", ["keys:write", "users:write", "payments:write", "accounting:write"]),
        ("merchant", ["keys:write", "users:write", "channels:write", "accounting:write"]),
    ],
)
def test_a_role_may_not_do_what_is_not_its_work(role: str, may_not: list[str]) -> None:
    assert not ROLES[role].permissions & set(may_not)


def test_a_wildcard_means_all_of_one_subject() -> None:
    floor = ROLES["floor"].permissions

    assert {"fulfilment:read", "fulfilment:write"} <= floor
    assert "inventory:write" not in floor


def test_several_roles_add_up_and_removed_ones_mean_nothing() -> None:
    together = permissions_of(["floor", "returns", "removed long ago"])

    assert together == ROLES["floor"].permissions | ROLES["returns"].permissions


@pytest.mark.parametrize(
    ("roles", "words"),
    [(["boss"], "There is no role 'boss'."), ([], "No role is given.")],
)
def test_an_unknown_role_is_refused_with_those_there_are(roles: list[str], words: str) -> None:
    with pytest.raises(Invalid) as caught:
        expect_roles(roles)

    assert caught.value.sentence == words
    assert "owner, merchant, floor" in caught.value.remedy


def test_a_permission_that_does_not_exist_is_a_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="orders:raed"):
        expect_permission("orders:raed")


def test_who_may_not_is_told_what_is_missing() -> None:
    picker = caller("usr_1", "Budi", ["floor"])
    picker.expect("fulfilment:write")

    with pytest.raises(Denied) as caught:
        picker.expect("orders:write")

    assert caught.value.sentence == (
        "'Budi' may not do this: it needs the permission 'orders:write' "
        "(place, hold, change and cancel orders)."
    )


def test_what_is_out_of_reach_is_not_there() -> None:
    limited = caller("key_1", "Till", ["integration"], Reach(channels=("chn_1",), nodes=()))

    limited.expect_channel("chn_1")
    with pytest.raises(NotFound):
        limited.expect_channel("chn_2")
    with pytest.raises(NotFound):
        limited.expect_node("nod_1")
    with pytest.raises(Denied):
        limited.expect_everywhere()


def test_without_a_limit_everything_is_in_reach() -> None:
    owner = caller("usr_1", "Ann", ["owner"])

    owner.expect_channel("chn_2")
    owner.expect_node("nod_2")
    owner.expect_everywhere()
