"""Facts about timed claims; the entity is the reservation."""

from oms.kernel.events import Event


class ReservationHeld(Event, frozen=True, kw_only=True, tag="reservation.held"):
    """Units are kept aside for somebody until `expires_at_ms`."""

    channel_id: str
    expires_at_ms: int
    item_ids: tuple[str, ...]


class ReservationUsed(Event, frozen=True, kw_only=True, tag="reservation.used"):
    """An order came of it; its units went back to the free shelf for that order to take."""

    order_id: str
    item_ids: tuple[str, ...]


class ReservationReleased(Event, frozen=True, kw_only=True, tag="reservation.released"):
    """Given back by whoever asked for it."""

    item_ids: tuple[str, ...]


class ReservationExpired(Event, frozen=True, kw_only=True, tag="reservation.expired"):
    """Its time was over."""

    item_ids: tuple[str, ...]
