"""Facts for the labels we draw ourselves and for packing slips, parcel by parcel."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from fulfillment import store
from fulfillment.documents.labels import LabelFacts
from fulfillment.documents.slips import SlipFacts, SlipLine
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel, unknown
from oms.catalog import queries as catalog
from oms.catalog.model import Channel, ItemRef
from oms.inventory import service as inventory
from oms.inventory.model import Node
from oms.kernel.address import Address
from oms.kernel.errors import Refused
from oms.kernel.money import Money
from oms.orders import queries as orders_read
from oms.orders.machine import LineState
from oms.orders.model import Slice
from oms.orders.service import SliceKey
from oms.orders.units import queries as units_read
from oms.orders.units.queries import Destination
from oms.platform.transaction import Reader

_GONE: Final = frozenset({ParcelState.UNPACKED})
_TO_FOLLOW: Final = frozenset(
    {
        *(LineState.OPEN, LineState.BACKORDERED, LineState.ALLOCATED),
        *(LineState.RELEASED, LineState.PICKED, LineState.PACKED),
    }
)


class _Facts(msgspec.Struct, frozen=True):
    """What all papers of some parcels need; `siblings` are all boxes of their orders."""

    parcels: Mapping[str, Parcel]
    to: Mapping[str, Destination]
    nodes: Mapping[str, Node]
    channels: Mapping[str, Channel]
    siblings: Mapping[str, Sequence[Parcel]]

    def place_of(self, parcel: Parcel) -> tuple[int, int]:
        """(which box of its fulfilment order this is, how many there are)."""
        together = [
            box.id
            for box in self.siblings[parcel.order_id]
            if box.fulfilment_id == parcel.fulfilment_id
        ]
        return together.index(parcel.id) + 1, len(together)

    def sender(self, parcel: Parcel) -> Address:
        node = self.nodes[parcel.node_id]
        return node.address if node.address.name else replace(node.address, name=node.name)

    def locale(self, parcel: Parcel) -> str:
        to = self.to[parcel.order_id]
        return to.locale or self.channels[to.channel_id].locale


def label_facts(reader: Reader, parcel_ids: Sequence[str]) -> list[LabelFacts]:
    """What the labels of these parcels show, in the order given; for those no carrier drew.

    `NotFound` for an unknown parcel, `Refused` for one without a label.
    """
    facts = _read(reader, parcel_ids)
    return [_label(facts, facts.parcels[parcel_id]) for parcel_id in parcel_ids]


def slip_facts(reader: Reader, parcel_ids: Sequence[str]) -> list[SlipFacts]:
    """What the packing slips of these parcels show, in the order given.

    `return_url` is empty: whoever knows the address of the portal puts it in.
    """
    facts = _read(reader, parcel_ids)
    slices: dict[str, list[Slice]] = defaultdict(list)
    order_ids = {parcel.order_id for parcel in facts.parcels.values()}
    for units in orders_read.slices_of(reader, SliceKey.ORDER, sorted(order_ids)):
        slices[units.order_id].append(units)
    items = catalog.item_refs(
        reader, {units.item_id for own in slices.values() for units in own if units.item_id}
    )
    return [_slip(facts, facts.parcels[parcel_id], (slices, items)) for parcel_id in parcel_ids]


def _read(reader: Reader, parcel_ids: Sequence[str]) -> _Facts:
    parcels = store.parcels(reader, parcel_ids)
    for parcel_id in parcel_ids:
        if parcel_id not in parcels:
            raise unknown("parcel", parcel_id)
    to = units_read.destinations(reader, {parcel.order_id for parcel in parcels.values()})
    siblings: dict[str, list[Parcel]] = defaultdict(list)
    for box in store.parcels_of_orders(reader, to):
        if box.state not in _GONE or box.id in parcels:
            siblings[box.order_id].append(box)
    return _Facts(
        parcels=parcels,
        to=to,
        nodes={node.id: node for node in inventory.nodes(reader)},
        channels=catalog.channels_by_id(reader, {each.channel_id for each in to.values()}),
        siblings=siblings,
    )


def _label(facts: _Facts, parcel: Parcel) -> LabelFacts:
    if not parcel.tracking_number:
        raise Refused(
            "parcel.no_label",
            f"Box {parcel.sscc} has no label to print.",
            "Buy its label first.",
            {parcel.id: "no label"},
        )
    to = facts.to[parcel.order_id]
    number, count = facts.place_of(parcel)
    return LabelFacts(
        carrier=parcel.label_extra.get("carrier_title", parcel.carrier),
        service=parcel.label_extra.get("service_title", parcel.service),
        tracking_number=parcel.tracking_number,
        to=to.ship_to,
        sender=facts.sender(parcel),
        order_number=to.number,
        weight_grams=parcel.weight_g,
        route_code=parcel.label_extra.get("route_code", ""),
        sscc=parcel.sscc,
        parcel_number=number,
        parcel_count=count,
        collect=Money(parcel.collect_minor, to.currency) if parcel.collect_minor else None,
        locale=facts.locale(parcel),
    )


def _slip(
    facts: _Facts,
    parcel: Parcel,
    contents: tuple[Mapping[str, Sequence[Slice]], Mapping[str, ItemRef]],
) -> SlipFacts:
    slices, items = contents
    own = slices.get(parcel.order_id, ())
    to = facts.to[parcel.order_id]
    channel = facts.channels[to.channel_id]
    number, count = facts.place_of(parcel)
    return SlipFacts(
        seller=facts.sender(parcel),
        order_number=to.number,
        ordered_at_ms=to.placed_at_ms,
        to=to.ship_to,
        lines=_lines([units for units in own if units.parcel_id == parcel.id], items),
        to_follow=_lines(
            [u for u in own if u.parcel_id != parcel.id and u.state in _TO_FOLLOW], items
        ),
        carrier=parcel.label_extra.get("carrier_title", parcel.carrier),
        tracking_number=parcel.tracking_number,
        parcel_number=number,
        parcel_count=count,
        time_zone=channel.time_zone,
        locale=facts.locale(parcel),
    )


def _lines(slices: Iterable[Slice], items: Mapping[str, ItemRef]) -> tuple[SlipLine, ...]:
    counts: dict[str, int] = defaultdict(int)
    for units in slices:
        counts[units.item_id] += units.quantity
    found = [(items[item_id], count) for item_id, count in counts.items() if item_id in items]
    return tuple(
        SlipLine(item.sku, item.name, count)
        for item, count in sorted(found, key=lambda each: each[0].sku)
    )
