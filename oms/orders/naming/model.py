"""What a line becomes when it is known which item it sells."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from oms.catalog.model import ItemRef
from oms.kernel.errors import NotFound, Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.model import Slice


class MapLine(msgspec.Struct, frozen=True, kw_only=True):
    """This line, which came with an unknown listing, sells this item."""

    line_id: str
    item_id: str
    cause: Cause = SYSTEM


class UnknownLine(msgspec.Struct, frozen=True, gc=False):
    """A line of which it is not known what it sells, and the hold that stops it."""

    line_id: str
    order_id: str
    channel_id: str
    listing_sku: str
    hold_id: str


def mapped(
    line: UnknownLine | None, item: ItemRef | None, slices: Sequence[Slice]
) -> tuple[Slice, ...]:
    """The line's units as units of the item, a bundle's by its parts; `Refused` if known before."""
    if line is None:
        raise Refused(
            "line.item_known",
            "It is known what this line sells, or there is no such line.",
            "Read the order again.",
        )
    if item is None:
        raise NotFound("item.not_found", "There is no such item.", "Look it up by its SKU.")
    return tuple(
        replace(units, id=-1, item_id=item_id, quantity=count)
        for units in slices
        for item_id, count in item.stock_units(units.quantity)
    )
