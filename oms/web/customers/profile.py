"""One customer: what they are known by, ordered, paid, got back and sent back, and where to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from oms.accounting import store as accounts
from oms.catalog import queries as catalog
from oms.customers import queries
from oms.customers.model import Identity, IdentityKind
from oms.customers.queries import CustomerFacts
from oms.http.call import Call
from oms.kernel.address import Address
from oms.kernel.errors import NotFound
from oms.kernel.ids import expect_prefix
from oms.orders import queries as orders
from oms.orders.facts import OrderFacts
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrderRow, OrdersWanted
from oms.orders.status import OrderStatus
from oms.payments import queries as payments
from oms.platform.transaction import Reader
from oms.web import looks
from oms.web.guards import may_see
from oms.web.looks import Look
from oms.web.orders.rows import channel_icon
from oms.web.pages import page
from oms.web.returns_desk.words import STATES
from returns.listing import queries as returns
from returns.listing.queries import ReturnPage
from returns.model import Return

SUMMED_MAX: Final = listing.PAGE_MAX
PAGE: Final = 25
ADDRESSES_FROM: Final = 50
IDENTITY_ICONS: Final = {
    IdentityKind.CHANNEL: "link",
    IdentityKind.EMAIL: "mail",
    IdentityKind.PHONE: "phone",
}


class Known(msgspec.Struct, frozen=True):
    """Something they are known by; `where` names the channel of its own ids."""

    icon: str
    text: str
    where: str


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """In one currency, over the newest orders."""

    currency: str
    orders: int
    ordered_minor: int
    paid_minor: int
    refunded_minor: int
    owed_minor: int


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the list."""

    row: OrderRow
    look: Look
    channel: str
    icon: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where orders went: how many, and the last of them."""

    address: Address
    count: int
    order: OrderFacts


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of a customer. `total` counts orders up to the list's limit."""

    facts: CustomerFacts
    name: str
    known_by: tuple[Known, ...]
    orders: tuple[Ordered, ...]
    older: str
    total: int
    summed: int
    money: tuple[Money, ...]
    returns: tuple[tuple[Return, Look], ...]
    places: tuple[Place, ...]


@get(
    "/customers/{customer_id:str}",
    guards=[may_see("customers:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def customer(request: Call, customer_id: FromPath[str]) -> Response[Any]:
    """Everything about them, as far as the visitor reaches and may see it."""
    with request.reading() as reader:
        profile = _profile(request, reader, customer_id)
    after = request.query_params.get("after", "")
    return page(request, "customers/profile.html", profile=profile, after=after)


PAGES: Final = (customer,)


def _profile(request: Call, reader: Reader, customer_id: str) -> Profile:
    facts = queries.a_customer(reader, expect_prefix(customer_id, "cus"))
    reach, permissions = request.caller.reach.channels, request.caller.permissions
    wanted = OrdersWanted(customer_id=facts.customer.id, channel_ids=reach, count=SUMMED_MAX)
    newest = listing.orders(reader, wanted)
    if reach is not None and not newest:
        raise NotFound(
            "customer.not_found",
            f"There is no customer '{customer_id}' within your reach.",
            "Ask an owner to add the channel they bought through.",
        )
    may_see_orders = "orders:read" in permissions
    shown, older = _page_of(request, reader, wanted) if may_see_orders else ([], "")
    latest = orders.orders_for(reader, [row.id for row in newest[:ADDRESSES_FROM]])
    asked = ReturnPage(customer_id=facts.customer.id, channel_ids=reach, count=PAGE)
    found = returns.returns(reader, asked) if "returns:read" in permissions else []
    return Profile(
        facts=facts,
        name=_name(facts, newest),
        known_by=tuple(_known(request, reader, facts.identities)),
        orders=tuple(_ordered(reader, shown)),
        older=older,
        total=listing.count(reader, wanted),
        summed=len(newest),
        money=tuple(_money(reader, newest)),
        returns=tuple((each, STATES[each.state]) for each in found),
        places=tuple(places(latest)) if may_see_orders else (),
    )


def places(found: Iterable[OrderFacts]) -> list[Place]:
    """Where orders went, the newest first; the same street and town is the same place."""
    newest = sorted(found, key=lambda order: order.placed_at_ms, reverse=True)
    count: Counter[tuple[str, ...]] = Counter(_spot(order.ship_to) for order in newest)
    first: dict[tuple[str, ...], OrderFacts] = {}
    for order in newest:
        if any(_spot(order.ship_to)):
            first.setdefault(_spot(order.ship_to), order)
    return [
        Place(address=order.ship_to, count=count[spot], order=order)
        for spot, order in first.items()
    ]


def _spot(address: Address) -> tuple[str, ...]:
    parts = (address.line1, address.line2, address.city, address.postal_code)
    return tuple(" ".join(part.lower().split()) for part in parts)


def _name(facts: CustomerFacts, newest: Sequence[OrderRow]) -> str:
    told = facts.customer
    return told.name or told.company or next((row.recipient for row in newest), "")


def _page_of(request: Call, reader: Reader, wanted: OrdersWanted) -> tuple[list[OrderRow], str]:
    """A page of the orders, and where the next one begins."""
    at, _, id_ = request.query_params.get("after", "").partition("~")
    after = (int(at), id_) if at.isdecimal() and id_ else None
    question = msgspec.structs.replace(wanted, after=after, count=PAGE + 1)
    found = listing.orders(reader, question)
    if len(found) <= PAGE:
        return found, ""
    last = found[PAGE - 1]
    return found[:PAGE], f"/customers/{wanted.customer_id}?after={last.placed_at_ms}~{last.id}"


def _known(request: Call, reader: Reader, identities: Iterable[Identity]) -> Iterable[Known]:
    names = {channel.id: channel.name for channel in catalog.channels(reader)}
    for each in identities:
        if each.kind is not IdentityKind.CHANNEL:
            yield Known(IDENTITY_ICONS[each.kind], each.value, "")
            continue
        channel_id, _, own = each.value.partition(":")
        if request.caller.reaches_channel(channel_id):
            yield Known(IDENTITY_ICONS[each.kind], own, names.get(channel_id, channel_id))


def _ordered(reader: Reader, rows: Sequence[OrderRow]) -> Iterable[Ordered]:
    channels = catalog.channels_by_id(reader, {row.channel_id for row in rows})
    for row in rows:
        channel = channels.get(row.channel_id)
        yield Ordered(
            row=row,
            look=looks.ORDERS[row.status],
            channel=channel.name if channel else "",
            icon=channel_icon(channel),
        )


def _money(reader: Reader, rows: Sequence[OrderRow]) -> Iterable[Money]:
    """Sums by currency; what was cancelled was ordered and is not counted."""
    counted = [row for row in rows if row.status is not OrderStatus.CANCELLED]
    ids = [row.id for row in rows]
    paid = payments.money_of(reader, ids)
    owed = accounts.accounts(reader, ids)
    for currency in sorted({row.currency for row in rows}):
        own = [row for row in rows if row.currency == currency]
        taken = [paid[row.id] for row in own if row.id in paid]
        yield Money(
            currency=currency,
            orders=len(own),
            ordered_minor=sum(r.total_minor for r in counted if r.currency == currency),
            paid_minor=sum(each.captured_minor for each in taken),
            refunded_minor=sum(each.captured_minor - each.refundable_minor for each in taken),
            owed_minor=sum(owed[row.id].receivable_minor for row in own if row.id in owed),
        )
