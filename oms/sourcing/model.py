"""What routing is asked about an order, and the units orders of one batch leave for each other.

Values in, values out; the solver is `routing`, the facts are read by others under lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from oms.inventory.model import Node, Stock, withhold
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from routing.model import (
    Allocation,
    Answer,
    Demand,
    Destination,
    NodeFacts,
    NodeKind,
    Policy,
    Question,
)

_HASH_BYTES: Final = 16
_encode: Final = msgspec.json.Encoder().encode


class World(msgspec.Struct, frozen=True):
    """What many questions have in common: nodes without their shelves, and the policy."""

    currency: str
    policy: Policy
    nodes: tuple[NodeFacts, ...]


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one question adds to its world.

    `stock`: for each node of the world, the units it may give of each item demanded, items sorted.
    `closed`: nodes that may not serve this order although they serve others.
    """

    order_ref: str
    destination: Destination
    demands: tuple[Demand, ...]
    stock: tuple[tuple[int, ...], ...]
    closed: tuple[str, ...] = ()


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """An order that looks for nodes."""

    order_id: str
    channel_id: str
    destination: Destination
    demands: tuple[Demand, ...]
    closed: frozenset[str] = frozenset()


class Market(msgspec.Struct, frozen=True):
    """The nodes that serve a channel with their shelves as they are now, and their world."""

    world_id: str
    world: World
    nodes: tuple[NodeFacts, ...]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A question with its answer, and where to find the facts they share with others."""

    id: str
    order_id: str
    world_id: str
    asked: Asked
    answer: Answer


class Sourced(msgspec.Struct, frozen=True):
    """What sourcing did for an order: units that found a node, and units that wait."""

    order_id: str
    allocated: int
    waiting: int


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Look for nodes for whatever is open of an order."""

    order_id: str
    cause: Cause = SYSTEM


class Shelves:
    """Free units of a batch's items; they shrink as its orders take from them, first come first.

    Safety stock is taken off once, a channel's buffer for each question of that channel.
    """

    def __init__(self, stock: Stock, policies: Mapping[str, Policy]) -> None:
        self._stock, self._policies = stock, policies
        self._by_node: dict[str, dict[str, int]] = {node.id: {} for node in stock.nodes}
        self._markets: dict[str, Market] = {}
        for (item_id, node_id), units in stock.on_shelf.items():
            left = units - stock.policies.safety.get((item_id, node_id), 0)
            if left > 0:
                self._by_node[node_id][item_id] = left

    def market(self, channel_id: str) -> Market:
        """The channel's nodes; their `stock` is the live shelf, so ask at once."""
        found = self._markets.get(channel_id)
        if found is None:
            serving = [n for n in self._stock.nodes if self._stock.policies.serves(n, channel_id)]
            found = self._markets[channel_id] = self._made(serving)
        return found

    def nodes_for(self, ask: Ask) -> tuple[NodeFacts, ...]:
        """The nodes as this order finds them: its channel's buffers held back."""
        nodes = self.market(ask.channel_id).nodes
        buffers = {
            demand.item_id: self._stock.policies.buffer(ask.channel_id, demand.item_id)
            for demand in ask.demands
        }
        if any(buffers.values()):
            nodes = _held_back(nodes, buffers)
        if ask.closed:
            nodes = tuple(
                [replace(n, is_open=n.is_open and n.node_id not in ask.closed) for n in nodes]
            )
        return nodes

    def worlds(self) -> dict[str, World]:
        """The worlds asked about so far, by fingerprint."""
        return {market.world_id: market.world for market in self._markets.values()}

    def used_up(self) -> set[str]:
        """The items of which no node that is open has a unit left to give."""
        open_nodes = [node.id for node in self._stock.nodes if node.active]
        left = {
            item_id
            for node_id in open_nodes
            for item_id, units in self._by_node[node_id].items()
            if units > 0
        }
        return {item_id for item_id, _ in self._stock.on_shelf} - left

    def take(self, allocations: Iterable[Allocation]) -> None:
        for each in allocations:
            self._by_node[each.node_id][each.item_id] -= each.quantity

    def _made(self, serving: Sequence[Node]) -> Market:
        currency = next((node.currency for node in serving if node.currency), "")
        policy = self._policies.get(currency) or self._policies[""]
        facts = [_facts(node, currency) for node in serving]
        world = World(currency, policy, tuple(facts))
        live = tuple([replace(each, stock=self._by_node[each.node_id]) for each in facts])
        return Market(world_id(world), world, live)


