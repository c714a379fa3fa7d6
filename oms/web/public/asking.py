"""What of an order may be asked back by its customer, and if nothing, why. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from config import returns as policy
from oms.kernel.clock import DAY_MS
from oms.kernel.errors import Invalid
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.machine import LineState
from oms.orders.money import whole_units
from oms.web.public.facts import Facts
from returns.model import WantedBack


class WhyNot(StrEnum):
    """Why nothing can be asked back."""

    NOTHING_HERE = "nothing_here"
    TOO_LATE = "too_late"
    ALL_ASKED = "all_asked"


_BACK: Final = frozenset(
    {
        *(LineState.RETURN_REQUESTED, LineState.RETURN_AUTHORISED, LineState.RETURN_IN_TRANSIT),
        *(LineState.RETURN_RECEIVED, LineState.RETURN_ACCEPTED, LineState.RETURN_REJECTED),
    }
)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line the customer has. `position` stands for the line on the page."""

    position: int
    line_id: str
    title: str
    count: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked back until when; with no `choices`, `why_not` says why."""

    choices: tuple[Choice, ...]
    until_ms: int | None = None
    why_not: WhyNot | None = None


def standing(facts: Facts) -> Standing:
    """How it stands with returns of an order, by the policy."""
    until_ms = None
    if facts.delivered_at_ms is not None:
        until_ms = facts.delivered_at_ms + policy.WINDOW_DAYS * DAY_MS
    choices = _choices(facts)
    if not choices:
        is_back = any(each.state in _BACK for each in facts.slices)
        why_not = WhyNot.ALL_ASKED if is_back else WhyNot.NOTHING_HERE
        return Standing(choices=(), until_ms=until_ms, why_not=why_not)
    if until_ms is not None and facts.now_ms > until_ms:
        return Standing(choices=(), until_ms=until_ms, why_not=WhyNot.TOO_LATE)
    return Standing(choices=choices, until_ms=until_ms)


def wanted(order: OrderFacts, counts: Mapping[int, int], reason: str) -> tuple[WantedBack, ...]:
    """So many of the line at each position; `Invalid` for a line that the order does not have.

    Whether they may go back is not judged here: the same form sent again gets the same answer.
    """
    by_position = {line.position: line.id for line in order.lines}
    if not counts:
        raise Invalid("return.nothing_chosen", "Nothing is chosen yet.", "Tick what goes back.")
    if not counts.keys() <= by_position.keys():
        raise Invalid("return.no_such_line", "The order has no such line.", "Load the page again.")
    return tuple(
        WantedBack(line_id=by_position[position], quantity=count, reason=reason)
        for position, count in counts.items()
    )


def _choices(facts: Facts) -> tuple[Choice, ...]:
    delivered: dict[str, Counter[str]] = defaultdict(Counter)
    for each in facts.slices:
        if each.state is LineState.DELIVERED:
            delivered[each.line_id][each.item_id] += each.quantity
    return tuple(
        Choice(
            position=line.position,
            line_id=line.id,
            title=(line.title or line.listing_sku)[:300],
            count=count,
        )
        for line in facts.order.lines
        if (count := _whole_units(line, delivered[line.id]))
    )


def _whole_units(line: LineFacts, there: Counter[str]) -> int:
    """How many whole units of a line the customer has: a bundle goes back with all its parts."""
    return whole_units(dict(line.parts), there) if line.parts else 0
