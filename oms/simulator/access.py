"""One login and one API key for each role, the same at every start; their file is private."""

import os
import secrets
from pathlib import Path
from typing import Final

import msgspec

from oms.platform.security import keys, users
from oms.platform.security.roles import ROLES
from oms.platform.transaction import UnitOfWork
from oms.simulator.scene import SIMULATOR

FILE: Final = "demo-access.json"
DOMAIN: Final = "serambi.example"
PASSWORD_BYTES: Final = 12
_PRIVATE: Final = 0o600


class Access(msgspec.Struct, frozen=True):
    """How to come in with one role."""

    role: str
    label: str
    email: str
    password: str
    key_secret: str
    key_id: str = ""

    @property
    def token(self) -> str:
        """What a program sends as `Authorization: Bearer …`."""
        return keys.token(self.key_id, self.key_secret)


def open_access(uow: UnitOfWork, folder: Path) -> list[Access]:
    """The logins and keys of the demo, made where they are missing, in the order of the roles."""
    path = folder / FILE
    known = {each.role: each for each in _read(path)}
    wanted = [known.get(role) or _drawn(role) for role in ROLES]
    _write(path, wanted)  # first: a login that is in the database and in no file helps nobody
    complete = _keep(uow, wanted, frozenset(ROLES) - frozenset(known))
    _write(path, complete)
    return complete


def _drawn(role: str) -> Access:
    return Access(
        role=role,
        label=ROLES[role].label,
        email=f"{role}@{DOMAIN}",
        password=secrets.token_urlsafe(PASSWORD_BYTES),
        key_secret=keys.new_secret(),
    )


def _keep(uow: UnitOfWork, wanted: list[Access], fresh: frozenset[str]) -> list[Access]:
    """Issue keys and make accounts that the database does not have, or not with `fresh` secrets."""
    with uow.read() as reader:
        valid = {key.id for key in keys.issued(reader) if key.revoked_at_ms is None}
        people = {user.email for user in users.everybody(reader)}
    new_people = [each for each in wanted if each.role in fresh or each.email not in people]
    hashed = {each.email: users.hashed_password(each.password) for each in new_people}
    new_keys = [each for each in wanted if each.key_id not in valid]
    if not new_people and not new_keys:
        return wanted
    with uow.begin(SIMULATOR) as tx:
        put = users.put(tx, [_account(each) for each in new_people])
        for user in put:
            users.set_password(tx, user.id, hashed[user.email], SIMULATOR)
        ids = keys.issue(tx, [_key(each) for each in new_keys])
    issued = {each.role: id_ for each, id_ in zip(new_keys, ids, strict=True)}
    return [
        msgspec.structs.replace(each, key_id=issued.get(each.role, each.key_id)) for each in wanted
    ]


def _account(access: Access) -> users.PutUser:
    return users.PutUser(
        email=access.email,
        name=f"{access.label} (demo)",
        roles=(access.role,),
        cause=SIMULATOR,
    )


def _key(access: Access) -> keys.IssueKey:
    return keys.IssueKey(
        name=f"demo {access.role}",
        roles=(access.role,),
        secret=access.key_secret,
        cause=SIMULATOR,
    )


def _read(path: Path) -> list[Access]:
    """What an earlier start kept; a file that cannot be read is made anew."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Access])
    except (FileNotFoundError, msgspec.MsgspecError):
        return []


def _write(path: Path, accesses: list[Access]) -> None:
    """Replace the file at once; nobody but its owner may read it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(accesses)))
    draft.replace(path)
