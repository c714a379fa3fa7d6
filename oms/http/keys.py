"""API keys: issued, listed, revoked. A token is in the answer that issues it and nowhere else."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from oms.http.call import Call
from oms.http.guards import may
from oms.http.views import Input, Name, Reference, View, views
from oms.kernel.ids import expect_prefix
from oms.platform.security import keys
from oms.platform.security.callers import Reach
from oms.platform.security.keys import IssueKey, RevokeKey
from oms.platform.security.roles import permissions_of

Roles = Annotated[list[str], Meta(min_length=1, max_length=20)]
Ids = Annotated[list[Reference], Meta(max_length=1_000)]


class ReachView(View, frozen=True, kw_only=True):
    """Ids of the channels and nodes a key reaches; null stands for all."""

    channels: tuple[str, ...] | None = None
    nodes: tuple[str, ...] | None = None


class KeyView(View, frozen=True, kw_only=True):
    """An API key as it may be seen."""

    id: str
    name: str
    roles: tuple[str, ...]
    reach: ReachView
    created_at: datetime
    created_by: str
    revoked_at: datetime | None


class ReachInput(Input, frozen=True, kw_only=True):
    """Ids of the channels and nodes a key shall reach; leave out for all."""

    channels: Ids | None = None
    nodes: Ids | None = None


class IssueInput(Input, frozen=True, kw_only=True):
    """A program that shall have access: its name, roles (config/roles.toml) and reach."""

    name: Name
    roles: Roles
    reach: ReachInput = ReachInput()


class IssuedView(View, frozen=True, kw_only=True):
    """A new key. `token` is null when this request was made before: it is shown only once."""

    id: str
    token: str | None


class Keys(Controller):
    path = "/keys"
    tags = ("keys",)

    @get(guards=[may("keys:read")], sync_to_thread=True)
    def all(self, request: Call) -> list[KeyView]:
        """Every key ever issued, oldest first."""
        request.caller.expect_everywhere()
        with request.reading() as reader:
            return views(KeyView, keys.issued(reader))

    @post(guards=[may("keys:write")])
    async def issue(self, request: Call, data: JSONBody[IssueInput]) -> IssuedView:
        """Give a program access: no more than the caller has."""
        request.caller.expect_everywhere()
        for permission in sorted(permissions_of(data.roles)):
            request.caller.expect(permission)
        command = IssueKey(
            name=data.name,
            roles=tuple(data.roles),
            reach=_reach(data.reach),
            cause=request.cause,
        )
        id_ = await request.submit(keys.issue, command, str)
        token = None if request.was_replayed else keys.token(id_, command.secret)
        return IssuedView(id=id_, token=token)

    @delete("/{key_id:str}", guards=[may("keys:write")])
    async def revoke(self, request: Call, key_id: FromPath[str]) -> None:
        """End a key. Other processes may accept it for a few seconds more."""
        request.caller.expect_everywhere()
        command = RevokeKey(expect_prefix(key_id, "key"), request.cause)
        await request.submit(keys.revoke, command, bool)
        request.services.keyring.forget()


def _reach(data: ReachInput) -> Reach:
    return Reach(
        channels=None if data.channels is None else tuple(data.channels),
        nodes=None if data.nodes is None else tuple(data.nodes),
    )
