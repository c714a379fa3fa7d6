"""What can be promised, and where units are: for screens, the API, channels and checks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from oms.catalog import queries as catalog
from oms.catalog.model import ItemKind
from oms.inventory import model, store
from oms.inventory.costs import queries as costs
from oms.inventory.model import Atp, Node, Policies
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


def atp(reader: Reader, item_ids: Iterable[str], channel_id: str | None, at_ms: int) -> list[Atp]:
    """What can be promised of each item at each node that has it, for the moment `at_ms`.

    A bundle is there as often as its scarcest part. `channel_id` None: without any channel's
    buffer, at all open nodes. Supply that is still to come counts for no moment yet.
    """
    del at_ms
    wanted = sorted(set(item_ids))
    bundles = _bundles(reader, wanted)
    parts = {part for of_bundle in bundles.values() for part, _ in of_bundle}
    stock_items = [item_id for item_id in wanted if item_id not in bundles]
    found = _of_stock(reader, sorted(parts.union(stock_items)), channel_id or "")
    asked = set(stock_items)
    answers = [each for each in found if each.item_id in asked]
    if bundles:
        by_item: dict[str, list[Atp]] = defaultdict(list)
        for each in found:
            by_item[each.item_id].append(each)
        for bundle_id, of_bundle in bundles.items():
            of_parts = [each for part, _ in of_bundle for each in by_item[part]]
            answers += model.bundle_atp(bundle_id, of_bundle, of_parts)
    return answers


def promisable(
    reader: Reader, item_ids: Iterable[str], channel_id: str | None, at_ms: int
) -> dict[str, int]:
    """Units of each item that can be promised over all nodes: what a channel is told.

    A bundle's parts may come from different nodes. Items nobody has are there with 0.
    """
    wanted = sorted(set(item_ids))
    bundles = _bundles(reader, wanted)
    parts = {part for of_bundle in bundles.values() for part, _ in of_bundle}
    totals = dict.fromkeys([*wanted, *parts], 0)
    stock_items = [item_id for item_id in totals if item_id not in bundles]
    for each in atp(reader, stock_items, channel_id, at_ms):
        totals[each.item_id] += each.available
    for bundle_id, of_bundle in bundles.items():
        totals[bundle_id] = min(totals[part] // units for part, units in of_bundle)
    return {item_id: totals[item_id] for item_id in wanted}


def _bundles(reader: Reader, item_ids: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    kinds = catalog.kinds(reader, item_ids)
    bundle_ids = [item_id for item_id, kind in kinds.items() if kind is ItemKind.BUNDLE]
    return {ref.id: ref.parts for ref in catalog.item_refs(reader, bundle_ids).values()}


def _of_stock(reader: Reader, item_ids: Sequence[str], channel_id: str) -> list[Atp]:
    policies = store.policies(reader, item_ids)
    usable = {each.id for each in store.nodes(reader) if policies.serves(each, channel_id)}
    by_item: dict[str, list[Level]] = defaultdict(list)
    for level in goods.levels(reader, item_ids):
        if level.node_id in usable:
            by_item[level.item_id].append(level)
    return [
        each
        for item_id, levels in sorted(by_item.items())
        for each in _of_item(levels, policies, policies.buffer(channel_id, item_id))
    ]


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
