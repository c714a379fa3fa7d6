"""What the palette finds from a scrap of anything a person may have in hand."""

from typing import Any, Final

import msgspec
from litestar import Response, get

from fulfillment import store as floor
from oms.catalog import queries as catalog
from oms.customers import queries as customers
from oms.customers.queries import CustomersWanted
from oms.http.call import Call
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrdersWanted
from oms.platform.transaction import Reader
from oms.web.guards import may_see
from oms.web.navigation import entries
from oms.web.pages import page

FOUND_MAX: Final = 6
TEXT_MAX: Final = 100


class Hit(msgspec.Struct, frozen=True):
    """Something found: where it is, what it is, and what tells it from others."""

    url: str
    icon: str
    title: str
    more: str = ""


@get("/search", guards=[may_see()], include_in_schema=False, sync_to_thread=True)
def search(request: Call) -> Response[Any]:
    """The best hits of each kind the visitor may see; an exact waybill number comes first."""
    text = request.query_params.get("q", "").strip()[:TEXT_MAX]
    hits: list[Hit] = []
    if text:
        with request.reading() as reader:
            hits = _found(request, reader, text)
    return page(request, "search/page.html", text=text, hits=hits, entries=entries(request))


PAGES: Final = (search,)


def _found(request: Call, reader: Reader, text: str) -> list[Hit]:
    permissions, hits = request.caller.permissions, []
    if "orders:read" in permissions:
        hits += _orders(request, reader, text)
    if "customers:read" in permissions:
        found = customers.customers(reader, CustomersWanted(text=text, count=FOUND_MAX))
        hits += [
            Hit(f"/customers/{each.id}", "users", each.name or each.email, each.email or each.phone)
            for each in found
        ]
    if "catalog:read" in permissions:
        items = catalog.items(reader, count=FOUND_MAX, text=text)
        hits += [Hit(f"/stock/{each.id}", "boxes", each.name, each.sku) for each in items]
    return hits


def _orders(request: Call, reader: Reader, text: str) -> list[Hit]:
    reach = request.caller.reach.channels
    by_waybill = [each.order_id for each in floor.parcels_tracked(reader, [text])]
    wanted = OrdersWanted(text=text, channel_ids=reach, count=FOUND_MAX)
    rows = [*listing.orders_by_id(reader, by_waybill, reach), *listing.orders(reader, wanted)]
    return [
        Hit(f"/orders/{row.id}", "inbox", row.number, f"{row.recipient}, {row.city}".strip(", "))
        for row in {row.id: row for row in rows}.values()
    ]
