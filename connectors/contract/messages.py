"""What channels tell us and what we tell them, in one vocabulary for every platform.

Money is in minor units of the message's currency, time in UTC milliseconds, rates in basis points
(2000 = 20 %), quantities in whole positive units. `extra` keeps what the platform said and the
contract has no word for.
"""

from enum import StrEnum

import msgspec

from oms.kernel.address import Address


class PaymentTerms(StrEnum):
    """When and by whom an order is paid."""

    PAID_ON_CHANNEL = "paid_on_channel"
    CAPTURE_ON_SHIP = "capture_on_ship"
    COD = "cod"
    INVOICE = "invoice"


class ChargeKind(StrEnum):
    """What an amount beside the goods is for."""

    SHIPPING = "shipping"
    HANDLING = "handling"
    GIFT_WRAP = "gift_wrap"
    GIFT_CARD = "gift_card"
    FEE = "fee"
    DISCOUNT = "discount"
    OTHER = "other"


class ChannelParty(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A person or company as the channel knows it; any field may be empty."""

    external_id: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""
    company: str = ""
    tax_number: str = ""
    locale: str = ""


class ChannelLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an order.

    `line_total_minor` is what the quantity costs before any discount and is the truth;
    `unit_price_minor` is rounded where a price is finer than a minor unit, so multiply it never.
    `discount_minor` is the line's own discount, positive. `tax_minor` is the tax after all
    discounts: inside the total when the order's prices include tax, on top of it otherwise.
    """

    external_id: str
    sku: str
    quantity: int
    unit_price_minor: int
    line_total_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate: int = 0
    gtin: str = ""
    title: str = ""
    is_gift: bool = False
    extra: dict[str, str] = {}


class ChannelCharge(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An amount beside the goods: postage, wrapping, a fee. It has no stock.

    In an order it is what the customer pays, in a return what the customer gets back; never
    negative in either. `code` is the channel's own word for it.
    """

    kind: ChargeKind
    title: str
    amount_minor: int
    tax_minor: int = 0
    tax_rate: int = 0
    code: str = ""


class ChannelPayment(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money the channel says it has (or has authorised) for the order."""

    tender: str
    amount_minor: int
    reference: str = ""
    at_ms: int | None = None


class ChannelOrder(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="channel.order"
):
    """An order as its channel tells it. `customer` is None for a guest.

    `external_id` is unique within the channel; telling the same one again means the same order.
    An order may consist of charges alone. `discount_minor` is the discount on the whole order, for
    goods only, positive. `total_minor` is the total as the channel itself states it, if it does.
    """

    external_id: str
    placed_at_ms: int
    currency: str
    ship_to: Address
    lines: tuple[ChannelLine, ...]
    prices_include_tax: bool
    payment_terms: PaymentTerms
    external_number: str = ""
    customer: ChannelParty | None = None
    bill_to: Address | None = None
    charges: tuple[ChannelCharge, ...] = ()
    payments: tuple[ChannelPayment, ...] = ()
    discount_minor: int = 0
    total_minor: int | None = None
    shipping_choice: str = ""
    deadline_ms: int | None = None
    note: str = ""
    is_test: bool = False
    is_gift: bool = False
    is_fulfilled_by_channel: bool = False
    extra: dict[str, str] = {}


class ChannelReturnLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Units that come or came back. `amount_minor` is what the channel credits for them.

    `order_external_id` and `order_line_external_id` are None where the channel does not say which
    purchase they belong to.
    """

    external_id: str
    sku: str
    quantity: int
    unit_price_minor: int
    amount_minor: int
    tax_minor: int = 0
    tax_rate: int = 0
    gtin: str = ""
    title: str = ""
    reason: str = ""
    order_external_id: str | None = None
    order_line_external_id: str | None = None
    extra: dict[str, str] = {}


class ChannelReturn(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="channel.return"
):
    """Goods coming back, credits, or both. `charges` are given back without goods."""

    external_id: str
    at_ms: int
    currency: str
    lines: tuple[ChannelReturnLine, ...]
    prices_include_tax: bool
    customer: ChannelParty | None = None
    ship_from: Address | None = None
    charges: tuple[ChannelCharge, ...] = ()
    note: str = ""
    extra: dict[str, str] = {}


class CancelledLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many units of which order line the buyer or the channel wants cancelled."""

    external_id: str
    quantity: int


class ChannelCancel(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="channel.cancel"
):
    """A wish to cancel: the whole order when `lines` is empty."""

    external_id: str
    order_external_id: str
    at_ms: int
    lines: tuple[CancelledLine, ...] = ()
    reason: str = ""
    extra: dict[str, str] = {}


class Listing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="channel.listing"):
    """Something sold on the channel, under the channel's own name for it."""

    external_id: str
    sku: str = ""
    gtin: str = ""
    title: str = ""
    price_minor: int | None = None
    currency: str = ""
    is_active: bool = True
    extra: dict[str, str] = {}


ChannelMessage = ChannelOrder | ChannelReturn | ChannelCancel | Listing
"""Everything a channel can tell us; the tag tells the kinds apart in storage."""


class StockLevel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the channel may sell of a listing from `at_ms` on; a later level replaces it."""

    listing_external_id: str
    sku: str
    quantity: int
    at_ms: int


class ShippedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many units of an order line travel in this parcel."""

    external_id: str
    quantity: int


class ShipmentNotice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods left: one parcel of one order. `key` makes telling it twice the same as once."""

    key: str
    order_external_id: str
    lines: tuple[ShippedLine, ...]
    shipped_at_ms: int
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    tracking_url: str = ""


class RefundNotice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money to give back through the channel. `key` makes telling it twice the same as once."""

    key: str
    order_external_id: str
    amount_minor: int
    currency: str
    lines: tuple[CancelledLine, ...] = ()
    reason: str = ""


def order_total_minor(order: ChannelOrder) -> int:
    """What the customer owes for the whole order: goods less discounts, charges, tax."""
    goods = sum(line.line_total_minor - line.discount_minor for line in order.lines)
    charges = sum(charge.amount_minor for charge in order.charges)
    return goods - order.discount_minor + charges + _tax_on_top(order)


def return_total_minor(message: ChannelReturn) -> int:
    """What the customer gets back: goods, credits, tax."""
    goods = sum(line.amount_minor for line in message.lines)
    credited = sum(charge.amount_minor for charge in message.charges)
    return goods + credited + _tax_on_top(message)


def _tax_on_top(message: ChannelOrder | ChannelReturn) -> int:
    if message.prices_include_tax:
        return 0
    parts = (*message.lines, *message.charges)
    return sum(part.tax_minor for part in parts)
