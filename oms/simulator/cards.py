"""Things that wait, each with a card on the board of open work."""

from collections import Counter

import msgspec

from oms.kernel.address import Address


class Card(msgspec.Struct):
    """Something that waits. Chance knows it by `name`: numbers are the same in every run, ids not.

    `due_ms` says when somebody means to do what; it is theirs to fill, and a change clears it.
    """

    id: str
    name: str
    order_id: str
    since_ms: int
    due_ms: dict[str, int] = msgspec.field(default_factory=dict)
    refusals: int = 0

    def changed(self, at_ms: int) -> None:
        self.since_ms = at_ms
        self.due_ms.clear()


class OrderCard(Card, kw_only=True):
    """An order: units allocated and not yet released, and the holds on it."""

    channel_id: str
    payment_terms: str
    allocated: int = 0
    held_by: set[str] = msgspec.field(default_factory=set)
    unknown_lines: dict[str, str] = msgspec.field(default_factory=dict)


class FloorCard(Card, kw_only=True):
    """A fulfilment order: units on the pick list by item, units on the cart, boxes on the dock."""

    node_id: str
    is_accepted: bool = False
    is_cancel_asked: bool = False
    to_pick: Counter[str] = msgspec.field(default_factory=Counter)
    on_cart: int = 0
    boxes: set[str] = msgspec.field(default_factory=set)
    unlabelled: set[str] = msgspec.field(default_factory=set)

    @property
    def is_done(self) -> bool:
        return not (self.to_pick or self.on_cart or self.boxes)


class ParcelCard(Card, kw_only=True):
    """A box with the carrier since `since_ms`, with so many scans told; `to` is looked up later."""

    fulfilment_id: str
    node_id: str
    tracking_number: str = ""
    is_shipped: bool = False
    scans: int = 0
    to: Address | None = None


class DeliveredCard(Card, kw_only=True):
    """An order of which something was delivered."""

    channel_id: str


class ReturnCard(Card, kw_only=True):
    """A return: goods with the customer, on their way, or at the dock of `node_id`.

    `turned_down` are the units of return lines that wait there to go back to the customer.
    """

    is_sent: bool = False
    node_id: str = ""
    is_judged: bool = False
    turned_down: dict[str, int] = msgspec.field(default_factory=dict)


def outside_tracking_number(document_id: str) -> str:
    """The number of a parcel nobody sells us a label for: made of the paper it travels for."""
    return f"MTR{document_id[-14:].upper()}"
