"""The first sentence of a customer's page: the one thing they came to read. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from connectors.contract.parcels import TrackingStatus
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from oms.kernel.address import distance_km
from oms.orders.status import OrderStatus
from oms.web.public.arrival import Arrival, Way, arrival
from oms.web.public.facts import Facts
from oms.web.public.reading import Reading
from oms.web.public.vocabulary import STATUSES
from oms.web.translations import N_

_O = OrderStatus
_ON_OUR_FLOOR: Final = frozenset(
    {_O.ALLOCATED, _O.PARTLY_ALLOCATED, _O.IN_FULFILMENT, _O.PARTLY_IN_FULFILMENT}
)
_DELIVERED: Final = frozenset({_O.DELIVERED, _O.PARTLY_DELIVERED})
_LOST: Final = frozenset({_O.LOST, _O.PARTLY_LOST})
NOTHING_TO_DO: Final = N_("The new day is shown above; you do not have to do anything.")


class Notice(msgspec.Struct, frozen=True):
    """What is out of the ordinary, and what follows from it."""

    tone: str
    icon: str
    words: str


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """Kicker, sentence, and what stands beneath; `was` is a day that is not true any more."""

    kicker: str
    title: str
    tone: str = ""
    beneath: str = ""
    was: str = ""
    notice: Notice | None = None


class Coming(msgspec.Struct, frozen=True):
    """A box that is away, and when it comes."""

    parcel: Parcel
    arrival: Arrival
    status: TrackingStatus | None


def headline(facts: Facts, now: OrderStatus, reading: Reading) -> Headline:
    """What to say of the order as a whole: what comes next, else how it ended."""
    kicker = reading.say(STATUSES[now])
    coming = on_the_way(facts)
    if coming:
        return _coming(min(coming, key=lambda each: each.arrival.from_ms), kicker, reading)
    if now in _DELIVERED and facts.delivered_at_ms is not None:
        return Headline(
            kicker=kicker,
            title=reading.fmt.long_day(facts.delivered_at_ms),
            tone="ok",
            beneath=reading.say(N_("at %(time)s"), time=reading.fmt.time(facts.delivered_at_ms)),
        )
    if now in _ON_OUR_FLOOR:
        return _expected(
            arrival(way_of(facts, None), facts.now_ms, facts.time_zone), kicker, reading
        )
    return _ended(facts, now, reading)


def on_the_way(facts: Facts) -> list[Coming]:
    """The boxes that are with a carrier."""
    return [
        Coming(
            each,
            arrival(way_of(facts, each), facts.now_ms, facts.time_zone),
            _last_status(facts, each),
        )
        for each in facts.left
        if each.state is ParcelState.SHIPPED
    ]


def way_of(facts: Facts, parcel: Parcel | None) -> Way:
    """How a box comes; None for what is still with us."""
    order = facts.order
    shipped = {each.id: each.shipped_at_ms for each in facts.shipments}
    nodes = [parcel.node_id] if parcel else [each.node_id for each in facts.slices if each.node_id]
    node = facts.nodes.get(nodes[0]) if nodes else None
    origin = node.address.at if node else None
    return Way(
        placed_at_ms=order.placed_at_ms,
        ship_by_ms=order.deadline_ms,
        shipped_at_ms=shipped.get(parcel.shipment_id) if parcel else None,
        km=distance_km(origin, order.ship_to.at) if origin and order.ship_to.at else None,
        scans=facts.scans.get(parcel.id, ()) if parcel else (),
    )


def _coming(next_: Coming, kicker: str, reading: Reading) -> Headline:
    expected = _expected(next_.arrival, kicker, reading)
    replace = msgspec.structs.replace
    match next_.status:
        case TrackingStatus.OUT_FOR_DELIVERY:
            return replace(expected, kicker=reading.say(N_("The courier is bringing it to you")))
        case TrackingStatus.AVAILABLE_FOR_PICKUP:
            title = reading.say(N_("Ready to be picked up"))
            return Headline(kicker=kicker, title=title, tone="ok")
        case TrackingStatus.ATTEMPTED:
            words = reading.say(N_("Nobody could take it. The courier comes again by itself."))
            kicker = reading.say(N_("Delivery was tried"))
            return replace(
                expected, kicker=kicker, tone="warn", notice=Notice("warn", "house", words)
            )
        case TrackingStatus.RETURNED_TO_SENDER | TrackingStatus.DAMAGED | TrackingStatus.LOST:
            return Headline(
                kicker=kicker,
                title=reading.say(N_("It does not reach you")),
                tone="bad",
                notice=Notice("bad", "triangle-alert", reading.say(_SORRY)),
            )
        case _:
            return expected


def _expected(coming: Arrival, kicker: str, reading: Reading) -> Headline:
    fmt = reading.fmt
    hours = {"first": fmt.time(coming.from_ms), "last": fmt.time(coming.to_ms)}
    shown = Headline(
        kicker=kicker,
        title=reading.say(N_("Arrives %(day)s"), day=reading.day(coming.from_ms)),
        beneath=reading.say(N_("between %(first)s and %(last)s"), **hours),
    )
    if not coming.is_late:
        return shown
    words = f"{reading.say(coming.cause)} {reading.say(NOTHING_TO_DO)}"
    return msgspec.structs.replace(
        shown,
        kicker=reading.say(N_("Your order is running late")),
        tone="warn",
        was=reading.say(N_("was %(day)s"), day=fmt.long_day(coming.promised_ms)),
        notice=Notice("warn", "clock", words),
    )


_SORRY: Final = N_("We are sorry. The shop knows of it and looks after it; you do not have to ask.")


def _ended(facts: Facts, now: OrderStatus, reading: Reading) -> Headline:
    """What no day belongs to: just received, waiting, ready, cancelled, lost, on its way back."""
    number = facts.order.external_number or facts.order.number
    kicker = reading.say(N_("Order %(number)s"), number=number[:40])
    title = reading.say(STATUSES[now])
    if now in _LOST:
        notice = Notice("bad", "triangle-alert", reading.say(_SORRY))
        return Headline(kicker=kicker, title=title, tone="bad", notice=notice)
    if now is OrderStatus.CANCELLED and not facts.refunds:
        words = reading.say(N_("Nothing will be sent."))
        return Headline(kicker=kicker, title=title, beneath=words)
    placed = reading.say(
        N_("Placed on %(day)s"), day=reading.fmt.long_day(facts.order.placed_at_ms)
    )
    return Headline(kicker=kicker, title=title, beneath=placed)


def _last_status(facts: Facts, parcel: Parcel) -> TrackingStatus | None:
    scans: Sequence[object] = facts.scans.get(parcel.id, ())
    return TrackingStatus(facts.scans[parcel.id][-1].status) if scans else None
