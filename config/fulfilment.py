"""The floor's policy from fulfilment.toml: what starts an SSCC."""

import tomllib
from importlib.resources import files
from typing import Final

_POLICY = tomllib.loads((files("config") / "fulfilment.toml").read_text(encoding="utf-8"))

GS1_PREFIX: Final[str] = _POLICY["gs1_prefix"]
SSCC_EXTENSION: Final[int] = _POLICY["sscc_extension"]
