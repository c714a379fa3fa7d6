"""One invoice or credit note: its lines, taxes and money, what it is about, and its PDF."""

from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from oms.accounting import queries as accounting
from oms.accounting.documents.invoices import invoices_pdf
from oms.accounting.queries import InvoicePage, InvoiceRow, InvoiceView
from oms.http.call import Call
from oms.http.invoices import PDF, seller_of
from oms.kernel.ids import expect_prefix
from oms.ledger import queries as ledger
from oms.ledger.queries import JournalEntry
from oms.payments import queries as payments
from oms.payments.model import Payment, Refund
from oms.platform.transaction import Reader
from oms.web.guards import may_see
from oms.web.invoices.words import KINDS, REASONS, RULES, paid_look
from oms.web.looks import Look
from oms.web.pages import page
from oms.web.returns_desk.words import REFUNDS, TENDERS
from returns.listing import queries as returns
from returns.model import Return

PDF_END: Final = ".pdf"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a document; `beside` are others of its order, corrections among them."""

    whole: InvoiceView
    kind: Look
    paid: Look | None
    beside: tuple[InvoiceRow, ...]
    ret: Return | None
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    entries: tuple[JournalEntry, ...]

    @property
    def head(self) -> InvoiceRow:
        return self.whole.head

    @property
    def corrects(self) -> InvoiceRow | None:
        """The invoice that this credit note corrects."""
        return next((each for each in self.beside if each.id == self.head.corrects_id), None)

    @property
    def corrections(self) -> tuple[InvoiceRow, ...]:
        """Credit notes that correct this invoice."""
        return tuple(each for each in self.beside if each.corrects_id == self.head.id)


@get(
    "/invoices/{invoice_id:str}",
    guards=[may_see("accounting:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def document(request: Call, invoice_id: FromPath[str]) -> Response[Any]:
    """The document; with `.pdf` behind its id, as the customer gets it."""
    if invoice_id.endswith(PDF_END):
        return _pdf(request, invoice_id.removesuffix(PDF_END))
    with request.reading() as reader:
        sheet = _sheet(request, reader, invoice_id)
    return page(
        request,
        "invoices/document.html",
        sheet=sheet,
        reasons=REASONS,
        rules=RULES,
        tenders=TENDERS,
        refund_looks=REFUNDS,
        kinds=KINDS,
    )


PAGES: Final = (document,)


def _sheet(request: Call, reader: Reader, invoice_id: str) -> Sheet:
    whole = _look_up(request, reader, invoice_id)
    head = whole.head
    order_id = head.order_id or ""
    beside = accounting.invoices(reader, InvoicePage(order_id=order_id)) if order_id else []
    refunds = payments.refunds_of(reader, order_id) if order_id else []
    is_invoice = head.kind == "invoice"
    return Sheet(
        whole=whole,
        kind=KINDS[head.kind],
        paid=paid_look(head.total_minor, head.paid_minor) if is_invoice else None,
        beside=tuple(each for each in beside if each.id != head.id),
        ret=returns.facts(reader, head.return_id).ret if head.return_id else None,
        payments=tuple(payments.payments_of(reader, order_id)) if order_id else (),
        refunds=tuple(r for r in refunds if is_invoice or r.credit_note_id == head.id),
        entries=tuple(ledger.entries_about(reader, [head.id])),
    )


def _look_up(request: Call, reader: Reader, invoice_id: str) -> InvoiceView:
    found = accounting.invoice_view(reader, expect_prefix(invoice_id, "inv"))
    request.caller.expect_channel(found.head.channel_id)
    return found


def _pdf(request: Call, invoice_id: str) -> Response[bytes]:
    with request.reading() as reader:
        found = _look_up(request, reader, invoice_id)
        seller = seller_of(request, found.locale)
        facts = accounting.invoice_facts(reader, [invoice_id], seller)
    headers = {"Content-Disposition": f'inline; filename="{found.head.number}.pdf"'}
    return Response(invoices_pdf(facts), media_type=PDF, headers=headers)
