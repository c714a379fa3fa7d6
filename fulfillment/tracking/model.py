"""What scans mean: where a parcel's journey stands, whatever the order in which one hears of it.

A journey is judged from the newest scan of each status, so the same scans always end the same way:
returned to sender beats delivered, delivered beats lost, and lost lasts until something newer.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment.machine import ParcelState
from oms.kernel.errors import Invalid
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One scan, as a carrier or a person reports it; `carrier` tells equal numbers apart."""

    event: TrackingEvent
    carrier: str = ""
    cause: Cause = SYSTEM


class Step(msgspec.Struct, frozen=True, gc=False):
    """A parcel's move, and the move of the units in it that are still in `units_in`."""

    parcel_move: str
    units_in: LineState
    units_move: str


_S, _P, _L = TrackingStatus, ParcelState, LineState

MOVING: Final = frozenset(
    {
        *(_S.ACCEPTED, _S.IN_TRANSIT, _S.OUT_FOR_DELIVERY),
        *(_S.ATTEMPTED, _S.AVAILABLE_FOR_PICKUP, _S.DAMAGED),
    }
)
"""Statuses that prove that the carrier has the parcel in hand."""

SEEN: Final = MOVING | {_S.DELIVERED, _S.RETURNED_TO_SENDER}
"""Statuses after which nobody can say that the parcel never left."""

_DELIVER = Step("deliver", _L.SHIPPED, "deliver")
_UNDELIVER = Step("undeliver", _L.DELIVERED, "undeliver")
_LOSE = Step("lose", _L.SHIPPED, "lose")
_FIND = Step("find", _L.LOST, "found")
_REFUSE = Step("refuse", _L.SHIPPED, "refuse")

# fmt: off
_WAYS: Final[Mapping[tuple[ParcelState, ParcelState], tuple[Step, ...]]] = {
    (_P.SHIPPED,   _P.DELIVERED): (_DELIVER,),
    (_P.SHIPPED,   _P.LOST):      (_LOSE,),
    (_P.SHIPPED,   _P.RETURNED):  (_REFUSE,),
    (_P.LOST,      _P.SHIPPED):   (_FIND,),
    (_P.LOST,      _P.DELIVERED): (_FIND, _DELIVER),
    (_P.LOST,      _P.RETURNED):  (_FIND, _REFUSE),
    (_P.DELIVERED, _P.RETURNED):  (_UNDELIVER, _REFUSE),
}
# fmt: on


def journey(newest: Mapping[TrackingStatus, int]) -> ParcelState:
    """Where a parcel that left is, from the newest moment of each status."""
    if _S.RETURNED_TO_SENDER in newest:
        return _P.RETURNED
    if _S.DELIVERED in newest:
        return _P.DELIVERED
    moved_ms = max((at_ms for status, at_ms in newest.items() if status in MOVING), default=-1)
    if newest.get(_S.LOST, -1) > moved_ms:
        return _P.LOST
    return _P.SHIPPED


def steps(now: ParcelState, newest: Mapping[TrackingStatus, int]) -> tuple[Step, ...]:
    """What parcel and units do to get from `now` to where the scans say the parcel is."""
    return _WAYS.get((now, journey(newest)), ())


def check(report: Report) -> None:
    """`Invalid` for a scan that names neither itself nor a parcel."""
    missing = {
        field: "must not be empty"
        for field in ("external_id", "tracking_number")
        if not getattr(report.event, field)
    }
    if missing:
        raise Invalid(
            "tracking.unnamed", "A scan must say which it is, of which parcel.", "", missing
        )
