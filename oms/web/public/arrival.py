"""When a parcel comes, was promised to come, and why it comes later: from dates and scans. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from config import delivery as policy
from connectors.contract.parcels import TrackingStatus
from fulfillment.queries import Scan
from oms.kernel.clock import DAY_MS, HOUR_MS
from oms.web.translations import N_

ATTEMPTED: Final = N_("Nobody could take it at the last try.")
DELAYED: Final = N_("The carrier reports a delay on the way.")
LEFT_LATE: Final = N_("It left us later than planned.")
STILL_HERE: Final = N_("It takes us longer than planned to send it.")
SLOW: Final = N_("The way takes longer than usual.")


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of how units come: `km` None where the way is not known."""

    placed_at_ms: int
    ship_by_ms: int | None
    shipped_at_ms: int | None
    km: float | None
    scans: Sequence[Scan] = ()


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A day and the hours of it in which couriers ring; `cause` in words where it is late."""

    from_ms: int
    to_ms: int
    promised_ms: int
    cause: str = ""

    @property
    def is_late(self) -> bool:
        return bool(self.cause)


def arrival(way: Way, now_ms: int, time_zone: str) -> Arrival:
    """When it comes, as far as can be told now."""
    zone = ZoneInfo(time_zone)
    ship_by_ms = way.ship_by_ms or way.placed_at_ms + policy.SHIP_HOURS * HOUR_MS
    days_ms = transit_days(way.km) * DAY_MS
    promised_ms, _ = _hours_of(ship_by_ms + days_ms, zone)
    left_ms = way.shipped_at_ms or max(now_ms, ship_by_ms)
    from_ms, to_ms = _hours_of(_told(way, left_ms + days_ms), zone)
    if to_ms < now_ms:  # nothing was heard: today is still possible until couriers go home
        from_ms, to_ms = _hours_of(now_ms, zone)
        if to_ms < now_ms:
            from_ms, to_ms = _hours_of(now_ms + DAY_MS, zone)
    is_late = from_ms > promised_ms
    cause = _cause(way, ship_by_ms) if is_late else ""
    return Arrival(from_ms=from_ms, to_ms=to_ms, promised_ms=promised_ms, cause=cause)


def transit_days(km: float | None) -> int:
    """Days on the way, by the policy."""
    if km is None:
        return policy.DAYS_IF_UNKNOWN
    return next((days for most, days in policy.DAYS_BY_KM if km <= most), policy.DAYS_IF_UNKNOWN)


def _told(way: Way, planned_ms: int) -> int:
    """The planned moment, or the one that the carrier's last words make of it."""
    last = way.scans[-1] if way.scans else None
    if last is None:
        return planned_ms
    match TrackingStatus(last.status):
        case TrackingStatus.OUT_FOR_DELIVERY:
            return last.at_ms
        case TrackingStatus.ATTEMPTED:
            return last.at_ms + DAY_MS
        case _ if _has(way, TrackingStatus.EXCEPTION):
            return planned_ms + policy.DELAY_DAYS * DAY_MS
        case _:
            return planned_ms


def _cause(way: Way, ship_by_ms: int) -> str:
    if _has(way, TrackingStatus.ATTEMPTED):
        return ATTEMPTED
    if _has(way, TrackingStatus.EXCEPTION):
        return DELAYED
    if way.shipped_at_ms is None:
        return STILL_HERE
    return LEFT_LATE if way.shipped_at_ms > ship_by_ms else SLOW


def _has(way: Way, status: TrackingStatus) -> bool:
    return any(scan.status == status for scan in way.scans)


def _hours_of(at_ms: int, zone: ZoneInfo) -> tuple[int, int]:
    """The hours in which couriers ring, of the day of a moment."""
    day = datetime.fromtimestamp(at_ms / 1000, zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    first, last = day + timedelta(hours=policy.FROM_HOUR), day + timedelta(hours=policy.TO_HOUR)
    return int(first.timestamp() * 1000), int(last.timestamp() * 1000)
