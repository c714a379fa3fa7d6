"""What a customer sees of an order: words and numbers only, without any id of ours. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from connectors.contract.parcels import TrackingStatus
from fulfillment.model import Parcel
from fulfillment.queries import Scan
from oms.kernel.address import Address
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.machine import LineState
from oms.orders.model import Slice
from oms.orders.status import OrderStatus, status
from oms.payments.machine import RefundState
from oms.payments.model import Refund
from oms.platform.localise import date_text, money_text
from oms.web.public.words import Words

_ON_THE_WAY: Final = (
    *(OrderStatus.SHIPPED, OrderStatus.PARTLY_SHIPPED),
    OrderStatus.PARTLY_LOST,
)
_PREPARED: Final = (
    *(OrderStatus.ALLOCATED, OrderStatus.PARTLY_ALLOCATED, OrderStatus.IN_FULFILMENT),
    *(OrderStatus.PARTLY_IN_FULFILMENT, OrderStatus.READY_FOR_PICKUP),
    OrderStatus.PARTLY_READY_FOR_PICKUP,
)
_ARRIVED: Final = (
    *(OrderStatus.DELIVERED, OrderStatus.PARTLY_DELIVERED, OrderStatus.RETURNING),
    *(OrderStatus.PARTLY_RETURNING, OrderStatus.RETURNED, OrderStatus.PARTLY_RETURNED),
)
_NO_STEPS: Final = (OrderStatus.CANCELLED, OrderStatus.LOST, OrderStatus.CHARGES_ONLY)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an order and shown; `scans` by parcel id."""

    order: OrderFacts
    slices: Sequence[Slice]
    parcels: Sequence[Parcel]
    scans: Mapping[str, Sequence[Scan]]
    refunds: Sequence[Refund]


class Reading(msgspec.Struct, frozen=True):
    """How the page is read: in which words, numbers as `locale` has them, days of `time_zone`."""

    words: Words
    locale: str
    time_zone: str


class Step(msgspec.Struct, frozen=True):
    """A stage of the way; `mark` is done, now or later."""

    name: str
    mark: str


class Told(msgspec.Struct, frozen=True):
    """What a carrier said, and when and where."""

    words: str
    day: str
    place: str


class Box(msgspec.Struct, frozen=True):
    """A parcel: its heading, its carrier's name for it, and its history, newest first."""

    title: str
    carrier: str
    tracking_number: str
    history: tuple[Told, ...]


class Goods(msgspec.Struct, frozen=True):
    """A line: how many of what, and how it stands with them."""

    quantity: str
    title: str
    states: tuple[str, ...]


class Back(msgspec.Struct, frozen=True):
    """Money that went back, or shall."""

    amount: str
    words: str
    day: str


class StatusPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page shows, ready to be written."""

    title: str
    sentence: str
    placed: str
    address: str
    steps: tuple[Step, ...]
    boxes: tuple[Box, ...]
    goods: tuple[Goods, ...]
    refunds: tuple[Back, ...]


def status_page(facts: Facts, reading: Reading) -> StatusPage:
    """The page about an order, as it is now."""
    units: Counter[LineState] = Counter()
    for each in facts.slices:
        units[each.state] += each.quantity
    now = status(units)
    words, order = reading.words, facts.order
    day = date_text(order.placed_at_ms, reading.time_zone, reading.locale)
    return StatusPage(
        title=words.title.format(number=order.external_number or order.number),
        sentence=words.statuses[now],
        placed=words.placed_on.format(day=day),
        address=masked(order.ship_to),
        steps=steps(now, words),
        boxes=_boxes(facts, reading),
        goods=_goods(order.lines, facts.slices, words),
        refunds=tuple(_back(each, reading) for each in facts.refunds),
    )


def steps(now: OrderStatus, words: Words) -> tuple[Step, ...]:
    """How far it is; an order that will not arrive has no steps."""
    if now in _NO_STEPS:
        return ()
    reached = 0
    for rank, stage in enumerate((_PREPARED, _ON_THE_WAY, _ARRIVED), start=1):
        if now in stage:
            reached = rank
    is_whole = reached == len(words.steps) - 1 and not now.startswith("partly_")
    marks = ["done"] * reached + ["done" if is_whole else "now"]
    marks += ["later"] * (len(words.steps) - len(marks))
    return tuple(Step(name, mark) for name, mark in zip(words.steps, marks, strict=True))


def masked(address: Address) -> str:
    """Enough to recognise one's own address, too little to learn somebody's."""
    name = " ".join(_hidden(word) for word in (address.name or address.company).split())
    parts = (name, address.city, _hidden(address.postal_code), address.country)
    return ", ".join(part for part in parts if part)


def _hidden(word: str) -> str:
    return f"{word[0]}•••" if word else ""


def _boxes(facts: Facts, reading: Reading) -> tuple[Box, ...]:
    """Boxes that have left, or were handed over: a box still on our bench is nobody's business."""
    left = [each for each in facts.parcels if each.shipment_id]
    return tuple(
        Box(
            title=reading.words.parcel.format(number=number, count=len(left)),
            carrier=each.carrier.replace("_", " ").capitalize(),
            tracking_number=each.tracking_number,
            history=tuple(_told(scan, reading) for scan in reversed(facts.scans.get(each.id, ()))),
        )
        for number, each in enumerate(left, start=1)
    )


def _told(scan: Scan, reading: Reading) -> Told:
    words = reading.words.scans[TrackingStatus(scan.status)]
    return Told(words, date_text(scan.at_ms, reading.time_zone, reading.locale), scan.place)


def _goods(lines: Iterable[LineFacts], slices: Iterable[Slice], words: Words) -> tuple[Goods, ...]:
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for each in slices:
        units[each.line_id][words.states[each.state]] += each.quantity
    return tuple(
        Goods(
            quantity=words.quantity.format(count=line.quantity),
            title=line.title or line.listing_sku,
            states=_states(line, units[line.id]),
        )
        for line in lines
    )


def _states(line: LineFacts, units: Counter[str]) -> tuple[str, ...]:
    """`2 delivered`; without counts where all is alike, or where parts of a bundle are counted."""
    is_bundle = line.parts != ((line.item_id, 1),)
    if len(units) == 1 or is_bundle:
        return tuple(units)
    return tuple(f"{count} {words}" for words, count in units.items())


def _back(refund: Refund, reading: Reading) -> Back:
    is_done = refund.state is RefundState.SUCCEEDED
    at_ms = refund.settled_at_ms if is_done and refund.settled_at_ms else refund.requested_at_ms
    return Back(
        amount=money_text(refund.amount_minor, refund.currency, reading.locale),
        words=reading.words.refund_done if is_done else reading.words.refund_coming,
        day=date_text(at_ms, reading.time_zone, reading.locale),
    )
