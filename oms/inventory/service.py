"""Nodes, policies about what may be promised, and supply under lock.

Documents, costs and reservations have rooms of their own; what others call of them stands here too.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from zoneinfo import available_timezones

import msgspec

from oms.catalog import queries as catalog
from oms.inventory import model, store
from oms.inventory.costs.service import cost_currency, return_cost, take_cost
from oms.inventory.documents.service import adjust, receive, set_levels
from oms.inventory.events import BufferSet, ChannelNodesSet, NodePut, StockRuleSet
from oms.inventory.model import (
    Node,
    PutBuffer,
    PutChannelNodes,
    PutNode,
    PutStockRule,
    Stock,
    Supply,
)
from oms.inventory.reservations.service import (
    expire_reservations,
    lock_reservations,
    release_reservations,
    reserve,
    use_reservation,
    use_reservations,
)
from oms.kernel.errors import OMSError
from oms.kernel.ids import expect_prefix
from oms.platform.batches import in_rounds
from oms.platform.transaction import Reader, Transaction

__all__ = [
    "adjust",
    "cost_currency",
    "expire_reservations",
    "lock_reservations",
    "lock_stock",
    "lock_supply",
    "nodes",
    "put_buffers",
    "put_channel_nodes",
    "put_nodes",
    "put_stock_rules",
    "receive",
    "release_reservations",
    "reserve",
    "return_cost",
    "set_levels",
    "take_cost",
    "use_reservation",
    "use_reservations",
]


def nodes(reader: Reader) -> tuple[Node, ...]:
    """All nodes, best priority first, closed ones too."""
    return store.nodes(reader)


def lock_stock(tx: Transaction, item_ids: Iterable[str]) -> Stock:
    """The free shelves of stock items, locked until the transaction ends, for any channel."""
    return store.lock_stock(tx, item_ids)


def lock_supply(tx: Transaction, item_ids: Iterable[str], channel_id: str) -> Supply:
    """What one channel may take of stock items now, locked until the transaction ends.

    `available` has units by (item, node) after safety stock and the channel's buffer; what is
    absent is none. For orders of several channels use `lock_stock` and its `for_channel`.
    """
    return store.lock_stock(tx, item_ids).for_channel(channel_id)


def put_nodes(tx: Transaction, commands: Sequence[PutNode]) -> list[Node | OMSError]:
    """Make nodes look as described, by code. Saying the same twice changes and tells nothing."""
    return in_rounds(commands, lambda c: c.code, partial(_put_nodes, tx))


def put_stock_rules(
    tx: Transaction, commands: Sequence[PutStockRule]
) -> list[PutStockRule | OMSError]:
    """Set the safety stock of items at nodes."""
    return in_rounds(commands, lambda c: (c.item_id, c.node_id), partial(_put_rules, tx))


def put_buffers(tx: Transaction, commands: Sequence[PutBuffer]) -> list[PutBuffer | OMSError]:
    """Set what channels may not sell."""
    return in_rounds(commands, lambda c: (c.channel_id, c.item_id), partial(_put_buffers, tx))


def put_channel_nodes(
    tx: Transaction, commands: Sequence[PutChannelNodes]
) -> list[PutChannelNodes | OMSError]:
    """Set which nodes serve channels."""
    return in_rounds(commands, lambda c: c.channel_id, partial(_put_channel_nodes, tx))


def _put_nodes(tx: Transaction, commands: Sequence[PutNode]) -> list[Node | OMSError]:
    olds, zones = store.lock_nodes(tx, [c.code for c in commands]), available_timezones()
    answers: list[Node | OMSError] = []
    new: list[Node] = []
    changed: list[Node] = []
    for command in commands:
        old = olds.get(command.code)
        try:
            id_ = old.id if old else expect_prefix(command.id or tx.new_id("nod"), "nod")
            node = model.put_node(model.checked_node(command, zones), old, id_)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        if node != old:
            node = msgspec.structs.replace(node, version=old.version + 1 if old else 1)
            (changed if old else new).append(node)
            tell = tx.emit if old else tx.emit_first
            tell(NodePut(entity=node.id, code=node.code, version=node.version), command.cause)
        answers.append(node)
    store.write_nodes(tx, new, changed)
    return answers


def _put_rules(tx: Transaction, commands: Sequence[PutStockRule]) -> list[PutStockRule | OMSError]:
    known = {node.id for node in store.nodes(tx)}
    kinds = catalog.kinds(tx, [command.item_id for command in commands])
    answers: list[PutStockRule | OMSError] = []
    written: list[PutStockRule] = []
    for command in commands:
        wrong = {}
        if command.item_id not in kinds:
            wrong["item_id"] = f"there is no item '{command.item_id}'"
        if command.node_id not in known:
            wrong["node_id"] = f"there is no node '{command.node_id}'"
        if command.safety_stock < 0:
            wrong["safety_stock"] = "must not be negative"
        if wrong:
            answers.append(model.invalid("stock_rule", "This rule cannot be kept", wrong))
            continue
        answers.append(command)
        written.append(command)
        event = StockRuleSet(
            entity=command.item_id, node_id=command.node_id, safety_stock=command.safety_stock
        )
        tx.emit(event, command.cause)
    store.write_rules(tx, written)
    return answers


def _put_buffers(tx: Transaction, commands: Sequence[PutBuffer]) -> list[PutBuffer | OMSError]:
    channels = catalog.channels_by_id(tx, [command.channel_id for command in commands])
    kinds = catalog.kinds(tx, [command.item_id for command in commands if command.item_id])
    answers: list[PutBuffer | OMSError] = []
    written: list[PutBuffer] = []
    for command in commands:
        wrong = {}
        if command.channel_id not in channels:
            wrong["channel_id"] = f"there is no channel '{command.channel_id}'"
        if command.item_id and command.item_id not in kinds:
            wrong["item_id"] = f"there is no item '{command.item_id}'"
        if command.units < 0:
            wrong["units"] = "must not be negative"
        if wrong:
            answers.append(model.invalid("channel_buffer", "This buffer cannot be kept", wrong))
            continue
        answers.append(command)
        written.append(command)
        event = BufferSet(entity=command.channel_id, item_id=command.item_id, units=command.units)
        tx.emit(event, command.cause)
    store.write_buffers(tx, written)
    return answers


def _put_channel_nodes(
    tx: Transaction, commands: Sequence[PutChannelNodes]
) -> list[PutChannelNodes | OMSError]:
    channels = catalog.channels_by_id(tx, [command.channel_id for command in commands])
    known = {node.id for node in store.nodes(tx)}
    answers: list[PutChannelNodes | OMSError] = []
    written: list[PutChannelNodes] = []
    for command in commands:
        wrong = {
            f"node_ids[{index}]": f"there is no node '{node_id}'"
            for index, node_id in enumerate(command.node_ids)
            if node_id not in known
        }
        if command.channel_id not in channels:
            wrong["channel_id"] = f"there is no channel '{command.channel_id}'"
        if wrong:
            answers.append(model.invalid("channel", "These nodes cannot serve it", wrong))
            continue
        answers.append(command)
        written.append(command)
        event = ChannelNodesSet(entity=command.channel_id, node_ids=command.node_ids)
        tx.emit(event, command.cause)
    store.write_channel_nodes(tx, written)
    return answers
