"""One item's stock as its page shows it: by node, by channel, by day, and how it got there."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from oms.catalog import queries as catalog
from oms.catalog.model import Channel, Item, ItemKind
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.inventory.costs import store as costs
from oms.inventory.model import Node
from oms.inventory.reservations import queries as reservations
from oms.inventory.reservations.queries import HeldUnits
from oms.kernel.clock import DAY_MS
from oms.kernel.ids import expect_prefix
from oms.ledger import goods
from oms.ledger import queries as ledger
from oms.ledger.model import Account, Level
from oms.ledger.queries import Moved
from oms.orders.figures import queries as figures
from oms.orders.listing import queries as listing
from oms.platform.transaction import Reader
from oms.web.formats import Formats
from oms.web.pictures.bars import Bar, bars
from oms.web.translations import N_

MOVEMENTS: Final = 50
DAYS: Final = 14

# fmt: off
PLACES: Final[Mapping[Account, str]] = {
    Account.AVAILABLE:       N_("Shelf"),
    Account.RESERVED:        N_("Reserved"),
    Account.PICKED:          N_("Picked"),
    Account.PACKED:          N_("Packed"),
    Account.PICKUP_SHELF:    N_("Pickup shelf"),
    Account.RETURNS_DOCK:    N_("Returns dock"),
    Account.DISPOSITION:     N_("Set aside"),
    Account.TRANSIT_OUT:     N_("On its way out"),
    Account.TRANSIT_RETURNS: N_("On its way back"),
    Account.INBOUND:         N_("Supply to come"),
    Account.UNPROMISED:      N_("Supply nobody promised"),
    Account.CUSTOMER:        N_("Customer"),
    Account.UNKNOWN_BUYER:   N_("Customer we do not know"),
    Account.LOST:            N_("Lost"),
    Account.SUPPLIER:        N_("Supplier"),
    Account.VARIANCE:        N_("Counting difference"),
    Account.SCRAP:           N_("Scrapped"),
}
# fmt: on
"""What the accounts of the goods ledger are called."""


class AtNode(msgspec.Struct, frozen=True, kw_only=True):
    """An item at a node: `free` is what lies on the shelf for anybody."""

    node: Node
    on_hand: int
    reserved: int
    free: int
    safety_stock: int
    promised: int


class OnChannel(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel may sell. `nodes`: how many serve it; None for all."""

    channel: Channel
    available: int
    buffer: int
    nodes: int | None


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A movement with its places in words; `number` of the order it was for."""

    moved: Moved
    source: str
    source_node: str
    target: str
    target_node: str
    number: str


class StockSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one item's stock."""

    item: Item
    nodes: list[AtNode]
    channels: list[OnChannel]
    held: list[HeldUnits]
    waited_for: int
    movements: list[Movement]
    names: dict[str, str]
    currency: str

    @property
    def promised(self) -> int:
        return sum(each.promised for each in self.nodes)

    @property
    def free(self) -> int:
        return sum(each.free for each in self.nodes)

    @property
    def safety_stock(self) -> int:
        return sum(each.safety_stock for each in self.nodes)

    @property
    def is_bundle(self) -> bool:
        return self.item.kind is ItemKind.BUNDLE


def stock_sheet(request: Call, reader: Reader, item_id: str) -> StockSheet:
    """The item with its stock within the caller's reach; `NotFound` when there is none."""
    item = catalog.item(reader, expect_prefix(item_id, "itm"))
    nodes = [n for n in inventory.nodes(reader) if request.caller.reaches_node(n.id)]
    moved = ledger.last_movements(reader, item.id, MOVEMENTS)
    seen = [each for each in moved if _is_in_reach(request, each)]
    numbers = _numbers(request, reader, seen)
    names = {node.id: node.name for node in nodes}
    return StockSheet(
        item=item,
        nodes=_at_nodes(reader, item.id, nodes),
        channels=_on_channels(request, reader, item.id),
        held=[h for h in reservations.held_of(reader, item.id) if h.node_id in names],
        waited_for=figures.waited_for(reader, item.id),
        movements=[_movement(each, names, numbers) for each in seen],
        names=names | {each.id: each.name for each in catalog.channels(reader)},
        currency=costs.currency(reader) or item.currency,
    )


def by_day(sheet: StockSheet, fmt: Formats, words: tuple[str, str]) -> tuple[Markup, list[Bar]]:
    """What lies free on each of the next days as far as is known: claims that end come back."""
    days = []
    for number in range(DAYS):
        end_ms = fmt.now_ms + number * DAY_MS
        begin_ms = end_ms - DAY_MS
        back = sum(h.units for h in sheet.held if h.expires_at_ms <= end_ms)
        arrives = sum(h.units for h in sheet.held if begin_ms < h.expires_at_ms <= end_ms)
        name = fmt.day(end_ms) if number % 3 == 0 else ""
        days.append(Bar(sheet.free + back, name, f"+{fmt.number(arrives)}" if arrives else ""))
    return bars(days, sheet.safety_stock, words), days


def _at_nodes(reader: Reader, item_id: str, nodes: Sequence[Node]) -> list[AtNode]:
    levels = {level.node_id: level for level in goods.levels(reader, [item_id])}
    found = {atp.node_id: atp for atp in inventory.atp(reader, [item_id], None, reader.now_ms)}
    policies = inventory.policies(reader, [item_id])
    shown = []
    for node in nodes:
        atp, level = found.get(node.id), levels.get(node.id, Level(item_id, node.id, 0, 0, 0))
        shown.append(
            AtNode(
                node=node,
                on_hand=atp.on_hand if atp else level.on_hand,
                reserved=level.reserved,
                free=level.available,
                safety_stock=policies.safety.get((item_id, node.id), 0),
                promised=atp.available if atp else 0,
            )
        )
    return shown


def _on_channels(request: Call, reader: Reader, item_id: str) -> list[OnChannel]:
    policies = inventory.policies(reader, [item_id])
    found = []
    for channel in catalog.channels(reader):
        if channel.active and request.caller.reaches_channel(channel.id):
            serving = policies.serving.get(channel.id)
            told = inventory.promisable(reader, [item_id], channel.id, reader.now_ms)
            found.append(
                OnChannel(
                    channel=channel,
                    available=told[item_id],
                    buffer=policies.buffer(channel.id, item_id),
                    nodes=None if serving is None else len(serving),
                )
            )
    return found


def _is_in_reach(request: Call, moved: Moved) -> bool:
    places = [id_ for id_ in (moved.source_node_id, moved.target_node_id) if id_]
    return not places or any(request.caller.reaches_node(id_) for id_ in places)


def _numbers(request: Call, reader: Reader, moved: Sequence[Moved]) -> dict[str, str]:
    """The numbers of orders within reach, by id."""
    ids = {each.order_id for each in moved if each.order_id}
    reached = request.caller.reach.channels
    return {order.id: order.number for order in listing.orders_by_id(reader, ids, reached)}


def _movement(moved: Moved, names: Mapping[str, str], numbers: Mapping[str, str]) -> Movement:
    return Movement(
        moved=moved,
        source=PLACES[moved.source],
        source_node=names.get(moved.source_node_id, ""),
        target=PLACES[moved.target],
        target_node=names.get(moved.target_node_id, ""),
        number=numbers.get(moved.order_id, ""),
    )
