"""What a small shop sells and how its commands are put together, for `world`."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from connectors.contract.messages import ChannelLine
from oms.catalog import queries as catalog_queries
from oms.catalog.model import Channel, Item
from oms.kernel.errors import OMSError
from oms.orders.cancels.model import LineQuantity
from oms.orders.facts import OrderFacts
from oms.orders.model import LineMove
from oms.orders.service import SliceKey, lock_slices
from oms.platform.transaction import Reader, Transaction
from returns.events import InspectedLine

T = TypeVar("T")


class Sold(msgspec.Struct, frozen=True):
    """An order line to be: so many units of an item for this much in all, before discounts."""

    quantity: int
    total_minor: int
    tax_minor: int = 0
    tax_rate: int = 0
    sku: str = "MUG"
    discount_minor: int = 0


def blind(item_id: str, quantity: int, net_minor: int, tax_minor: int = 0) -> InspectedLine:
    """Units that came back and that no sale is known for."""
    return InspectedLine(
        return_line_id=f"rtl_{quantity}_{net_minor}",
        line_id=None,
        item_id=item_id,
        quantity=quantity,
        disposition="restock",
        restocked=True,
        claimed_net_minor=net_minor,
        claimed_tax_minor=tax_minor,
        tax_rate_bp=2000 if tax_minor else 0,
        title="Something",
    )


def returned(line_id: str, item_id: str, quantity: int, *, restocked: bool) -> InspectedLine:
    return InspectedLine(
        return_line_id=f"rtl_{line_id}_{item_id}_{quantity}",
        line_id=line_id,
        item_id=item_id,
        quantity=quantity,
        disposition="restock" if restocked else "quarantine",
        restocked=restocked,
        claimed_net_minor=0,
        claimed_tax_minor=0,
        tax_rate_bp=0,
        title="",
    )


def channel_line(position: int, line: Sold) -> ChannelLine:
    return ChannelLine(
        external_id=str(position),
        sku=line.sku,
        quantity=line.quantity,
        unit_price_minor=line.total_minor // line.quantity,
        line_total_minor=line.total_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        tax_rate=line.tax_rate,
    )


def channel(reader: Reader) -> Channel:
    return catalog_queries.channel_by_code(reader, "web")


def item(reader: Reader, sku: str) -> Item:
    return catalog_queries.items_by_sku(reader, [sku])[sku]


def moves(
    tx: Transaction, order: OrderFacts, parts: Sequence[tuple[str, str, int]], step: tuple[str, str]
) -> list[LineMove]:
    """Moves of `parts` by the named step, from the slices that can make it."""
    name, node_id = step
    source = {
        "allocate": "open",
        "release": "allocated",
        "ship_direct": "released",
        "unship_direct": "shipped",
        "recall": "released",
        "deallocate": "allocated",
    }[name]
    slices = [each for each in lock_slices(tx, SliceKey.ORDER, [order.id]) if each.state == source]
    moves = []
    for line_id, item_id, quantity in parts:
        left = quantity
        for each in slices:
            if (each.line_id, each.item_id) == (line_id, item_id) and left:
                taken = min(left, each.quantity)
                moves.append(LineMove(each.id, name, taken, node_id=node_id))
                left -= taken
    return moves


def quantities_of(order: OrderFacts, quantities: Sequence[int]) -> tuple[LineQuantity, ...]:
    return tuple(
        LineQuantity(line.id, quantity)
        for line, quantity in zip(order.lines, quantities, strict=False)
        if quantity
    )


def whole(answers: Sequence[T | OMSError]) -> list[T]:
    """The answers, none of which may be a refusal."""
    whole = []
    for answer in answers:
        if isinstance(answer, OMSError):
            raise answer
        whole.append(answer)
    return whole


def expect_none(refused: Mapping[str, OMSError]) -> None:
    for refusal in refused.values():
        raise refusal
