"""Orders to look at: in lists, by what a person knows of them, and one with all its units."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter
from msgspec.structs import replace

from oms.catalog import queries as catalog
from oms.http.call import Call
from oms.http.guards import may
from oms.http.order_desk import HoldView
from oms.http.paging import LIMIT_USUAL, ChannelId, Cursor, Limit, place_of
from oms.http.paging import cursor as cursor_of
from oms.http.places import AddressView
from oms.http.reach import expect_order
from oms.http.views import View, moment_ms, view, views
from oms.kernel.clock import to_datetime
from oms.orders import queries as orders
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.holds import store as holds
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import COUNT_MAX, OrderRow, OrdersWanted
from oms.orders.machine import LINE, LineState
from oms.orders.model import Slice
from oms.orders.status import OrderStatus, status
from oms.orders.store import SliceKey
from oms.payments import queries as payments
from oms.payments.model import OrderMoney
from oms.platform.transaction import Reader

SEARCH_MAX: Final = 100

Text = Annotated[
    str,
    QueryParameter(
        max_length=SEARCH_MAX,
        description="Part of a number, external id, name, mail, phone or place; or one of our SKUs",
    ),
]
State = Annotated[
    LineState | None,
    QueryParameter(name="state", description="Orders with at least one unit in this state"),
]
CustomerId = Annotated[str, QueryParameter(name="customerId")]
ItemId = Annotated[str, QueryParameter(name="itemId", description="With a line of this item")]
Sku = Annotated[str, QueryParameter(description="With a line of this SKU, as the channel says it")]
PlacedFrom = Annotated[datetime | None, QueryParameter(name="placedFrom")]
PlacedBefore = Annotated[datetime | None, QueryParameter(name="placedBefore")]


class OrderRowView(View, frozen=True, kw_only=True):
    """An order in a list; `status` is worked out from `units`, its units by state."""

    id: str
    number: str
    channel_id: str
    external_id: str
    external_number: str
    customer_id: str | None
    currency: str
    country: str
    placed_at: datetime
    deadline_at: datetime | None
    total_minor: int
    status: OrderStatus
    units: dict[str, int]


class OrderPage(View, frozen=True, kw_only=True):
    """Orders, newest first. `count` is over all pages and comes with the first; it stops counting
    at 1,000, and `countIsMore` says so.
    """

    items: list[OrderRowView]
    next: str | None
    count: int | None
    count_is_more: bool


class SliceView(View, frozen=True, kw_only=True):
    """Units of a line in one state at one place, and which moves are possible from there."""

    id: int
    item_id: str
    state: LineState
    quantity: int
    node_id: str
    lot_id: str
    fulfilment_id: str
    parcel_id: str
    return_id: str
    allowed: tuple[str, ...]


class LineView(View, frozen=True, kw_only=True):
    """A line as it was sold, net after discounts, and where its units are."""

    id: str
    position: int
    external_id: str
    listing_sku: str
    item_id: str | None
    title: str
    quantity: int
    unit_price_minor: int
    net_minor: int
    tax_minor: int
    tax_rate_bp: int
    slices: tuple[SliceView, ...]


class ChargeView(View, frozen=True, kw_only=True):
    """An amount beside the goods."""

    id: str
    kind: str
    title: str
    net_minor: int
    tax_minor: int
    tax_rate_bp: int


class OrderMoneyView(View, frozen=True, kw_only=True):
    """What was taken for the order, and what of it could still be given back."""

    captured_minor: int
    refundable_minor: int


class OrderView(View, frozen=True, kw_only=True):
    """An order, whole."""

    id: str
    number: str
    channel_id: str
    external_id: str
    external_number: str
    customer_id: str | None
    status: OrderStatus
    currency: str
    placed_at: datetime
    received_at: datetime
    deadline_at: datetime | None
    ship_to: AddressView
    bill_to: AddressView | None
    payment_terms: str
    prices_include_tax: bool
    locale: str
    shipping_choice: str
    goods_minor: int
    discount_minor: int
    charges_minor: int
    tax_minor: int
    total_minor: int
    extra: dict[str, str]
    lines: tuple[LineView, ...]
    charges: tuple[ChargeView, ...]
    holds: tuple[HoldView, ...]
    money: OrderMoneyView


_AS_THEY_ARE: Final = tuple(
    set(OrderView.__struct_fields__)
    & set(OrderFacts.__struct_fields__) - {"ship_to", "bill_to", "lines", "charges"}
)


_ROW_AS_IT_IS: Final = tuple(
    name for name in OrderRowView.__struct_fields__ if not name.endswith("_at")
)


class Orders(Controller):
    path = "/orders"
    tags = ("orders",)

    @get(guards=[may("orders:read")], sync_to_thread=True)
    def all(
        self,
        request: Call,
        q: Text = "",
        in_state: State = None,
        channel_id: ChannelId = "",
        customer_id: CustomerId = "",
        item_id: ItemId = "",
        sku: Sku = "",
        placed_from: PlacedFrom = None,
        placed_before: PlacedBefore = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> OrderPage:
        """Find orders, newest first. A whole number of an order finds only that one."""
        wanted = OrdersWanted(
            text=q,
            state=in_state,
            channel_id=channel_id,
            customer_id=customer_id,
            item_id=item_id,
            sku=sku,
            placed_from_ms=moment_ms(placed_from) if placed_from else None,
            placed_before_ms=moment_ms(placed_before) if placed_before else None,
            channel_ids=request.caller.reach.channels,
            after=place_of(cursor, tuple[int, str]),
            count=limit,
        )
        with request.reading() as reader:
            known = catalog.items_by_sku(reader, [q]) if q else {}
            if q in known:
                wanted = replace(wanted, text_item_id=known[q].id)
            return order_page(reader, wanted)

    @get("/{order_id:str}", guards=[may("orders:read")], sync_to_thread=True)
    def one(self, request: Call, order_id: FromPath[str]) -> OrderView:
        """An order with its lines, where their units are, what may be done with them, its holds."""
        with request.reading() as reader:
            facts = expect_order(request, reader, order_id)
            slices = orders.slices_of(reader, SliceKey.ORDER, [order_id])
            held = holds.holds_of(reader, [order_id])
            money = payments.money_of(reader, [order_id]).get(order_id)
        own = defaultdict[str, list[SliceView]](list)
        units = defaultdict[LineState, int](int)
        for each in slices:
            own[each.line_id].append(_slice(each))
            units[each.state] += each.quantity
        return OrderView(
            **{name: getattr(facts, name) for name in _AS_THEY_ARE},
            status=status(units),
            placed_at=to_datetime(facts.placed_at_ms),
            received_at=to_datetime(facts.received_at_ms),
            deadline_at=to_datetime(facts.deadline_ms) if facts.deadline_ms else None,
            ship_to=view(AddressView, facts.ship_to),
            bill_to=view(AddressView, facts.bill_to) if facts.bill_to else None,
            lines=tuple(_line(line, own[line.id]) for line in facts.lines),
            charges=tuple(views(ChargeView, facts.charges)),
            holds=tuple(views(HoldView, held)),
            money=view(OrderMoneyView, money or OrderMoney()),
        )


def order_page(reader: Reader, wanted: OrdersWanted) -> OrderPage:
    """A page of a list of orders; the first one is counted."""
    rows = listing.orders(reader, wanted)
    count = None if wanted.after else listing.count(reader, wanted)
    is_full = len(rows) == wanted.count
    return OrderPage(
        items=[_row(row) for row in rows],
        next=cursor_of(rows[-1].placed_at_ms, rows[-1].id) if is_full else None,
        count=min(count, COUNT_MAX) if count is not None else None,
        count_is_more=count is not None and count > COUNT_MAX,
    )


def _row(row: OrderRow) -> OrderRowView:
    fields = {name: getattr(row, name) for name in _ROW_AS_IT_IS}
    return OrderRowView(
        **fields,
        placed_at=to_datetime(row.placed_at_ms),
        deadline_at=to_datetime(row.deadline_ms) if row.deadline_ms else None,
    )


def _line(line: LineFacts, slices: Sequence[SliceView]) -> LineView:
    fields = {name: getattr(line, name) for name in LineView.__struct_fields__[:-1]}
    return LineView(**fields, slices=tuple(slices))


def _slice(units: Slice) -> SliceView:
    fields = {name: getattr(units, name) for name in SliceView.__struct_fields__[:-1]}
    return SliceView(**fields, allowed=LINE.allowed(units.state))
