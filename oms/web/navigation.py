"""Where one can go: the entries beside every page, those of them a visitor may open."""

from typing import Final

import msgspec

from oms.http.call import Call
from oms.platform.security.callers import Caller
from oms.web.translations import N_


class Place(msgspec.Struct, frozen=True):
    """A page one can go to. `key` is typed after G, where there is one."""

    url: str
    word: str
    icon: str
    permission: str
    group: int = 1
    key: str = ""


# fmt: off
PLACES: Final = (
    Place("/today",      N_("Today"),          "house",          "orders:read",     1, "t"),
    Place("/orders",     N_("Orders"),         "inbox",          "orders:read",     1, "o"),
    Place("/pick",       N_("Pick"),           "scan-barcode",   "fulfilment:read", 1, "p"),
    Place("/pack",       N_("Pack & ship"),    "package",        "fulfilment:read", 1, "k"),
    Place("/returns",    N_("Returns"),        "rotate-ccw",     "returns:read",    1, "r"),
    Place("/stock",      N_("Stock & ATP"),    "boxes",          "inventory:read",  2, "s"),
    Place("/customers",  N_("Customers"),      "users",          "customers:read",  2, "c"),
    Place("/invoices",   N_("Invoices"),       "file-text",      "accounting:read", 2, "i"),
    Place("/channels",   N_("Channels"),       "route",          "connectors:read", 3, "h"),
    Place("/imports",    N_("Import"),         "upload",         "connectors:write", 3, ""),
    Place("/settings",   N_("Settings"),       "settings",       "nodes:read",      3, ""),
)
# fmt: on


class Entry(msgspec.Struct, frozen=True):
    """A place as it is shown: whether one is there now."""

    place: Place
    is_here: bool


def entries(request: Call) -> list[Entry]:
    """What the visitor may open, in the order of the table."""
    caller = request.scope.get("user")
    if not isinstance(caller, Caller):
        return []
    path = request.scope["path"]
    return [
        Entry(place, path == place.url or path.startswith(f"{place.url}/"))
        for place in PLACES
        if place.permission in caller.permissions
    ]


def first_url(caller: Caller) -> str:
    """Where a visitor starts: at what their work is."""
    permissions = caller.permissions
    if "orders:write" in permissions:
        return "/orders"
    if "fulfilment:write" in permissions:
        return "/pick"
    for place in (*PLACES[4:8], *PLACES):
        if place.permission in permissions:
            return place.url
    return "/account"
