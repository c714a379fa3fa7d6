"""Asking for a return by the link alone: what, why, and what follows. The policy decides."""

from io import BytesIO
from typing import Any, Final

import segno
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from oms.http.call import Call
from oms.inventory.model import Node, NodeKind
from oms.kernel.errors import NotFound
from oms.orders.status import LINK_PURPOSE
from oms.platform.localise import address_lines
from oms.platform.security.callers import Caller
from oms.web.forms import Form, posted
from oms.web.guards import expect_same_site
from oms.web.public import asking
from oms.web.public.facts import Facts, facts_of
from oms.web.public.tracking import opened
from oms.web.public.vocabulary import RETURNS, Reason
from oms.web.public.writing import customer_page, no_page
from returns.desk.model import Desk
from returns.machine import ReturnState
from returns.model import AskedBy, Request, WantedBack
from returns.service import request as request_returns

CUSTOMER: Final = Caller(actor="customer", name="Customer", permissions=frozenset())
"""Who acts by a link: nobody who is known by name, and with no permission but the link's."""
_OPEN: Final = frozenset({ReturnState.REQUESTED, ReturnState.AUTHORISED})
UNITS_MAX: Final = 1_000_000
_TAKES_BACK: Final = (NodeKind.WAREHOUSE, NodeKind.STORE)


@get("/track/{token:str}/return", sync_to_thread=True, include_in_schema=False)
def ask(request: Call, token: FromPath[str]) -> Response[Any]:
    """What may go back, or why nothing may; and what was asked for already."""
    try:
        with request.reading() as reader:
            facts = opened(request, reader, token)
    except NotFound as reason:
        return no_page(request, reason)
    return _page(request, facts)


@post("/track/{token:str}/return", status_code=200, include_in_schema=False)
async def asked(request: Call, token: FromPath[str]) -> Response[Any]:
    """Ask for it. Sent twice, it is asked for once."""
    expect_same_site(request)
    order_id = request.services.links.open(LINK_PURPOSE, token, request.services.uow.clock())
    request.scope["user"] = CUSTOMER
    form = await posted(request)
    reason = form.one_of("reason", Reason)
    facts = await request.read(lambda reader: facts_of(reader, order_id))
    command = Request(
        order_id=order_id,
        lines=_lines(form, facts, reason),
        reason=reason,
        asked_by=AskedBy.CUSTOMER,
        cause=request.cause,
    )
    await request.submit(request_returns, command, Desk)
    language = request.query_params.get("lang", "")
    return Redirect(
        f"/track/{token}/return{f'?lang={language}' if language else ''}", status_code=303
    )


PAGES: Final = (ask, asked)


def _page(request: Call, facts: Facts) -> Response[Any]:
    open_ = [each for each in facts.returns if each.ret.state in _OPEN]
    return customer_page(
        request,
        "public/return.html",
        facts,
        standing=asking.standing(facts),
        why_not=asking.WhyNot,
        reasons=tuple(Reason),
        asked_for=facts.returns,
        codes={each.ret.number: code(each.ret.number) for each in open_},
        words_of=RETURNS,
        to=_where_to(facts),
    )


def code(number: str) -> Markup:
    """A QR code of a return's number, dark on nothing: its frame is white in every theme."""
    drawn = BytesIO()
    segno.make_qr(number, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, nl=False
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by ourselves from a number of ours


def _lines(form: Form, facts: Facts, reason: str) -> tuple[WantedBack, ...]:
    positions = [int(text) for text in form.all("line", 500) if text.isdecimal()]
    counts = {each: form.number(f"count-{each}", 1, UNITS_MAX) for each in positions}
    return asking.wanted(facts.order, counts, reason)


def _where_to(facts: Facts) -> tuple[str, ...]:
    """The address it goes to: where it came from, else the first house of ours."""
    came_from = [facts.nodes[each.node_id] for each in facts.left if each.node_id in facts.nodes]
    ours = sorted(facts.nodes.values(), key=lambda node: node.priority)
    node: Node | None = next(
        (each for each in (*came_from, *ours) if each.active and each.kind in _TAKES_BACK), None
    )
    return (node.name, *address_lines(node.address, facts.order.ship_to.country)) if node else ()
