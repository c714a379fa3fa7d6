"""Matching what came back with what was sold: latest purchase first, the rest is blind."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from connectors.contract.messages import ChannelReturn
from oms.kernel.events import SYSTEM, Cause
from returns.model import Disposition, WantedBack


class TakeIn(msgspec.Struct, frozen=True, kw_only=True):
    """A return as its channel reports it; the goods are at `node_id` and judged already."""

    channel_id: str
    message: ChannelReturn
    node_id: str
    disposition: Disposition = Disposition.RESTOCK
    cause: Cause = SYSTEM


class TakeBack(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of a known order handed in at a counter: received, graded and credited in one step."""

    order_id: str
    node_id: str
    lines: tuple[WantedBack, ...]
    disposition: Disposition = Disposition.RESTOCK
    grade: str = "A"
    reason: str = ""
    cause: Cause = SYSTEM


class Outcome(StrEnum):
    """What became of a reported return."""

    NEW = "new"
    SAME = "same"


class Sold(msgspec.Struct, frozen=True, gc=False):
    """Units of an item that a customer has from one order line."""

    order_id: str
    line_id: str
    item_id: str
    quantity: int
    placed_at_ms: int
    currency: str
    external_id: str


class Match(msgspec.Struct, frozen=True, gc=False):
    """Units of a reported line that belong to a sale; `sold` None: no sale is known for them."""

    quantity: int
    sold: Sold | None


def possible(
    candidates: Sequence[Sold], currency: str, order_external_id: str | None
) -> list[Sold]:
    """Sales a reported line may belong to: same currency, and its order if it names one."""
    return [
        sold
        for sold in candidates
        if sold.currency == currency and order_external_id in (None, sold.external_id)
    ]


def match(wanted: int, candidates: Sequence[Sold], taken: dict[str, int]) -> list[Match]:
    """Split `wanted` units over sales, latest first; `taken` (by line) is advanced."""
    matches = []
    for sold in sorted(candidates, key=lambda s: (-s.placed_at_ms, s.order_id, s.line_id)):
        count = min(wanted, sold.quantity - taken.get(sold.line_id, 0))
        if count > 0:
            taken[sold.line_id] = taken.get(sold.line_id, 0) + count
            wanted -= count
            matches.append(Match(count, sold))
    if wanted:
        matches.append(Match(wanted, None))
    return matches
