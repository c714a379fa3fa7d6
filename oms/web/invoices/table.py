"""The list of invoices and credit notes, newest first."""

from typing import Any, Final

import msgspec
from litestar import Response, get

from oms.accounting import queries as accounting
from oms.accounting.queries import COUNT_MAX, DocumentTotal, InvoiceRow, Named
from oms.customers import queries as customers
from oms.customers.queries import CustomersWanted
from oms.http.call import Call
from oms.orders.listing import queries as listing
from oms.platform.localise import locale_of
from oms.platform.transaction import Reader
from oms.web.guards import may_see
from oms.web.invoices.wishes import PAGE, VIEWS, Month, Wish, months, wanted, wish
from oms.web.invoices.words import KINDS, paid_look
from oms.web.looks import Look
from oms.web.pages import language_of, page
from oms.web.translations import LOCALES

OWNERS_MAX: Final = 200


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: whose it is as its order tells; `paid` only for invoices."""

    head: InvoiceRow
    kind: Look
    recipient: str
    city: str
    paid: Look | None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list. `totals` are there for a month or for somebody."""

    asked: Wish
    rows: list[Row]
    older: str
    count: int
    months: list[Month]
    totals: list[DocumentTotal]
    customer: str


@get("/invoices", guards=[may_see("accounting:read")], include_in_schema=False, sync_to_thread=True)
def invoices_list(request: Call) -> Response[Any]:
    """A view of the documents; the same address always shows the same list."""
    asked = wish(request.query_params)
    with request.reading() as reader:
        found = _listing(reader, request, asked)
    return page(
        request,
        "invoices/list.html",
        listing=found,
        views=VIEWS,
        kinds=KINDS,
        count_max=COUNT_MAX,
    )


PAGES: Final = (invoices_list,)


def _listing(reader: Reader, request: Call, asked: Wish) -> Listing:
    zone = request.services.settings.seller.time_zone
    locale = locale_of(LOCALES[language_of(request)])
    to_choose = months(reader.now_ms, zone, locale.months["stand-alone"]["wide"])
    chosen = next((each for each in to_choose if each.id == asked.month), None)
    named = _named(reader, asked.text) if asked.text else None
    question = wanted(asked, chosen, request.caller.reach.channels, named)
    found = accounting.invoices(reader, question)
    shown = found[:PAGE]
    return Listing(
        asked=asked,
        rows=_rows(reader, shown),
        older=asked.url(after=shown[-1].id) if len(found) > PAGE else "",
        count=accounting.count(reader, question),
        months=to_choose,
        totals=accounting.totals(reader, question) if chosen or asked.customer else [],
        customer=_name_of(reader, asked.customer),
    )


def _named(reader: Reader, text: str) -> Named:
    """What a text may mean: a document's number, an order's, or a customer."""
    people = customers.customers(reader, CustomersWanted(text=text, count=OWNERS_MAX))
    return Named(number=text.upper(), customer_ids=tuple(each.id for each in people))


def _name_of(reader: Reader, customer_id: str) -> str:
    if not customer_id:
        return ""
    found = customers.a_customer(reader, customer_id).customer
    return found.name or found.company or found.email or found.phone


def _rows(reader: Reader, found: list[InvoiceRow]) -> list[Row]:
    ids = {each.order_id for each in found if each.order_id}
    orders = {row.id: row for row in listing.orders_by_id(reader, ids)}
    rows = []
    for each in found:
        order = orders.get(each.order_id or "")
        is_invoice = each.kind == "invoice"
        rows.append(
            Row(
                head=each,
                kind=KINDS[each.kind],
                recipient=order.recipient if order else "",
                city=order.city if order else "",
                paid=paid_look(each.total_minor, each.paid_minor) if is_invoice else None,
            )
        )
    return rows
