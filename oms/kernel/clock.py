"""Time as the whole system tells it: whole milliseconds since 1970, UTC. Reads no clock itself."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]
"""Answers the present moment in UTC milliseconds; given to those who need it, never imported."""

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class ManualClock:
    """A clock that stands still until told: for replays and tests."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, by_ms: int) -> None:
        self.now_ms += by_ms


def to_datetime(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)


def to_iso(at_ms: int) -> str:
    """`2026-11-21T20:45:21.000Z`: the form the API and documents use."""
    return to_datetime(at_ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


def from_datetime(moment: datetime) -> int:
    """UTC milliseconds of an aware `moment`; a naive one is a bug of the caller."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000
