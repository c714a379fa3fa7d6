"""What a return is worth: the very shares its units were invoiced at. Values in, values out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from oms.accounting.invoicing.model import buyer_of
from oms.accounting.model import (
    BACK,
    OUT,
    Buyer,
    Document,
    DocumentKind,
    Flow,
    Line,
    LineKind,
    Reason,
    ReturnedCost,
    Sold,
    cut,
    shared_cost,
)
from oms.kernel.address import Address
from oms.kernel.errors import Stale
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.money import units_share, whole_units
from returns.events import CreditedCharge, InspectedLine, ReturnInspected


def credit_units(sold: Sequence[Sold], units: InspectedLine, quantity: int) -> list[Line]:
    """Credit lines for `quantity` units of an order line: those invoiced first come back first.

    Each takes net, tax and cost of exactly the units it names, so that all credits of a line sum to
    its invoices. `Stale` while the units are not invoiced: the invoice is on its way.
    """
    lines = take_back(invoiced(sold), credited(sold), quantity)
    missing = quantity - sum(line.quantity for line in lines)
    if missing:
        raise not_invoiced(units, missing)
    return [replace(line, return_line_id=units.return_line_id) for line in lines]


def take_back(
    invoices: Iterable[Sold], done: Mapping[tuple[str, int], int], quantity: int
) -> list[Line]:
    """Credit lines for up to `quantity` units of these invoice lines, in this order.

    `done` says how many units of each are credited already: always its first ones.
    """
    lines = []
    for invoice in invoices:
        before = done.get((invoice.invoice_id, invoice.position), 0)
        count = min(quantity, invoice.line.quantity - before)
        if count > 0:
            lines.append(_credit_line(invoice, before, count))
            quantity -= count
    return lines


def invoiced(sold: Iterable[Sold]) -> list[Sold]:
    """The invoice lines among documents about one order line."""
    return [each for each in sold if each.document_kind == DocumentKind.INVOICE]


def credited(sold: Iterable[Sold]) -> Counter[tuple[str, int]]:
    """Credited units of each invoice line, by its invoice and position."""
    units = Counter[tuple[str, int]]()
    for each in sold:
        line = each.line
        if line.corrects_id is not None and line.corrects_position is not None:
            units[line.corrects_id, line.corrects_position] += line.quantity
    return units


def credited_units(sold: Iterable[Sold]) -> int:
    """Units of an order line that came back."""
    return sum(
        each.line.quantity
        for each in sold
        if each.document_kind == DocumentKind.CREDIT_NOTE and each.reason == Reason.RETURNED
    )


def blind_line(units: InspectedLine, cost_minor: int) -> Line:
    """A credit line for goods no sale of ours is known for, at the amounts claimed."""
    return Line(
        kind=LineKind.GOODS,
        title=units.title or units.item_id,
        quantity=units.quantity,
        net_minor=units.claimed_net_minor,
        tax_minor=units.claimed_tax_minor,
        tax_rate_bp=units.tax_rate_bp,
        return_line_id=units.return_line_id,
        item_id=units.item_id,
        unit_split=((units.quantity, 0, 0),),
        cost_minor=cost_minor,
    )


def charge_line(charge: CreditedCharge) -> Line:
    """Money given back without goods."""
    return Line(
        kind=LineKind.CHARGE,
        title=charge.title,
        quantity=1,
        net_minor=charge.net_minor,
        tax_minor=charge.tax_minor,
        tax_rate_bp=charge.tax_rate_bp,
    )


def whole_bundles_back(line: LineFacts, flows: Iterable[Flow]) -> int:
    """Line units of a bundle that are complete when these parts came back."""
    back = Counter[str]()
    for flow in flows:
        if flow.direction == BACK:
            back[flow.item_id] += flow.quantity
    return whole_units(dict(line.parts), back)


def part_cost(flows: Sequence[Flow], item_id: str, count: int) -> int:
    """What `count` more parts of a bundle that come back had cost when they left."""
    out = [flow for flow in flows if flow.item_id == item_id and flow.direction == OUT]
    back = [flow for flow in flows if flow.item_id == item_id and flow.direction == BACK]
    units = sum(flow.quantity for flow in out)
    before = sum(flow.quantity for flow in back)
    if before + count > units:
        raise Stale(
            "credit.not_shipped",
            f"{before + count} units of {item_id} came back, {units} have left.",
            "It is tried again by itself; see whether their shipment was booked.",
        )
    return shared_cost(sum(flow.cost_minor for flow in out), units, before, count)


def restocked_later(costs: Sequence[ReturnedCost], units: int) -> int:
    """The cost that comes back with units that were set aside and can be sold again after all."""
    left = sum(each.units - each.restocked_units for each in costs)
    cost = sum(each.cost_minor - each.restocked_minor for each in costs)
    return cost if units >= left else cost * units // left


def credit_note(
    document_id: str, inspected: ReturnInspected, at_ms: int, lines: Sequence[Line]
) -> Document:
    """A credit note about a return, not yet about an order."""
    return Document(
        id=document_id,
        kind=DocumentKind.CREDIT_NOTE,
        source="",
        reason=Reason.RETURNED,
        currency=inspected.currency,
        lines=tuple(lines),
        buyer=Buyer(address=Address(country="")),
        ship_to=None,
        locale="",
        prices_include_tax=False,
        supplied_at_ms=at_ms,
        channel_id=inspected.channel_id,
        customer_id=inspected.customer_id,
        order_id=None,
        order_number="",
        return_id=inspected.entity,
        corrects_id=next((line.corrects_id for line in lines if line.corrects_id), None),
    )


def about_order(order: OrderFacts) -> dict[str, object]:
    """What a credit note says of the order it is about."""
    return {
        "buyer": buyer_of(order),
        "ship_to": order.ship_to,
        "locale": order.locale,
        "prices_include_tax": order.prices_include_tax,
        "channel_id": order.channel_id,
        "customer_id": order.customer_id,
        "order_id": order.id,
        "order_number": order.number,
    }


def source_of(return_id: str, event_number: int, order_id: str | None) -> str:
    """What a credit note is about: one inspection, as far as one order is concerned."""
    return f"{return_id}/{event_number}/{order_id or 'no order'}"


def not_invoiced(units: InspectedLine, quantity: int) -> Stale:
    """Goods came back before their invoice was written: it is on its way."""
    return Stale(
        "credit.not_invoiced",
        f"{quantity} returned units of line {units.line_id} are not invoiced yet.",
        "It is tried again by itself; see whether their shipment was invoiced.",
    )


def _credit_line(invoice: Sold, before: int, count: int) -> Line:
    line = invoice.line
    net, tax = units_share(line.unit_split, before, count)
    return replace(
        line,
        quantity=count,
        net_minor=net,
        tax_minor=tax,
        first_unit=line.first_unit + before,
        unit_split=cut(line.unit_split, before, count),
        cost_minor=shared_cost(line.cost_minor, line.quantity, before, count),
        corrects_id=invoice.invoice_id,
        corrects_position=invoice.position,
    )
