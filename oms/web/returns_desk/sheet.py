"""Everything about one return, read at once, as the desk shows it."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from config import returns as policy
from fulfillment import queries as floor
from fulfillment.model import EXTERNAL_KINDS
from oms.accounting import queries as accounting
from oms.accounting.queries import InvoicePage, InvoiceRow
from oms.catalog import queries as catalog
from oms.catalog.model import Channel, Item
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.inventory.model import Node
from oms.kernel.clock import DAY_MS
from oms.kernel.ids import expect_prefix
from oms.orders import queries as orders
from oms.orders.facts import OrderFacts
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrdersWanted
from oms.orders.machine import LINE
from oms.orders.store import SliceKey
from oms.orders.timeline.queries import timeline
from oms.payments import queries as payments
from oms.payments.model import Refund
from oms.platform.security import users
from oms.platform.transaction import Reader
from oms.web.looks import Look
from oms.web.orders.story import Moment, story
from oms.web.pages import formats, language_of
from oms.web.returns_desk.words import look
from oms.web.translations import translations
from returns.finishing.model import mark
from returns.listing import queries as returns
from returns.listing.queries import ReturnPage
from returns.machine import RETURN, ReturnState
from returns.model import STAYS_ASIDE, Disposition, Outcome, Return, ReturnLine, Standing
from returns.worklists import queries as worklists
from returns.worklists.queries import ReturnSet, ReturnsWanted

DESK_COOKIE: Final = "oms_desk"
WINDOW_DAYS: Final = policy.WINDOW_DAYS
RECEIVABLE: Final = frozenset({ReturnState.AUTHORISED, ReturnState.RECEIVING})
"""In these, what was announced may still come; in others only what is scanned."""


class Pile(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line at a node, and what became of them."""

    line: ReturnLine
    node: Node
    units: int
    outcome: Outcome | None
    disposition: Disposition | None


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends it back; counts stop at the lists' limits. `day` of the window, if delivered."""

    id: str
    name: str
    city: str
    orders: int
    returns: int
    day: int | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it. `moves` are those of the document, `unit_moves` those of its units."""

    ret: Return
    look: Look
    lines: tuple[ReturnLine, ...]
    mark: str
    items: dict[str, Item]
    order: OrderFacts | None
    channel: Channel | None
    node: Node | None
    nodes: tuple[Node, ...]
    piles: tuple[Pile, ...]
    moves: frozenset[str]
    unit_moves: frozenset[str]
    documents: tuple[InvoiceRow, ...]
    refunds: tuple[Refund, ...]
    story: tuple[Moment, ...]
    buyer: Buyer
    waiting_returns: int

    def at(self, outcome: Outcome | None) -> tuple[Pile, ...]:
        """Units at this desk's node with this outcome; None: those that wait for inspection."""
        here = self.node.id if self.node else ""
        return tuple(
            each for each in self.piles if each.outcome is outcome and each.node.id == here
        )

    @property
    def waiting(self) -> dict[str, int]:
        return {each.line.id: each.units for each in self.at(None)}

    @property
    def elsewhere(self) -> tuple[Pile, ...]:
        """Units that wait or were refused at other nodes."""
        here = self.node.id if self.node else ""
        open_ = (None, Outcome.REFUSED)
        return tuple(s for s in self.piles if s.outcome in open_ and s.node.id != here)

    @property
    def refused(self) -> tuple[Pile, ...]:
        return self.at(Outcome.REFUSED)

    @property
    def aside(self) -> tuple[Pile, ...]:
        """Accepted units that are set aside here and may be graded again."""
        found = self.at(Outcome.ACCEPTED)
        return tuple(each for each in found if each.disposition in STAYS_ASIDE)

    @property
    def missing(self) -> dict[str, int]:
        """Announced units that may still come."""
        if self.ret.state not in RECEIVABLE:
            return {}
        return {line.id: line.missing for line in self.lines if line.missing}


