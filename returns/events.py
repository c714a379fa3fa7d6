"""Facts about goods coming back."""

import msgspec

from oms.kernel.events import Event


class InspectedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Accepted units of one return line.

    `line_id` is None for goods no order of ours is known for: then the claimed amounts count,
    else the stored shares of the order line do. `restocked`: the units are for sale again.
    """

    return_line_id: str
    line_id: str | None
    item_id: str
    quantity: int
    disposition: str
    restocked: bool
    claimed_net_minor: int
    claimed_tax_minor: int
    tax_rate_bp: int
    title: str


class CreditedCharge(msgspec.Struct, frozen=True, gc=False):
    """Money given back without goods: postage, a discount after the fact."""

    title: str
    net_minor: int
    tax_minor: int
    tax_rate_bp: int


class ReturnRequested(Event, frozen=True, kw_only=True, tag="return.requested"):
    """A return exists; the customer, an agent or a channel asked for it."""

    number: str
    order_id: str | None
    state: str


class ReturnDecided(Event, frozen=True, kw_only=True, tag="return.decided"):
    """It was authorised, declined or withdrawn."""

    order_id: str | None
    state: str
    reason: str = ""


class ReturnSent(Event, frozen=True, kw_only=True, tag="return.sent"):
    """Authorised goods are with a carrier."""

    order_id: str | None
    units: int
    words: str


class ReturnLost(Event, frozen=True, kw_only=True, tag="return.lost"):
    """Goods on their way back were lost by the carrier."""

    order_id: str | None
    units: int
    words: str


class ReturnReceived(Event, frozen=True, kw_only=True, tag="return.received"):
    """Goods arrived at a returns dock."""

    order_id: str | None
    node_id: str
    units: int


class ReturnInspected(Event, frozen=True, kw_only=True, tag="return.inspected"):
    """Units were accepted, or given up (lost, or left with the customer), or money given without
    any: credit and refund follow from this.
    """

    order_id: str | None
    channel_id: str
    customer_id: str | None
    currency: str
    lines: tuple[InspectedLine, ...]
    charges: tuple[CreditedCharge, ...]


class ReturnRefused(Event, frozen=True, kw_only=True, tag="return.refused"):
    """Inspected units were not accepted; they wait to go back to the customer."""

    order_id: str | None
    return_line_id: str
    units: int
    note: str


class ReturnReconsidered(Event, frozen=True, kw_only=True, tag="return.reconsidered"):
    """Refused units wait for inspection again."""

    order_id: str | None
    return_line_id: str
    units: int
    note: str


class ReturnSentBack(Event, frozen=True, kw_only=True, tag="return.sent_back"):
    """Refused units are on their way back to the customer, in this parcel if we know the order."""

    order_id: str | None
    parcel_id: str | None
    units: int
    note: str


class ReturnAbandoned(Event, frozen=True, kw_only=True, tag="return.abandoned"):
    """Nobody wanted refused units back: they are ours without a credit."""

    order_id: str | None
    return_line_id: str
    item_id: str
    quantity: int
    disposition: str
    restocked: bool


class ReturnClosed(Event, frozen=True, kw_only=True, tag="return.closed"):
    """Everything that came is settled; `missing` units did not come and stay with the customer."""

    order_id: str | None
    missing: int


class ReturnRegraded(Event, frozen=True, kw_only=True, tag="return.regraded"):
    """Accepted units got another disposition; `restocked` ones are for sale after all."""

    order_id: str | None
    return_line_id: str
    item_id: str
    quantity: int
    disposition: str
    restocked: bool
