"""The merchant's numbers for choosing nodes, from routing.toml."""

import tomllib
from importlib.resources import files
from typing import Any, Final

_POLICY = tomllib.loads((files("config") / "routing.toml").read_text(encoding="utf-8"))

VERSION: Final[str] = _POLICY["version"]
DEFAULT_CURRENCY: Final[str] = _POLICY["default"]
POLICIES: Final[dict[str, dict[str, Any]]] = _POLICY["policies"]
"""By the currency nodes count their costs in; the tables are those of `routing.model.Policy`."""
