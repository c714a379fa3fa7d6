"""Invoices over a list: what left is invoiced once, its cost leaves the books, its money is asked
for. Parts of bundles cost at once and are invoiced when a bundle is whole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from fulfillment.events import ShipmentShipped, ShippedLine
from oms.accounting import store
from oms.accounting.invoicing import model
from oms.accounting.invoicing.model import Subject
from oms.accounting.model import (
    OUT,
    Charges,
    Concerning,
    DocumentKind,
    Flow,
    Line,
    Reason,
    Sold,
    Taken,
)
from oms.accounting.service import Books
from oms.inventory.service import nodes, take_cost
from oms.kernel.errors import NotFound
from oms.kernel.events import Cause, Recorded
from oms.orders.events import OrderChargesDue
from oms.orders.facts import LineFacts, OrderFacts
from oms.platform.dispatch import because_of
from oms.platform.transaction import Transaction


def invoice_shipments(
    tx: Transaction, books: Books, shipped: Sequence[Recorded[ShipmentShipped]]
) -> None:
    """One invoice a shipment; charges go on the order's first. A known shipment says nothing."""
    desk = _Desk(tx, books, _new(tx, shipped))
    for each in desk.shipments:
        desk.work(each.event, because_of(each))
    store.add_flows(tx, desk.new_flows)


def invoice_charges(
    tx: Transaction, books: Books, due: Sequence[Recorded[OrderChargesDue]]
) -> None:
    """Invoice orders that have charges and nothing to ship."""
    known = store.known_sources(tx, DocumentKind.INVOICE, [each.event.entity for each in due])
    for each in due:
        order_id = each.event.entity
        order, account = _order(books, order_id), books.accounts[order_id]
        if order_id in known or account.charges is not Charges.DUE or not order.charges:
            continue
        subject = Subject(
            id=tx.new_id("inv"),
            source=order_id,
            reason=Reason.CHARGES,
            supplied_at_ms=order.placed_at_ms,
            cause=because_of(each),
        )
        _issue(books, order, subject)


