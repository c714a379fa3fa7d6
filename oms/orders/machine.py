"""The life of a unit of an order line: every state it can be in and every move between them.

The tables are the rule. Screens draw their buttons from them, the ledger its postings.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from oms.kernel.machine import Machine, Move


class LineState(StrEnum):
    """Where the units of a slice are in their life."""

    DRAFT = "draft"
    OPEN = "open"
    BACKORDERED = "backordered"
    ALLOCATED = "allocated"
    RELEASED = "released"
    PICKED = "picked"
    PACKED = "packed"
    READY_FOR_PICKUP = "ready_for_pickup"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    LOST = "lost"
    CANCELLED = "cancelled"
    KEPT = "kept"
    RETURN_REQUESTED = "return_requested"
    RETURN_AUTHORISED = "return_authorised"
    RETURN_IN_TRANSIT = "return_in_transit"
    RETURN_RECEIVED = "return_received"
    RETURN_ACCEPTED = "return_accepted"
    RETURN_REJECTED = "return_rejected"


class HoldStage(StrEnum):
    """What a hold stops, and nothing else."""

    INTAKE = "intake"
    ALLOCATION = "allocation"
    RELEASE = "release"
    SHIP = "ship"
    REFUND = "refund"


class StateFacts(msgspec.Struct, frozen=True, gc=False):
    """What a state means: the goods account its units stand in (None: on the free shelf, or nowhere
    yet), whether an order may end there, and what the customer is told.
    """

    stock_account: str | None
    is_terminal: bool
    customer_word: str


_S = LineState
_F = StateFacts

# fmt: off
STATES: Final[Mapping[LineState, StateFacts]] = {
    _S.DRAFT:             _F(None,                False, "not placed"),
    _S.OPEN:              _F(None,                False, "received"),
    _S.BACKORDERED:       _F("supply:inbound",    False, "on back-order, ETA"),
    _S.ALLOCATED:         _F("node:reserved",     False, "preparing"),
    _S.RELEASED:          _F("node:reserved",     False, "preparing"),
    _S.PICKED:            _F("node:picked",       False, "preparing"),
    _S.PACKED:            _F("node:packed",       False, "packed"),
    _S.READY_FOR_PICKUP:  _F("node:pickup_shelf", False, "ready to collect"),
    _S.SHIPPED:           _F("transit:outbound",  False, "on its way"),
    _S.DELIVERED:         _F("customer",          True,  "delivered"),
    _S.LOST:              _F("lost",              True,  "lost - claim"),
    _S.CANCELLED:         _F(None,                True,  "cancelled"),
    _S.KEPT:              _F("customer",          True,  "refunded, keep it"),
    _S.RETURN_REQUESTED:  _F("customer",          False, "return requested"),
    _S.RETURN_AUTHORISED: _F("customer",          False, "return approved"),
    _S.RETURN_IN_TRANSIT: _F("transit:returns",   False, "return on its way"),
    _S.RETURN_RECEIVED:   _F("node:returns_dock", False, "return received"),
    _S.RETURN_ACCEPTED:   _F("node:disposition",  True,  "return accepted"),
    _S.RETURN_REJECTED:   _F("node:returns_dock", False, "return refused"),
}

_MOVES: Final = (
    Move("confirm",            _S.DRAFT,             _S.OPEN,              "customer/agent/channel", "cancel_open"),
    Move("discard",            _S.DRAFT,             _S.CANCELLED,         "customer/agent/TTL", None),
    Move("allocate",           _S.OPEN,              _S.ALLOCATED,         "router", "deallocate"),
    Move("promise_inbound",    _S.OPEN,              _S.BACKORDERED,       "router", "unpromise"),
    Move("supply_arrived",     _S.BACKORDERED,       _S.ALLOCATED,         "receiving", "deallocate"),
    Move("unpromise",          _S.BACKORDERED,       _S.OPEN,              "PO change/TTL", "promise_inbound"),
    Move("deallocate",         _S.ALLOCATED,         _S.OPEN,              "router/TTL/priority displacement/count variance", "allocate"),
    Move("release",            _S.ALLOCATED,         _S.RELEASED,          "scheduler/wave", "recall"),
    Move("recall",             _S.RELEASED,          _S.ALLOCATED,         "ops/router", "release"),
    Move("node_reject",        _S.RELEASED,          _S.OPEN,              "store/3PL/supplier", "allocate"),
    Move("short_pick",         _S.RELEASED,          _S.OPEN,              "picker", "allocate"),
    Move("pick",               _S.RELEASED,          _S.PICKED,            "picker scan", "unpick"),
    Move("unpick",             _S.PICKED,            _S.RELEASED,          "picker/cancel", "pick"),
    Move("pack",               _S.PICKED,            _S.PACKED,            "packer scan", "unpack"),
    Move("unpack",             _S.PACKED,            _S.PICKED,            "packer", "pack"),
    Move("ship",               _S.PACKED,            _S.SHIPPED,           "dock/3PL 945/channel", "unship"),
    Move("unship",             _S.SHIPPED,           _S.PACKED,            "dock", "ship"),
    Move("ship_direct",        _S.RELEASED,          _S.SHIPPED,           "3PL 945/supplier ASN/channel-fulfilled", "unship_direct"),
    Move("unship_direct",      _S.SHIPPED,           _S.RELEASED,          "3PL/supplier correction message", "ship_direct"),
    Move("ready",              _S.PACKED,            _S.READY_FOR_PICKUP,  "store", "unready"),
    Move("unready",            _S.READY_FOR_PICKUP,  _S.PACKED,            "store", "ready"),
    Move("collect",            _S.READY_FOR_PICKUP,  _S.DELIVERED,         "store", None),
    Move("pickup_expired",     _S.READY_FOR_PICKUP,  _S.CANCELLED,         "timer", None),
    Move("pos_sale",           _S.OPEN,              _S.DELIVERED,         "POS", None),
    Move("deliver",            _S.SHIPPED,           _S.DELIVERED,         "carrier event/POD", "undeliver"),
    Move("undeliver",          _S.DELIVERED,         _S.SHIPPED,           "carrier correction", "deliver"),
    Move("lose",               _S.SHIPPED,           _S.LOST,              "carrier/claims desk", "found"),
    Move("found",              _S.LOST,              _S.SHIPPED,           "carrier", "lose"),
    Move("refuse",             _S.SHIPPED,           _S.RETURN_IN_TRANSIT, "carrier RTS", None),
    Move("cancel_open",        _S.OPEN,              _S.CANCELLED,         "customer/agent/channel/timer", "reinstate"),
    Move("cancel_backordered", _S.BACKORDERED,       _S.CANCELLED,         "customer/agent/timer", "reinstate"),
    Move("cancel_allocated",   _S.ALLOCATED,         _S.CANCELLED,         "customer/agent/channel", "reinstate"),
    Move("cancel_released",    _S.RELEASED,          _S.CANCELLED,         "customer/agent/channel", "reinstate"),
    Move("cancel_picked",      _S.PICKED,            _S.CANCELLED,         "agent", "reinstate"),
    Move("cancel_packed",      _S.PACKED,            _S.CANCELLED,         "agent", "reinstate"),
    Move("reinstate",          _S.CANCELLED,         _S.OPEN,              "agent", "cancel_open"),
    Move("request_return",     _S.DELIVERED,         _S.RETURN_REQUESTED,  "customer/agent/channel", "decline_return"),
    Move("authorise_return",   _S.RETURN_REQUESTED,  _S.RETURN_AUTHORISED, "policy/agent", "withdraw_return"),
    Move("decline_return",     _S.RETURN_REQUESTED,  _S.DELIVERED,         "agent", "request_return"),
    Move("withdraw_return",    _S.RETURN_AUTHORISED, _S.DELIVERED,         "customer/timer", "request_return"),
    Move("return_shipped",     _S.RETURN_AUTHORISED, _S.RETURN_IN_TRANSIT, "carrier scan", None),
    Move("receive_return",     _S.RETURN_IN_TRANSIT, _S.RETURN_RECEIVED,   "returns desk scan", None),
    Move("receive_counter",    _S.RETURN_AUTHORISED, _S.RETURN_RECEIVED,   "store desk", None),
    Move("receive_blind",      _S.DELIVERED,         _S.RETURN_RECEIVED,   "returns desk", None),
    Move("return_lost",        _S.RETURN_IN_TRANSIT, _S.LOST,              "carrier claim", None),
    Move("accept_return",      _S.RETURN_RECEIVED,   _S.RETURN_ACCEPTED,   "inspector", "reinspect"),
    Move("reinspect",          _S.RETURN_ACCEPTED,   _S.RETURN_RECEIVED,   "inspector lead", "accept_return"),
    Move("refuse_return",      _S.RETURN_RECEIVED,   _S.RETURN_REJECTED,   "inspector", "reconsider"),
    Move("reconsider",         _S.RETURN_REJECTED,   _S.RETURN_RECEIVED,   "lead", "refuse_return"),
    Move("send_back",          _S.RETURN_REJECTED,   _S.SHIPPED,           "dock", None),
    Move("abandon",            _S.RETURN_REJECTED,   _S.RETURN_ACCEPTED,   "timer", None),
    Move("keep_it",            _S.DELIVERED,         _S.KEPT,              "agent/policy", None),
    Move("keep_it_req",        _S.RETURN_REQUESTED,  _S.KEPT,              "agent/policy", None),
)
# fmt: on

LINE: Final[Machine[LineState]] = Machine("line", [_S.DRAFT, _S.OPEN], _MOVES)

STAGE_OF: Final[Mapping[str, HoldStage]] = {
    "confirm": HoldStage.INTAKE,
    "allocate": HoldStage.ALLOCATION,
    "supply_arrived": HoldStage.ALLOCATION,
    "pos_sale": HoldStage.ALLOCATION,
    "release": HoldStage.RELEASE,
    "ship": HoldStage.SHIP,
    "ship_direct": HoldStage.SHIP,
    "ready": HoldStage.SHIP,
}
"""The stage a move belongs to: a hold of that stage stops the move. Refunds ask for themselves."""

REOPENS: Final = frozenset({"short_pick", "node_reject", "deallocate", "unpromise"})
"""Moves after which units look for a node again."""

CANCELS: Final = frozenset(move.name for move in _MOVES if move.target is _S.CANCELLED)
"""Moves after which units are no longer wanted, and their money is due back."""

CANCEL_OF: Final[Mapping[LineState, str]] = {
    _S.DRAFT: "discard",
    _S.OPEN: "cancel_open",
    _S.BACKORDERED: "cancel_backordered",
    _S.ALLOCATED: "cancel_allocated",
}
"""The cancel of each state that nobody but us has begun to work on: no node has to be asked."""

NOWHERE: Final = frozenset({_S.DRAFT, _S.OPEN, _S.BACKORDERED, _S.CANCELLED})
"""States in which units belong to no node, fulfilment order or parcel."""
