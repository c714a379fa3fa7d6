"""Undone shipments over a list: invoices reversed by credit notes, cost back on the books.

Nothing is paid back for that: the money waits for the goods to leave after all.
"""

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from fulfillment.events import ShipmentUndone, ShippedLine
from oms.accounting import store
from oms.accounting.invoicing import model as invoicing
from oms.accounting.invoicing.model import Subject, is_bundle
from oms.accounting.model import (
    OUT,
    UNDONE,
    Charges,
    Concerning,
    DocumentKind,
    Flow,
    Line,
    Reason,
    Sold,
)
from oms.accounting.service import Books
from oms.accounting.undoing import model
from oms.inventory.service import nodes, return_cost
from oms.kernel.events import Recorded
from oms.orders.facts import LineFacts, OrderFacts
from oms.platform.dispatch import because_of
from oms.platform.transaction import Transaction


def reverse_shipments(
    tx: Transaction, books: Books, undone: Sequence[Recorded[ShipmentUndone]]
) -> None:
    """Take back what followed from shipments that never left. A known one says nothing."""
    known = store.known_sources(
        tx, DocumentKind.CREDIT_NOTE, [_source(each.event) for each in undone]
    )
    desk = _Desk(tx, books, undone)
    for each in undone:
        if _source(each.event) not in known:
            known.add(_source(each.event))
            desk.work(each)
    desk.write()


class _Desk:
    """Everything that has to be known to undo some shipments, read at one go."""

    def __init__(
        self, tx: Transaction, books: Books, undone: Sequence[Recorded[ShipmentUndone]]
    ) -> None:
        self._tx, self._books = tx, books
        line_ids = {units.line_id for each in undone for units in each.event.lines}
        self._lines = {line.id: line for order in books.orders.values() for line in order.lines}
        self._sold = store.sold(tx, line_ids)
        self._flows = store.flows(tx, line_ids)
        self._invoice_of = store.invoices_of_shipments(tx, [each.event.entity for each in undone])
        self._charges = store.charge_lines(tx, self._invoice_of.values())
        self._foreign = {node.id for node in nodes(tx) if not node.owns_stock}
        self._undone_flows: list[Flow] = []
        self._givings: list[tuple[str, int, int]] = []

    def work(self, each: Recorded[ShipmentUndone]) -> None:
        event = each.event
        by_line: dict[str, list[ShippedLine]] = defaultdict(list)
        for units in event.lines:
            by_line[units.line_id].append(units)
        if event.entity not in self._invoice_of and not self._are_parts(event):
            raise model.not_booked(event.entity)
        order = self._books.orders[event.order_id]
        lines: list[Line] = []
        cost = 0
        for line_id, shipped in by_line.items():
            made, line_cost = self._units_back(event, self._lines[line_id], shipped)
            lines += made
            cost += line_cost
        if lines:
            self._issue(each, order, lines, cost)
        else:
            self._books.post_cost("cost_of_goods_reversed", cost, (order.id, event.entity))

    def write(self) -> None:
        return_cost(self._tx, self._givings)
        store.undo_flows(self._tx, self._undone_flows)

    def _issue(
        self, each: Recorded[ShipmentUndone], order: OrderFacts, lines: list[Line], cost: int
    ) -> None:
        invoice_id = self._invoice_of.get(each.event.entity)
        lines = [*lines, *self._charges_back(order, invoice_id)]
        subject = Subject(
            id=self._tx.new_id("inv"),
            source=_source(each.event),
            reason=Reason.UNDONE,
            supplied_at_ms=each.at_ms,
            cause=because_of(each),
        )
        note = replace(
            invoicing.invoice(order, subject, lines),
            kind=DocumentKind.CREDIT_NOTE,
            corrects_id=invoice_id or lines[0].corrects_id,
        )
        self._books.issue(note, subject.cause)
        account = self._books.accounts[order.id]
        self._books.change(
            replace(
                account,
                undone=account.undone + 1,
                reversed_minor=account.reversed_minor + note.total_minor,
            )
        )
        self._books.post_cost("cost_of_goods_reversed", cost, (order.id, note.id))
        self._books.settle(order.id, Concerning(document_id=note.id), subject.cause)

    def _units_back(
        self, event: ShipmentUndone, line: LineFacts, shipped: Sequence[ShippedLine]
    ) -> tuple[list[Line], int]:
        """Credit lines for units of one line that never left, and the cost that comes back."""
        sold, invoice_id = self._sold[line.id], self._invoice_of.get(event.entity)
        if not is_bundle(line):
            quantity = sum(units.quantity for units in shipped)
            made = model.reversed_lines(sold, quantity, invoice_id)
            cost = sum(each.cost_minor for each in made)
            self._give(event, (line.item_id or "", quantity, cost))
        else:
            cost = self._parts_back(event, line)
            missing = model.bundles_undone(line, sold, self._flows[line.id])
            made = model.reversed_lines(sold, missing, invoice_id)
        sold += [Sold(DocumentKind.CREDIT_NOTE, Reason.UNDONE, None, "", 0, each) for each in made]
        return made, cost

    def _parts_back(self, event: ShipmentUndone, line: LineFacts) -> int:
        """Let the parts of a bundle in this shipment never have left; answers their cost."""
        flows, cost = self._flows[line.id], 0
        for position, flow in enumerate(flows):
            if flow.source == event.entity and flow.direction == OUT:
                flows[position] = replace(flow, direction=UNDONE)
                self._undone_flows.append(flow)
                self._give(event, (flow.item_id, flow.quantity, flow.cost_minor))
                cost += flow.cost_minor
        return cost

    def _charges_back(self, order: OrderFacts, invoice_id: str | None) -> list[Line]:
        """The order's charges, if no other invoice is left for them to stand on."""
        account = self._books.accounts[order.id]
        charges = self._charges.get(invoice_id or "", [])
        if not charges or account.invoices - account.undone > 1:
            return []
        self._books.change(replace(account, charges=Charges.DUE))
        return [model.reversed_charge(charge) for charge in charges]

    def _give(self, event: ShipmentUndone, giving: tuple[str, int, int]) -> None:
        """Units are on our books again, unless a supplier has them."""
        if event.node_id not in self._foreign:
            self._givings.append(giving)

    def _are_parts(self, event: ShipmentUndone) -> bool:
        """Whether the shipment was booked without an invoice, as parts of bundles."""
        return any(
            flow.source == event.entity
            for units in event.lines
            for flow in self._flows.get(units.line_id, ())
        )


def _source(event: ShipmentUndone) -> str:
    return f"undone/{event.entity}"
