"""Roles and permissions, read from config/roles.toml. A name that is not there is a mistake."""

import tomllib
from collections.abc import Iterable
from typing import Final

import msgspec

from config.settings import FOLDER
from oms.kernel.errors import Invalid


class Role(msgspec.Struct, frozen=True):
    """What a kind of caller may do."""

    label: str
    permissions: frozenset[str]


class _Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    permissions: dict[str, str]
    roles: dict[str, Role]


_POLICY = msgspec.convert(
    tomllib.loads((FOLDER / "roles.toml").read_text(encoding="utf-8")), _Policy
)

PERMISSIONS: Final[dict[str, str]] = _POLICY.permissions
"""Every permission there is, with words for people."""


def _spelled_out(pattern: str) -> Iterable[str]:
    if pattern == "*":
        return PERMISSIONS
    if pattern.endswith(":*"):
        return [known for known in PERMISSIONS if known.startswith(pattern[:-1])]
    return [expect_permission(pattern)]


def expect_permission(name: str) -> str:
    """The name, if there is such a permission; else a `ValueError`, because a programmer erred."""
    if name not in PERMISSIONS:
        raise ValueError(f"config/roles.toml knows no permission '{name}'")
    return name


ROLES: Final[dict[str, Role]] = {
    name: Role(
        role.label,
        frozenset(each for pattern in role.permissions for each in _spelled_out(pattern)),
    )
    for name, role in _POLICY.roles.items()
}
"""Roles by name, their permissions spelled out."""


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """What several roles together may do; a role that was removed from the file may do nothing."""
    return frozenset[str]().union(*(ROLES[role].permissions for role in roles if role in ROLES))


def expect_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles, sorted and once each; `Invalid` that names those which do not exist."""
    asked = sorted(set(roles))
    unknown = [role for role in asked if role not in ROLES]
    if unknown or not asked:
        raise Invalid(
            "access.unknown_role",
            f"There is no role '{unknown[0]}'." if unknown else "No role is given.",
            f"Give one or more of: {', '.join(ROLES)}.",
            {"roles": "unknown" if unknown else "empty"},
        )
    return tuple(asked)
