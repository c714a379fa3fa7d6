"""What the page of today rests on: read once in a few seconds for all who look at it."""

from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from fulfillment.figures import queries as floor
from fulfillment.figures.queries import Left
from oms.kernel.clock import DAY_MS, MINUTE_MS, SECOND_MS
from oms.orders.figures import queries as orders
from oms.orders.figures.queries import Course, Due, Promise, Reached
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrdersWanted
from oms.orders.worklists.model import OrderSet, ReasonKind
from oms.platform.transaction import Reader
from oms.web.today.days import Span, last_days
from oms.web.today.memory import remembered
from returns.figures import queries as returns

NOW_MS: Final = 3 * SECOND_MS  # figures of today are this old at most
PAST_MS: Final = 10 * MINUTE_MS  # days that are over change only by imports
PLACED_DAYS: Final = 14
DAYS: Final = 8  # of the other figures
RETURN_DAYS: Final = 30
ORDERS_MAX: Final = 5_000  # newest orders of the last 24 hours that pictures are drawn of
SHIPMENTS_MAX: Final = 5_000
SAMPLE: Final = 1_000  # newest shipments of a day that is over
AHEAD_MS: Final = 48 * 60 * MINUTE_MS

ATTENTION: Final = {
    ReasonKind.HELD: OrderSet.HELD,
    ReasonKind.LOST: OrderSet.LOST,
    ReasonKind.LATE: OrderSet.LATE,
    ReasonKind.CHANGED: OrderSet.CHANGED,
    ReasonKind.WAITING: OrderSet.WAITING,
    ReasonKind.BACKORDERED: OrderSet.BACKORDERED,
}


class Punctuality(msgspec.Struct, frozen=True):
    """Shipments of a day: so many with a promised moment, of them in time; the median from order
    to departure, None when nothing left.
    """

    promised: int
    on_time: int
    median_ms: float | None

    @property
    def share(self) -> float | None:
        return self.on_time / self.promised if self.promised else None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the page that is counted. Lists go from the oldest day to today; `courses` and
    `left` (when orders left, by id) are of the last 24 hours.
    """

    days: list[Span]
    placed: list[int]
    placed_a_week_ago: int
    punctual: list[Punctuality]
    return_rates: list[float | None]
    attention: dict[ReasonKind, int]
    hold_reasons: dict[str, int]
    quarantined: int
    due: list[Due]
    courses: list[Course]
    left: dict[str, int]

    @property
    def is_sample(self) -> bool:
        """Whether pictures show the newest of these orders only."""
        return len(self.courses) >= ORDERS_MAX


def figures(reader: Reader, time_zone: str, reached: Reached) -> Figures:
    """Those of now, at most a few seconds old."""
    key = ("today", time_zone, reached)
    return remembered(reader, key, NOW_MS, lambda: _read(reader, time_zone, reached))


def _read(reader: Reader, time_zone: str, reached: Reached) -> Figures:
    days = last_days(reader.now_ms, time_zone, PLACED_DAYS)
    today = days[-1]
    week_ago = (days[-8][0], days[-8][0] + reader.now_ms - today[0])
    before = remembered(
        reader,
        ("placed", days[0], reached),
        PAST_MS,
        lambda: orders.placed(reader, days[:-1], reached),
    )
    placed_today, then = orders.placed(reader, [today, week_ago], reached)
    left = floor.left(reader, today, SHIPMENTS_MAX)
    recent = (reader.now_ms - DAY_MS, reader.now_ms + 1)
    return Figures(
        days=days,
        placed=[*before, placed_today],
        placed_a_week_ago=then,
        punctual=[
            *(_past(reader, day, reached) for day in days[-DAYS:-1]),
            _punctual(reader, left, reached),
        ],
        return_rates=_return_rates(reader, time_zone),
        attention=_attention(reader, reached),
        hold_reasons=orders.hold_reasons(reader) if reached is None else {},
        quarantined=_quarantined(reader, reached),
        due=orders.due(reader, reader.now_ms + AHEAD_MS, reached),
        courses=orders.courses(reader, recent, reached, ORDERS_MAX),
        left={
            each.order_id: each.shipped_at_ms for each in floor.left(reader, recent, SHIPMENTS_MAX)
        },
    )


def _past(reader: Reader, day: Span, reached: Reached) -> Punctuality:
    def look() -> Punctuality:
        return _punctual(reader, floor.left(reader, day, SAMPLE), reached)

    return remembered(reader, ("punctual", day, reached), PAST_MS, look)


def _punctual(reader: Reader, left: Sequence[Left], reached: Reached) -> Punctuality:
    promises = orders.promises(reader, [each.order_id for each in left])
    if reached is not None:
        promises = {id_: each for id_, each in promises.items() if each.channel_id in reached}
    return punctuality(left, promises)


def punctuality(left: Sequence[Left], promises: dict[str, Promise]) -> Punctuality:
    """Of shipments whose orders are among the promises. Pure."""
    known = [(each, promises[each.order_id]) for each in left if each.order_id in promises]
    promised = [(each, to.deadline_ms) for each, to in known if to.deadline_ms is not None]
    took = [each.shipped_at_ms - to.placed_at_ms for each, to in known]
    return Punctuality(
        promised=len(promised),
        on_time=sum(each.shipped_at_ms <= by for each, by in promised),
        median_ms=median(took) if took else None,
    )


def _return_rates(reader: Reader, time_zone: str) -> list[float | None]:
    """Returns asked for, of shipments, over the 30 days that end with each of the last days."""
    days = last_days(reader.now_ms, time_zone, RETURN_DAYS + DAYS - 1)

    def look() -> tuple[list[int], list[int]]:
        return returns.requested(reader, days[:-1]), floor.shipped(reader, days[:-1])

    back, gone = remembered(reader, ("returns", days[0]), PAST_MS, look)
    back = [*back, *returns.requested(reader, days[-1:])]
    gone = [*gone, *floor.shipped(reader, days[-1:])]
    windows = range(DAYS)
    shipped = [sum(gone[at : at + RETURN_DAYS]) for at in windows]
    returned = [sum(back[at : at + RETURN_DAYS]) for at in windows]
    return [part / whole if whole else None for part, whole in zip(returned, shipped, strict=True)]


def _attention(reader: Reader, reached: Reached) -> dict[ReasonKind, int]:
    """How many orders there are for each reason, as far as lists are counted."""
    counts = {
        kind: listing.count(reader, OrdersWanted(among=among, channel_ids=reached))
        for kind, among in ATTENTION.items()
    }
    return {kind: count for kind, count in counts.items() if count}


def _quarantined(reader: Reader, reached: Reached) -> int:
    found = orders.open_quarantine(reader)
    return sum(n for channel, n in found.items() if reached is None or channel in reached)
