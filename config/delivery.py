"""When parcels are expected, from delivery.toml."""

import tomllib
from importlib.resources import files
from typing import Final

_POLICY = tomllib.loads((files("config") / "delivery.toml").read_text(encoding="utf-8"))

SHIP_HOURS: Final[int] = _POLICY["ship_hours"]
DAYS_BY_KM: Final[tuple[tuple[int, int], ...]] = tuple((km, d) for km, d in _POLICY["days_by_km"])
DAYS_IF_UNKNOWN: Final[int] = _POLICY["days_if_unknown"]
FROM_HOUR: Final[int] = _POLICY["from_hour"]
TO_HOUR: Final[int] = _POLICY["to_hour"]
DELAY_DAYS: Final[int] = _POLICY["delay_days"]
