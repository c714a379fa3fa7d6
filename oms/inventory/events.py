"""Facts about nodes and about units that came, went or were counted."""

from oms.kernel.events import Event


class NodePut(Event, frozen=True, kw_only=True, tag="node.put"):
    """A node is new or was changed; the entity is the node."""

    code: str
    version: int


class StockReceived(Event, frozen=True, kw_only=True, tag="stock.received"):
    """Units came from a supplier; the entity is the receipt."""

    node_id: str
    item_ids: tuple[str, ...]


class StockAdjusted(Event, frozen=True, kw_only=True, tag="stock.adjusted"):
    """Units were found or missed, by a person or by a stock report; the entity is the document.

    `raised` and `lowered` are items of which more or less can be promised now.
    """

    node_id: str
    reason: str
    raised: tuple[str, ...] = ()
    lowered: tuple[str, ...] = ()


class StockRuleSet(Event, frozen=True, kw_only=True, tag="stock_rule.set"):
    """How much of an item is never promised at a node; the entity is the item."""

    node_id: str
    safety_stock: int


class BufferSet(Event, frozen=True, kw_only=True, tag="channel.buffer_set"):
    """How much of an item ("": of each) a channel may not sell; the entity is the channel."""

    item_id: str
    units: int


class ChannelNodesSet(Event, frozen=True, kw_only=True, tag="channel.nodes_set"):
    """Which nodes serve a channel (none: all of them); the entity is the channel."""

    node_ids: tuple[str, ...]
