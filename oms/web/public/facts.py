"""Everything that is told to whoever has an order's link, read at once."""

from collections.abc import Mapping, Sequence

import msgspec

from fulfillment import queries as floor
from fulfillment.model import Parcel
from fulfillment.queries import Scan, Shipment
from oms.catalog import queries as catalog
from oms.inventory import queries as inventory
from oms.inventory.model import Node
from oms.kernel.errors import NotFound
from oms.orders import queries as orders
from oms.orders.facts import OrderFacts
from oms.orders.model import Slice
from oms.orders.store import SliceKey
from oms.payments import queries as payments
from oms.payments.model import Capture, Refund
from oms.platform.transaction import Reader
from returns import queries as returns
from returns.queries import ReturnView


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an order; `scans` by parcel id, `nodes` by id."""

    order: OrderFacts
    time_zone: str
    slices: Sequence[Slice]
    parcels: Sequence[Parcel]
    shipments: Sequence[Shipment]
    scans: Mapping[str, Sequence[Scan]]
    captures: Sequence[Capture]
    refunds: Sequence[Refund]
    returns: Sequence[ReturnView]
    nodes: Mapping[str, Node]
    delivered_at_ms: int | None
    now_ms: int

    @property
    def left(self) -> list[Parcel]:
        """Boxes that are away; one that is still on our bench is nobody's business."""
        return [each for each in self.parcels if each.shipment_id and each.fulfilment_id]


def facts_of(reader: Reader, order_id: str) -> Facts:
    """The facts, or `NotFound` when the order is not here any more."""
    own = [order_id]
    found = orders.orders_for(reader, own)
    if not found:
        raise NotFound("link.unknown", "The order of this link is not here any more.")
    parcels = floor.parcels_of(reader, own)
    asked = [each.ret.id for each in returns.returns_of(reader, own)]
    channel = catalog.channel(reader, found[0].channel_id)
    return Facts(
        order=found[0],
        time_zone=channel.time_zone,
        slices=orders.slices_of(reader, SliceKey.ORDER, own),
        parcels=parcels,
        shipments=[s for s in floor.shipments_of(reader, own) if s.undone_at_ms is None],
        scans=floor.scans_of(reader, [each.id for each in parcels]),
        captures=payments.captures_of(reader, order_id),
        refunds=payments.refunds_of(reader, order_id),
        returns=returns.return_views(reader, asked) if asked else (),
        nodes={node.id: node for node in inventory.nodes(reader)},
        delivered_at_ms=floor.delivered_at_ms(reader, own).get(order_id),
        now_ms=reader.now_ms,
    )
