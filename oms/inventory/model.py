"""Nodes, and what may be promised from them: values, and decisions over them."""

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from oms.kernel import money
from oms.kernel.address import Address, Coordinates
from oms.kernel.errors import Invalid
from oms.kernel.events import SYSTEM, Cause

NAME_MAX: Final = 80
_COUNTRY: Final = re.compile(r"[A-Z]{2}")

ItemUnits = tuple[str, int]
"""Item id and units."""
ItemAtNode = tuple[str, str]
"""Item id and node id."""


class NodeKind(StrEnum):
    """Who works at a node: we, our shop, a logistics partner, or the supplier."""

    WAREHOUSE = "warehouse"
    STORE = "store"
    THIRD_PARTY = "3pl"
    SUPPLIER = "supplier"


class PutNode(msgspec.Struct, frozen=True, kw_only=True):
    """Make the node with this `code` look like this. Coordinates stand in `address.at`."""

    code: str
    name: str
    address: Address
    id: str = ""
    kind: NodeKind = NodeKind.WAREHOUSE
    time_zone: str = "UTC"
    priority: int = 100
    active: bool = True
    fixed_minor: int = 0
    handling_unit_minor: int = 0
    currency: str = ""
    ships_to: tuple[str, ...] = ()
    cause: Cause = SYSTEM


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A place that can serve units. A lower `priority` comes first; no `ships_to` means anywhere.

    `fixed_minor` is the cost of any shipment from here, `handling_unit_minor` that of each unit.
    """

    id: str
    code: str
    name: str
    kind: NodeKind
    address: Address
    time_zone: str
    priority: int
    active: bool
    fixed_minor: int
    handling_unit_minor: int
    currency: str
    ships_to: tuple[str, ...]
    version: int

    @property
    def country(self) -> str:
        return self.address.country

    @property
    def at(self) -> Coordinates | None:
        return self.address.at

    @property
    def owns_stock(self) -> bool:
        """Whether units here are on our books: a supplier's are not."""
        return self.kind is not NodeKind.SUPPLIER


class PutStockRule(msgspec.Struct, frozen=True, kw_only=True):
    """Never promise the last `safety_stock` units of an item at a node."""

    item_id: str
    node_id: str
    safety_stock: int
    cause: Cause = SYSTEM


class PutBuffer(msgspec.Struct, frozen=True, kw_only=True):
    """Hold back `units` of an item ("": of each item) from a channel, over all its nodes."""

    channel_id: str
    units: int
    item_id: str = ""
    cause: Cause = SYSTEM


class PutChannelNodes(msgspec.Struct, frozen=True, kw_only=True):
    """Only these nodes serve the channel; none given means all of them."""

    channel_id: str
    node_ids: tuple[str, ...]
    cause: Cause = SYSTEM


class Atp(msgspec.Struct, frozen=True, gc=False):
    """What can be promised of an item at a node, and why: `available` is the free shelf less
    `safety_stock` and this node's share of the channel's `buffer`, never below zero.
    """

    item_id: str
    node_id: str
    on_hand: int
    reserved: int
    safety_stock: int
    buffer: int
    available: int


class Availability(msgspec.Struct, frozen=True):
    """What can be promised of an item over all nodes, and what each of them has of it."""

    item_id: str
    available: int
    at_nodes: tuple[Atp, ...]


class Supply(msgspec.Struct, frozen=True):
    """What one channel may take: its nodes, best priority first, and units by (item, node)."""

    nodes: tuple[Node, ...]
    available: dict[ItemAtNode, int]


class Policies(msgspec.Struct, frozen=True):
    """What may not be promised, and by whom."""

    safety: Mapping[ItemAtNode, int]
    buffers: Mapping[tuple[str, str], int]
    serving: Mapping[str, frozenset[str]]

    def serves(self, node: Node, channel_id: str) -> bool:
        """Whether units at `node` may be sold on the channel ("": on any)."""
        chosen = self.serving.get(channel_id)
        return node.active and (chosen is None or node.id in chosen)

    def buffer(self, channel_id: str, item_id: str) -> int:
        """Units of the item the channel may not sell; its own rule before the one for all."""
        general = self.buffers.get((channel_id, ""), 0)
        return self.buffers.get((channel_id, item_id), general)


