"""Any order of shipments, cancels, returns and payments: what goes back is what is no longer owed.

Without a database, over random orders: tax on a return is the tax of the sale, unit by unit.
"""

from collections.abc import Sequence
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from oms.accounting.crediting.model import credit_units
from oms.accounting.invoicing.model import goods_line
from oms.accounting.model import DocumentKind, OrderAccount, Reason, Settlement, Sold, settle
from oms.orders.facts import LineFacts
from oms.orders.money import cancelled_share, split_units
from returns.events import InspectedLine

STEPS: Final = ("ship", "cancel", "return", "pay")

amounts = st.integers(0, 100_000)
lines = st.builds(
    lambda net, tax, quantity: line_facts(net, min(tax, net), quantity),
    amounts,
    amounts,
    st.integers(1, 9),
)
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.integers(1, 9)), max_size=30
)


def line_facts(net_minor: int, tax_minor: int, quantity: int) -> LineFacts:
    return LineFacts(
        id="",
        position=1,
        external_id="",
        listing_sku="",
        item_id="itm_1",
        title="",
        quantity=quantity,
        unit_price_minor=0,
        net_minor=net_minor,
        tax_minor=tax_minor,
        tax_rate_bp=2000,
        unit_split=split_units(net_minor, tax_minor, quantity),
        parts=(("itm_1", 1),),
        extra={},
    )


class Counter:
    """One line of the order: how many of its units went which way, and every document line."""

    def __init__(self, facts: LineFacts) -> None:
        self.facts = facts
        self.shipped = self.cancelled = self.returned = 0
        self.sold: list[Sold] = []

    @property
    def open(self) -> int:
        return self.facts.quantity - self.shipped - self.cancelled

    def totals(self, kind: DocumentKind) -> tuple[int, int]:
        found = [each.line for each in self.sold if each.document_kind == kind]
        return sum(line.net_minor for line in found), sum(line.tax_minor for line in found)


class OneOrder:
    """An order whose money follows its documents, step by step."""

    def __init__(self, facts: Sequence[LineFacts], charges_minor: int) -> None:
        self.counters = [Counter(each) for each in facts]
        self.charges_minor = charges_minor
        self.total_minor = charges_minor + sum(each.net_minor + each.tax_minor for each in facts)
        self.account = OrderAccount(order_id="ord_1")
        self.captured_minor = 0
        self.back_minor = 0

    def take(self, step: str, index: int, amount: int) -> None:
        counter = self.counters[index % len(self.counters)]
        match step:
            case "ship":
                self.ship(counter, min(amount, counter.open))
            case "cancel":
                self.cancel(counter, min(amount, counter.open))
            case "return":
                self.come_back(counter, min(amount, counter.shipped - counter.returned))
            case _:
                self.captured_minor += amount * self.total_minor // 5
        self.settle()

    def ship(self, counter: Counter, units: int) -> None:
        if not units:
            return
        line = goods_line(counter.facts, counter.shipped, units, 0)
        name = f"inv_{self.account.invoices}"
        counter.sold.append(Sold(DocumentKind.INVOICE, Reason.SHIPPED, "ord_1", name, 1, line))
        charges = 0 if self.account.invoices else self.charges_minor
        counter.shipped += units
        self.account = replace(
            self.account,
            invoices=self.account.invoices + 1,
            invoiced_minor=self.account.invoiced_minor + line.net_minor + line.tax_minor + charges,
        )

    def cancel(self, counter: Counter, units: int) -> None:
        gone = sum(cancelled_share(counter.facts.unit_split, counter.cancelled, units))
        counter.cancelled += units
        is_over = all(each.cancelled == each.facts.quantity for each in self.counters)
        gone += self.charges_minor if is_over and units else 0
        self.account = replace(self.account, cancelled_minor=self.account.cancelled_minor + gone)

    def come_back(self, counter: Counter, units: int) -> None:
        made = credit_units(counter.sold, came_back(units), units)
        counter.sold += [
            Sold(DocumentKind.CREDIT_NOTE, Reason.RETURNED, "ord_1", "", 0, line) for line in made
        ]
        counter.returned += units
        worth = sum(line.net_minor + line.tax_minor for line in made)
        self.account = replace(self.account, credited_minor=self.account.credited_minor + worth)

    def settle(self) -> None:
        self.account, done = settle(self.account, self.total_minor, self.captured_minor)
        self.back_minor += done.release_minor + done.refund_minor
        self.expect_sound()

    def expect_sound(self) -> None:
        again = settle(self.account, self.total_minor, self.captured_minor)[1]
        assert again == Settlement(), "settling twice moves money twice"
        assert self.account.deposit_minor(self.captured_minor) >= 0
        given_up = self.account.cancelled_minor + self.account.credited_minor
        assert 0 <= self.back_minor <= min(self.captured_minor, given_up)
        assert self.account.applied_minor <= self.account.invoiced_minor

    def finish(self) -> None:
        """Ship what is still open and pay what is still due."""
        for counter in self.counters:
            self.ship(counter, counter.open)
        self.captured_minor = max(self.captured_minor, self.total_minor)
        self.settle()

    @property
    def unexplained_minor(self) -> int:
        """What was paid beyond the order's total: nobody may give it away unasked."""
        return self.captured_minor - self.total_minor


def came_back(units: int) -> InspectedLine:
    return InspectedLine(
        return_line_id="",
        line_id="",
        item_id="itm_1",
        quantity=units,
        disposition="restock",
        restocked=True,
        claimed_net_minor=0,
        claimed_tax_minor=0,
        tax_rate_bp=0,
        title="",
    )


@given(facts=st.lists(lines, min_size=1, max_size=3), charges=amounts, taken=steps)
@settings(max_examples=200)
def test_what_goes_back_is_what_was_paid_less_what_is_kept(
    facts: list[LineFacts], charges: int, taken: list[tuple[str, int, int]]
) -> None:
    order = OneOrder(facts, charges)

    for step in taken:
        order.take(*step)
    order.finish()

    kept = order.account.invoiced_minor - order.account.credited_minor
    assert order.captured_minor - order.back_minor == kept + order.unexplained_minor
    assert order.account.deposit_minor(order.captured_minor) == order.unexplained_minor
    assert order.account.receivable_minor == 0
    assert order.account.invoiced_minor + order.account.cancelled_minor == order.total_minor


@given(facts=st.lists(lines, min_size=1, max_size=3), charges=amounts, taken=steps)
@settings(max_examples=200)
def test_all_returned_is_all_but_the_charges_back_with_exactly_the_tax_of_the_sale(
    facts: list[LineFacts], charges: int, taken: list[tuple[str, int, int]]
) -> None:
    order = OneOrder(facts, charges)
    for step in taken:
        order.take(*step)
    order.finish()

    for counter in order.counters:
        while counter.returned < counter.shipped:
            order.come_back(counter, 1)
            order.settle()

    for counter in order.counters:
        sold = counter.totals(DocumentKind.INVOICE)
        assert counter.totals(DocumentKind.CREDIT_NOTE) == sold
        if not counter.cancelled:
            assert sold == (counter.facts.net_minor, counter.facts.tax_minor)
    kept_charges = charges if order.account.invoices else 0
    assert order.back_minor == order.total_minor - kept_charges
