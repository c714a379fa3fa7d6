"""The life of a change-set."""

from enum import StrEnum
from typing import Final

from oms.kernel.machine import Machine, Move


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    APPLIED = "applied"
    DECLINED = "declined"


CHANGE: Final[Machine[ChangeState]] = Machine(
    "change",
    [ChangeState.PROPOSED],
    (
        Move("apply", ChangeState.PROPOSED, ChangeState.APPLIED, "agent/policy"),
        Move("decline", ChangeState.PROPOSED, ChangeState.DECLINED, "agent/policy"),
        Move("propose_again", ChangeState.APPLIED, ChangeState.PROPOSED, "channel"),
    ),
)
