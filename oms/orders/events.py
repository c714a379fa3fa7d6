"""What happened to orders. The stream of each event is its order, save for quarantined payloads."""

import msgspec

from oms.kernel.events import Event
from oms.orders.machine import LineState


class PaymentNote(msgspec.Struct, frozen=True, gc=False):
    """Money the channel says it has, or has authorised."""

    tender: str
    amount_minor: int
    reference: str = ""
    at_ms: int | None = None


class MovedUnits(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`quantity` units of a line made the move `name` and are in `state` now."""

    line_id: str
    item_id: str
    name: str
    state: LineState
    quantity: int
    node_id: str = ""
    lot_id: str = ""
    fulfilment_id: str = ""
    parcel_id: str = ""
    return_id: str = ""
    reason: str = ""


class LineShare(msgspec.Struct, frozen=True, gc=False):
    """`quantity` whole units of a line with their share of its money."""

    line_id: str
    quantity: int
    net_minor: int
    tax_minor: int


class ChargeShare(msgspec.Struct, frozen=True, gc=False):
    """A charge of an order that is no longer due."""

    charge_id: str
    net_minor: int
    tax_minor: int


class OrderPlaced(Event, frozen=True, tag="order.placed", kw_only=True):
    """An order exists now. `payments` is what its channel says about money."""

    number: str
    channel_id: str
    external_id: str
    customer_id: str | None
    currency: str
    total_minor: int
    payment_terms: str
    placed_at_ms: int
    payments: tuple[PaymentNote, ...]


class OrderChargesDue(Event, frozen=True, tag="order.charges_due"):
    """An order that has charges and nothing to ship: they are due at once."""


class LinesMoved(Event, frozen=True, tag="order.lines_moved"):
    """Units changed their state or their place."""

    moves: tuple[MovedUnits, ...]


class LinesReopened(Event, frozen=True, tag="order.lines_reopened"):
    """Units look for a node again: a node refused them, could not find them, or lost the claim."""

    item_ids: tuple[str, ...]


class LinesCancelled(Event, frozen=True, tag="order.lines_cancelled"):
    """Units are no longer wanted. `charges` are given when nothing of the order is left.

    `item_ids` are those of units that went back to a shelf, where others may want them.
    """

    lines: tuple[LineShare, ...]
    charges: tuple[ChargeShare, ...] = ()
    item_ids: tuple[str, ...] = ()


class LinesReinstated(Event, frozen=True, tag="order.lines_reinstated"):
    """Cancelled units are wanted again, with the money and charges their cancel had let go."""

    lines: tuple[LineShare, ...]
    charges: tuple[ChargeShare, ...] = ()
    item_ids: tuple[str, ...] = ()


class HoldPlaced(Event, frozen=True, tag="order.hold_placed", kw_only=True):
    """A stage is stopped for an order, a line or a fulfilment order."""

    hold_id: str
    stage: str
    reason: str
    line_id: str = ""
    fulfilment_id: str = ""


class HoldReleased(Event, frozen=True, tag="order.hold_released", kw_only=True):
    """A stage goes on. `item_ids` are those of units that wait for a node."""

    hold_id: str
    stage: str
    line_id: str = ""
    fulfilment_id: str = ""
    item_ids: tuple[str, ...] = ()


class OrderChangeProposed(Event, frozen=True, tag="order.change_proposed", kw_only=True):
    """The channel told the same order with other words; a change-set waits for a decision."""

    change_id: str
    differences: tuple[str, ...] = ()


class OrderChanged(Event, frozen=True, tag="order.changed", kw_only=True):
    """A change-set was applied. `item_ids` are those of units that need a node now."""

    change_id: str
    differences: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()


class OrderChangeDeclined(Event, frozen=True, tag="order.change_declined", kw_only=True):
    """A change-set was declined: the order stays as it is."""

    change_id: str
    reason: str = ""


class LinesMapped(Event, frozen=True, tag="order.lines_mapped", kw_only=True):
    """It became known which items lines sell that came with an unknown listing."""

    line_ids: tuple[str, ...]
    item_ids: tuple[str, ...]


class PayloadQuarantined(Event, frozen=True, tag="quarantine.opened", kw_only=True):
    """A payload that cannot be an order is kept with the reason. The stream is the payload's."""

    channel_id: str
    source: str
    code: str


class PayloadEdited(Event, frozen=True, tag="quarantine.edited"):
    """A person repaired a quarantined payload."""


class QuarantineResolved(Event, frozen=True, tag="quarantine.resolved", kw_only=True):
    """A quarantined payload became an order after all."""

    order_id: str


class QuarantineDismissed(Event, frozen=True, tag="quarantine.dismissed", kw_only=True):
    """A person decided that a quarantined payload is no order of ours."""

    reason: str