def sheet_of(request: Call, reader: Reader, return_id: str) -> Sheet:
    """The return, within the caller's reach, or `NotFound`."""
    facts = returns.facts(reader, expect_prefix(return_id, "ret"))
    request.caller.expect_channel(facts.ret.channel_id)
    ret = facts.ret
    found = orders.orders_for(reader, [ret.order_id]) if ret.order_id else []
    order = found[0] if found else None
    known = {node.id: node for node in inventory.nodes(reader)}
    nodes = tuple(node for node in known.values() if is_desk(request, node))
    documents = tuple(accounting.invoices(reader, InvoicePage(return_id=ret.id)))
    refunds = payments.refunds_of(reader, order.id) if order else []
    slices = orders.slices_of(reader, SliceKey.RETURN, [ret.id])
    return Sheet(
        ret=ret,
        look=look(ret.state, facts.lines),
        lines=facts.lines,
        mark=mark(facts.lines),
        items=catalog.items_by_id(reader, {line.item_id for line in facts.lines}),
        order=order,
        channel=catalog.channels_by_id(reader, [ret.channel_id]).get(ret.channel_id),
        node=_desk_node(request, nodes, facts.standing),
        nodes=nodes,
        piles=tuple(_piles(facts.lines, known, facts.standing)),
        moves=frozenset(RETURN.allowed(ret.state)),
        unit_moves=frozenset(name for each in slices for name in LINE.allowed(each.state)),
        documents=documents,
        refunds=tuple(each for each in refunds if each.return_id == ret.id),
        story=_story(request, reader, ret, [*documents, *refunds]),
        buyer=_buyer(request, reader, ret, order),
        waiting_returns=_waiting_returns(request, reader),
    )


def remembered_node(request: Call) -> str:
    """The node this device works at: as the address says, else as it was said before."""
    return str(request.query_params.get("node") or request.cookies.get(DESK_COOKIE, ""))


def is_desk(request: Call, node: Node) -> bool:
    is_ours = node.active and node.kind not in EXTERNAL_KINDS
    return is_ours and request.caller.reaches_node(node.id)


def _desk_node(
    request: Call, nodes: tuple[Node, ...], standing: Mapping[Standing, int]
) -> Node | None:
    """Where this desk stands: as this device said, else where goods of the return wait."""
    waiting = [node_id for (_, node_id, outcome, _), n in standing.items() if n and outcome is None]
    by_id = {node.id: node for node in nodes}
    for wanted in (remembered_node(request), *waiting):
        if wanted in by_id:
            return by_id[wanted]
    return nodes[0] if nodes else None


def _piles(
    lines: Iterable[ReturnLine], nodes: Mapping[str, Node], standing: Mapping[Standing, int]
) -> Iterable[Pile]:
    by_id = {line.id: line for line in lines}
    for (line_id, node_id, outcome, disposition), units in standing.items():
        if units > 0 and node_id in nodes and line_id in by_id:
            yield Pile(
                line=by_id[line_id],
                node=nodes[node_id],
                units=units,
                outcome=outcome,
                disposition=disposition,
            )


def _story(
    request: Call, reader: Reader, ret: Return, beside: Iterable[InvoiceRow | Refund]
) -> tuple[Moment, ...]:
    """What happened to the return and to the money of it, the newest first."""
    own = {ret.id, *(each.id for each in beside if each.return_id == ret.id)}
    told = [each for each in timeline(reader, ret.id, own) if each.entity in own]
    names = {node.id: node.name for node in inventory.nodes(reader)}
    names |= {user.id: user.name for user in users.everybody(reader)}
    words = translations(language_of(request))
    return tuple(story(told, names, formats(request), words.gettext))


def _buyer(request: Call, reader: Reader, ret: Return, order: OrderFacts | None) -> Buyer:
    reach, customer_id = request.caller.reach.channels, ret.customer_id
    placed = sent = 0
    if customer_id:
        wanted = OrdersWanted(customer_id=customer_id, channel_ids=reach)
        placed = listing.count(reader, wanted)
        asked = ReturnPage(customer_id=customer_id, channel_ids=reach, count=returns.PAGE_MAX)
        sent = len(returns.returns(reader, asked))
    day = None
    if order is not None:
        delivered = floor.delivered_at_ms(reader, [order.id]).get(order.id)
        day = None if delivered is None else (ret.requested_at_ms - delivered) // DAY_MS
    to = order.ship_to if order else None
    return Buyer(
        id=customer_id,
        name=(to.name or to.company) if to else "",
        city=to.city if to else "",
        orders=placed,
        returns=sent,
        day=day,
    )


def _waiting_returns(request: Call, reader: Reader) -> int:
    wanted = ReturnsWanted(among=ReturnSet.TO_INSPECT, channel_ids=request.caller.reach.channels)
    return worklists.count(reader, wanted)
