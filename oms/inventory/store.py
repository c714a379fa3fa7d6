"""Rows of nodes and policies and back, and the free shelves under lock."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.inventory.model import (
    Node,
    NodeKind,
    Policies,
    PutBuffer,
    PutChannelNodes,
    PutStockRule,
    Stock,
)
from oms.inventory.tables import channel_buffer, channel_node, node, stock_rule
from oms.kernel.address import Address
from oms.ledger import goods
from oms.ledger.model import Account
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_TEXTS: Final = ParameterRows("wanted", text=sa.Text)
_NODES = sa.select(node).order_by(node.c.priority, node.c.id)
_LOCK_NODES = (
    sa.select(node)
    .select_from(_TEXTS.source.join(node, node.c.code == _TEXTS.c.text))
    .order_by(node.c.code)
    .with_for_update(of=node)
)
_EMPTY: Final = sa.literal_column("''", sa.Text)
_RULES = sa.select(
    sa.literal_column("'rule'", sa.Text).label("what"),
    stock_rule.c.item_id.label("item_id"),
    stock_rule.c.node_id.label("other_id"),
    stock_rule.c.safety_stock.label("units"),
)
_SET_RULES = (
    sa.select(stock_rule)
    .where(stock_rule.c.safety_stock > 0)
    .order_by(stock_rule.c.item_id, stock_rule.c.node_id)
    .limit(sa.bindparam("count"))
)
_BUFFERS = sa.select(
    sa.literal_column("'buffer'", sa.Text),
    channel_buffer.c.item_id,
    channel_buffer.c.channel_id,
    channel_buffer.c.units,
)
_SERVING = sa.select(
    sa.literal_column("'serves'", sa.Text),
    channel_node.c.channel_id,
    channel_node.c.node_id,
    sa.literal_column("0", sa.BigInteger),
)
_POLICIES_OF = sa.union_all(
    _RULES.select_from(_TEXTS.source.join(stock_rule, stock_rule.c.item_id == _TEXTS.c.text)),
    _BUFFERS.select_from(
        _TEXTS.source.join(channel_buffer, channel_buffer.c.item_id == _TEXTS.c.text)
    ),
    _BUFFERS.where(channel_buffer.c.item_id == _EMPTY),
    _SERVING,
)
_POLICIES = sa.union_all(_RULES, _BUFFERS, _SERVING)
_DROP_SERVING = sa.delete(channel_node).where(
    channel_node.c.channel_id.in_(sa.select(_TEXTS.c.text).select_from(_TEXTS.source))
)

_decode_address = msgspec.json.Decoder(Address).decode
_decode_countries = msgspec.json.Decoder(tuple[str, ...]).decode


def nodes(reader: Reader) -> tuple[Node, ...]:
    """All nodes, best priority first."""
    return tuple(_node(row) for row in reader.fetch(_NODES))


def lock_nodes(tx: Transaction, codes: Iterable[str]) -> dict[str, Node]:
    """Nodes by code, locked until the transaction ends."""
    wanted = [(code,) for code in sorted(set(codes))]
    return {row.code: _node(row) for row in tx.fetch(_LOCK_NODES, _TEXTS(wanted))}


def write_nodes(tx: Transaction, new: Sequence[Node], changed: Sequence[Node]) -> None:
    tx.insert(node, [_node_row(each) for each in new])
    tx.update(node, [_node_row(each) for each in changed], ["id"])


def policies(reader: Reader, item_ids: Collection[str] | None) -> Policies:
    """What may not be promised of these items (None: of all), and by whom."""
    if item_ids is None:
        rows = reader.fetch(_POLICIES)
    else:
        rows = reader.fetch(_POLICIES_OF, _TEXTS([(item_id,) for item_id in sorted(item_ids)]))
    safety, buffers = {}, {}
    serving: dict[str, set[str]] = defaultdict(set)
    for what, item_id, other_id, units in rows:
        if what == "rule":
            safety[item_id, other_id] = units
        elif what == "buffer":
            buffers[other_id, item_id] = units
        else:
            serving[item_id].add(other_id)
    chosen = {channel_id: frozenset(node_ids) for channel_id, node_ids in serving.items()}
    return Policies(safety, buffers, chosen)


def rules(reader: Reader, count: int) -> list[PutStockRule]:
    """Safety stocks above zero, by item."""
    return [
        PutStockRule(item_id=row.item_id, node_id=row.node_id, safety_stock=row.safety_stock)
        for row in reader.fetch(_SET_RULES, count=count)
    ]


def lock_stock(tx: Transaction, item_ids: Iterable[str]) -> Stock:
    """The free shelves of these items, locked until the transaction ends, and the policies."""
    wanted = set(item_ids)
    on_shelf: Counter[tuple[str, str]] = Counter()
    locked = goods.lock_balances(tx, Account.AVAILABLE, wanted)
    for (item_id, node_id, _lot), units in locked.items():
        on_shelf[item_id, node_id] += units
    return Stock(nodes(tx), on_shelf, policies(tx, wanted))


def write_rules(tx: Transaction, rules: Sequence[PutStockRule]) -> None:
    rows = [
        {"item_id": r.item_id, "node_id": r.node_id, "safety_stock": r.safety_stock} for r in rules
    ]
    tx.upsert(stock_rule, rows, ["item_id", "node_id"])


def write_buffers(tx: Transaction, buffers: Sequence[PutBuffer]) -> None:
    rows = [{"channel_id": b.channel_id, "item_id": b.item_id, "units": b.units} for b in buffers]
    tx.upsert(channel_buffer, rows, ["channel_id", "item_id"])


def write_channel_nodes(tx: Transaction, choices: Sequence[PutChannelNodes]) -> None:
    tx.run(_DROP_SERVING, _TEXTS([(choice.channel_id,) for choice in choices]))
    rows = [
        {"channel_id": choice.channel_id, "node_id": node_id}
        for choice in choices
        for node_id in sorted(set(choice.node_ids))
    ]
    tx.insert(channel_node, rows)


def _node(row: Any) -> Node:
    return Node(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=NodeKind(row.kind),
        address=_decode_address(row.address),
        time_zone=row.time_zone,
        priority=row.priority,
        active=bool(row.active),
        fixed_minor=row.fixed_minor,
        handling_unit_minor=row.handling_unit_minor,
        currency=row.currency,
        ships_to=_decode_countries(row.ships_to),
        version=row.version,
    )


def _node_row(each: Node) -> dict[str, object]:
    return {
        "id": each.id,
        "code": each.code,
        "name": each.name,
        "kind": each.kind.value,
        "address": msgspec.json.encode(each.address).decode(),
        "country": each.country,
        "latitude": each.at.latitude if each.at else None,
        "longitude": each.at.longitude if each.at else None,
        "time_zone": each.time_zone,
        "priority": each.priority,
        "active": each.active,
        "fixed_minor": each.fixed_minor,
        "handling_unit_minor": each.handling_unit_minor,
        "currency": each.currency,
        "ships_to": msgspec.json.encode(each.ships_to).decode(),
        "version": each.version,
    }
