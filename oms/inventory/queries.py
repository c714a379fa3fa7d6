"""What can be promised, and where units are: for screens, the API, channels and checks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from oms.catalog import queries as catalog
from oms.catalog.model import ItemKind
from oms.inventory import model, store
from oms.inventory.costs import queries as costs
from oms.inventory.model import Atp, Availability, Node, Policies, PutStockRule
from oms.inventory.reservations import queries as reservations
from oms.kernel.errors import NotFound
from oms.ledger import goods
from oms.ledger.check import Check
from oms.ledger.model import Level
from oms.platform.transaction import Reader

CHECKS: Final[tuple[Check, ...]] = (*costs.CHECKS, *reservations.CHECKS)


def nodes(reader: Reader) -> tuple[Node, ...]:
    """All nodes, best priority first."""
    return store.nodes(reader)


def node(reader: Reader, id_: str) -> Node:
    """One node, or `NotFound`."""
    for each in store.nodes(reader):
        if each.id == id_:
            return each
    raise NotFound("node.not_found", f"There is no node '{id_}'.", "List the nodes.")


def policies(reader: Reader, item_ids: Sequence[str]) -> Policies:
    """Safety stocks and buffers of these items, and which nodes serve which channel."""
    return store.policies(reader, item_ids)


def rules(reader: Reader, count: int) -> list[PutStockRule]:
    """The first safety stocks that are set."""
    return store.rules(reader, count)


def availability(
    reader: Reader, item_ids: Iterable[str], channel_id: str | None, at_ms: int
) -> dict[str, Availability]:
    """What can be promised of each item for the moment `at_ms`, in all and at each node.

    A bundle is there as often as its scarcest part, and its parts may come from different nodes.
    `channel_id` None: without any channel's buffer, at all open nodes. Items nobody has are there
    with 0. Supply that is still to come counts for no moment yet.
    """
    del at_ms
    wanted = sorted(set(item_ids))
    levels = _levels(reader, wanted)
    bundles = _bundles(reader, [item_id for item_id in wanted if item_id not in levels])
    parts = {part for of_bundle in bundles.values() for part, _ in of_bundle}
    levels |= _levels(reader, sorted(parts - levels.keys()))
    of_stock = _of_stock(reader, levels, channel_id or "")
    found = {}
    for item_id in wanted:
        if item_id in bundles:
            found[item_id] = model.of_bundle(item_id, bundles[item_id], of_stock)
        else:
            found[item_id] = model.of_item(item_id, of_stock.get(item_id, ()))
    return found


def atp(reader: Reader, item_ids: Iterable[str], channel_id: str | None, at_ms: int) -> list[Atp]:
    """The same, node by node; nodes that never had an item (or a part of it) are absent."""
    found = availability(reader, item_ids, channel_id, at_ms)
    return [at_node for each in found.values() for at_node in each.at_nodes]


def promisable(
    reader: Reader, item_ids: Iterable[str], channel_id: str | None, at_ms: int
) -> dict[str, int]:
    """The same, in all: what a channel is told. Reads no more than that takes."""
    del at_ms
    wanted = sorted(set(item_ids))
    totals = _totals(reader, wanted, channel_id or "")
    bundles = _bundles(reader, [item_id for item_id in wanted if item_id not in totals])
    parts = {part for of_bundle in bundles.values() for part, _ in of_bundle}
    totals |= _totals(reader, sorted(parts - totals.keys()), channel_id or "")
    totals |= {
        bundle_id: min(totals.get(part, 0) // units for part, units in of_bundle)
        for bundle_id, of_bundle in bundles.items()
    }
    return {item_id: totals.get(item_id, 0) for item_id in wanted}


def _totals(reader: Reader, item_ids: Sequence[str], channel_id: str) -> dict[str, int]:
    """What can be promised of stock items over all nodes; what nobody ever had is absent."""
    if not item_ids:
        return {}
    policies = store.policies(reader, item_ids)
    usable = {each.id for each in store.nodes(reader) if policies.serves(each, channel_id)}
    totals: dict[str, int] = defaultdict(int)
    for (item_id, node_id), units in goods.free(reader, item_ids).items():
        left = units - policies.safety.get((item_id, node_id), 0) if node_id in usable else 0
        totals[item_id] += max(0, left)
    return {
        item_id: max(0, units - policies.buffer(channel_id, item_id))
        for item_id, units in totals.items()
    }


def _levels(reader: Reader, item_ids: Sequence[str]) -> dict[str, list[Level]]:
    by_item: dict[str, list[Level]] = defaultdict(list)
    for level in goods.levels(reader, item_ids):
        by_item[level.item_id].append(level)
    return dict(by_item)


def _bundles(reader: Reader, item_ids: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    refs = catalog.item_refs(reader, item_ids) if item_ids else {}
    return {id_: ref.parts for id_, ref in refs.items() if ref.kind is ItemKind.BUNDLE}


def _of_stock(
    reader: Reader, levels: Mapping[str, Sequence[Level]], channel_id: str
) -> dict[str, list[Atp]]:
    policies = store.policies(reader, levels.keys())
    usable = {each.id for each in store.nodes(reader) if policies.serves(each, channel_id)}
    return {
        item_id: _of_item(
            [level for level in of_item if level.node_id in usable],
            policies,
            policies.buffer(channel_id, item_id),
        )
        for item_id, of_item in levels.items()
    }


def _of_item(levels: Sequence[Level], policies: Policies, buffer: int) -> list[Atp]:
    """One item at its nodes; the channel's buffer is held back once, not at every node."""
    safety = [policies.safety.get((level.item_id, level.node_id), 0) for level in levels]
    free = {
        level.node_id: max(0, level.available - kept)
        for level, kept in zip(levels, safety, strict=True)
    }
    held_back = model.withhold(free, buffer) if buffer else {}
    return [
        Atp(
            level.item_id,
            level.node_id,
            level.on_hand,
            level.reserved,
            kept,
            held_back.get(level.node_id, 0),
            free[level.node_id] - held_back.get(level.node_id, 0),
        )
        for level, kept in zip(levels, safety, strict=True)
    ]
