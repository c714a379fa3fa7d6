"""What a code at the packing bench leads to, and what lies there, from facts as they are."""

from collections.abc import Sequence
from typing import Final

import msgspec

from fulfillment.machine import ParcelState
from fulfillment.model import Fulfilment, Parcel
from fulfillment.packing import queries as packing
from fulfillment.picking import queries as picking
from fulfillment.picking.queries import PickList
from oms.catalog import queries as catalog
from oms.catalog.model import Item
from oms.kernel.address import Address
from oms.orders.machine import LineState
from oms.orders.units import queries as units
from oms.platform.transaction import Reader
from oms.web.floor.walk import Work, works

LOOKED_AT_MAX: Final = 200
SHOWN_MAX: Final = 12
_DIGITS: Final = frozenset("0123456789")


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A tote on its way to the bench. `to_pick` units are still missing in it."""

    id: str
    number: str
    order: str
    to: Address
    units: int
    to_pick: int
    deadline_ms: int | None


class Bare(msgspec.Struct, frozen=True, kw_only=True):
    """A closed box that still has no label."""

    fulfilment_id: str
    sscc: str
    to: Address


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for: a fulfilment order to open, or why there is none.

    `item` is set for a code of goods; it then counts as scanned in what is opened.
    """

    fulfilment_id: str = ""
    item: Item | None = None


class Tote(msgspec.Struct, frozen=True, kw_only=True):
    """A fulfilment order at the bench: what is to be verified, what it weighs, its boxes."""

    fulfilment: Fulfilment
    work: Work
    to_verify: int
    to_pick: int
    to: Address
    goods: tuple[tuple[Item, int], ...]
    boxes: tuple[Parcel, ...]

    @property
    def weight_g(self) -> int:
        """Of what will be packed next, without its box."""
        return sum(item.weight_g * count for item, count in self.goods)

    @property
    def needs_label(self) -> bool:
        return any(box.state is ParcelState.PACKED for box in self.boxes)


def find(reader: Reader, node_id: str, code: str) -> Found:
    """What to open for a fulfilment order's number, a box's code, or an item's barcode or SKU."""
    numbered = packing.fulfilment_numbered(reader, code)
    if numbered is not None:
        return Found(fulfilment_id=numbered.id)
    boxed = packing.parcel_coded(reader, code)
    if boxed is not None and boxed.fulfilment_id:
        return Found(fulfilment_id=boxed.fulfilment_id)
    item = item_behind(reader, code)
    if item is None:
        return Found()
    return Found(fulfilment_id=_oldest_with(reader, node_id, item.id), item=item)


def item_behind(reader: Reader, code: str) -> Item | None:
    """The item with this barcode or SKU."""
    if code and set(code) <= _DIGITS:
        return catalog.items_by_barcode(reader, [code]).get(code)
    return catalog.items_by_sku(reader, [code]).get(code) or catalog.items_by_barcode(
        reader, [code]
    ).get(code)


def waiting(reader: Reader, node_id: str) -> list[Waiting]:
    """Totes with picked units at a node, complete ones first, then oldest first."""
    lists = picking.pick_lists(
        reader, picking.waiting(reader, node_id, LineState.PICKED, LOOKED_AT_MAX)
    )
    to = units.destinations(reader, [each.fulfilment.order_id for each in lists])
    found = [
        Waiting(
            id=each.fulfilment.id,
            number=each.fulfilment.number,
            order=each.order_number,
            to=to[each.fulfilment.order_id].ship_to,
            units=sum(item.picked for item in each.items),
            to_pick=sum(item.to_pick for item in each.items),
            deadline_ms=to[each.fulfilment.order_id].deadline_ms,
        )
        for each in lists
    ]
    return sorted(found, key=lambda each: (each.to_pick > 0, each.id))


def bare_boxes(reader: Reader, node_id: str) -> list[Bare]:
    """Closed boxes at a node without a label, oldest first: refused, or forgotten."""
    ids = picking.waiting(reader, node_id, LineState.PACKED, LOOKED_AT_MAX)
    boxes = [each for each in packing.boxes_of(reader, ids) if each.state is ParcelState.PACKED]
    to = units.destinations(reader, [each.order_id for each in boxes])
    return [
        Bare(fulfilment_id=each.fulfilment_id, sscc=each.sscc, to=to[each.order_id].ship_to)
        for each in boxes
    ]


def tote(reader: Reader, fulfilment_id: str) -> Tote:
    """One fulfilment order as the bench sees it, or `NotFound`."""
    own = picking.pick_list(reader, fulfilment_id)
    items = catalog.items_by_id(reader, {each.item_id for each in own.items})
    [work] = works(reader, [fulfilment_id])
    order_id = own.fulfilment.order_id
    return Tote(
        fulfilment=own.fulfilment,
        work=_to_verify(work, own),
        to_verify=sum(each.picked for each in own.items),
        to_pick=sum(each.to_pick for each in own.items),
        to=units.destinations(reader, [order_id])[order_id].ship_to,
        goods=tuple((items[each.item_id], each.picked) for each in own.items if each.picked),
        boxes=tuple(packing.boxes_of(reader, [fulfilment_id])),
    )


def _to_verify(work: Work, own: PickList) -> Work:
    """The same list at the bench: wanted is what was picked, and nothing of it is seen yet."""
    picked = {each.item_id: each.picked for each in own.items}
    stops = tuple(
        msgspec.structs.replace(stop, wanted=picked[stop.item], done=0)
        for stop in work.stops
        if picked[stop.item]
    )
    return msgspec.structs.replace(work, stops=stops)


def _oldest_with(reader: Reader, node_id: str, item_id: str) -> str:
    """The oldest complete tote with this item alone, else the oldest one it is in; "" for none."""
    lists = picking.pick_lists(
        reader, picking.waiting(reader, node_id, LineState.PICKED, LOOKED_AT_MAX)
    )
    having = [each for each in lists if _picked(each, item_id)]
    alone = [each for each in having if each.is_picked and _units(each) == 1]
    return _first(alone) or _first([each for each in having if each.is_picked]) or _first(having)


def _first(lists: Sequence[PickList]) -> str:
    return lists[0].fulfilment.id if lists else ""


def _picked(own: PickList, item_id: str) -> int:
    return sum(each.picked for each in own.items if each.item_id == item_id)


def _units(own: PickList) -> int:
    return sum(each.picked for each in own.items)
