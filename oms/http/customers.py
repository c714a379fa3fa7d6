"""Customers: found by what a person knows of them, one with all its names, and their orders."""

from datetime import datetime
from typing import Annotated, Final

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from oms.customers import queries
from oms.customers.model import IdentityKind, phone_e164
from oms.customers.queries import CustomerFacts, CustomersWanted
from oms.http.call import Call
from oms.http.guards import may
from oms.http.orders import OrderPage, order_page
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, Page, page, place_of
from oms.http.reach import expect_all_channels
from oms.http.views import View, view, views
from oms.kernel.errors import Invalid, NotFound
from oms.kernel.ids import expect_prefix
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrdersWanted
from oms.platform.transaction import Reader

SEARCH_MAX: Final = 200

Text = Annotated[
    str,
    QueryParameter(
        max_length=SEARCH_MAX,
        description="Part of a name, company, e-mail address or phone, as first told",
    ),
]
Email = Annotated[
    str,
    QueryParameter(max_length=SEARCH_MAX, description="A whole address they are known by"),
]
Phone = Annotated[
    str,
    QueryParameter(
        max_length=SEARCH_MAX,
        description="A whole number they are known by: with + and country code, or with `country`",
    ),
]
Country = Annotated[
    str, QueryParameter(max_length=2, description="Where `phone` is dialled, such as GB")
]


class CustomerRowView(View, frozen=True, kw_only=True):
    """A customer as they were first told."""

    id: str
    name: str
    company: str
    email: str
    phone: str
    tax_number: str
    locale: str
    created_at: datetime


class IdentityView(View, frozen=True, kw_only=True):
    """Something a customer is known by; `value` of kind channel is the channel's id, a colon and
    the channel's own id of them.
    """

    kind: IdentityKind
    value: str


class CustomerView(View, frozen=True, kw_only=True):
    """A customer with everything they are known by."""

    customer: CustomerRowView
    identities: tuple[IdentityView, ...]


class Customers(Controller):
    path = "/customers"
    tags = ("customers",)

    @get(guards=[may("customers:read")], sync_to_thread=True)
    def all(
        self,
        request: Call,
        q: Text = "",
        email: Email = "",
        phone: Phone = "",
        country: Country = "",
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> Page[CustomerRowView]:
        """Find customers, newest first."""
        expect_all_channels(request, "Look for their orders: /orders?q=… finds by name and mail.")
        before = place_of(cursor, tuple[str])
        wanted = CustomersWanted(
            text=q,
            email=email,
            phone=_dialled(phone, country) if phone else "",
            before=before[0] if before else "",
            count=limit,
        )
        with request.reading() as reader:
            found = queries.customers(reader, wanted)
        return page(views(CustomerRowView, found), limit, found[-1].id if found else "")

    @get("/{customer_id:str}", guards=[may("customers:read")], sync_to_thread=True)
    def one(self, request: Call, customer_id: FromPath[str]) -> CustomerView:
        """A customer with everything they are known by."""
        with request.reading() as reader:
            found = _expect_customer(request, reader, customer_id)
        return CustomerView(
            customer=view(CustomerRowView, found.customer),
            identities=tuple(
                view(IdentityView, each)
                for each in found.identities
                if each.kind is not IdentityKind.CHANNEL
                or request.caller.reaches_channel(each.value.partition(":")[0])
            ),
        )

    @get("/{customer_id:str}/orders", guards=[may("orders:read")], sync_to_thread=True)
    def orders(
        self,
        request: Call,
        customer_id: FromPath[str],
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> OrderPage:
        """What a customer ordered through channels within reach, newest first."""
        wanted = OrdersWanted(
            customer_id=customer_id,
            channel_ids=request.caller.reach.channels,
            after=place_of(cursor, tuple[int, str]),
            count=limit,
        )
        with request.reading() as reader:
            _expect_customer(request, reader, customer_id)
            return order_page(reader, wanted)


def _expect_customer(request: Call, reader: Reader, customer_id: str) -> CustomerFacts:
    """The customer, or `NotFound` when they bought nothing through a channel within reach."""
    found = queries.a_customer(reader, expect_prefix(customer_id, "cus"))
    channel_ids = request.caller.reach.channels
    if channel_ids is not None:
        wanted = OrdersWanted(customer_id=customer_id, channel_ids=channel_ids, count=1)
        if not listing.orders(reader, wanted):
            raise NotFound(
                "customer.not_found",
                f"There is no customer '{customer_id}' for this caller.",
                "Check the id, or ask an owner to add the channel they bought through.",
            )
    return found


def _dialled(phone: str, country: str) -> str:
    number = phone_e164(phone.strip(), country)
    if not number:
        raise Invalid(
            "customer.phone",
            f"'{phone}' cannot be dialled.",
            "Write it with + and country code (in an address, %2B), or name the country.",
            {"phone": "no number"},
        )
    return number
