"""Nodes: the places that can serve units, and what may not be promised from them."""

from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from oms.http.answers import Answered, Many, answered
from oms.http.call import Call
from oms.http.etags import tagged
from oms.http.guards import may
from oms.http.places import AddressInput, AddressView, address
from oms.http.views import Country, Currency, Input, Name, Reference, View, view, views
from oms.inventory import queries as inventory
from oms.inventory import service
from oms.inventory.model import Node, NodeKind, PutBuffer, PutNode, PutStockRule
from oms.kernel.ids import expect_prefix

Cost = Annotated[int, Meta(ge=0, le=10**12)]
Kept = Annotated[int, Meta(ge=0, le=10**9)]


class NodeView(View, frozen=True, kw_only=True):
    """A place that can serve units. A lower priority comes first; no `shipsTo` means anywhere."""

    id: str
    code: str
    name: str
    kind: NodeKind
    address: AddressView
    time_zone: str
    priority: int
    active: bool
    fixed_minor: int
    handling_unit_minor: int
    currency: str
    ships_to: tuple[str, ...]
    version: int


class NodeInput(Input, frozen=True, kw_only=True):
    """The node with this `code` shall look like this."""

    code: Reference
    name: Name
    address: AddressInput
    id: str = ""
    kind: NodeKind = NodeKind.WAREHOUSE
    time_zone: str = "UTC"
    priority: Annotated[int, Meta(ge=0, le=1_000_000)] = 100
    active: bool = True
    fixed_minor: Cost = 0
    handling_unit_minor: Cost = 0
    currency: Currency | None = None
    ships_to: tuple[Country, ...] = ()


class NodesInput(Input, frozen=True, kw_only=True):
    """Many nodes."""

    nodes: Annotated[list[NodeInput], Many]


class RuleInput(Input, frozen=True, kw_only=True):
    """Never promise the last `safetyStock` units of the item at the node."""

    item_id: Reference
    node_id: Reference
    safety_stock: Kept


class RulesInput(Input, frozen=True, kw_only=True):
    """Many rules."""

    rules: Annotated[list[RuleInput], Many]


class RuleView(View, frozen=True, kw_only=True):
    """Units of an item that are never promised from a node."""

    item_id: str
    node_id: str
    safety_stock: int


class BufferInput(Input, frozen=True, kw_only=True):
    """Hold back units of an item (without one: of each item) from a channel, over all its nodes."""

    channel_id: Reference
    units: Kept
    item_id: str = ""


class BuffersInput(Input, frozen=True, kw_only=True):
    """Many buffers."""

    buffers: Annotated[list[BufferInput], Many]


class BufferView(View, frozen=True, kw_only=True):
    """Units held back from a channel."""

    channel_id: str
    item_id: str
    units: int


class Nodes(Controller):
    path = "/nodes"
    tags = ("nodes",)

    @put(guards=[may("nodes:write")])
    async def keep(self, request: Call, data: JSONBody[NodesInput]) -> list[Answered[NodeView]]:
        """Make nodes look like this, by code: new ones are made."""
        request.caller.expect_everywhere()
        commands = [_command(request, each) for each in data.nodes]
        answers = await request.submit_all(service.put_nodes, commands, Node)
        return answered(answers, lambda node: view(NodeView, node))

    @get(guards=[may("nodes:read")], sync_to_thread=True)
    def all(self, request: Call) -> list[NodeView]:
        """The nodes within reach, best priority first."""
        with request.reading() as reader:
            found = inventory.nodes(reader)
        return views(NodeView, [each for each in found if request.caller.reaches_node(each.id)])

    @get("/{node_id:str}", guards=[may("nodes:read")], sync_to_thread=True)
    def one(self, request: Call, node_id: FromPath[str]) -> Response[NodeView | None]:
        """One node, with its version as ETag."""
        request.caller.expect_node(expect_prefix(node_id, "nod"))
        with request.reading() as reader:
            found = inventory.node(reader, node_id)
        return tagged(request, view(NodeView, found), found.version)


class StockPolicies(Controller):
    path = "/stock"
    tags = ("inventory",)

    @put("/rules", guards=[may("inventory:write")])
    async def put_rules(
        self, request: Call, data: JSONBody[RulesInput]
    ) -> list[Answered[RuleView]]:
        """Set safety stocks."""
        for each in data.rules:
            request.caller.expect_node(each.node_id)
        commands = [
            PutStockRule(
                item_id=each.item_id,
                node_id=each.node_id,
                safety_stock=each.safety_stock,
                cause=request.cause,
            )
            for each in data.rules
        ]
        answers = await request.submit_all(service.put_stock_rules, commands, PutStockRule)
        return answered(answers, lambda rule: view(RuleView, rule))

    @put("/buffers", guards=[may("inventory:write")])
    async def put_buffers(
        self, request: Call, data: JSONBody[BuffersInput]
    ) -> list[Answered[BufferView]]:
        """Set what channels may not sell."""
        for each in data.buffers:
            request.caller.expect_channel(each.channel_id)
        commands = [
            PutBuffer(
                channel_id=each.channel_id,
                item_id=each.item_id,
                units=each.units,
                cause=request.cause,
            )
            for each in data.buffers
        ]
        answers = await request.submit_all(service.put_buffers, commands, PutBuffer)
        return answered(answers, lambda buffer: view(BufferView, buffer))


def _command(request: Call, data: NodeInput) -> PutNode:
    return PutNode(
        code=data.code,
        name=data.name,
        address=address(data.address),
        id=data.id,
        kind=data.kind,
        time_zone=data.time_zone,
        priority=data.priority,
        active=data.active,
        fixed_minor=data.fixed_minor,
        handling_unit_minor=data.handling_unit_minor,
        currency=data.currency or "",
        ships_to=data.ships_to,
        cause=request.cause,
    )
