"""Credit notes over a list: what was accepted is credited once, at the share it was sold for.

Goods no sale is known for are credited at the amounts claimed, and paid back by hand.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from oms.accounting import store
from oms.accounting.crediting import model
from oms.accounting.invoicing.model import buyer_of, is_bundle
from oms.accounting.model import (
    BACK,
    Concerning,
    Document,
    DocumentKind,
    Flow,
    Line,
    Reason,
    ReturnedCost,
    Sold,
)
from oms.accounting.service import Books
from oms.inventory.costs import queries as costs
from oms.inventory.costs.model import Cost
from oms.inventory.service import return_cost
from oms.kernel.events import Cause, Recorded
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.listing import queries as listing
from oms.orders.queries import orders_for
from oms.payments.model import RequestRefund, Tender
from oms.platform.dispatch import because_of
from oms.platform.transaction import Reader, Transaction
from returns.events import InspectedLine, ReturnAbandoned, ReturnInspected, ReturnRegraded

REASON = "returned"


def orders_concerned(reader: Reader, events: Iterable[ReturnInspected]) -> set[str]:
    """The orders that returned goods were bought with: a return may span several."""
    named = {event.order_id for event in events if event.order_id}
    return named | set(store.orders_of_lines(reader, _order_lines(events)).values())


def credit_returns(
    tx: Transaction, books: Books, inspected: Sequence[Recorded[ReturnInspected]]
) -> None:
    """One credit note for each inspection and order. A known inspection says nothing."""
    desk = _Desk(tx, books, inspected)
    for each in inspected:
        desk.work(each)
    desk.write()


def restock_regraded(
    tx: Transaction, books: Books, regraded: Sequence[Recorded[ReturnRegraded]]
) -> None:
    """Units that were set aside are for sale again: their cost comes back onto the books."""
    known = store.returned_costs(tx, [each.event.return_line_id for each in regraded])
    new: list[ReturnedCost] = []
    givings = []
    for each in regraded:
        event, rows = each.event, known[each.event.return_line_id]
        if not event.restocked or any(row.event_number == each.number for row in rows):
            continue
        cost = model.restocked_later(rows, event.quantity)
        row = ReturnedCost(event.return_line_id, each.number, 0, 0, event.quantity, cost)
        rows.append(row)
        new.append(row)
        givings.append((event.item_id, event.quantity, cost))
        books.post_cost("cost_of_goods_reversed", cost, (event.order_id or "", event.entity))
    return_cost(tx, givings)
    store.add_returned_costs(tx, new)


def keep_abandoned(
    tx: Transaction, books: Books, abandoned: Sequence[Recorded[ReturnAbandoned]]
) -> None:
    """Goods nobody wanted back are ours without a credit, worth what those we have are worth."""
    known = store.returned_costs(tx, [each.event.return_line_id for each in abandoned])
    worth = costs.costs(tx, {each.event.item_id for each in abandoned})
    new, givings = [], []
    for each in abandoned:
        event = each.event
        if any(row.event_number == each.number for row in known[event.return_line_id]):
            continue
        cost = worth.get(event.item_id, Cost()).worth(event.quantity)
        restocked, value = (event.quantity, cost) if event.restocked else (0, 0)
        row = ReturnedCost(
            event.return_line_id, each.number, event.quantity, cost, restocked, value
        )
        known[event.return_line_id].append(row)
        new.append(row)
        if event.restocked:
            givings.append((event.item_id, event.quantity, cost))
        books.post_cost("cost_of_goods_reversed", value, (event.order_id or "", event.entity))
    return_cost(tx, givings)
    store.add_returned_costs(tx, new)


class _Desk:
    """Everything that has to be known to credit some returns, read at one go."""

    def __init__(
        self, tx: Transaction, books: Books, inspected: Sequence[Recorded[ReturnInspected]]
    ) -> None:
        self._tx, self._books = tx, books
        events = [each.event for each in inspected]
        line_ids = _order_lines(events)
        self._sold = store.sold(tx, line_ids)
        self._order_of = {
            line.id: order.id for order in books.orders.values() for line in order.lines
        }
        self._lines = {line.id: line for order in books.orders.values() for line in order.lines}
        self._flows = store.flows(
            tx, [each for each in line_ids if each in self._lines and is_bundle(self._lines[each])]
        )
        self._worth = costs.costs(
            tx, {line.item_id for each in events for line in each.lines if not line.line_id}
        )
        self._known = self._known_sources(inspected)
        self._buyers = _buyers(tx, events)
        self._new_flows: list[Flow] = []
        self._costs: dict[tuple[str, int], ReturnedCost] = {}
        self._givings: list[tuple[str, int, int]] = []

    def work(self, each: Recorded[ReturnInspected]) -> None:
        for order_id, units in self._by_order(each.event).items():
            source = model.source_of(each.event.entity, each.number, order_id)
            if source in self._known:
                continue
            self._known.add(source)
            lines, cost = self._goods(each, order_id, units)
            if order_id == self._order_of_charges(each.event):
                lines += [model.charge_line(charge) for charge in each.event.charges]
            document_id = self._tx.new_id("inv")
            about = (order_id or "", document_id if lines else each.event.entity)
            self._books.post_cost("cost_of_goods_reversed", cost, about)
            if lines:
                note = model.credit_note(document_id, each.event, each.at_ms, lines)
                self._issue(replace(note, source=source), order_id, because_of(each))

    def write(self) -> None:
        return_cost(self._tx, self._givings)
        store.add_flows(self._tx, self._new_flows)
        store.add_returned_costs(self._tx, list(self._costs.values()))

    def _issue(self, note: Document, order_id: str | None, cause: Cause) -> None:
        about = Concerning(
            document_id=note.id,
            credit_note_id=note.id,
            return_id=note.return_id or "",
            reason=REASON,
        )
        if order_id is not None:
            note = replace(note, **model.about_order(self._books.orders[order_id]))
            self._books.issue(note, cause)
            self._books.settle(order_id, about, cause)
            return
        buyer = self._buyers.get(note.customer_id or "")
        if buyer is not None:
            note = replace(note, buyer=buyer_of(buyer), locale=buyer.locale)
        self._books.issue(note, cause)
        if note.total_minor:
            request = RequestRefund(
                order_id=None,
                amount_minor=note.total_minor,
                currency=note.currency,
                return_id=about.return_id,
                credit_note_id=note.id,
                tender=Tender.MANUAL,
                reason=REASON,
                cause=cause,
            )
            self._books.owe_by_hand(request)

    def _goods(
        self, each: Recorded[ReturnInspected], order_id: str | None, units: list[InspectedLine]
    ) -> tuple[list[Line], int]:
        """Credit lines for accepted units, and the cost that comes back with them."""
        lines: list[Line] = []
        restocked = 0
        for inspected in units:
            if order_id is None:
                cost = self._worth_of(inspected)
                made = [model.blind_line(inspected, cost)]
            else:
                made, cost = self._units_back(each, inspected)
            lines += made
            restocked += self._keep_cost(each.number, inspected, cost)
        return lines, restocked

    def _units_back(
        self, each: Recorded[ReturnInspected], units: InspectedLine
    ) -> tuple[list[Line], int]:
        """Credit lines of one inspected line of a known order, and what its units had cost."""
        line = self._lines[units.line_id or ""]
        sold = self._sold[line.id]
        if not is_bundle(line):
            made = model.credit_units(sold, units, units.quantity)
            self._append(sold, made)
            return made, sum(credit.cost_minor for credit in made)
        cost = self._part_back(each, line, units)
        whole = model.whole_bundles_back(line, self._flows[line.id])
        missing = whole - model.credited_units(sold)
        made = model.credit_units(sold, units, missing) if missing > 0 else []
        self._append(sold, made)
        return made, cost

    def _part_back(
        self, each: Recorded[ReturnInspected], line: LineFacts, units: InspectedLine
    ) -> int:
        flows = self._flows[line.id]
        cost = model.part_cost(flows, units.item_id, units.quantity)
        source = f"{each.number}/{units.return_line_id}/{len(self._new_flows)}"
        flow = Flow(line.id, source, units.item_id, BACK, units.quantity, cost)
        flows.append(flow)
        self._new_flows.append(flow)
        return cost

    def _append(self, sold: list[Sold], made: Iterable[Line]) -> None:
        """Let the next credit of the same line know of these."""
        sold += [
            Sold(DocumentKind.CREDIT_NOTE, Reason.RETURNED, None, "", 0, line) for line in made
        ]

    def _keep_cost(self, number: int, units: InspectedLine, cost: int) -> int:
        """Note what units had cost; answers how much of it comes back onto the books."""
        restocked, value = (units.quantity, cost) if units.restocked else (0, 0)
        key = (units.return_line_id, number)
        before = self._costs.get(key, ReturnedCost(*key, 0, 0, 0, 0))
        self._costs[key] = replace(
            before,
            units=before.units + units.quantity,
            cost_minor=before.cost_minor + cost,
            restocked_units=before.restocked_units + restocked,
            restocked_minor=before.restocked_minor + value,
        )
        if units.restocked:
            self._givings.append((units.item_id, units.quantity, cost))
        return value

    def _worth_of(self, units: InspectedLine) -> int:
        """Blind goods are worth what those we have are worth."""
        return self._worth.get(units.item_id, Cost()).worth(units.quantity)

    def _by_order(self, event: ReturnInspected) -> dict[str | None, list[InspectedLine]]:
        """Inspected lines by the order they were bought with; charges alone make an entry too."""
        found: dict[str | None, list[InspectedLine]] = defaultdict(list)
        for units in event.lines:
            found[self._order_for(units)].append(units)
        if event.charges:
            found[self._order_of_charges(event)] += []
        return found

    def _order_for(self, units: InspectedLine) -> str | None:
        if units.line_id is None:
            return None
        order_id = self._order_of.get(units.line_id)
        if order_id is None:
            raise model.not_invoiced(units, units.quantity)
        return order_id

    def _order_of_charges(self, event: ReturnInspected) -> str | None:
        """The return's own order, or the only one its lines were bought with."""
        if event.order_id in self._books.orders:
            return event.order_id
        orders = {self._order_of.get(each.line_id or "") for each in event.lines}
        return next(iter(orders)) if len(orders) == 1 else None

    def _known_sources(self, inspected: Sequence[Recorded[ReturnInspected]]) -> set[str]:
        wanted = [
            model.source_of(each.event.entity, each.number, order_id)
            for each in inspected
            for order_id in self._by_order(each.event)
        ]
        return store.known_sources(self._tx, DocumentKind.CREDIT_NOTE, wanted)


def _buyers(reader: Reader, events: Iterable[ReturnInspected]) -> dict[str, OrderFacts]:
    """Of customers who bring back what no sale is known for, what they ordered last: who they are
    and where they live stands there.
    """
    customer_ids = {
        event.customer_id
        for event in events
        if event.customer_id and (not event.order_id or not all(e.line_id for e in event.lines))
    }
    latest = listing.latest_of(reader, customer_ids)
    orders = {order.id: order for order in orders_for(reader, latest.values())}
    return {customer_id: orders[order_id] for customer_id, order_id in latest.items()}


def _order_lines(events: Iterable[ReturnInspected]) -> set[str]:
    return {line.line_id for event in events for line in event.lines if line.line_id}
