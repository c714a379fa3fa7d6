"""The lives of a payment, of a capture of it and of a refund, as tables."""

from enum import StrEnum
from typing import Final

from oms.kernel.machine import Machine, Move


class PaymentState(StrEnum):
    """One means of payment on one order. How much of it was taken is an amount, not a state."""

    PENDING = "pending"
    AUTHORISING = "authorising"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDING = "voiding"
    VOIDED = "voided"
    DECLINED = "declined"


class CaptureState(StrEnum):
    """One taking of money; ``in_doubt`` when the gateway will tell later."""

    REQUESTED = "requested"
    IN_DOUBT = "in_doubt"
    CAPTURED = "captured"
    DECLINED = "declined"


class RefundState(StrEnum):
    """One giving back; ``payable`` waits for a person who pays it by hand."""

    REQUESTED = "requested"
    IN_DOUBT = "in_doubt"
    PAYABLE = "payable"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_P, _C, _R = PaymentState, CaptureState, RefundState
_OUR, _GATEWAY, _PERSON = "we", "gateway", "agent"

# fmt: off
PAYMENT: Final = Machine("payment", [_P.PENDING, _P.AUTHORISING, _P.CAPTURED], [
    Move("approve",      _P.AUTHORISING, _P.AUTHORISED,  _GATEWAY),
    Move("decline",      _P.AUTHORISING, _P.DECLINED,    _GATEWAY),
    Move("ask_again",    _P.DECLINED,    _P.AUTHORISING, _PERSON),
    Move("capture_part", _P.AUTHORISED,  _P.AUTHORISED,  _GATEWAY),
    Move("capture",      _P.AUTHORISED,  _P.CAPTURED,    _GATEWAY),
    Move("receive_part", _P.PENDING,     _P.PENDING,     _PERSON),
    Move("receive",      _P.PENDING,     _P.CAPTURED,    _PERSON),
    Move("receive_more", _P.CAPTURED,    _P.CAPTURED,    _PERSON),
    Move("receive_late", _P.VOIDED,      _P.CAPTURED,    _PERSON),
    Move("release",      _P.AUTHORISED,  _P.VOIDING,     _OUR, "keep"),
    Move("release",      _P.AUTHORISING, _P.VOIDING,     _OUR),
    Move("give_up",      _P.PENDING,     _P.VOIDED,      _OUR),
    Move("approve",      _P.VOIDING,     _P.VOIDING,     _GATEWAY),
    Move("decline",      _P.VOIDING,     _P.VOIDED,      _GATEWAY),
    Move("void",         _P.VOIDING,     _P.VOIDED,      _GATEWAY),
    Move("close",        _P.VOIDING,     _P.CAPTURED,    _GATEWAY),
    Move("keep",         _P.VOIDING,     _P.AUTHORISED,  _GATEWAY),
])

CAPTURE: Final = Machine("capture", [_C.REQUESTED, _C.CAPTURED], [
    Move("doubt",   _C.REQUESTED, _C.IN_DOUBT, _GATEWAY),
    Move("doubt",   _C.IN_DOUBT,  _C.IN_DOUBT, _GATEWAY),
    Move("capture", _C.REQUESTED, _C.CAPTURED, _GATEWAY),
    Move("capture", _C.IN_DOUBT,  _C.CAPTURED, _GATEWAY),
    Move("decline", _C.REQUESTED, _C.DECLINED, _GATEWAY),
    Move("decline", _C.IN_DOUBT,  _C.DECLINED, _GATEWAY),
])

REFUND: Final = Machine("refund", [_R.REQUESTED, _R.PAYABLE, _R.SUCCEEDED], [
    Move("doubt",     _R.REQUESTED, _R.IN_DOUBT,  _GATEWAY),
    Move("doubt",     _R.IN_DOUBT,  _R.IN_DOUBT,  _GATEWAY),
    Move("succeed",   _R.REQUESTED, _R.SUCCEEDED, _GATEWAY),
    Move("succeed",   _R.IN_DOUBT,  _R.SUCCEEDED, _GATEWAY),
    Move("fail",      _R.REQUESTED, _R.FAILED,    _GATEWAY),
    Move("fail",      _R.IN_DOUBT,  _R.FAILED,    _GATEWAY),
    Move("retry",     _R.FAILED,    _R.REQUESTED, _PERSON),
    Move("hand_over", _R.FAILED,    _R.PAYABLE,   _PERSON),
    Move("pay",       _R.PAYABLE,   _R.SUCCEEDED, _PERSON),
])
# fmt: on
