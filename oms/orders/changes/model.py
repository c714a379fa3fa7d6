"""Where a retold order differs from what we have, and what has to be done to follow it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from connectors.contract.messages import ChannelLine, ChannelOrder, ChannelPayment
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.cancels.model import LineQuantity
from oms.orders.changes.machine import ChangeState
from oms.orders.events import PaymentNote
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.intake.model import Priced, PricedLine
from oms.orders.machine import CANCEL_OF, LineState
from oms.orders.model import Slice
from oms.orders.money import whole_units


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A known order told with other words."""

    order_id: str
    number: str
    content_hash: str
    order: ChannelOrder
    cause: Cause = SYSTEM


class ApplyChange(msgspec.Struct, frozen=True, kw_only=True):
    """Make the order what the channel told last."""

    change_id: str
    cause: Cause = SYSTEM


class DeclineChange(msgspec.Struct, frozen=True, kw_only=True):
    """Leave the order as it is."""

    change_id: str
    reason: str = ""
    cause: Cause = SYSTEM


class ChangeSet(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed or decided change: the whole order as told, and where it differs."""

    id: str
    order_id: str
    content_hash: str
    order: ChannelOrder
    differences: tuple[str, ...]
    state: ChangeState
    at_ms: int


class ChangePlan(msgspec.Struct):
    """What follows from a change-set: units to cancel, lines to write anew and to add."""

    priced: Priced
    cancels: list[LineQuantity] = msgspec.field(default_factory=list)
    rewritten: list[tuple[LineFacts, ChannelLine, PricedLine]] = msgspec.field(default_factory=list)
    added: list[tuple[ChannelLine, PricedLine]] = msgspec.field(default_factory=list)
    charges: bool = False


_FREE: Final = frozenset(CANCEL_OF) | {LineState.CANCELLED}
_BEFORE_INVOICE: Final = frozenset({LineState.RELEASED, LineState.PICKED, LineState.PACKED})


def differences(facts: OrderFacts, told: ChannelOrder, priced: Priced) -> tuple[str, ...]:
    """What a person needs to know to decide: `place: before -> after`, in the message's order.

    Nothing, where only that differs which an order does not follow: the moment it was placed (a
    caller may leave it out, then it is that of the telling), names of the buyer, titles.
    """
    pairs = [
        ("currency", facts.currency, told.currency),
        ("payment_terms", facts.payment_terms, told.payment_terms.value),
        ("prices_include_tax", facts.prices_include_tax, told.prices_include_tax),
        ("ship_to", facts.ship_to, told.ship_to),
        ("bill_to", facts.bill_to, told.bill_to),
        ("deadline_ms", facts.deadline_ms, told.deadline_ms),
        ("shipping_choice", facts.shipping_choice, told.shipping_choice),
        ("note", facts.extra.get("note", ""), told.note),
        ("payments", _paid(facts.payments), _paid(told.payments)),
        ("total_minor", facts.total_minor, priced.total_minor),
    ]
    words = [_words(place, before, after) for place, before, after in pairs if before != after]
    words += _line_differences({line.external_id: line for line in facts.lines}, told, priced)
    before = [(charge.kind, charge.net_minor, charge.tax_minor) for charge in facts.charges]
    after = [
        (charge.kind.value, net, tax)
        for charge, (net, tax) in zip(told.charges, priced.charges, strict=True)
    ]
    if before != after:
        words.append(_words("charges", before, after))
    return tuple(words)


def plan(
    facts: OrderFacts, told: ChannelOrder, priced: Priced, slices: Sequence[Slice]
) -> ChangePlan:
    """What has to be done so that the order is as told; `Refused` when it is too late for a part.

    Fewer units of a line are a cancel, so their money is told. A line that nobody has worked on is
    written anew; one that somebody has can only become less.
    """
    _refuse_other_contract(facts, told)
    known = {line.external_id: line for line in facts.lines}
    by_line: dict[str, list[Slice]] = defaultdict(list)
    for units in slices:
        by_line[units.line_id].append(units)
    found = ChangePlan(priced)
    for line, money in zip(told.lines, priced.lines, strict=True):
        old = known.pop(line.external_id, None)
        if old is None:
            found.added.append((line, money))
        else:
            _follow_line(found, old, (line, money), by_line[old.id])
    for old in known.values():
        live = _live_units(old, by_line[old.id])
        if live:
            found.cancels.append(LineQuantity(old.id, live))
    found.charges = _charges_differ(facts, told, priced)
    _refuse_too_late(found, facts, told, slices)
    return found


def _follow_line(
    found: ChangePlan, old: LineFacts, told: tuple[ChannelLine, PricedLine], units: list[Slice]
) -> None:
    line, money = told
    live = _live_units(old, units)
    is_same_thing = (old.listing_sku, old.unit_price_minor) == (line.sku, line.unit_price_minor)
    if is_same_thing and line.quantity < live:
        found.cancels.append(LineQuantity(old.id, live - line.quantity))
    elif is_same_thing and line.quantity == live != old.quantity:
        return  # what the channel took back is cancelled here already
    elif (old.listing_sku, old.quantity, old.net_minor, old.tax_minor) != (
        line.sku,
        line.quantity,
        money.net_minor,
        money.tax_minor,
    ):
        if any(each.state not in CANCEL_OF for each in units):
            raise _too_late(f"line '{line.external_id}' is being worked on or was partly cancelled")
        found.rewritten.append((old, line, money))


def _live_units(line: LineFacts, units: Sequence[Slice]) -> int:
    """Whole units of the line that are not cancelled."""
    cancelled: dict[str, int] = {}
    for each in units:
        if each.state is LineState.CANCELLED:
            cancelled[each.item_id] = cancelled.get(each.item_id, 0) + each.quantity
    parts = dict(line.parts) or {"": 1}
    return line.quantity - whole_units(parts, cancelled)


def _charges_differ(facts: OrderFacts, told: ChannelOrder, priced: Priced) -> bool:
    before = [(each.kind, each.net_minor, each.tax_minor) for each in facts.charges]
    after = [
        (charge.kind.value, net, tax)
        for charge, (net, tax) in zip(told.charges, priced.charges, strict=True)
    ]
    return before != after


def _refuse_other_contract(facts: OrderFacts, told: ChannelOrder) -> None:
    if (facts.currency, facts.prices_include_tax, facts.payment_terms) != (
        told.currency,
        told.prices_include_tax,
        told.payment_terms.value,
    ):
        raise Refused(
            "change.other_contract",
            "Currency, tax and payment terms of an order do not change.",
            "Cancel the order and take the new one in under another number, or decline.",
        )


def _refuse_too_late(
    found: ChangePlan, facts: OrderFacts, told: ChannelOrder, slices: Sequence[Slice]
) -> None:
    states = {each.state for each in slices}
    if facts.ship_to != told.ship_to and states - _FREE:
        raise _too_late("units are being packed for the address it had")
    if found.charges and states - _FREE - _BEFORE_INVOICE:
        raise _too_late("its charges may be on an invoice already")


def _too_late(why: str) -> Refused:
    return Refused(
        "change.too_late",
        f"It is too late for this change: {why}.",
        "Ask the node to give the units back first, or decline and settle it with the customer.",
    )


def _line_differences(known: dict[str, LineFacts], told: ChannelOrder, priced: Priced) -> list[str]:
    words = []
    for line, money in zip(told.lines, priced.lines, strict=True):
        old = known.pop(line.external_id, None)
        place = f"lines[{line.external_id}]"
        if old is None:
            words.append(_words(place, "nothing", f"{line.quantity} of {line.sku}"))
            continue
        pairs = [
            ("sku", old.listing_sku, line.sku),
            ("quantity", old.quantity, line.quantity),
            ("net_minor", old.net_minor, money.net_minor),
            ("tax_minor", old.tax_minor, money.tax_minor),
        ]
        words += [_words(f"{place}.{name}", was, now) for name, was, now in pairs if was != now]
    words += [
        _words(f"lines[{name}]", f"{old.quantity} of {old.listing_sku}", "nothing")
        for name, old in known.items()
    ]
    return words


def _paid(notes: Sequence[PaymentNote | ChannelPayment]) -> list[tuple[str, int, str]]:
    return [(note.tender, note.amount_minor, note.reference) for note in notes]


def _words(place: str, before: object, after: object) -> str:
    return f"{place}: {_shown(before)} -> {_shown(after)}"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
