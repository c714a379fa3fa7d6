"""Life cycles of the floor's own things: the handshake with a node, and a parcel."""

from enum import StrEnum

from oms.kernel.machine import Machine, Move


class FulfilmentState(StrEnum):
    """What a node has said about the work it was asked to do."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class ParcelState(StrEnum):
    """Where one box is."""

    PACKED = "packed"
    LABELLED = "labelled"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    LOST = "lost"
    RETURNED = "returned"
    UNPACKED = "unpacked"


_F, _P = FulfilmentState, ParcelState

# fmt: off
FULFILMENT = Machine("fulfilment", [_F.REQUESTED, _F.ACCEPTED], [
    Move("accept",         _F.REQUESTED,        _F.ACCEPTED,         "node"),
    Move("reject",         _F.REQUESTED,        _F.REJECTED,         "node"),
    Move("close",          _F.ACCEPTED,         _F.CLOSED,           "last unit left"),
    Move("reopen",         _F.CLOSED,           _F.ACCEPTED,         "a shipment is undone", "close"),
    Move("reopen",         _F.CANCELLED,        _F.ACCEPTED,         "a shipment is undone after the rest was cancelled"),
    Move("recall",         _F.ACCEPTED,         _F.CANCELLED,        "own node: nothing was touched"),
    Move("request_cancel", _F.REQUESTED,        _F.CANCEL_REQUESTED, "agent"),
    Move("request_cancel", _F.ACCEPTED,         _F.CANCEL_REQUESTED, "agent", "refuse_cancel"),
    Move("confirm_cancel", _F.CANCEL_REQUESTED, _F.CANCELLED,        "node"),
    Move("refuse_cancel",  _F.CANCEL_REQUESTED, _F.ACCEPTED,         "node, in words or by shipping"),
])

PARCEL = Machine("parcel", [_P.PACKED, _P.LABELLED], [
    Move("label",      _P.PACKED,    _P.LABELLED,  "carrier",                "void_label"),
    Move("void_label", _P.LABELLED,  _P.PACKED,    "packer",                 "label"),
    Move("unpack",     _P.PACKED,    _P.UNPACKED,  "packer"),
    Move("ship",       _P.LABELLED,  _P.SHIPPED,   "dock",                   "unship"),
    Move("unship",     _P.SHIPPED,   _P.LABELLED,  "dock",                   "ship"),
    Move("withdraw",   _P.SHIPPED,   _P.UNPACKED,  "3PL or supplier: it never left"),
    Move("deliver",    _P.SHIPPED,   _P.DELIVERED, "carrier event",          "undeliver"),
    Move("undeliver",  _P.DELIVERED, _P.SHIPPED,   "carrier correction",     "deliver"),
    Move("lose",       _P.SHIPPED,   _P.LOST,      "carrier or claims desk", "find"),
    Move("find",       _P.LOST,      _P.SHIPPED,   "carrier",                "lose"),
    Move("refuse",     _P.SHIPPED,   _P.RETURNED,  "carrier, back to sender"),
])
# fmt: on
