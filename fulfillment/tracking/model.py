"""What a scan means: the parcel's moves and the units' moves. Out of order and twice do no harm."""

from collections.abc import Mapping
from typing import Final

import msgspec

from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment.machine import ParcelState
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One scan, as a carrier or a person reports it."""

    event: TrackingEvent
    cause: Cause = SYSTEM


class Step(msgspec.Struct, frozen=True, gc=False):
    """A parcel's move and the move of the units that are still in `units_in`."""

    parcel_move: str
    units_in: LineState
    units_move: str


_S, _P, _L = TrackingStatus, ParcelState, LineState

_DELIVER = Step("deliver", _L.SHIPPED, "deliver")
_LOSE = Step("lose", _L.SHIPPED, "lose")
_FIND = Step("find", _L.LOST, "found")
_REFUSE = Step("refuse", _L.SHIPPED, "refuse")

# Only these end or reopen a journey; every other scan is news for the page and nothing else.
# fmt: off
STEPS: Final[Mapping[tuple[ParcelState, TrackingStatus], tuple[Step, ...]]] = {
    (_P.SHIPPED, _S.DELIVERED):          (_DELIVER,),
    (_P.SHIPPED, _S.LOST):               (_LOSE,),
    (_P.SHIPPED, _S.RETURNED_TO_SENDER): (_REFUSE,),
    (_P.LOST,    _S.ACCEPTED):           (_FIND,),
    (_P.LOST,    _S.IN_TRANSIT):         (_FIND,),
    (_P.LOST,    _S.OUT_FOR_DELIVERY):   (_FIND,),
    (_P.LOST,    _S.DELIVERED):          (_FIND, _DELIVER),
    (_P.LOST,    _S.RETURNED_TO_SENDER): (_FIND, _REFUSE),
}
# fmt: on


def steps(state: ParcelState, event: TrackingEvent, last_at_ms: int) -> tuple[Step, ...]:
    """What follows from a scan of a parcel in `state` whose newest scan so far is `last_at_ms`.

    A scan older than what is known never reopens a journey (a late "in transit" after "lost").
    """
    if state == ParcelState.LOST and event.at_ms < last_at_ms:
        return ()
    return STEPS.get((state, event.status), ())
