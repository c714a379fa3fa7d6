"""The merchant's own days: from midnight to midnight where they are. Pure."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""From this moment on, before that one."""


def last_days(now_ms: int, time_zone: str, count: int) -> list[Span]:
    """The last days, the oldest first, today whole at the end; a day of a clock change has its
    23 or 25 hours.
    """
    zone = ZoneInfo(time_zone)
    today = datetime.fromtimestamp(now_ms / 1_000, zone).date()
    edges = [
        datetime.combine(today + timedelta(days=day), datetime.min.time(), zone)
        for day in range(1 - count, 2)
    ]
    moments = [round(edge.timestamp() * 1_000) for edge in edges]
    return list(pairwise(moments))