def asked_of(ask: Ask, nodes: Sequence[NodeFacts]) -> Asked:
    """The order's own part of the question, shelves copied as they are now."""
    items = sorted({demand.item_id for demand in ask.demands})
    stock = tuple([tuple([node.stock.get(item, 0) for item in items]) for node in nodes])
    closed = tuple(sorted(ask.closed))
    return Asked(ask.order_id, ask.destination, ask.demands, stock, closed)


def question(world: World, asked: Asked) -> Question:
    """The whole question as it was put: the same bytes whenever it is made again."""
    items = sorted({demand.item_id for demand in asked.demands})
    nodes = [
        replace(
            node,
            is_open=node.is_open and node.node_id not in asked.closed,
            stock={item: units for item, units in zip(items, shelf, strict=True) if units},
        )
        for node, shelf in zip(world.nodes, asked.stock, strict=True)
    ]
    return Question(
        order_ref=asked.order_ref,
        currency=world.currency,
        destination=asked.destination,
        demands=asked.demands,
        nodes=tuple(nodes),
        policy=world.policy,
    )


def world_id(world: World) -> str:
    """The fingerprint under which a world is kept once."""
    return blake2b(_encode(world), digest_size=_HASH_BYTES).hexdigest()


def policies(
    tables: Mapping[str, Mapping[str, Any]], version: str, default: str
) -> dict[str, Policy]:
    """Routing policies by currency from the merchant's tables; "" is the one for all others."""
    made = {}
    for currency, table in tables.items():
        bands = [{"up_to_km": None} | band for band in table["freight"]["bands"]]
        whole = {**table, "version": version, "freight": {**table["freight"], "bands": bands}}
        made[currency] = msgspec.convert(whole, Policy)
    return made | {"": made[default]}


def short(answer: Answer | None, lines: Mapping[str, str]) -> Refused:
    """The refusal of an order that stock does not cover and that may not wait.

    `answer` is None when no line could be asked about; `lines` are the channel's names by line id.
    """
    lacking = {each.line_id: each.quantity for each in answer.unserved} if answer else {}
    fields = {lines[line_id]: f"{units} units short" for line_id, units in lacking.items()}
    return Refused(
        "stock.short",
        f"Stock is {sum(lacking.values())} units short."
        if lacking
        else "Not every line can be served now: an item is unknown or a hold stops it.",
        "Order fewer units, or let the order wait for stock.",
        fields,
    )


def _facts(node: Node, currency: str) -> NodeFacts:
    is_counted = node.currency in ("", currency)  # other currencies cannot be compared
    return NodeFacts(
        node_id=node.id,
        code=node.code,
        kind=NodeKind(node.kind.value),
        country=node.country,
        at=node.at,
        priority=node.priority,
        ships_to=node.ships_to,
        fixed_minor=node.fixed_minor if is_counted else 0,
        handling_unit_minor=node.handling_unit_minor if is_counted else 0,
    )


def _held_back(nodes: Sequence[NodeFacts], buffers: Mapping[str, int]) -> tuple[NodeFacts, ...]:
    kept = {
        item_id: withhold(
            {node.node_id: node.stock[item_id] for node in nodes if item_id in node.stock}, buffer
        )
        for item_id, buffer in buffers.items()
    }
    return tuple(
        [
            replace(
                node,
                stock={
                    item_id: node.stock[item_id] - held.get(node.node_id, 0)
                    for item_id, held in kept.items()
                    if node.stock.get(item_id, 0) > held.get(node.node_id, 0)
                },
            )
            for node in nodes
        ]
    )
