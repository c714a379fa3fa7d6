"""An order as it was told and priced: the values that other packages' decisions take.

Apart from `queries`, which reads them, so that pure decisions can name them.
"""

import msgspec

from oms.kernel.address import Address
from oms.orders.events import PaymentNote
from oms.orders.money import Split


class LineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it was sold. `parts`: (item id, units) that one unit is made of.

    `net_minor` and `tax_minor` are for the whole quantity after discounts; `unit_split` is what
    `oms.orders.money` takes shares of.
    """

    id: str
    position: int
    external_id: str
    listing_sku: str
    item_id: str | None
    title: str
    quantity: int
    unit_price_minor: int
    net_minor: int
    tax_minor: int
    tax_rate_bp: int
    unit_split: Split
    parts: tuple[tuple[str, int], ...]
    extra: dict[str, str]


class ChargeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An amount beside the goods."""

    id: str
    position: int
    kind: str
    title: str
    net_minor: int
    tax_minor: int
    tax_rate_bp: int


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was told, priced and split. Where its units are now say its slices."""

    id: str
    number: str
    channel_id: str
    external_id: str
    external_number: str
    customer_id: str | None
    currency: str
    placed_at_ms: int
    received_at_ms: int
    deadline_ms: int | None
    ship_to: Address
    bill_to: Address | None
    payment_terms: str
    prices_include_tax: bool
    locale: str
    shipping_choice: str
    goods_minor: int
    discount_minor: int
    charges_minor: int
    tax_minor: int
    total_minor: int
    version: int
    payments: tuple[PaymentNote, ...]
    extra: dict[str, str]
    lines: tuple[LineFacts, ...]
    charges: tuple[ChargeFacts, ...]


def parts_of(order: OrderFacts) -> dict[str, dict[str, int]]:
    """What one unit of each line consists of: units by item id, by line id."""
    return {line.id: dict(line.parts) for line in order.lines}