class Stock(msgspec.Struct, frozen=True):
    """The free shelves of some items, with the policies about them."""

    nodes: tuple[Node, ...]
    on_shelf: Mapping[ItemAtNode, int]
    policies: Policies

    def for_channel(self, channel_id: str, taken: Mapping[ItemAtNode, int] | None = None) -> Supply:
        """What the channel may take, after `taken` was taken from the shelves."""
        nodes = tuple(node for node in self.nodes if self.policies.serves(node, channel_id))
        usable = {node.id for node in nodes}
        gone = taken or {}
        free: dict[str, dict[str, int]] = defaultdict(dict)
        for (item_id, node_id), units in self.on_shelf.items():
            if node_id in usable:
                key = (item_id, node_id)
                left = units - gone.get(key, 0) - self.policies.safety.get(key, 0)
                if left > 0:
                    free[item_id][node_id] = left
        available = {}
        for item_id, by_node in free.items():
            held_back = withhold(by_node, self.policies.buffer(channel_id, item_id))
            for node_id, units in by_node.items():
                if units > held_back.get(node_id, 0):
                    available[item_id, node_id] = units - held_back.get(node_id, 0)
        return Supply(nodes, available)


def withhold(by_node: Mapping[str, int], buffer: int) -> dict[str, int]:
    """Units to hold back at which node: from the fullest first, so that the others keep theirs."""
    held_back = {}
    for node_id in sorted(by_node, key=lambda id_: (-by_node[id_], id_)):
        if buffer <= 0:
            break
        held_back[node_id] = min(buffer, by_node[node_id])
        buffer -= held_back[node_id]
    return held_back


def of_item(item_id: str, at_nodes: Sequence[Atp]) -> Availability:
    """What can be promised of a stock item over the nodes it is at."""
    return Availability(item_id, sum(each.available for each in at_nodes), tuple(at_nodes))


def of_bundle(
    bundle_id: str, parts: Sequence[ItemUnits], of_parts: Mapping[str, Sequence[Atp]]
) -> Availability:
    """What can be promised of a bundle: the least of its parts, at each node and over all."""
    available = min(
        sum(each.available for each in of_parts.get(item_id, ())) // units
        for item_id, units in parts
    )
    by_node: dict[str, list[tuple[Atp, int]]] = defaultdict(list)
    for item_id, units in parts:
        for each in of_parts.get(item_id, ()):
            by_node[each.node_id].append((each, units))
    at_nodes = tuple(
        Atp(
            bundle_id,
            node_id,
            on_hand=min(each.on_hand // units for each, units in found),
            reserved=0,
            safety_stock=0,
            buffer=0,
            available=min(each.available // units for each, units in found),
        )
        for node_id, found in sorted(by_node.items())
        if len(found) == len(parts)
    )
    return Availability(bundle_id, available, at_nodes)


def checked_node(command: PutNode, time_zones: Container[str]) -> PutNode:
    """The command, or `Invalid` naming every bad field."""
    wrong = {}
    for field in ("code", "name"):
        if not getattr(command, field).strip() or len(getattr(command, field)) > NAME_MAX:
            wrong[field] = f"must have 1 to {NAME_MAX} characters"
    wrong |= _bad_places(command)
    if command.time_zone not in time_zones:
        wrong["time_zone"] = "must be a name of the IANA list, such as Asia/Jakarta"
    for field in ("fixed_minor", "handling_unit_minor"):
        if getattr(command, field) < 0:
            wrong[field] = "must not be negative"
    if command.fixed_minor or command.handling_unit_minor or command.currency:
        wrong |= bad_currency(command.currency)
    if wrong:
        raise invalid(
            "node", f"The node '{command.code[:NAME_MAX]}' cannot be kept like this", wrong
        )
    return command


def put_node(command: PutNode, old: Node | None, id_: str) -> Node:
    """The node as it shall be."""
    if old is not None and command.id not in ("", old.id):
        raise invalid("node", "The id does not fit", {"id": f"the node has the id {old.id}"})
    fields = {name: getattr(command, name) for name in Node.__struct_fields__[1:-1]}
    return Node(id=id_, version=old.version if old else 1, **fields)


def _bad_places(command: PutNode) -> dict[str, str]:
    places = {"address.country": command.address.country} | {
        f"ships_to[{index}]": country for index, country in enumerate(command.ships_to)
    }
    wrong = {
        field: "must be two capital letters (ISO 3166-1), such as ID or GB"
        for field, country in places.items()
        if not _COUNTRY.fullmatch(country)
    }
    at = command.address.at
    if at is not None and not (-90 <= at.latitude <= 90 and -180 <= at.longitude <= 180):
        wrong["address.at"] = "is not on this globe: degrees of latitude and longitude"
    return wrong


def bad_currency(currency: str) -> dict[str, str]:
    try:
        money.exponent(currency)
    except Invalid as refusal:
        return {"currency": refusal.sentence}
    return {}


def invalid(kind: str, sentence: str, wrong: Mapping[str, str]) -> Invalid:
    places = ", ".join(sorted(wrong)[:5])
    return Invalid(
        f"{kind}.invalid", f"{sentence}: see {places}.", "Correct these fields and repeat.", wrong
    )
