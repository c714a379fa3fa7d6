"""What an invoice says: units with their stored shares, charges once. Values in, values out."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from oms.accounting.model import (
    Buyer,
    Document,
    DocumentKind,
    Line,
    LineKind,
    Reason,
    Sold,
    cut,
    shared_cost,
)
from oms.kernel.errors import Refused
from oms.kernel.events import Cause
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.money import units_share, whole_units

TAX_NUMBER: Final = "tax_number"
"""Where an order's extra facts keep the buyer's tax number."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a document is about, why it is made, and when the goods left."""

    id: str
    source: str
    reason: Reason
    supplied_at_ms: int
    cause: Cause
    shipment_id: str | None = None


def is_bundle(line: LineFacts) -> bool:
    """Whether what ships is not the unit that was sold."""
    return line.parts != ((line.item_id, 1),)


def whole_bundles(line: LineFacts, shipped: Counter[str]) -> int:
    """Line units that are complete when so many of each part have left."""
    return whole_units(dict(line.parts), shipped) if line.parts else 0


def goods_line(line: LineFacts, first: int, quantity: int, cost_minor: int) -> Line:
    """`quantity` units of an order line, from unit `first` on, at their stored share."""
    if first == 0 and quantity == line.quantity:
        net, tax, split = line.net_minor, line.tax_minor, line.unit_split
    else:
        net, tax = units_share(line.unit_split, first, quantity)
        split = cut(line.unit_split, first, quantity)
    return Line(
        kind=LineKind.GOODS,
        title=line.title,
        quantity=quantity,
        net_minor=net,
        tax_minor=tax,
        tax_rate_bp=line.tax_rate_bp,
        sku=line.listing_sku,
        line_id=line.id,
        item_id=line.item_id,
        first_unit=first,
        unit_split=split,
        cost_minor=cost_minor,
    )


def free_units(line: LineFacts, sold: Iterable[Sold], count: int) -> list[tuple[int, int]]:
    """The first `count` units no invoice speaks of, as (first unit, how many): rarely a gap.

    Units of a shipment that was undone are free again.
    """
    taken = [0] * line.quantity
    for each in sold:
        if each.reason != Reason.RETURNED:
            change = 1 if each.document_kind == DocumentKind.INVOICE else -1
            for unit in range(each.line.first_unit, each.line.first_unit + each.line.quantity):
                taken[unit] += change
    runs: list[tuple[int, int]] = []
    for unit, times in enumerate(taken):
        if times or not count:
            continue
        count -= 1
        if runs and sum(runs[-1]) == unit:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((unit, 1))
    return runs


def goods_lines(line: LineFacts, units: Iterable[tuple[int, int]], cost_minor: int) -> list[Line]:
    """A document line for each run of units, the cost spread over them."""
    runs = list(units)
    total, done, lines = sum(count for _, count in runs), 0, []
    for first, count in runs:
        lines.append(goods_line(line, first, count, shared_cost(cost_minor, total, done, count)))
        done += count
    return lines


def charge_lines(order: OrderFacts) -> list[Line]:
    """All charges of an order."""
    return [
        Line(
            kind=LineKind.CHARGE,
            title=charge.title or charge.kind,
            quantity=1,
            net_minor=charge.net_minor,
            tax_minor=charge.tax_minor,
            tax_rate_bp=charge.tax_rate_bp,
            charge_id=charge.id,
        )
        for charge in order.charges
    ]


def invoice(order: OrderFacts, subject: Subject, lines: Iterable[Line]) -> Document:
    """An invoice to the order's buyer."""
    return Document(
        id=subject.id,
        kind=DocumentKind.INVOICE,
        source=subject.source,
        reason=subject.reason,
        currency=order.currency,
        lines=tuple(lines),
        buyer=buyer_of(order),
        ship_to=order.ship_to,
        locale=order.locale,
        prices_include_tax=order.prices_include_tax,
        supplied_at_ms=subject.supplied_at_ms,
        channel_id=order.channel_id,
        customer_id=order.customer_id,
        order_id=order.id,
        order_number=order.number,
        shipment_id=subject.shipment_id,
    )


def buyer_of(order: OrderFacts) -> Buyer:
    """Who the documents of an order are for."""
    address = order.bill_to or order.ship_to
    return Buyer(address=address, tax_number=order.extra.get(TAX_NUMBER, ""))


def foreign_line(shipment: str, line_id: str) -> Refused:
    """A shipment may only hold lines of its own order."""
    return Refused(
        "invoice.foreign_line",
        f"Line {line_id} is not of the order that shipment {shipment} belongs to.",
        "Look at the shipment: it names a line of another order.",
    )


def more_than_sold(shipment: str, line: LineFacts) -> Refused:
    """More units of a line left than there are."""
    return Refused(
        "invoice.more_than_sold",
        f"Shipment {shipment} has more units of line {line.id} than are left to invoice.",
        "Look at the order's shipments: one of them was told twice.",
    )
