"""Pick lists: what is to be taken from the shelf for a fulfilment order, and how far it is."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from fulfillment import store
from fulfillment.model import ON_THE_FLOOR, Fulfilment
from oms.catalog import queries as catalog
from oms.kernel.errors import NotFound
from oms.orders import queries as orders_read
from oms.orders.machine import LineState
from oms.orders.service import SliceKey
from oms.orders.units.queries import UNITS
from oms.platform.transaction import Reader

LISTS_MAX: Final = 200


def _work_in(state: LineState) -> sa.Select[tuple[str]]:
    """Spelled out, so that both databases see the partial index on units that wait."""
    return (
        sa.select(UNITS.c.fulfilment_id)
        .where(
            UNITS.c.state == sa.literal_column(f"'{state.value}'"),
            UNITS.c.node_id == sa.bindparam("node_id"),
            UNITS.c.fulfilment_id != "",
        )
        .distinct()
        .order_by(UNITS.c.fulfilment_id)
        .limit(sa.bindparam("count"))
    )


_WORK: Final = {state: _work_in(state) for state in sorted(ON_THE_FLOOR)}


class PickItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a pick list with its units by how far they are; they sum to what was asked for."""

    item_id: str
    sku: str
    name: str
    barcodes: tuple[str, ...]
    weight_g: int
    to_pick: int
    picked: int
    packed: int
    left: int


class PickList(msgspec.Struct, frozen=True, kw_only=True):
    """A fulfilment order as the person with the scanner sees it; items by SKU until bins exist."""

    fulfilment: Fulfilment
    order_number: str
    items: tuple[PickItem, ...]

    @property
    def is_picked(self) -> bool:
        return not any(item.to_pick for item in self.items)


def waiting(reader: Reader, node_id: str, state: LineState, count: int) -> list[str]:
    """Fulfilment orders of a node with units `state`, one of those on the floor; oldest first."""
    return [row[0] for row in reader.fetch(_WORK[state], node_id=node_id, count=count)]


def pick_lists(reader: Reader, fulfilment_ids: Sequence[str]) -> list[PickList]:
    """Pick lists of these fulfilment orders, in the order asked for; unknown ids are left out."""
    wanted = list(dict.fromkeys(fulfilment_ids))[:LISTS_MAX]
    found = store.fulfilments(reader, wanted)
    numbers = {
        order.id: order.number
        for order in orders_read.orders_for(reader, {each.order_id for each in found.values()})
    }
    units: dict[str, dict[str, Counter[LineState]]] = defaultdict(lambda: defaultdict(Counter))
    for piece in orders_read.slices_of(reader, SliceKey.FULFILMENT, found):
        units[piece.fulfilment_id][piece.item_id][piece.state] += piece.quantity
    items = catalog.items_by_id(reader, {item_id for own in units.values() for item_id in own})
    return [
        PickList(
            fulfilment=found[id_],
            order_number=numbers[found[id_].order_id],
            items=tuple(
                PickItem(
                    item_id=item.id,
                    sku=item.sku,
                    name=item.name,
                    barcodes=tuple(each.barcode for each in item.barcodes),
                    weight_g=item.weight_g,
                    to_pick=counts[LineState.RELEASED],
                    picked=counts[LineState.PICKED],
                    packed=counts[LineState.PACKED],
                    left=sum(n for state, n in counts.items() if state not in ON_THE_FLOOR),
                )
                for item, counts in sorted(
                    ((items[item_id], counts) for item_id, counts in units[id_].items()),
                    key=lambda each: each[0].sku,
                )
            ),
        )
        for id_ in wanted
        if id_ in found
    ]


def pick_list(reader: Reader, fulfilment_id: str) -> PickList:
    """One pick list, or `NotFound`."""
    for found in pick_lists(reader, [fulfilment_id]):
        return found
    raise NotFound(
        "fulfilment.not_found", f"There is no fulfilment '{fulfilment_id}'.", "Check the id."
    )