class _Desk:
    """Everything that has to be known to invoice some shipments, read at one go."""

    def __init__(
        self, tx: Transaction, books: Books, shipments: Sequence[Recorded[ShipmentShipped]]
    ) -> None:
        self._tx, self._books = tx, books
        self._lines = {
            line.id: line for each in shipments for line in _order(books, each.event.order_id).lines
        }
        self._taken = store.invoiced(tx, self._lines_invoiced_in_part(shipments))
        self._sold = self._lines_undone(shipments)
        bundles = [line.id for line in self._lines.values() if model.is_bundle(line)]
        self._flows = store.flows(tx, bundles)
        self.shipments = [each for each in shipments if not self._is_known(each.event)]
        self._costs = _take_costs(tx, [each.event for each in self.shipments])
        self.new_flows: list[Flow] = []

    def work(self, shipped: ShipmentShipped, cause: Cause) -> None:
        order = _order(self._books, shipped.order_id)
        own = {line.id for line in order.lines}
        by_line: dict[str, list[tuple[ShippedLine, int]]] = defaultdict(list)
        for position, units in enumerate(shipped.lines):
            if units.line_id not in own:
                raise model.foreign_line(shipped.entity, units.line_id)
            cost = self._costs[shipped.entity, position]
            by_line[units.line_id].append((units, cost))
        lines = [
            made
            for line_id, units in by_line.items()
            for made in self._goods(self._lines[line_id], shipped.entity, units)
        ]
        subject = Subject(
            id=self._tx.new_id("inv"),
            source=shipped.entity,
            reason=Reason.SHIPPED,
            supplied_at_ms=shipped.shipped_at_ms,
            shipment_id=shipped.entity,
            cause=cause,
        )
        cost = sum(cost for units in by_line.values() for _, cost in units)
        about = (order.id, subject.id if lines else shipped.entity)
        self._books.post_cost("cost_of_goods", cost, about)
        if lines:
            _issue(self._books, order, subject, lines)

    def _goods(
        self, line: LineFacts, shipment_id: str, units: Sequence[tuple[ShippedLine, int]]
    ) -> list[Line]:
        """The units of one line that can be invoiced now; none while no bundle is whole."""
        taken = self._taken.get(line.id, Taken())
        quantity, cost = sum(each.quantity for each, _ in units), sum(cost for _, cost in units)
        if model.is_bundle(line):
            self._keep(line, shipment_id, units)
            flows = [flow for flow in self._flows[line.id] if flow.direction == OUT]
            left = Counter[str]()
            for flow in flows:
                left[flow.item_id] += flow.quantity
            quantity = model.whole_bundles(line, left) - taken.units
            cost = sum(flow.cost_minor for flow in flows) - taken.cost_minor
        if quantity <= 0:
            return []
        self._taken[line.id] = Taken(taken.units + quantity, taken.cost_minor + cost)
        if line.id not in self._sold:
            return [model.goods_line(line, taken.units, quantity, cost)]
        sold = self._sold[line.id]
        made = model.goods_lines(line, model.free_units(line, sold, quantity), cost)
        sold += [Sold(DocumentKind.INVOICE, Reason.SHIPPED, None, "", 0, each) for each in made]
        if sum(each.quantity for each in made) < quantity:
            raise model.more_than_sold(shipment_id, line)
        return made

    def _keep(
        self, line: LineFacts, shipment_id: str, units: Sequence[tuple[ShippedLine, int]]
    ) -> None:
        """Remember which parts of a bundle left; a part named twice is one flow."""
        by_item: dict[str, Flow] = {}
        for each, cost in units:
            before = by_item.get(each.item_id, Flow(line.id, shipment_id, each.item_id, OUT, 0, 0))
            by_item[each.item_id] = replace(
                before,
                quantity=before.quantity + each.quantity,
                cost_minor=before.cost_minor + cost,
            )
        self._flows[line.id] += by_item.values()
        self.new_flows += by_item.values()

    def _lines_invoiced_in_part(self, shipments: Iterable[Recorded[ShipmentShipped]]) -> list[str]:
        """Lines that an invoice may speak of already: those of orders that have one."""
        orders = {each.event.order_id for each in shipments}
        return [
            line.id
            for order_id in orders
            if self._books.accounts[order_id].invoices
            for line in self._books.orders[order_id].lines
        ]

    def _lines_undone(
        self, shipments: Iterable[Recorded[ShipmentShipped]]
    ) -> dict[str, list[Sold]]:
        """Documents about lines of orders with an undone shipment: units may be free again."""
        orders = {each.event.order_id for each in shipments}
        lines = [
            line.id
            for order_id in orders
            if self._books.accounts[order_id].undone
            for line in self._books.orders[order_id].lines
        ]
        sold = store.sold(self._tx, lines)
        return {line_id: sold.get(line_id, []) for line_id in lines}

    def _is_known(self, shipped: ShipmentShipped) -> bool:
        """Whether parts of bundles were booked for this shipment, which may give no invoice."""
        return any(
            flow.source == shipped.entity
            for units in shipped.lines
            for flow in self._flows.get(units.line_id, ())
        )


def _issue(books: Books, order: OrderFacts, subject: Subject, goods: Sequence[Line] = ()) -> None:
    lines = list(goods)
    account = books.accounts[order.id]
    if account.charges is Charges.DUE:
        lines += model.charge_lines(order)
        books.change(replace(account, charges=Charges.INVOICED))
    document, cause = model.invoice(order, subject, lines), subject.cause
    books.issue(document, cause)
    owed = books.settle(order.id, Concerning(document_id=document.id), cause)
    books.capture(document, owed, cause)


def _new(
    tx: Transaction, shipped: Sequence[Recorded[ShipmentShipped]]
) -> list[Recorded[ShipmentShipped]]:
    """Shipments without an invoice, each once."""
    first = {each.event.entity: each for each in reversed(shipped)}
    known = store.known_sources(tx, DocumentKind.INVOICE, first)
    return [
        each
        for each in shipped
        if each.event.entity not in known and first[each.event.entity] is each
    ]


def _take_costs(
    tx: Transaction, shipments: Sequence[ShipmentShipped]
) -> dict[tuple[str, int], int]:
    """What the units of each shipment's lines cost us; what a supplier shipped was never ours."""
    foreign = {node.id for node in nodes(tx) if not node.owns_stock} if shipments else set()
    keys, takings = [], []
    costs: dict[tuple[str, int], int] = {}
    for shipped in shipments:
        for position, units in enumerate(shipped.lines):
            costs[shipped.entity, position] = 0
            if shipped.node_id not in foreign:
                keys.append((shipped.entity, position))
                takings.append((units.item_id, units.quantity))
    costs.update(zip(keys, take_cost(tx, takings), strict=True))
    return costs


def _order(books: Books, order_id: str) -> OrderFacts:
    order = books.orders.get(order_id)
    if order is None:
        raise NotFound(
            "order.not_found",
            f"There is no order '{order_id}' to invoice.",
            "Look at who told of the shipment: it names an order that is not ours.",
        )
    return order
