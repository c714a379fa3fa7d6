"""The life of a reservation: held until it is used, given back, or its time is over."""

from enum import StrEnum
from typing import Final

from oms.kernel.machine import Machine, Move


class ReservationState(StrEnum):
    HELD = "held"
    USED = "used"
    RELEASED = "released"
    EXPIRED = "expired"


# fmt: off
RESERVATION: Final = Machine("reservation", [ReservationState.HELD], [
    Move("use",     ReservationState.HELD, ReservationState.USED,     "sourcing"),
    Move("release", ReservationState.HELD, ReservationState.RELEASED, "channel"),
    Move("expire",  ReservationState.HELD, ReservationState.EXPIRED,  "clock"),
])
# fmt: on
