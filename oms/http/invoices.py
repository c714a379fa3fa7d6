"""Invoices and credit notes, the balance of the books, and the proof that they are right."""

from datetime import datetime
from typing import Annotated, Any, Final

from litestar import Controller, Response, get
from litestar.params import FromPath, QueryParameter

from oms.accounting import queries as accounting
from oms.accounting.documents.invoices import Party, invoices_pdf
from oms.accounting.model import DocumentKind
from oms.accounting.queries import InvoicePage, InvoiceRow, Seller
from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, OrderId, Page, page, place_of
from oms.http.places import AddressView
from oms.http.views import View, view, views
from oms.kernel.address import Address
from oms.kernel.clock import to_datetime
from oms.kernel.ids import expect_prefix
from oms.ledger import check

PDF: Final = "application/pdf"

Kind = Annotated[DocumentKind | None, QueryParameter(description="Only these")]
ReturnId = Annotated[str, QueryParameter(name="returnId", description="Only about this return")]
CustomerId = Annotated[str, QueryParameter(name="customerId", description="Only for them")]
Number = Annotated[str, QueryParameter(description="Only the one with this number")]


class InvoiceRowView(View, frozen=True, kw_only=True):
    """An invoice or credit note in a list. `paidMinor`: what the order's money paid of it."""

    id: str
    kind: DocumentKind
    number: str
    order_id: str | None
    order_number: str
    channel_id: str
    customer_id: str | None
    shipment_id: str | None
    return_id: str | None
    corrects_id: str | None
    issued_at: datetime
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int


class BuyerView(View, frozen=True, kw_only=True):
    """Who a document is for."""

    address: AddressView
    tax_number: str


class InvoiceLineView(View, frozen=True, kw_only=True):
    """A line of a document; amounts are positive on both kinds."""

    kind: str
    title: str
    sku: str
    quantity: int
    net_minor: int
    tax_minor: int
    tax_rate_bp: int
    line_id: str | None
    charge_id: str | None
    return_line_id: str | None
    item_id: str | None
    cost_minor: int


class TaxView(View, frozen=True, kw_only=True):
    """Net and tax at one rate."""

    tax_rate_bp: int
    net_minor: int
    tax_minor: int


class InvoiceView(View, frozen=True, kw_only=True):
    """A whole document."""

    head: InvoiceRowView
    buyer: BuyerView
    ship_to: AddressView | None
    locale: str
    prices_include_tax: bool
    supplied_at: datetime
    lines: tuple[InvoiceLineView, ...]
    taxes: tuple[TaxView, ...]


class AccountView(View, frozen=True, kw_only=True):
    """An account's balance, on the side it is on."""

    account: str
    currency: str
    debit_minor: int
    credit_minor: int


class CheckView(View, frozen=True, kw_only=True):
    """Something that must hold: how many rows break it, and the first of them."""

    name: str
    sentence: str
    holds: bool
    count: int
    rows: list[dict[str, Any]]


class ProofView(View, frozen=True, kw_only=True):
    """Whether everything that is kept agrees with itself."""

    holds: bool
    at: datetime
    checks: list[CheckView]


class Invoices(Controller):
    path = "/invoices"
    tags = ("accounting",)

    @get(guards=[may("accounting:read")], sync_to_thread=True)
    def all(
        self,
        request: Call,
        kind: Kind = None,
        order_id: OrderId = "",
        customer_id: CustomerId = "",
        return_id: ReturnId = "",
        number: Number = "",
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> Page[InvoiceRowView]:
        """Invoices and credit notes, newest first."""
        before = place_of(cursor, tuple[str])
        wanted = InvoicePage(
            kind=kind.value if kind else "",
            order_id=order_id,
            customer_id=customer_id,
            return_id=return_id,
            number=number,
            channel_ids=request.caller.reach.channels,
            before=before[0] if before else "",
            count=limit,
        )
        with request.reading() as reader:
            found = accounting.invoices(reader, wanted)
        rows = [_row(each) for each in found]
        return page(rows, limit, rows[-1].id if rows else "")

    @get("/{invoice_id:str}", guards=[may("accounting:read")], sync_to_thread=True)
    def one(self, request: Call, invoice_id: FromPath[str]) -> InvoiceView:
        """One document with its lines and taxes."""
        found = _look_up(request, invoice_id)
        return InvoiceView(
            head=_row(found.head),
            buyer=view(BuyerView, found.buyer),
            ship_to=view(AddressView, found.ship_to) if found.ship_to else None,
            locale=found.locale,
            prices_include_tax=found.prices_include_tax,
            supplied_at=to_datetime(found.supplied_at_ms),
            lines=tuple(views(InvoiceLineView, found.lines)),
            taxes=tuple(views(TaxView, found.taxes)),
        )

    @get(
        "/{invoice_id:str}/document.pdf",
        guards=[may("accounting:read")],
        sync_to_thread=True,
        media_type=PDF,
    )
    def pdf(self, request: Call, invoice_id: FromPath[str]) -> Response[bytes]:
        """The document as the customer gets it."""
        found = _look_up(request, invoice_id)
        seller = seller_of(request, found.locale)
        with request.reading() as reader:
            facts = accounting.invoice_facts(reader, [invoice_id], seller)
        name = f'inline; filename="{found.head.number}.pdf"'
        headers = {"Content-Disposition": name}
        return Response(invoices_pdf(facts), media_type=PDF, headers=headers)


class Ledger(Controller):
    path = "/ledger"
    tags = ("accounting",)
    guards = (may("accounting:read"),)

    @get("/trial-balance", sync_to_thread=True)
    def trial_balance(self, request: Call) -> list[AccountView]:
        """Every account; debits and credits of a currency are equal in sum."""
        request.caller.expect_everywhere()
        with request.reading() as reader:
            return views(AccountView, accounting.trial_balance(reader))

    @get("/check", sync_to_thread=True)
    def proof(self, request: Call) -> ProofView:
        """Prove that units and money agree: what `oms check` says. Takes a while on much data."""
        request.caller.expect_everywhere()
        with request.reading() as reader:
            outcomes = list(check.run(reader, request.services.checks))
            at = to_datetime(reader.now_ms)
        checks = [
            CheckView(
                name=each.check.name,
                sentence=each.check.sentence,
                holds=each.holds,
                count=each.count,
                rows=[dict(row) for row in each.rows],
            )
            for each in outcomes
        ]
        return ProofView(holds=all(each.holds for each in outcomes), at=at, checks=checks)


def _look_up(request: Call, invoice_id: str) -> accounting.InvoiceView:
    with request.reading() as reader:
        found = accounting.invoice_view(reader, expect_prefix(invoice_id, "inv"))
    request.caller.expect_channel(found.head.channel_id)
    return found


def _row(row: InvoiceRow) -> InvoiceRowView:
    names = set(InvoiceRowView.__struct_fields__) - {"issued_at", "kind"}
    fields = {name: getattr(row, name) for name in names}
    return InvoiceRowView(
        **fields, kind=DocumentKind(row.kind), issued_at=to_datetime(row.issued_at_ms)
    )


def seller_of(request: Call, locale: str) -> Seller:
    """Who we are, from the settings."""
    said = request.services.settings.seller
    address = Address(
        country=said.country,
        name=said.name or request.services.settings.brand.name,
        line1=said.line1,
        city=said.city,
        postal_code=said.postal_code,
    )
    party = Party(address=address, tax_number=said.tax_number)
    return Seller(party=party, time_zone=said.time_zone, locale=locale or said.locale)
