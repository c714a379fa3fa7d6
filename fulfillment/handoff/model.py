"""Commands of the handshake between us and a node."""

from enum import StrEnum

import msgspec

from fulfillment.model import Units
from oms.kernel.events import SYSTEM, Cause


class Answer(StrEnum):
    """What is said about a fulfilment order; the names of the handshake's moves."""

    ACCEPT = "accept"
    REJECT = "reject"
    RECALL = "recall"
    REQUEST_CANCEL = "request_cancel"
    CONFIRM_CANCEL = "confirm_cancel"
    REFUSE_CANCEL = "refuse_cancel"


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """Move the handshake on."""

    fulfilment_id: str
    answer: Answer
    reason: str = ""
    cause: Cause = SYSTEM


class ReportShipped(msgspec.Struct, frozen=True, kw_only=True):
    """A 3PL or supplier says it shipped; no `units` means all it was asked for."""

    fulfilment_id: str
    units: tuple[Units, ...] = ()
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    weight_g: int = 0
    cause: Cause = SYSTEM
