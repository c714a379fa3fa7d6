"""How states look: glyph, word and tone. A state is never told by colour alone."""

from collections.abc import Mapping
from typing import Final

import msgspec

from oms.orders.machine import LineState
from oms.orders.status import OrderStatus
from oms.web.translations import N_


class Look(msgspec.Struct, frozen=True):
    """`tone` is neutral, info, ok, warn, bad or violet; `word` is translated where it is shown."""

    icon: str
    word: str
    tone: str = "neutral"


# fmt: off
ON_HOLD: Final = Look("circle-pause", N_("On hold"), "warn")
LATE: Final = Look("triangle-alert", N_("Late"), "bad")
IN_QUARANTINE: Final = Look("triangle-alert", N_("Not readable"), "bad")

_O = OrderStatus
ORDERS: Final[Mapping[OrderStatus, Look]] = {
    _O.CHARGES_ONLY:            Look("receipt",           N_("Charges only")),
    _O.CANCELLED:               Look("circle-x",          N_("Cancelled")),
    _O.DRAFT:                   Look("circle-dashed",     N_("Draft")),
    _O.PLACED:                  Look("circle-dashed",     N_("New")),
    _O.BACKORDERED:             Look("clock",             N_("Backorder"),            "warn"),
    _O.PARTLY_BACKORDERED:      Look("clock",             N_("Part on backorder"),    "warn"),
    _O.ALLOCATED:               Look("quarter",           N_("Allocated"),            "info"),
    _O.PARTLY_ALLOCATED:        Look("quarter",           N_("Partly allocated"),     "warn"),
    _O.IN_FULFILMENT:           Look("half",              N_("In fulfilment"),        "info"),
    _O.PARTLY_IN_FULFILMENT:    Look("half",              N_("Partly in fulfilment"), "info"),
    _O.READY_FOR_PICKUP:        Look("store",             N_("Ready for pickup"),     "info"),
    _O.PARTLY_READY_FOR_PICKUP: Look("store",             N_("Partly ready"),         "info"),
    _O.SHIPPED:                 Look("truck",             N_("Shipped"),              "ok"),
    _O.PARTLY_SHIPPED:          Look("truck",             N_("Partly shipped"),       "info"),
    _O.DELIVERED:               Look("circle-check",      N_("Delivered"),            "ok"),
    _O.PARTLY_DELIVERED:        Look("circle-check",      N_("Partly delivered"),     "ok"),
    _O.LOST:                    Look("triangle-alert",    N_("Lost"),                 "bad"),
    _O.PARTLY_LOST:             Look("triangle-alert",    N_("Partly lost"),          "bad"),
    _O.RETURNING:               Look("undo-2",            N_("Return open"),          "violet"),
    _O.PARTLY_RETURNING:        Look("undo-2",            N_("Part coming back"),     "violet"),
    _O.RETURNED:                Look("undo-2",            N_("Returned")),
    _O.PARTLY_RETURNED:         Look("undo-2",            N_("Partly returned")),
}

_L = LineState
UNITS: Final[Mapping[LineState, Look]] = {
    _L.DRAFT:             Look("circle-dashed",  N_("Draft")),
    _L.OPEN:              Look("circle-dashed",  N_("New")),
    _L.BACKORDERED:       Look("clock",          N_("Backorder"),          "warn"),
    _L.ALLOCATED:         Look("quarter",        N_("Allocated"),          "info"),
    _L.RELEASED:          Look("half",           N_("To pick"),            "info"),
    _L.PICKED:            Look("three-quarters", N_("Picked"),             "info"),
    _L.PACKED:            Look("full",           N_("Packed"),             "info"),
    _L.READY_FOR_PICKUP:  Look("store",          N_("Ready for pickup"),   "info"),
    _L.SHIPPED:           Look("truck",          N_("Shipped"),            "ok"),
    _L.DELIVERED:         Look("circle-check",   N_("Delivered"),          "ok"),
    _L.LOST:              Look("triangle-alert", N_("Lost"),               "bad"),
    _L.CANCELLED:         Look("circle-x",       N_("Cancelled")),
    _L.KEPT:              Look("circle-check",   N_("Kept"),               "ok"),
    _L.RETURN_REQUESTED:  Look("undo-2",         N_("Return requested"),   "violet"),
    _L.RETURN_AUTHORISED: Look("undo-2",         N_("Return authorised"),  "violet"),
    _L.RETURN_IN_TRANSIT: Look("undo-2",         N_("Coming back"),        "violet"),
    _L.RETURN_RECEIVED:   Look("undo-2",         N_("Back, to inspect"),   "violet"),
    _L.RETURN_ACCEPTED:   Look("undo-2",         N_("Returned")),
    _L.RETURN_REJECTED:   Look("ban",            N_("Return refused"),     "bad"),
}
# fmt: on
