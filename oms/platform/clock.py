"""The one place that looks at the machine's clock. Everything else is given a `Clock`."""

import time


def now_ms() -> int:
    """The present moment in UTC milliseconds."""
    return time.time_ns() // 1_000_000
