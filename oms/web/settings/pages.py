"""The settings at a glance, and the forms of a location and of a person."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from config import routing
from oms.catalog import queries as catalog
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.inventory import service
from oms.inventory.model import Node, NodeKind, PutBuffer, PutChannelNodes
from oms.kernel.errors import NotFound
from oms.kernel.ids import expect_prefix
from oms.platform.security import users
from oms.platform.security.roles import ROLES
from oms.platform.security.users import PutUser, User
from oms.platform.transaction import Reader, Transaction
from oms.web.forms import posted
from oms.web.guards import may_see
from oms.web.pages import page, visitor
from oms.web.settings.wishes import expect_not_oneself, put_node, put_user
from oms.web.stock.amounts import plain
from oms.web.translations import N_

UNITS_MAX: Final = 10**9
RULES_MAX: Final = 200
NEW: Final = "new"
KINDS: Final = {
    NodeKind.WAREHOUSE: N_("Warehouse"),
    NodeKind.STORE: N_("Store"),
    NodeKind.THIRD_PARTY: N_("Logistics partner"),
    NodeKind.SUPPLIER: N_("Supplier"),
}


@get("/settings", guards=[may_see("nodes:read")], include_in_schema=False, sync_to_thread=True)
def settings(request: Call) -> Response[Any]:
    """Everything that can be set, each part for those who may see it."""
    caller = request.caller
    with request.reading() as reader:
        policies = inventory.policies(reader, [])
        rules = inventory.rules(reader, RULES_MAX)
        items = catalog.items_by_id(reader, [rule.item_id for rule in rules])
        nodes = [node for node in inventory.nodes(reader) if caller.reaches_node(node.id)]
        channels = [each for each in catalog.channels(reader) if caller.reaches_channel(each.id)]
        people = users.everybody(reader) if "users:read" in caller.permissions else []
    return page(
        request,
        "settings/all.html",
        nodes=nodes,
        kinds=KINDS,
        channels=channels,
        policies=policies,
        rules=[each for each in rules if caller.reaches_node(each.node_id)],
        items=items,
        people=people,
        routing_policies=routing.POLICIES,
        routing_version=routing.VERSION,
        saved=request.query_params.get("saved", ""),
    )


@get(
    "/settings/nodes/{node_id:str}",
    guards=[may_see("nodes:write")],
    include_in_schema=False,
    sync_to_thread=True,
)
def node_form(request: Call, node_id: FromPath[str]) -> Response[Any]:
    """A location to fill in or to change."""
    request.caller.expect_everywhere()
    zone = request.services.settings.seller.time_zone
    with request.reading() as reader:
        node = _node(reader, node_id)
    return page(request, "settings/node.html", node=node, kinds=KINDS, time_zone=zone, plain=plain)


@post(
    "/settings/nodes/{node_id:str}",
    guards=[may_see("nodes:write")],
    include_in_schema=False,
    status_code=200,
)
async def save_node(request: Call, node_id: FromPath[str]) -> Response[Any]:
    """Make the location look like this."""
    request.caller.expect_everywhere()
    form = await posted(request)
    old = await request.read(lambda reader: _node(reader, node_id))
    await request.submit(service.put_nodes, put_node(form, old, request.cause), Node)
    return _saved("locations")


@post(
    "/settings/channels/{channel_id:str}/buffer",
    guards=[may_see("inventory:write")],
    include_in_schema=False,
    status_code=200,
)
async def save_buffer(request: Call, channel_id: FromPath[str]) -> Response[Any]:
    """How many units of every item a channel may not sell."""
    form = await posted(request)
    request.caller.expect_channel(expect_prefix(channel_id, "chn"))
    units = form.number("units", 0, UNITS_MAX)
    command = PutBuffer(channel_id=channel_id, units=units, cause=request.cause)
    await request.submit(service.put_buffers, command, PutBuffer)
    return _saved("channels")


@post(
    "/settings/channels/{channel_id:str}/nodes",
    guards=[may_see("channels:write")],
    include_in_schema=False,
    status_code=200,
)
async def save_channel_nodes(request: Call, channel_id: FromPath[str]) -> Response[Any]:
    """Which locations serve a channel; none ticked means all of them."""
    form = await posted(request)
    request.caller.expect_channel(expect_prefix(channel_id, "chn"))
    chosen = tuple(form.all("node"))
    command = PutChannelNodes(channel_id=channel_id, node_ids=chosen, cause=request.cause)
    await request.submit(service.put_channel_nodes, command, PutChannelNodes)
    return _saved("channels")


@get(
    "/settings/people/{user_id:str}",
    guards=[may_see("users:write")],
    include_in_schema=False,
    sync_to_thread=True,
)
def person_form(request: Call, user_id: FromPath[str]) -> Response[Any]:
    """A person to invite or to change."""
    with request.reading() as reader:
        person = _person(reader, user_id)
        channels, nodes = catalog.channels(reader), inventory.nodes(reader)
    return page(
        request,
        "settings/person.html",
        person=person,
        roles=list(ROLES.items()),
        channels=channels,
        nodes=nodes,
    )


@post(
    "/settings/people/{user_id:str}",
    guards=[may_see("users:write")],
    include_in_schema=False,
    status_code=200,
)
async def save_person(request: Call, user_id: FromPath[str]) -> Response[Any]:
    """Give access, change it, or take it away."""
    form = await posted(request)
    old = await request.read(lambda reader: _person(reader, user_id))
    known = await request.read(_known)
    me = visitor(request)
    command = put_user(form, old.email if old else "", known)
    if me is not None:
        command = expect_not_oneself(command, me.email, me.roles)
    command = msgspec.structs.replace(command, cause=request.cause)
    await request.submit(_put_users, command, User)
    return _saved("people")


PAGES: Final = (
    *(settings, node_form, save_node, save_buffer, save_channel_nodes),
    *(person_form, save_person),
)


def _put_users(tx: Transaction, commands: Sequence[PutUser]) -> list[Any]:
    return list(users.put(tx, commands))


def _node(reader: Reader, node_id: str) -> Node | None:
    return None if node_id == NEW else inventory.node(reader, expect_prefix(node_id, "nod"))


def _person(reader: Reader, user_id: str) -> User | None:
    if user_id == NEW:
        return None
    found = users.by_id(reader, expect_prefix(user_id, "usr"))
    if found is None:
        raise NotFound("user.not_found", "There is no such person.", "See the list of people.")
    return found


def _known(reader: Reader) -> tuple[list[str], list[str]]:
    channels = [each.id for each in catalog.channels(reader)]
    return channels, [node.id for node in inventory.nodes(reader)]


def _saved(part: str) -> Response[Any]:
    return Redirect(f"/settings?saved={part}#{part}", status_code=303)
