"""What happened to an order, in a customer's words; nothing of our floor, no codes. Pure."""

from collections.abc import Iterator
from typing import Final

import msgspec

from connectors.contract.parcels import TrackingStatus
from oms.payments.machine import CaptureState, RefundState
from oms.web.public.facts import Facts
from oms.web.public.reading import Reading
from oms.web.public.vocabulary import SCANS
from oms.web.translations import N_

PLACE_MAX: Final = 80


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; `more` is where, or how much."""

    at_ms: int
    icon: str
    words: str
    more: str = ""


def history(facts: Facts, reading: Reading) -> list[Moment]:
    """The newest first."""
    moments = [
        Moment(
            at_ms=facts.order.placed_at_ms, icon="inbox", words=reading.say(N_("Order received"))
        ),
        *_money(facts, reading),
        *_parcels(facts, reading),
        *_goods_back(facts, reading),
    ]
    return sorted(moments, key=lambda moment: moment.at_ms, reverse=True)


def _money(facts: Facts, reading: Reading) -> Iterator[Moment]:
    fmt, currency = reading.fmt, facts.order.currency
    for each in facts.captures:
        if each.state is CaptureState.CAPTURED and each.settled_at_ms:
            amount = fmt.money(each.captured_minor, currency)
            words = reading.say(N_("Payment received"))
            yield Moment(at_ms=each.settled_at_ms, icon="credit-card", words=words, more=amount)
    for back in facts.refunds:
        is_done = back.state is RefundState.SUCCEEDED
        words = N_("Money paid back") if is_done else N_("Your money is on its way back to you")
        at_ms = back.settled_at_ms if is_done and back.settled_at_ms else back.requested_at_ms
        amount = fmt.money(back.amount_minor, back.currency)
        yield Moment(at_ms=at_ms, icon="banknote", words=reading.say(words), more=amount)


def _parcels(facts: Facts, reading: Reading) -> Iterator[Moment]:
    left = facts.left
    for number, parcel in enumerate(left, start=1):
        which = _which(number, len(left), reading)
        node = facts.nodes.get(parcel.node_id)
        for each in facts.shipments:
            if each.id == parcel.shipment_id:
                words = reading.say(N_("Packed and handed to the carrier"))
                city = node.address.city if node else ""
                more = _joined(which, city)
                yield Moment(at_ms=each.shipped_at_ms, icon="package", words=words, more=more)
        for scan in facts.scans.get(parcel.id, ()):
            icon, words = SCANS[TrackingStatus(scan.status)]
            more = _joined(which, scan.place[:PLACE_MAX])
            yield Moment(at_ms=scan.at_ms, icon=icon, words=reading.say(words), more=more)


def _goods_back(facts: Facts, reading: Reading) -> Iterator[Moment]:
    for each in facts.returns:
        asked = reading.say(N_("Return %(number)s asked for"), number=each.ret.number)
        yield Moment(at_ms=each.ret.requested_at_ms, icon="undo-2", words=asked)
        for day_ms in sorted({reception.at_ms for reception in each.receptions}):
            words = reading.say(N_("Your return reached us"))
            yield Moment(at_ms=day_ms, icon="package-check", words=words, more=each.ret.number)


def _which(number: int, count: int, reading: Reading) -> str:
    if count < 2:
        return ""
    return reading.say(N_("Parcel %(number)s of %(count)s"), number=str(number), count=str(count))


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
