"""The list of returns: what waits for somebody, by what is to be done with it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.response import Redirect

from oms.catalog import queries as catalog
from oms.catalog.model import Channel
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.inventory.model import Node
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrderRow
from oms.platform.transaction import Reader
from oms.web.guards import may_see
from oms.web.looks import Look
from oms.web.orders.rows import channel_icon
from oms.web.pages import page
from oms.web.returns_desk.finding import Scanned, named, scanned
from oms.web.returns_desk.wishes import PAGE, VIEWS, Wish, wanted, wish
from oms.web.returns_desk.words import STATES, look
from returns.model import ReturnLine
from returns.worklists import queries as worklists
from returns.worklists.queries import COUNT_MAX, Listed

CODE_MAX: Final = 100


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list; the order is None where no sale is known."""

    found: Listed
    look: Look
    order: OrderRow | None
    channel: str
    channel_icon: str

    @property
    def lines(self) -> Sequence[ReturnLine]:
        return self.found.lines

    @property
    def units(self) -> int:
        return sum(max(line.expected, line.received) for line in self.lines)

    @property
    def missing(self) -> int:
        return sum(line.missing for line in self.lines)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list. `count` stops at the worklists' own limit."""

    asked: Wish
    rows: list[Row]
    older: str
    count: int
    channels: list[Channel]
    nodes: list[Node]


@get("/returns", guards=[may_see("returns:read")], include_in_schema=False, sync_to_thread=True)
def returns_list(request: Call) -> Response[Any]:
    """A view of the returns; the same address always shows the same list."""
    asked = wish(request.query_params)
    with request.reading() as reader:
        found = _listing(reader, request, asked)
        counts = _counts(reader, request)
    return page(
        request,
        "returns_desk/list.html",
        listing=found,
        views=VIEWS,
        counts=counts,
        count_max=COUNT_MAX,
    )


@get(
    "/returns/scan",
    guards=[may_see("returns:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def scan(request: Call) -> Response[Any]:
    """What was scanned: opened where it can be only one thing, else everything it may be."""
    code = request.query_params.get("code", "").strip()[:CODE_MAX]
    with request.reading() as reader:
        found = scanned(request, reader, code) if code else Scanned(code=code)
        rows = _rows(reader, found.returns)
    if found.one_return:
        return Redirect(f"/returns/{found.one_return}", status_code=303)
    if found.one_order and "returns:write" in request.caller.permissions:
        return Redirect(f"/returns/new?order={found.one_order}", status_code=303)
    return page(request, "returns_desk/scanned.html", found=found, rows=rows)


PAGES: Final = (returns_list, scan)


def _listing(reader: Reader, request: Call, asked: Wish) -> Listing:
    reach = request.caller.reach
    meant = named(reader, asked.text) if asked.text else None
    question = wanted(asked, reach.channels, meant)
    found = worklists.returns(reader, question)
    shown = found[:PAGE]
    older = asked.url(after=shown[-1].ret.id) if len(found) > PAGE else ""
    return Listing(
        asked=asked,
        rows=_rows(reader, shown),
        older=older,
        count=worklists.count(reader, question),
        channels=[
            each for each in catalog.channels(reader) if request.caller.reaches_channel(each.id)
        ],
        nodes=[each for each in inventory.nodes(reader) if request.caller.reaches_node(each.id)],
    )


def _rows(reader: Reader, found: Sequence[Listed]) -> list[Row]:
    ids = {each.ret.order_id for each in found} - {""}
    orders = {row.id: row for row in listing.orders_by_id(reader, ids)}
    channels = catalog.channels_by_id(reader, {each.ret.channel_id for each in found})
    return [_row(each, orders, channels) for each in found]


def _row(found: Listed, orders: Mapping[str, OrderRow], channels: Mapping[str, Channel]) -> Row:
    channel = channels.get(found.ret.channel_id)
    return Row(
        found=found,
        look=look(found.ret.state, found.lines) if found.lines else STATES[found.ret.state],
        order=orders.get(found.ret.order_id),
        channel=channel.name if channel else "",
        channel_icon=channel_icon(channel),
    )


def _counts(reader: Reader, request: Call) -> dict[str, int]:
    """How many returns wait in each view of work."""
    reach = request.caller.reach.channels
    return {
        view.name: worklists.count(reader, wanted(Wish(view=view.name), reach, None))
        for view in VIEWS
        if view.is_work
    }
