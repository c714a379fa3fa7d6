"""The returns policy from returns.toml: window, what is authorised by itself, what grades do."""

import tomllib
from importlib.resources import files
from typing import Final

_POLICY = tomllib.loads((files("config") / "returns.toml").read_text(encoding="utf-8"))

WINDOW_DAYS: Final[int] = _POLICY["window_days"]
AUTHORISE_INSIDE_WINDOW: Final[bool] = _POLICY["authorise_inside_window"]
GRADES: Final[dict[str, str]] = _POLICY["grades"]
"""What becomes of goods by the grade they get: the name of a disposition, or `refuse`."""
