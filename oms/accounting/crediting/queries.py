"""What accepting returned units would do to the books and the customer's money.

The same decisions as crediting makes, on what is known now; nothing is kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from oms.accounting import model as books
from oms.accounting import store
from oms.accounting.crediting import model
from oms.accounting.invoicing.model import is_bundle
from oms.accounting.model import BACK, DocumentKind, Flow, OrderAccount, Reason, Sold
from oms.orders.facts import LineFacts, OrderFacts
from oms.payments import queries as payments
from oms.payments.model import OrderMoney, Tender
from oms.payments.refunds.model import split_refund
from oms.platform.transaction import Reader

_NO_MONEY: Final = OrderMoney()


class Back(msgspec.Struct, frozen=True, gc=False):
    """Units of an order line that would be accepted."""

    line_id: str
    item_id: str
    quantity: int


class Passage(msgspec.Struct, frozen=True, gc=False):
    """A part of the money and the way it would go; without a gateway a channel or a person pays."""

    tender: str
    means: str
    gateway: str
    amount_minor: int


class Prospect(msgspec.Struct, frozen=True, kw_only=True):
    """What would be credited and given back.

    `shares` are (net, tax) for each of the units asked about, in their order. `not_invoiced` units
    are credited when their invoice is written. What is credited and not given back lessens what
    the customer owes.
    """

    shares: tuple[tuple[int, int], ...]
    not_invoiced: int
    passages: tuple[Passage, ...]

    @property
    def credit_minor(self) -> int:
        return sum(net + tax for net, tax in self.shares)

    @property
    def tax_minor(self) -> int:
        return sum(tax for _, tax in self.shares)

    @property
    def refund_minor(self) -> int:
        return sum(each.amount_minor for each in self.passages)


def prospect(reader: Reader, orders: Sequence[OrderFacts], back: Sequence[Back]) -> Prospect:
    """What accepting `back` would do; lines of other orders than these are worth nothing."""
    lines = {line.id: line for order in orders for line in order.lines}
    order_of = {line.id: order for order in orders for line in order.lines}
    known = [each.line_id for each in back if each.line_id in lines]
    sold = store.sold(reader, known)
    flows = store.flows(reader, [each for each in known if is_bundle(lines[each])])
    shares, not_invoiced = [], 0
    credit_of: dict[str, int] = defaultdict(int)
    for each in back:
        net = tax = missing = 0
        if each.line_id in lines:
            line = lines[each.line_id]
            net, tax, missing = _share(line, each, sold[each.line_id], flows[each.line_id])
            credit_of[order_of[each.line_id].id] += net + tax
        shares.append((net, tax))
        not_invoiced += missing
    passages = [
        passage
        for order in orders
        if credit_of[order.id]
        for passage in _passages(reader, order, credit_of[order.id])
    ]
    return Prospect(shares=tuple(shares), not_invoiced=not_invoiced, passages=tuple(passages))


def _share(
    line: LineFacts, back: Back, sold: list[Sold], flows: list[Flow]
) -> tuple[int, int, int]:
    """Net and tax of these units, and how many are not invoiced; the next ones know of them."""
    quantity = back.quantity
    if is_bundle(line):
        flows.append(Flow(line.id, "", back.item_id, BACK, back.quantity, 0))
        quantity = max(0, model.whole_bundles_back(line, flows) - model.credited_units(sold))
    made = model.take_back(model.invoiced(sold), model.credited(sold), quantity)
    sold += [Sold(DocumentKind.CREDIT_NOTE, Reason.RETURNED, None, "", 0, each) for each in made]
    missing = quantity - sum(each.quantity for each in made)
    return sum(each.net_minor for each in made), sum(each.tax_minor for each in made), missing


def _passages(reader: Reader, order: OrderFacts, credit_minor: int) -> Iterable[Passage]:
    found = store.accounts(reader, [order.id]).get(order.id) or OrderAccount(order_id=order.id)
    money = payments.money_of(reader, [order.id]).get(order.id, _NO_MONEY)
    account = replace(found, credited_minor=found.credited_minor + credit_minor)
    _, done = books.settle(account, order.total_minor, money.captured_minor)
    amount = done.release_minor + done.refund_minor
    covered = min(amount, money.refundable_minor)
    by_id = {each.id: each for each in payments.payments_of(reader, order.id)}
    for capture, part in split_refund(payments.captures_of(reader, order.id), covered):
        payment = by_id[capture.payment_id]
        yield Passage(payment.tender, payment.means, payment.gateway, part)
    if amount > covered:
        yield Passage(Tender.MANUAL.value, "", "", amount - covered)
