"""Customers, found by name, mail address, phone, or the number of something they ordered."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from oms.customers import queries
from oms.customers.model import phone_e164
from oms.customers.queries import CustomerRow, CustomersWanted
from oms.http.call import Call
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrderRow, OrdersWanted
from oms.platform.transaction import Reader
from oms.web import looks
from oms.web.guards import may_see
from oms.web.looks import Look
from oms.web.pages import page

PAGE: Final = 50
TEXT_MAX: Final = 200
CUSTOMERS: Final = "/customers"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list, with what they ordered last."""

    id: str
    name: str
    contacts: tuple[str, ...]
    order: OrderRow | None
    look: Look | None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list. `is_limited`: only orders within reach were looked at."""

    text: str
    after: str
    rows: list[Row]
    older: str
    is_limited: bool


@get(CUSTOMERS, guards=[may_see("customers:read")], include_in_schema=False, sync_to_thread=True)
def customers_list(request: Call) -> Response[Any]:
    """Customers, newest first; the same address always shows the same list."""
    text = request.query_params.get("q", "").strip()[:TEXT_MAX]
    after = request.query_params.get("after", "")
    with request.reading() as reader:
        is_limited = request.caller.reach.channels is not None
        find = _within_reach if is_limited else _everywhere
        rows, last = find(request, reader, text, after)
    older = f"{CUSTOMERS}?{urlencode({'q': text, 'after': last})}" if last else ""
    found = Listing(text=text, after=after, rows=rows, older=older, is_limited=is_limited)
    return page(request, "customers/list.html", listing=found, first=_address(text))


PAGES: Final = (customers_list,)


def _address(text: str) -> str:
    return f"{CUSTOMERS}?{urlencode({'q': text})}" if text else CUSTOMERS


def _everywhere(request: Call, reader: Reader, text: str, after: str) -> tuple[list[Row], str]:
    """The page, and the id it goes on after."""
    found = queries.customers(reader, CustomersWanted(text=text, before=after, count=PAGE + 1))
    shown = found[:PAGE]
    if text and not after:
        known = {each.id for each in shown}
        shown = [*(c for c in _exactly(request, reader, text) if c.id not in known), *shown]
    latest = listing.latest_of(reader, [each.id for each in shown])
    orders = {row.id: row for row in listing.orders_by_id(reader, latest.values())}
    rows = [_row(each, orders.get(latest.get(each.id, ""))) for each in shown]
    return rows, found[PAGE - 1].id if len(found) > PAGE else ""


def _exactly(request: Call, reader: Reader, text: str) -> list[CustomerRow]:
    """Whose mail address or phone this is, and who ordered what has this number."""
    country = request.services.settings.seller.country
    found = []
    if "@" in text:
        found += queries.customers(reader, CustomersWanted(email=text, count=PAGE))
    if phone := phone_e164(text, country):
        found += queries.customers(reader, CustomersWanted(phone=phone, count=PAGE))
    wanted = text.upper()
    for order in listing.orders(reader, OrdersWanted(text=text, count=PAGE)):
        numbers = (order.number, order.external_number.upper(), order.external_id.upper())
        if order.customer_id and wanted in numbers:
            found.append(queries.a_customer(reader, order.customer_id).customer)
    return list({each.id: each for each in found}.values())


def _within_reach(request: Call, reader: Reader, text: str, after: str) -> tuple[list[Row], str]:
    """For visitors of some channels: the people behind the newest orders of those."""
    placed, _, id_ = after.partition("~")
    wanted = OrdersWanted(
        text=text,
        channel_ids=request.caller.reach.channels,
        after=(int(placed), id_) if placed.isdecimal() and id_ else None,
        count=PAGE + 1,
    )
    found = listing.orders(reader, wanted)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return _people(found[:PAGE]), f"{last.placed_at_ms}~{last.id}" if last else ""


def _people(orders: Sequence[OrderRow]) -> list[Row]:
    newest: dict[str, OrderRow] = {}
    for order in orders:
        if order.customer_id:
            newest.setdefault(order.customer_id, order)
    return [
        Row(id=id_, name=o.recipient, contacts=(o.city,), order=o, look=looks.ORDERS[o.status])
        for id_, o in newest.items()
    ]


def _row(found: CustomerRow, order: OrderRow | None) -> Row:
    return Row(
        id=found.id,
        name=found.name or found.company or (order.recipient if order else ""),
        contacts=tuple(each for each in (found.email, found.phone) if each),
        order=order,
        look=looks.ORDERS[order.status] if order else None,
    )
