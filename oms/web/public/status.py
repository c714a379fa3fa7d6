"""What a customer sees of an order: words and numbers only, without any id of ours. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from oms.kernel.address import Address
from oms.orders.facts import LineFacts
from oms.orders.machine import LineState
from oms.orders.model import Slice
from oms.orders.status import OrderStatus, status
from oms.payments.machine import RefundState
from oms.payments.model import Refund
from oms.web.public.arrival import Arrival
from oms.web.public.asking import Standing, standing
from oms.web.public.facts import Facts
from oms.web.public.headline import Headline, headline, on_the_way
from oms.web.public.history import Moment, history
from oms.web.public.reading import Reading
from oms.web.public.vocabulary import RETURNS, STATES, STEPS
from oms.web.translations import N_

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
_LETTERS: Final = 3  # of a street that are shown
_TITLE_MAX: Final = 300


class Step(msgspec.Struct, frozen=True):
    """A stage of the way; `mark` is done, now or later."""

    name: str
    mark: str


class Goods(msgspec.Struct, frozen=True):
    """A line: how many of what, and how it stands with them."""

    quantity: str
    title: str
    initials: str
    states: tuple[str, ...] = ()


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel: its carrier's name for it, when it comes, and what is in it."""

    title: str
    carrier: str
    tracking_number: str
    link: str
    coming: str
    goods: tuple[Goods, ...]


class Back(msgspec.Struct, frozen=True):
    """Money that went back, or shall."""

    amount: str
    words: str
    day: str


class Asked(msgspec.Struct, frozen=True):
    """A return that was asked for: its number, and how it stands with it."""

    number: str
    words: str


class StatusPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page shows, ready to be written."""

    number: str
    headline: Headline
    placed: str
    address: tuple[str, ...]
    steps: tuple[Step, ...]
    boxes: tuple[Box, ...]
    goods: tuple[Goods, ...]
    refunds: tuple[Back, ...]
    returns: tuple[Asked, ...]
    standing: Standing
    history: tuple[Moment, ...]


def status_page(facts: Facts, reading: Reading) -> StatusPage:
    """The page about an order, as it is now."""
    units: Counter[LineState] = Counter()
    for each in facts.slices:
        units[each.state] += each.quantity
    now, order = status(units), facts.order
    return StatusPage(
        number=(order.external_number or order.number)[:40],
        headline=headline(facts, now, reading),
        placed=reading.fmt.long_day(order.placed_at_ms),
        address=masked(order.ship_to),
        steps=tuple(Step(reading.say(name), mark) for name, mark in steps(now)),
        boxes=_boxes(facts, reading),
        goods=_goods(order.lines, facts.slices, reading),
        refunds=tuple(_back(each, reading) for each in facts.refunds),
        returns=tuple(
            Asked(each.ret.number, reading.say(RETURNS[each.ret.state])) for each in facts.returns
        ),
        standing=standing(facts),
        history=tuple(history(facts, reading)),
    )


def steps(now: OrderStatus) -> list[tuple[str, str]]:
    """How far it is: stages and their marks. An order that will not arrive has none."""
    if now in _NO_STEPS:
        return []
    reached = 0
    for rank, stage in enumerate((_PREPARED, _ON_THE_WAY, _ARRIVED), start=1):
        if now in stage:
            reached = rank
    is_whole = reached == len(STEPS) - 1 and not now.startswith("partly_")
    marks = ["done"] * reached + ["done" if is_whole else "now"]
    marks += ["later"] * (len(STEPS) - len(marks))
    return list(zip(STEPS, marks, strict=True))


def masked(address: Address) -> tuple[str, ...]:
    """Lines with enough to recognise one's own address, and too little to learn somebody's."""
    name = " ".join(_hidden(word, 1) for word in (address.name or address.company).split()[:4])
    street = " ".join(_hidden_street(word) for word in address.line1.split()[:6])
    place = (address.city[:60], _hidden(address.postal_code, 2), address.country)
    return tuple(line for line in (name, street, ", ".join(part for part in place if part)) if line)


def initials(title: str) -> str:
    """Two letters that stand for a picture there is none of."""
    letters = [word[0] for word in title.split() if word[0].isalnum()]
    return "".join(letters[:2]).upper()


def _hidden(word: str, shown: int) -> str:
    return f"{word[:shown]}•••" if word else ""


def _hidden_street(word: str) -> str:
    if any(character.isdigit() for character in word):
        return f"{word[0]}••"
    return word if len(word) <= _LETTERS else _hidden(word, _LETTERS)


def _boxes(facts: Facts, reading: Reading) -> tuple[Box, ...]:
    """Boxes that have left, or were handed over, with what is in them."""
    left = facts.left
    coming = {each.parcel.id: each.arrival for each in on_the_way(facts)}
    return tuple(
        Box(
            title=reading.say(
                N_("Parcel %(number)s of %(count)s"), number=str(number), count=str(len(left))
            ),
            carrier=each.carrier.replace("_", " ").upper()[:40],
            tracking_number=each.tracking_number[:60],
            link=each.tracking_url if each.tracking_url.startswith("https://") else "",
            coming=_coming(each, coming.get(each.id), reading),
            goods=_inside(facts, each, reading),
        )
        for number, each in enumerate(left, start=1)
    )


def _coming(box: Parcel, coming: Arrival | None, reading: Reading) -> str:
    if coming is not None:
        return reading.say(N_("Arrives %(day)s"), day=reading.day(coming.from_ms))
    return reading.say(STATES[LineState.DELIVERED]) if box.state is ParcelState.DELIVERED else ""


def _inside(facts: Facts, box: Parcel, reading: Reading) -> tuple[Goods, ...]:
    lines = {line.id: line for line in facts.order.lines}
    counts: Counter[str] = Counter()
    for shipment in facts.shipments:
        for each in shipment.lines:
            if each.parcel_id == box.id and each.line_id in lines:
                counts[each.line_id] += each.quantity
    return tuple(_one(lines[line_id], count, reading) for line_id, count in counts.items())


def _goods(
    lines: Iterable[LineFacts], slices: Sequence[Slice], reading: Reading
) -> tuple[Goods, ...]:
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for each in slices:
        units[each.line_id][reading.say(STATES[each.state])] += each.quantity
    return tuple(
        msgspec.structs.replace(
            _one(line, line.quantity, reading), states=_states(line, units[line.id])
        )
        for line in lines
    )


def _one(line: LineFacts, count: int, reading: Reading) -> Goods:
    title = (line.title or line.listing_sku)[:_TITLE_MAX]
    return Goods(f"{reading.fmt.number(count)} ×", title, initials(title))


def _states(line: LineFacts, units: Counter[str]) -> tuple[str, ...]:
    """`2 delivered`; without counts where all is alike, or where parts of a bundle are counted."""
    is_bundle = line.parts != ((line.item_id, 1),)
    if len(units) == 1 or is_bundle:
        return tuple(units)
    return tuple(f"{count} {words}" for words, count in units.items())


def _back(refund: Refund, reading: Reading) -> Back:
    is_done = refund.state is RefundState.SUCCEEDED
    at_ms = refund.settled_at_ms if is_done and refund.settled_at_ms else refund.requested_at_ms
    words = N_("paid back") if is_done else N_("on its way back to you")
    amount = reading.fmt.money(refund.amount_minor, refund.currency)
    return Back(amount, reading.say(words), reading.fmt.day(at_ms))
