"""A return made by us for an order: what the customer wants to send, or what is here already."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from config import returns as policy
from fulfillment import queries as floor
from oms.catalog import queries as catalog
from oms.http.call import Call
from oms.http.reach import expect_order, order_in_reach
from oms.inventory import queries as inventory
from oms.inventory.model import Node
from oms.kernel.clock import DAY_MS
from oms.kernel.errors import Invalid
from oms.orders import queries as orders
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.machine import LineState
from oms.orders.model import Slice
from oms.orders.money import units_share, whole_units
from oms.orders.store import SliceKey
from oms.platform.transaction import Reader
from oms.web.forms import Form, posted
from oms.web.guards import may_see
from oms.web.pages import page
from oms.web.returns_desk.sheet import is_desk, remembered_node
from oms.web.returns_desk.words import GOES_TO, GRADES, REASONS, REFUSE
from returns import queries as returns
from returns import service
from returns.counter.model import TakeBack
from returns.desk.model import Desk
from returns.model import AskedBy, Disposition, Request, WantedBack
from returns.queries import ReturnRow

UNITS_MAX: Final = 10**9
REASON_MAX: Final = 2_000
_TURNED_ROUND: Final = (LineState.SHIPPED, LineState.RETURN_IN_TRANSIT)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the order: whole units that can come back, and that a carrier still has."""

    facts: LineFacts
    sku: str
    returnable: int
    on_the_way: int
    unit_minor: int
    wanted: int


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """An order a return is made for. `day`: days since delivery; None where none is known."""

    order: OrderFacts
    lines: tuple[Line, ...]
    returns: tuple[ReturnRow, ...]
    nodes: tuple[Node, ...]
    node_id: str
    day: int | None

    @property
    def returnable(self) -> int:
        return sum(line.returnable for line in self.lines)

    @property
    def on_the_way(self) -> int:
        return sum(line.on_the_way for line in self.lines)


@get(
    "/returns/new",
    guards=[may_see("returns:write")],
    include_in_schema=False,
    sync_to_thread=True,
)
def new_return(request: Call) -> Response[Any]:
    """The lines of an order to choose from; without an order, a field to find one."""
    order_id = request.query_params.get("order", "")
    if not order_id:
        return Redirect("/returns", status_code=303)
    with request.reading() as reader:
        asking = _asking(request, reader, order_id)
    return page(
        request,
        "returns_desk/new.html",
        asking=asking,
        reasons=REASONS,
        grades=[each for each in GRADES if each.goes_to != REFUSE],
        window_days=policy.WINDOW_DAYS,
    )


@post(
    "/returns/new",
    guards=[may_see("returns:write")],
    include_in_schema=False,
    status_code=200,
)
async def make_return(request: Call) -> Response[Any]:
    """Announce the chosen units; the desk opens on them."""
    form = await posted(request)
    command = Request(
        order_id=await order_in_reach(request, form.required("order")),
        lines=_wanted(form),
        reason=form.text("reason", REASON_MAX),
        asked_by=AskedBy.AGENT,
        cause=request.cause,
    )
    made = await request.submit(service.request, command, Desk)
    return Redirect(f"/returns/{made.ret.id}", status_code=303)


@post(
    "/returns/new/undelivered",
    guards=[may_see("returns:write")],
    include_in_schema=False,
    status_code=200,
)
async def take_back(request: Call) -> Response[Any]:
    """A parcel that nobody took came back: received, graded and credited in one step."""
    form = await posted(request)
    node_id, grade = form.required("node"), form.required("grade")
    request.caller.expect_node(node_id)
    goes_to = GOES_TO.get(grade, REFUSE)
    if goes_to == REFUSE:
        raise Invalid(
            "return.grade",
            f"Goods of ours that came back undelivered cannot be graded '{grade}'.",
            "Choose a grade that says where they go.",
            {"grade": "not possible here"},
        )
    command = TakeBack(
        order_id=await order_in_reach(request, form.required("order")),
        node_id=node_id,
        lines=_wanted(form),
        disposition=Disposition(goes_to),
        grade=grade,
        reason=form.text("reason", REASON_MAX),
        cause=request.cause,
    )
    made = await request.submit(service.take_back, command, Desk)
    return Redirect(f"/returns/{made.ret.id}?done=1", status_code=303)


PAGES: Final = (new_return, make_return, take_back)


def _wanted(form: Form) -> tuple[WantedBack, ...]:
    """`line` as often as there are, each with its `units.LINE`; none of some is no wish."""
    wanted = tuple(
        WantedBack(line_id=line_id, quantity=quantity)
        for line_id in form.all("line")
        if (quantity := form.number(f"units.{line_id}", 0, UNITS_MAX))
    )
    if not wanted:
        raise Invalid("return.nothing_wanted", "No unit is chosen.", "Say what is to come back.")
    return wanted


def _asking(request: Call, reader: Reader, order_id: str) -> Asking:
    order = expect_order(request, reader, order_id)
    slices = orders.slices_of(reader, SliceKey.ORDER, [order.id])
    known = catalog.items_by_id(reader, {line.item_id for line in order.lines if line.item_id})
    skus = {item.id: item.sku for item in known.values()}
    nodes = tuple(node for node in inventory.nodes(reader) if is_desk(request, node))
    delivered = floor.delivered_at_ms(reader, [order.id]).get(order.id)
    remembered = remembered_node(request)
    here = [node.id for node in nodes if node.id == remembered] or [node.id for node in nodes]
    return Asking(
        order=order,
        lines=_lines(order, slices, skus, request.query_params.get("item", "")),
        returns=tuple(returns.returns_of(reader, [order.id])),
        nodes=nodes,
        node_id=here[0] if here else "",
        day=None if delivered is None else (reader.now_ms - delivered) // DAY_MS,
    )


def _lines(
    order: OrderFacts, slices: Sequence[Slice], skus: dict[str, str], item_id: str
) -> tuple[Line, ...]:
    there: dict[str, Counter[str]] = defaultdict(Counter)
    away: dict[str, Counter[str]] = defaultdict(Counter)
    for each in slices:
        if each.state is LineState.DELIVERED:
            there[each.line_id][each.item_id] += each.quantity
        elif each.state in _TURNED_ROUND and not each.return_id:
            away[each.line_id][each.item_id] += each.quantity
    is_alone = sum(1 for line in order.lines if _whole(line, there[line.id])) == 1
    return tuple(
        Line(
            facts=line,
            sku=skus.get(line.item_id or "", line.listing_sku),
            returnable=_whole(line, there[line.id]),
            on_the_way=_whole(line, away[line.id]),
            unit_minor=sum(units_share(line.unit_split, 0, 1)),
            wanted=_first_wish(line, _whole(line, there[line.id]), item_id, is_alone=is_alone),
        )
        for line in order.lines
    )


def _whole(line: LineFacts, units: Counter[str]) -> int:
    return whole_units(dict(line.parts), units) if line.parts else 0


def _first_wish(line: LineFacts, returnable: int, item_id: str, *, is_alone: bool) -> int:
    """What is filled in already: the scanned item once, or the only line there is."""
    if item_id:
        return min(1, returnable) if line.item_id == item_id else 0
    return returnable if is_alone else 0
