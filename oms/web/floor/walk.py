"""What a handheld works from: pick lists with every code that stands for an item, as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from fulfillment.machine import FulfilmentState
from fulfillment.picking import queries as picking
from fulfillment.picking.queries import PickItem, PickList
from oms.catalog import queries as catalog
from oms.catalog.model import Item
from oms.orders.machine import LineState
from oms.platform.transaction import Reader

ORDERS_MAX: Final = 24  # of one walk: more totes fit on no cart
LOOKED_AT_MAX: Final = 100
CARTS: Final = (1, 4, 8, 16)
"""How many totes a cart may hold, to choose from."""


class Code(msgspec.Struct, frozen=True, gc=False):
    """A barcode as the catalogue keeps it, and how many units lie behind it."""

    code: str
    units: int


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """Units of an item for one fulfilment order. `place` is its bin, "" as long as none is known.

    `wanted` are all units on this floor, `done` those of them off the shelf.
    """

    item: str
    sku: str
    name: str
    codes: tuple[Code, ...]
    place: str = ""
    wanted: int
    done: int


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A fulfilment order, which is a tote. Closed ones (`open` false) take no more picks."""

    id: str
    number: str
    order: str
    order_id: str
    node: str
    open: bool
    stops: tuple[Stop, ...]

    @property
    def units(self) -> int:
        return sum(stop.wanted - stop.done for stop in self.stops)


def to_pick(reader: Reader, node_id: str, count: int = ORDERS_MAX) -> list[Work]:
    """The fulfilment orders of a node that have units to pick, oldest first."""
    ids = picking.waiting(reader, node_id, LineState.RELEASED, LOOKED_AT_MAX)
    return [each for each in works(reader, ids) if each.open and each.units][:count]


def works(reader: Reader, ids: Sequence[str]) -> list[Work]:
    """These fulfilment orders as they are now; unknown ids are left out."""
    lists = picking.pick_lists(reader, ids)
    items = catalog.items_by_id(reader, {each.item_id for own in lists for each in own.items})
    return [work(each, items) for each in lists]


def work(own: PickList, items: Mapping[str, Item]) -> Work:
    """A pick list as a device sees it."""
    return Work(
        id=own.fulfilment.id,
        number=own.fulfilment.number,
        order=own.order_number,
        order_id=own.fulfilment.order_id,
        node=own.fulfilment.node_id,
        open=own.fulfilment.state is FulfilmentState.ACCEPTED,
        stops=_stops(own.items, items),
    )


def _stops(own: Iterable[PickItem], items: Mapping[str, Item]) -> tuple[Stop, ...]:
    return tuple(
        Stop(
            item=each.item_id,
            sku=each.sku,
            name=each.name,
            codes=tuple(Code(c.barcode, c.units) for c in items[each.item_id].barcodes),
            wanted=each.to_pick + each.picked + each.packed,
            done=each.picked + each.packed,
        )
        for each in own
    )
