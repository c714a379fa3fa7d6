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


class ParcelUnpacked(Event, frozen=True, kw_only=True, tag="parcel.unpacked"):
    """A box was opened again: what was in it is on the cart, or back on the shelf."""

    order_id: str
    fulfilment_id: str


class LabelRequested(Event, frozen=True, kw_only=True, tag="label.requested"):
    """Labels are wanted for these parcels; the entity is their fulfilment order.

    An empty `carrier` or `service` leaves the choice to us.
    """

    order_id: str
    parcel_ids: tuple[str, ...]
    carrier: str = ""
    service: str = ""


class LabelBought(Event, frozen=True, kw_only=True, tag="label.bought"):
    """A carrier sold a label; the entity is the parcel."""

    order_id: str
    carrier: str
    service: str
    tracking_number: str
    cost_minor: int
    currency: str


class LabelVoidRequested(Event, frozen=True, kw_only=True, tag="label.void_requested"):
    """A carrier shall take a label back; the entity is the parcel it was bought for."""

    order_id: str
    carrier: str
    label_id: str
    tracking_number: str


class LabelVoided(Event, frozen=True, kw_only=True, tag="label.voided"):
    """A carrier took a label back; `refunded_minor` None: it decides later what it pays."""

    order_id: str
    carrier: str
    label_id: str
    refunded_minor: int | None


class ShipmentShipped(Event, frozen=True, kw_only=True, tag="shipment.shipped"):
    """Units left a node: invoices, cost and captures follow from this."""

    order_id: str
    node_id: str
    number: str
    lines: tuple[ShippedLine, ...]
    shipped_at_ms: int


class ShipmentUndone(Event, frozen=True, kw_only=True, tag="shipment.undone"):
    """What was told as shipped never left: what followed from it has to be taken back."""

    order_id: str
    node_id: str
    number: str
    lines: tuple[ShippedLine, ...]
    reason: str


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
