"""Where a retold order differs from what we have, in words."""

import msgspec

from connectors.contract.messages import ChannelOrder
from oms.kernel.events import SYSTEM, Cause
from oms.orders.changes.machine import ChangeState
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.intake.model import Priced


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A known order told with other words."""

    order_id: str
    number: str
    content_hash: str
    order: ChannelOrder
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


def differences(facts: OrderFacts, told: ChannelOrder, priced: Priced) -> tuple[str, ...]:
    """What a person needs to know to decide: `place: before -> after`, in the message's order."""
    pairs = [
        ("currency", facts.currency, told.currency),
        ("payment_terms", facts.payment_terms, told.payment_terms.value),
        ("prices_include_tax", facts.prices_include_tax, told.prices_include_tax),
        ("ship_to", facts.ship_to, told.ship_to),
        ("bill_to", facts.bill_to, told.bill_to),
        ("deadline_ms", facts.deadline_ms, told.deadline_ms),
        ("shipping_choice", facts.shipping_choice, told.shipping_choice),
        ("note", facts.extra.get("note", ""), told.note),
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


def _words(place: str, before: object, after: object) -> str:
    return f"{place}: {_shown(before)} -> {_shown(after)}"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
