"""The life of a payload that could not be an order when it came."""

from enum import StrEnum
from typing import Final

from oms.kernel.machine import Machine, Move


class QuarantineState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


_S = QuarantineState

QUARANTINE: Final[Machine[QuarantineState]] = Machine(
    "quarantine",
    [_S.OPEN],
    (
        Move("resolve", _S.OPEN, _S.RESOLVED, "agent"),
        Move("dismiss", _S.OPEN, _S.DISMISSED, "agent", "reopen"),
        Move("reopen", _S.DISMISSED, _S.OPEN, "agent", "dismiss"),
    ),
)
