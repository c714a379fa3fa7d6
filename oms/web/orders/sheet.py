"""Everything about one order, read at once, as the peek and the order's page show it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from fulfillment import queries as floor
from fulfillment.model import Fulfilment, Parcel
from fulfillment.queries import Scan
from oms.accounting import queries as accounting
from oms.accounting.queries import InvoicePage, InvoiceRow
from oms.catalog import queries as catalog
from oms.catalog.model import Channel
from oms.http.call import Call
from oms.http.reach import expect_order
from oms.inventory import queries as inventory
from oms.inventory.model import Node
from oms.orders import queries as orders
from oms.orders.changes import queries as changes
from oms.orders.changes.model import ChangeSet
from oms.orders.changes.queries import ChangePage
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.holds import store as holds
from oms.orders.holds.model import HoldRecord
from oms.orders.machine import LINE, LineState
from oms.orders.model import Slice
from oms.orders.status import OrderStatus, status
from oms.orders.store import SliceKey
from oms.orders.timeline.queries import timeline
from oms.orders.worklists import queries as worklists
from oms.orders.worklists.model import Reason
from oms.payments import queries as payments
from oms.payments.model import OrderMoney, Payment, Refund
from oms.platform.security import users
from oms.platform.transaction import Reader
from oms.sourcing import queries as sourcing
from oms.web import looks
from oms.web.looks import Look
from oms.web.orders.story import Moment, story
from oms.web.pages import formats, language_of
from oms.web.translations import translations
from returns import queries as returns
from returns.queries import ReturnRow

STAGES: Final[tuple[frozenset[LineState], ...]] = (
    frozenset({LineState.DRAFT, LineState.OPEN, LineState.BACKORDERED}),
    frozenset({LineState.ALLOCATED, LineState.RELEASED}),
    frozenset({LineState.PICKED}),
    frozenset({LineState.PACKED, LineState.READY_FOR_PICKUP}),
    frozenset({LineState.SHIPPED, LineState.LOST}),
    frozenset({LineState.DELIVERED, LineState.KEPT}),
)
"""Received, allocated, picked, packed, shipped, delivered; units that come back have arrived."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line with its units by how they look; `total_minor` is what the customer pays."""

    facts: LineFacts
    sku: str
    total_minor: int
    units: tuple[tuple[Look, int, str], ...]
    slices: tuple[Slice, ...]


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel and what its carrier said last."""

    parcel: Parcel
    node: str
    last_scan: Scan | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """An order, whole. `progress` is the part of units, 0 to 1, that reached each of `STAGES`."""

    order: OrderFacts
    status: OrderStatus
    look: Look
    channel: Channel
    lines: tuple[Line, ...]
    slices: tuple[Slice, ...]
    progress: tuple[float, ...]
    nodes: dict[str, Node]
    reasons: tuple[Reason, ...]
    holds: tuple[HoldRecord, ...]
    fulfilments: tuple[Fulfilment, ...]
    boxes: tuple[Box, ...]
    payments: tuple[Payment, ...]
    money: OrderMoney
    refunds: tuple[Refund, ...]
    invoices: tuple[InvoiceRow, ...]
    returns: tuple[ReturnRow, ...]
    changes: tuple[ChangeSet, ...]
    decisions: tuple[sourcing.DecisionView, ...]
    story: tuple[Moment, ...]
    moves: frozenset[str]


def sheet_of(request: Call, reader: Reader, order_id: str) -> Sheet:
    """The order within the caller's reach, or `NotFound`."""
    order = expect_order(request, reader, order_id)
    own = [order.id]
    slices = orders.slices_of(reader, SliceKey.ORDER, own)
    nodes = {node.id: node for node in inventory.nodes(reader)}
    held = holds.holds_of(reader, own)
    invoices = accounting.invoices(reader, InvoicePage(order_id=order.id))
    paid = payments.payments_of(reader, order.id)
    items = catalog.items_by_id(reader, {each.item_id for each in slices})
    units: Counter[LineState] = Counter()
    for each in slices:
        units[each.state] += each.quantity
    others = [*(each.id for each in invoices), *(each.id for each in paid)]
    told = timeline(reader, order.id, others)
    names = {node.id: node.name for node in nodes.values()}
    names |= {user.id: user.name for user in users.everybody(reader)}
    is_held = any(each.released_at_ms is None for each in held)
    skus = {item_id: item.sku for item_id, item in items.items()}
    return Sheet(
        order=order,
        status=status(units),
        look=looks.ON_HOLD if is_held else looks.ORDERS[status(units)],
        channel=catalog.channel(reader, order.channel_id),
        lines=_lines(order, slices, skus, nodes),
        slices=tuple(slices),
        progress=progress(units),
        nodes=nodes,
        reasons=tuple(worklists.reasons(reader, own).get(order.id, ())),
        holds=tuple(held),
        fulfilments=tuple(floor.fulfilments_of(reader, own)),
        boxes=_boxes(reader, order.id, nodes),
        payments=tuple(paid),
        money=payments.money_of(reader, own).get(order.id, OrderMoney()),
        refunds=tuple(payments.refunds_of(reader, order.id)),
        invoices=tuple(invoices),
        returns=tuple(returns.returns_of(reader, own)),
        changes=tuple(changes.change_sets(reader, ChangePage(order_id=order.id))),
        decisions=tuple(sourcing.decisions(reader, order.id)),
        story=tuple(story(told, names, formats(request), _gettext(request))),
        moves=frozenset(name for each in slices for name in LINE.allowed(each.state)),
    )


def progress(units: Counter[LineState]) -> tuple[float, ...]:
    """Of the units that are wanted, the part that reached each stage."""
    wanted = sum(units.values()) - units[LineState.CANCELLED]
    if not wanted:
        return ()
    last = len(STAGES) - 1
    stage_of = {state: at for at, states in enumerate(STAGES) for state in states}
    reached = [0] * len(STAGES)
    for state, count in units.items():
        if state is not LineState.CANCELLED:
            for at in range(stage_of.get(state, last) + 1):
                reached[at] += count
    return tuple(count / wanted for count in reached)


def _lines(
    order: OrderFacts, slices: Iterable[Slice], skus: dict[str, str], nodes: dict[str, Node]
) -> tuple[Line, ...]:
    by_line: dict[str, list[Slice]] = defaultdict(list)
    for each in slices:
        by_line[each.line_id].append(each)
    return tuple(
        Line(
            facts=line,
            sku=skus.get(line.item_id or "", line.listing_sku),
            total_minor=line.net_minor + line.tax_minor,
            units=_units(by_line[line.id], nodes),
            slices=tuple(by_line[line.id]),
        )
        for line in order.lines
    )


def _units(slices: Sequence[Slice], nodes: dict[str, Node]) -> tuple[tuple[Look, int, str], ...]:
    counted: Counter[tuple[LineState, str]] = Counter()
    for each in slices:
        counted[each.state, each.node_id] += each.quantity
    return tuple(
        (looks.UNITS[state], count, nodes[node_id].name if node_id in nodes else "")
        for (state, node_id), count in counted.items()
    )


def _boxes(reader: Reader, order_id: str, nodes: dict[str, Node]) -> tuple[Box, ...]:
    parcels = floor.parcels_of(reader, [order_id])
    scans = floor.scans_of(reader, [each.id for each in parcels])
    return tuple(
        Box(
            parcel=each,
            node=nodes[each.node_id].name if each.node_id in nodes else "",
            last_scan=scans[each.id][-1] if scans.get(each.id) else None,
        )
        for each in parcels
    )


def _gettext(request: Call) -> Any:
    return translations(language_of(request)).gettext
