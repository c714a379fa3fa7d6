"""The books of some orders while one transaction works on them: opened locked, settled, closed.

Invoicing, crediting and settling all write through one `Books`, so that locks are taken in one
order (accounts, payments, costs, numbers, journal) and everything is written once for a whole list.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from connectors.contract.messages import PaymentTerms
from oms.accounting import model, store
from oms.accounting.events import CreditNoteIssued, InvoiceIssued
from oms.accounting.model import Concerning, Document, DocumentKind, OrderAccount, Settlement
from oms.inventory.service import cost_currency
from oms.kernel.events import Cause, Event
from oms.ledger import journal
from oms.ledger.model import Entry
from oms.ledger.posting import entry
from oms.orders.facts import OrderFacts
from oms.orders.queries import orders_for
from oms.payments import service as payments
from oms.payments.model import OrderMoney, RequestCapture, RequestRefund, Tender
from oms.payments.refunds import service as refunds
from oms.platform.transaction import Transaction

NO_MONEY: Final = OrderMoney()


class Books:
    """Accounts of some orders, locked, and everything that is to be written about them.

    What is put in is written by `close`; until then it is only seen here. `orders` are those that
    were `wanted`, and those `maybe` concerned whose account has anything to settle.
    """

    def __init__(self, tx: Transaction, wanted: Iterable[str], maybe: Iterable[str] = ()) -> None:
        self._tx = tx
        wanted = set(wanted)
        self.accounts = store.lock_accounts(tx, wanted | set(maybe))
        touched = {each.order_id for each in self.accounts.values() if not each.is_untouched}
        self.orders: dict[str, OrderFacts] = {
            order.id: order for order in orders_for(tx, sorted(wanted | touched))
        }
        self._money = payments.lock_money(tx, self.orders)
        self._refundable = {id_: money.refundable_minor for id_, money in self._money.items()}
        self._documents: list[tuple[Document, Cause]] = []
        self._entries: list[Entry] = []
        self._captures: list[RequestCapture] = []
        self._refunds: list[RequestRefund] = []
        self._changed: set[str] = set()
        self._finished: set[str] = set()
        self._cost_currency: str | None = None

    def change(self, account: OrderAccount) -> None:
        currency = self.orders[account.order_id].currency
        self.accounts[account.order_id] = replace(account, currency=currency)
        self._changed.add(account.order_id)

    def issue(self, document: Document, cause: Cause) -> None:
        """Put a document into the journal, and on its order's account if it has an order."""
        self._documents.append((document, cause))
        is_invoice = document.kind is DocumentKind.INVOICE
        amounts = {
            "goods": document.goods_minor,
            "charges": document.charges_minor,
            "tax": document.tax_minor,
        }
        about = (document.order_id or "", document.id)
        self.post("invoice" if is_invoice else "credit_note", amounts, document.currency, about)
        if document.order_id is None:
            return
        account, total = self.accounts[document.order_id], document.total_minor
        if is_invoice:
            count, invoiced = account.invoices + 1, account.invoiced_minor + total
            self.change(replace(account, invoices=count, invoiced_minor=invoiced))
        else:
            self.change(replace(account, credited_minor=account.credited_minor + total))

    def post(
        self, rule: str, amounts: Mapping[str, int], currency: str, about: tuple[str, str]
    ) -> None:
        """Remember a journal entry about an (order, document); one of zero says nothing."""
        if any(amounts.values()):
            order_id, document_id = about
            self._entries.append(
                entry(rule, amounts, currency, order_id=order_id, document_id=document_id)
            )

    def post_cost(self, rule: str, cost_minor: int, about: tuple[str, str]) -> None:
        """Remember the cost of goods that left or came back, in the currency of stock."""
        if self._cost_currency is None and cost_minor:
            self._cost_currency = cost_currency(self._tx)
        self.post(rule, {"cost": cost_minor}, self._cost_currency or "", about)

    def settle(self, order_id: str, about: Concerning, cause: Cause) -> int:
        """Let the order's money follow its documents; answers what the customer owes then."""
        before, order = self.accounts[order_id], self.orders[order_id]
        captured = self._money.get(order_id, NO_MONEY).captured_minor
        after, done = model.settle(before, order.total_minor, captured)
        if after != before:
            self.change(after)
            self._book(order, done, about)
            self._give_back(order, done.release_minor + done.refund_minor, about, cause)
        if not after.receivable_minor and not after.to_come_minor(order.total_minor):
            self._finished.add(order_id)
        return after.receivable_minor

    def capture(self, document: Document, owed_minor: int, cause: Cause) -> None:
        """Ask for what an invoice is still owed; payments know whether there is anybody to ask."""
        due = min(owed_minor, document.total_minor)
        if due > 0 and document.order_id is not None:
            self._captures.append(
                RequestCapture(
                    order_id=document.order_id,
                    amount_minor=due,
                    currency=document.currency,
                    document_id=document.id,
                    cause=cause,
                )
            )

    def owe_by_hand(self, request: RequestRefund) -> None:
        """Owe money back where no payment of ours is known; a person pays it."""
        about = (request.order_id or "", request.credit_note_id)
        self.post("refund_due", {"amount": request.amount_minor}, request.currency, about)
        self._refunds.append(request)

    def close(self) -> list[Document]:
        """Write everything; answers the documents issued.

        The journal comes last but for events: its counter is what everybody waits for.
        """
        tx = self._tx
        store.save_accounts(tx, [self.accounts[order_id] for order_id in sorted(self._changed)])
        if self._captures:
            payments.request_captures(tx, self._captures)
        self._release_authorisations()
        self._write_documents()
        if self._refunds:
            for answer in refunds.request_refunds(tx, self._refunds):
                if isinstance(answer, Exception):
                    raise answer
        journal.post(tx, self._entries)
        return [document for document, _ in self._documents]

    def _book(self, order: OrderFacts, done: Settlement, about: Concerning) -> None:
        for rule, amount in (
            ("deposit_applied", done.apply_minor),
            ("deposit_released", done.release_minor),
            ("refund_due", done.refund_minor),
        ):
            self.post(rule, {"amount": amount}, order.currency, (order.id, about.document_id))

    def _give_back(self, order: OrderFacts, amount: int, about: Concerning, cause: Cause) -> None:
        """Ask for a refund through the order's payments; what they do not cover is paid by hand."""
        refundable = self._refundable.get(order.id, 0)
        covered = min(amount, refundable)
        self._refundable[order.id] = refundable - covered
        for part, tender in ((covered, ""), (amount - covered, Tender.MANUAL.value)):
            if part:
                self._refunds.append(
                    RequestRefund(
                        order_id=order.id,
                        amount_minor=part,
                        currency=order.currency,
                        return_id=about.return_id,
                        credit_note_id=about.credit_note_id,
                        tender=tender,
                        reason=about.reason,
                        cause=cause,
                    )
                )

    def _release_authorisations(self) -> None:
        """Let gateways go of what finished orders do not need, and expect no more cash for them."""
        waiting = [
            order_id
            for order_id in sorted(self._finished)
            if self.orders[order_id].payment_terms != PaymentTerms.PAID_ON_CHANNEL
        ]
        if waiting:
            payments.request_voids(self._tx, waiting)

    def _write_documents(self) -> None:
        tx = self._tx
        for kind in DocumentKind:
            mine = [(each, cause) for each, cause in self._documents if each.kind is kind]
            if not mine:
                continue
            serials = tx.next_numbers(kind.value, len(mine))
            numbered = [
                (serial, model.number_of(kind, serial), document)
                for serial, (document, _) in zip(serials, mine, strict=True)
            ]
            store.add_documents(tx, numbered)
            for (_, number, document), (_, cause) in zip(numbered, mine, strict=True):
                tx.emit_first(_issued(document, number), cause)


def _issued(document: Document, number: str) -> Event:
    if document.kind is DocumentKind.INVOICE:
        return InvoiceIssued(
            entity=document.id,
            number=number,
            order_id=document.order_id or "",
            shipment_id=document.shipment_id or "",
            total_minor=document.total_minor,
            currency=document.currency,
        )
    return CreditNoteIssued(
        entity=document.id,
        number=number,
        order_id=document.order_id,
        return_id=document.return_id or "",
        corrects_id=document.corrects_id,
        total_minor=document.total_minor,
        currency=document.currency,
    )
