"""Orders as a list shows them: one line each, its reason in words, its next act. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from oms.catalog.model import Channel
from oms.kernel.clock import HOUR_MS
from oms.orders.listing.queries import OrderRow
from oms.orders.machine import LineState
from oms.orders.worklists.model import Reason, ReasonKind
from oms.web import looks
from oms.web.looks import Look
from oms.web.translations import N_

SOON_MS: Final = 2 * HOUR_MS
WINDOW_MS: Final = 24 * HOUR_MS  # the bar is full this long before an order must leave
REASON_WORDS: Final[Mapping[ReasonKind, str]] = {
    ReasonKind.HELD: N_("Held"),
    ReasonKind.LOST: N_("Lost on its way"),
    ReasonKind.LATE: N_("Should have left"),
    ReasonKind.CHANGED: N_("The channel wants it changed"),
    ReasonKind.WAITING: N_("No node has what it needs"),
    ReasonKind.BACKORDERED: N_("Waits for supply"),
}
HOLD_WORDS: Final[Mapping[str, str]] = {
    "total_differs": N_("The total does not add up"),
    "unknown_listing": N_("An article is not known here yet"),
}
"""Reasons that the system itself gives; people write their own."""

_BEFORE_SHIPPING: Final = frozenset(
    {
        *(LineState.OPEN, LineState.BACKORDERED, LineState.ALLOCATED, LineState.RELEASED),
        *(LineState.PICKED, LineState.PACKED, LineState.READY_FOR_PICKUP),
    }
)
CHANNEL_ICONS: Final = {
    "webshop": "globe",
    "marketplace": "shopping-bag",
    "pos": "store",
    "callcenter": "phone",
    "email": "mail",
}


class Due(msgspec.Struct, frozen=True):
    """How long until an order must leave; `part` of the last day has passed, 0 to 100."""

    left_ms: int
    tone: str
    part: int


class DeskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the desk."""

    order: OrderRow
    look: Look
    channel: str
    channel_icon: str
    due: Due | None
    reasons: tuple[Reason, ...]
    may_release: bool

    @property
    def units(self) -> int:
        return sum(self.order.units.values())


def desk_rows(
    orders: Sequence[OrderRow],
    reasons: Mapping[str, Sequence[Reason]],
    channels: Mapping[str, Channel],
    now_ms: int,
) -> list[DeskRow]:
    """The lines of a page."""
    return [_row(each, reasons.get(each.id, ()), channels, now_ms) for each in orders]


def channel_icon(channel: Channel | None) -> str:
    """A channel's picture, by the kind its settings name."""
    kind = str(channel.settings.get("kind", "")) if channel else ""
    return CHANNEL_ICONS.get(kind, "shopping-cart")


def due(order: OrderRow, now_ms: int) -> Due | None:
    """None for what nobody waits for any more, and where no day was promised."""
    if order.deadline_ms is None or not _BEFORE_SHIPPING & order.units.keys():
        return None
    left_ms = order.deadline_ms - now_ms
    tone = "bad" if left_ms < 0 else "warn" if left_ms < SOON_MS else ""
    return Due(left_ms, tone, max(0, min(100, 100 - round(100 * left_ms / WINDOW_MS))))


def _row(
    order: OrderRow, reasons: Sequence[Reason], channels: Mapping[str, Channel], now_ms: int
) -> DeskRow:
    channel = channels.get(order.channel_id)
    is_held = any(each.kind is ReasonKind.HELD for each in reasons)
    return DeskRow(
        order=order,
        look=looks.ON_HOLD if is_held else looks.ORDERS[order.status],
        channel=channel.name if channel else order.channel_id,
        channel_icon=channel_icon(channel),
        due=due(order, now_ms),
        reasons=tuple(reasons),
        may_release=LineState.ALLOCATED in order.units and not is_held,
    )
