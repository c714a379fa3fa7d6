"""What a carrier has to be asked for boxes without a label, from facts as they are now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec.structs import replace

from connectors.contract.messages import PaymentTerms
from connectors.contract.parcels import LabelRequest, ParcelContent, ParcelToShip
from fulfillment import store
from fulfillment.labels.model import Cash, Consignment, cash_to_collect
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from oms.catalog import queries as catalog
from oms.catalog.model import ItemRef
from oms.inventory import service as inventory
from oms.inventory.model import Node
from oms.orders import queries as orders_read
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.model import Slice
from oms.orders.service import SliceKey
from oms.orders.units import queries as units_read
from oms.orders.units.queries import Destination
from oms.platform.transaction import Reader

KEY_BYTES: Final = 16
_WITH_LABEL: Final = frozenset(ParcelState) - {ParcelState.PACKED, ParcelState.UNPACKED}


class _Facts(msgspec.Struct, frozen=True):
    """Everything about some boxes; contents only of those where somebody asks for them."""

    to: Mapping[str, Destination]
    nodes: Mapping[str, Node]
    orders: Mapping[str, OrderFacts]
    contents: Mapping[str, Sequence[Slice]]
    items: Mapping[str, ItemRef]
    others: Mapping[str, Sequence[Parcel]]

    def is_abroad(self, parcel: Parcel) -> bool:
        return self.nodes[parcel.node_id].country != self.to[parcel.order_id].ship_to.country


def consignments(reader: Reader, parcels: Sequence[Parcel]) -> list[Consignment]:
    """What to ask a carrier for these boxes: those of one fulfilment order travel together."""
    facts = _read(reader, parcels)
    together: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        together[parcel.fulfilment_id].append(parcel)
    cash = {order_id: _labelled_before(facts, order_id) for order_id in facts.others}
    wanted = []
    for fulfilment_id, boxes in together.items():
        to = facts.to[boxes[0].order_id]
        collect_minor = 0
        if to.id in cash:
            now = _units(facts, boxes)
            collect_minor = cash_to_collect(facts.orders[to.id], cash[to.id], now)
            cash[to.id] = _with(cash[to.id], now)
        wanted.append(
            Consignment(
                fulfilment_id=fulfilment_id,
                parcel_ids=tuple(box.id for box in boxes),
                request=_request(facts, boxes, collect_minor, reader.now_ms),
                shipping_choice=to.shipping_choice,
                deadline_ms=to.deadline_ms,
            )
        )
    return wanted


def _read(reader: Reader, parcels: Sequence[Parcel]) -> _Facts:
    facts = _Facts(
        to=units_read.destinations(reader, {parcel.order_id for parcel in parcels}),
        nodes={node.id: node for node in inventory.nodes(reader)},
        orders={},
        contents={},
        items={},
        others={},
    )
    at_the_door = {
        order_id for order_id, to in facts.to.items() if to.payment_terms == PaymentTerms.COD
    }
    opened = {box.id: box for box in parcels if box.order_id in at_the_door or facts.is_abroad(box)}
    return _with_contents(reader, facts, opened, at_the_door) if opened else facts


def _with_contents(
    reader: Reader, facts: _Facts, opened: Mapping[str, Parcel], at_the_door: Collection[str]
) -> _Facts:
    """The same with what is in the boxes, and in others for which cash is collected."""
    others: dict[str, list[Parcel]] = {order_id: [] for order_id in at_the_door}
    for other in store.parcels_of_orders(reader, at_the_door) if at_the_door else ():
        if other.id not in opened and other.state in _WITH_LABEL:
            others[other.order_id].append(other)
    inside_of = {*opened, *(other.id for boxes in others.values() for other in boxes)}
    contents: dict[str, list[Slice]] = defaultdict(list)
    for units in orders_read.slices_of(reader, SliceKey.PARCEL, sorted(inside_of)):
        contents[units.parcel_id].append(units)
    order_ids = {box.order_id for box in opened.values()}
    return replace(
        facts,
        orders={order.id: order for order in orders_read.orders_for(reader, sorted(order_ids))},
        contents=contents,
        items=catalog.item_refs(
            reader, {units.item_id for own in contents.values() for units in own}
        ),
        others=others,
    )


def _request(
    facts: _Facts, boxes: Sequence[Parcel], collect_minor: int, now_ms: int
) -> LabelRequest:
    to, node = facts.to[boxes[0].order_id], facts.nodes[boxes[0].node_id]
    sender = node.address if node.address.name else replace(node.address, name=node.name)
    return LabelRequest(
        idempotency_key=_key(boxes),
        order_number=to.number,
        service="",
        ship_from=sender,
        ship_to=to.ship_to,
        parcels=tuple(
            ParcelToShip(
                reference=box.sscc,
                weight_g=box.weight_g,
                content=_content(facts, box) if facts.is_abroad(box) else (),
            )
            for box in boxes
        ),
        ship_at_ms=now_ms,
        currency=to.currency,
        cod_amount_minor=collect_minor,
    )


def _key(boxes: Iterable[Parcel]) -> str:
    """The same boxes asked for again have the same key, until a label of theirs was bought."""
    digest = blake2b(digest_size=KEY_BYTES)
    for box in boxes:
        digest.update(f"{box.id}:{box.labels_bought};".encode())
    return digest.hexdigest()


def _content(facts: _Facts, box: Parcel) -> tuple[ParcelContent, ...]:
    lines = {line.id: line for line in facts.orders[box.order_id].lines}
    return tuple(
        ParcelContent(
            sku=facts.items[units.item_id].sku,
            title=facts.items[units.item_id].name,
            quantity=units.quantity,
            value_minor=_value_minor(lines[units.line_id], units.quantity),
        )
        for units in facts.contents.get(box.id, ())
    )


def _value_minor(line: LineFacts, units: int) -> int:
    """What these units cost without tax; the parts of a bundle share its price by unit."""
    in_one = sum(count for _, count in line.parts) or 1
    return line.net_minor * units // (line.quantity * in_one)


def _units(facts: _Facts, boxes: Iterable[Parcel]) -> dict[tuple[str, str], int]:
    units: dict[tuple[str, str], int] = defaultdict(int)
    for box in boxes:
        for piece in facts.contents.get(box.id, ()):
            units[piece.line_id, piece.item_id] += piece.quantity
    return units


def _labelled_before(facts: _Facts, order_id: str) -> Cash:
    boxes = facts.others[order_id]
    return Cash(_units(facts, boxes), has_charges=bool(boxes))


def _with(before: Cash, now: Mapping[tuple[str, str], int]) -> Cash:
    units = dict(before.units)
    for key, count in now.items():
        units[key] = units.get(key, 0) + count
    return Cash(units, has_charges=True)
