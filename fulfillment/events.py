"""Facts of the floor."""

import msgspec

from oms.kernel.events import Event


class ShippedLine(msgspec.Struct, frozen=True, gc=False):
    """Units of one item of one order line that left together."""

    line_id: str
    item_id: str
    quantity: int


class FulfilmentRequested(Event, frozen=True, kw_only=True, tag="fulfilment.requested"):
    """A node was asked to serve a part of an order."""

    number: str
    order_id: str
    node_id: str


class FulfilmentAnswered(Event, frozen=True, kw_only=True, tag="fulfilment.answered"):
    """The node (or an agent) moved the handshake on; `state` is where it stands now."""

    order_id: str
    state: str
    reason: str = ""


class ParcelPacked(Event, frozen=True, kw_only=True, tag="parcel.packed"):
    """A box was closed; it can be labelled."""

    order_id: str
    fulfilment_id: str
    sscc: str
    weight_g: int


class LabelRequested(Event, frozen=True, kw_only=True, tag="label.requested"):
    """Somebody wants a label for a parcel from a carrier."""

    order_id: str
    carrier: str
    service: str


class LabelBought(Event, frozen=True, kw_only=True, tag="label.bought"):
    """A carrier sold a label."""

    order_id: str
    carrier: str
    service: str
    tracking_number: str
    cost_minor: int
    currency: str


class ShipmentShipped(Event, frozen=True, kw_only=True, tag="shipment.shipped"):
    """Units left a node: invoices, cost and captures follow from this."""

    order_id: str
    node_id: str
    number: str
    lines: tuple[ShippedLine, ...]
    shipped_at_ms: int


class ParcelTracked(Event, frozen=True, kw_only=True, tag="parcel.tracked"):
    """A carrier said something new about a parcel."""

    order_id: str
    status: str
    words: str
    at_ms: int


class CountNeeded(Event, frozen=True, kw_only=True, tag="count.needed"):
    """A picker did not find what the ledger says is there; the entity is the node."""

    item_id: str
    missing: int
    reason: str
