"""Returns as screens and the API read them, and what must always hold for them."""

from typing import Final

from oms.ledger.check import Check
from returns import store as store

CHECKS: Final[tuple[Check, ...]] = ()
