"""Invoices, credit notes and what orders owe, as screens, the API and printed paper need them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from oms.accounting import store
from oms.accounting.documents.invoices import (
    Correction,
    InvoiceFacts,
    InvoiceKind,
    InvoiceLine,
    Party,
    PriceBasis,
)
from oms.accounting.model import Buyer, DocumentKind, Line, OrderAccount
from oms.accounting.proofs import queries as proofs
from oms.accounting.tables import invoice, invoice_line, order_account
from oms.kernel.address import Address
from oms.kernel.errors import NotFound
from oms.kernel.ids import first_id
from oms.ledger import journal
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

CHECKS: Final = proofs.CHECKS
PAGE_MAX: Final = 500
COUNT_MAX: Final = 1_000  # whoever has more wants a filter, not the number
LOCALE: Final = "en_GB"

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_buyer: Final = msgspec.json.Decoder(Buyer)
_address: Final = msgspec.json.Decoder(Address)

_LINES = (
    sa.select(invoice_line)
    .select_from(_WANTED.source.join(invoice_line, invoice_line.c.invoice_id == _WANTED.c.id))
    .order_by(invoice_line.c.invoice_id, invoice_line.c.position)
)
_TOTALS = (
    sa.select(invoice.c.order_id, invoice.c.id, invoice.c.total_minor)
    .select_from(_WANTED.source.join(invoice, invoice.c.order_id == _WANTED.c.id))
    .where(invoice.c.kind == DocumentKind.INVOICE.value)
    .order_by(invoice.c.order_id, invoice.c.serial)
)
_OPEN = (
    sa.select(order_account)
    .where(
        order_account.c.invoiced_minor
        - order_account.c.credited_minor
        - order_account.c.applied_minor
        + order_account.c.refund_due_minor
        > sa.literal_column("0"),  # as the index says it
        order_account.c.order_id > sa.bindparam("after"),
    )
    .order_by(order_account.c.order_id)
    .limit(sa.bindparam("count"))
)


class InvoiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note in a list. `paid_minor`: what its order's money paid of it."""

    id: str
    kind: str
    reason: str
    number: str
    order_id: str | None
    order_number: str
    channel_id: str
    customer_id: str | None
    shipment_id: str | None
    return_id: str | None
    corrects_id: str | None
    issued_at_ms: int
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int


class TaxLine(msgspec.Struct, frozen=True, gc=False):
    """Net and tax at one rate."""

    tax_rate_bp: int
    net_minor: int
    tax_minor: int


class InvoiceView(msgspec.Struct, frozen=True, kw_only=True):
    """A whole document: its head, who it is for, its lines, and one tax line a rate."""

    head: InvoiceRow
    buyer: Buyer
    ship_to: Address | None
    locale: str
    prices_include_tax: bool
    supplied_at_ms: int
    lines: tuple[Line, ...]
    taxes: tuple[TaxLine, ...]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What a text may mean: a document's number, its order's, or whose it is."""

    number: str
    customer_ids: tuple[str, ...] = ()


class InvoicePage(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents a list shows, newest first; empty filters take all. `before` is an id.

    `channel_ids` are those within reach. `issued_from_ms` and `issued_before_ms` bound a span.
    """

    kind: str = ""
    order_id: str = ""
    customer_id: str = ""
    return_id: str = ""
    number: str = ""
    named: Named | None = None
    channel_ids: tuple[str, ...] | None = None
    issued_from_ms: int | None = None
    issued_before_ms: int | None = None
    before: str = ""
    count: int = 50


class DocumentTotal(msgspec.Struct, frozen=True, gc=False):
    """What documents of a kind in a currency sum to."""

    kind: str
    currency: str
    count: int
    net_minor: int
    tax_minor: int
    total_minor: int


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """What printed documents say of the merchant, and how."""

    party: Party
    time_zone: str = "UTC"
    locale: str = LOCALE
    tax_name: str = ""
    payment: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class TrialLine(msgspec.Struct, frozen=True, gc=False):
    """An account's balance, on the side it is on."""

    account: str
    currency: str
    debit_minor: int
    credit_minor: int


_ROW_COLUMNS: Final = tuple(
    invoice.c[name] for name in InvoiceRow.__struct_fields__ if name != "paid_minor"
)
_FILTERS: Final = ("kind", "order_id", "customer_id", "return_id", "number")


def invoices(reader: Reader, page: InvoicePage) -> list[InvoiceRow]:
    """A page of invoices and credit notes, newest first."""
    filters, given = _given(page)
    return _rows(reader, reader.fetch(_page(filters), count=min(page.count, PAGE_MAX), **given))


def count(reader: Reader, page: InvoicePage) -> int:
    """How many there are over all pages; `COUNT_MAX` + 1 stands for more than that."""
    filters, given = _given(replace(page, before=""))
    return int(reader.fetch(_count(filters), **given)[0][0])


def totals(reader: Reader, page: InvoicePage) -> list[DocumentTotal]:
    """What all of them sum to, by kind and currency: for a span of time, not for all there is."""
    filters, given = _given(replace(page, before=""))
    return [DocumentTotal(*row) for row in reader.fetch(_totals(filters), **given)]


def invoice_view(reader: Reader, id_: str) -> InvoiceView:
    """One document whole, or `NotFound`."""
    header = store.headers(reader, [id_]).get(id_)
    if header is None:
        raise NotFound(
            "invoice.not_found",
            f"There is no invoice or credit note '{id_}'.",
            "Look it up by its number or its order.",
        )
    lines = _lines(reader, [id_])[id_]
    return InvoiceView(
        head=_rows(reader, [header])[0],
        buyer=_buyer.decode(header.buyer),
        ship_to=_address.decode(header.ship_to) if header.ship_to else None,
        locale=header.locale,
        prices_include_tax=header.prices_include_tax,
        supplied_at_ms=header.supplied_at_ms,
        lines=tuple(lines),
        taxes=tax_lines(lines),
    )


def numbers(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """The number of each of these documents; unknown ones are left out."""
    return {id_: header.number for id_, header in store.headers(reader, ids).items()}


def tax_lines(lines: Iterable[Line]) -> tuple[TaxLine, ...]:
    """Net and tax by rate, highest rate first."""
    by_rate: dict[int, tuple[int, int]] = {}
    for line in lines:
        net, tax = by_rate.get(line.tax_rate_bp, (0, 0))
        by_rate[line.tax_rate_bp] = (net + line.net_minor, tax + line.tax_minor)
    return tuple(TaxLine(rate, *by_rate[rate]) for rate in sorted(by_rate, reverse=True))


def invoice_facts(reader: Reader, ids: Sequence[str], seller: Seller) -> list[InvoiceFacts]:
    """What printing these documents needs, in the order asked for; unknown ids are left out."""
    headers = store.headers(reader, ids)
    corrected = store.headers(
        reader, {header.corrects_id for header in headers.values() if header.corrects_id}
    )
    lines = _lines(reader, headers)
    paid = {row.id: row.paid_minor for row in _rows(reader, list(headers.values()))}
    facts = []
    for id_ in dict.fromkeys(id_ for id_ in ids if id_ in headers):
        printed = _facts(headers[id_], lines[id_], seller)
        correction = _correction(corrected.get(headers[id_].corrects_id))
        facts.append(replace(printed, paid_minor=paid[id_], corrects=correction))
    return facts


def order_account_of(reader: Reader, order_id: str) -> OrderAccount:
    """What was invoiced, credited, cancelled and paid of an order; all zero if nothing was."""
    found = store.accounts(reader, [order_id]).get(order_id)
    return found or OrderAccount(order_id=order_id)


def receivables(reader: Reader, after: str = "", count: int = 100) -> list[OrderAccount]:
    """Orders whose customers owe something, by order id."""
    rows = reader.fetch(_OPEN, after=after, count=min(count, PAGE_MAX))
    found = store.accounts(reader, [row.order_id for row in rows])
    return [found[row.order_id] for row in rows]


def trial_balance(reader: Reader) -> list[TrialLine]:
    """Every account with its balance; debits and credits of a currency are equal in sum."""
    return [
        TrialLine(account, currency, max(amount, 0), max(-amount, 0))
        for (account, currency), amount in journal.balances(reader).items()
    ]


def _given(page: InvoicePage) -> tuple[frozenset[str], dict[str, Any]]:
    """What the list is narrowed by, and the values of it. Ids are sorted by when they were made."""
    given: dict[str, Any] = {n: getattr(page, n) for n in _FILTERS if getattr(page, n)}
    if page.before:
        given["before"] = page.before
    if page.channel_ids is not None:
        given["channel_ids"] = list(page.channel_ids)
    if page.issued_from_ms is not None:
        given["first"] = first_id("inv", page.issued_from_ms)
    if page.issued_before_ms is not None:
        given["end"] = first_id("inv", page.issued_before_ms)
    filters = frozenset(given)
    if page.named is not None:
        filters |= {"named"}
        given |= {"any_number": page.named.number, "owners": list(page.named.customer_ids)}
    return filters, given


_CONDITIONS: Final[dict[str, sa.ColumnElement[bool]]] = {
    **{name: invoice.c[name] == sa.bindparam(name) for name in _FILTERS},
    "channel_ids": invoice.c.channel_id.in_(sa.bindparam("channel_ids", expanding=True)),
    "before": invoice.c.id < sa.bindparam("before"),
    "first": invoice.c.id >= sa.bindparam("first"),
    "end": invoice.c.id < sa.bindparam("end"),
    "named": sa.or_(
        invoice.c.number == sa.bindparam("any_number"),
        invoice.c.order_number == sa.bindparam("any_number"),
        invoice.c.customer_id.in_(sa.bindparam("owners", expanding=True)),
    ),
}


@lru_cache(maxsize=64)
def _page(filters: frozenset[str]) -> sa.Select[Any]:
    statement = _narrowed(sa.select(*_ROW_COLUMNS), filters)
    return statement.order_by(invoice.c.id.desc()).limit(sa.bindparam("count"))


@lru_cache(maxsize=64)
def _count(filters: frozenset[str]) -> sa.Select[Any]:
    some = _narrowed(sa.select(invoice.c.id), filters).limit(COUNT_MAX + 1).subquery("some")
    return sa.select(sa.func.count()).select_from(some)


@lru_cache(maxsize=64)
def _totals(filters: frozenset[str]) -> sa.Select[Any]:
    sums = [
        sa.cast(sa.func.sum(invoice.c[name]), sa.BigInteger)
        for name in ("net_minor", "tax_minor", "total_minor")
    ]
    kinds = (invoice.c.kind, invoice.c.currency)
    statement = sa.select(*kinds, sa.func.count(), *sums).group_by(*kinds).order_by(*kinds)
    return _narrowed(statement, filters)


def _narrowed(statement: sa.Select[Any], filters: frozenset[str]) -> sa.Select[Any]:
    return statement.where(*(_CONDITIONS[name] for name in sorted(filters)))


def _rows(reader: Reader, rows: Sequence[sa.Row[Any]]) -> list[InvoiceRow]:
    paid = _paid(reader, {row.order_id for row in rows if row.order_id})
    names = [column.name for column in _ROW_COLUMNS]
    return [
        InvoiceRow(**{name: getattr(row, name) for name in names}, paid_minor=paid.get(row.id, 0))
        for row in rows
    ]


def _paid(reader: Reader, order_ids: Iterable[str]) -> dict[str, int]:
    """What deposits paid of each invoice: an order's oldest invoice is paid first."""
    left = {
        account.order_id: account.applied_minor
        for account in store.accounts(reader, order_ids).values()
    }
    paid = {}
    wanted = [(order_id,) for order_id in sorted(left)]
    for row in reader.fetch(_TOTALS, _WANTED(wanted)) if wanted else ():
        paid[row.id] = min(left[row.order_id], row.total_minor)
        left[row.order_id] -= paid[row.id]
    return paid


def _lines(reader: Reader, ids: Iterable[str]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    wanted = [(id_,) for id_ in sorted(set(ids))]
    for row in reader.fetch(_LINES, _WANTED(wanted)) if wanted else ():
        found[row.invoice_id].append(store.line_of(row))
    return found


def _facts(header: sa.Row[Any], lines: Sequence[Line], seller: Seller) -> InvoiceFacts:
    kind = InvoiceKind(header.kind)
    return InvoiceFacts(
        kind=kind,
        number=header.number,
        issued_at_ms=header.issued_at_ms,
        currency=header.currency,
        seller=seller.party,
        buyer=_party(_buyer.decode(header.buyer), seller),
        lines=tuple(_printed_line(line) for line in lines),
        net_minor=header.net_minor,
        tax_minor=header.tax_minor,
        total_minor=header.total_minor,
        prices=PriceBasis.GROSS if header.prices_include_tax else PriceBasis.NET,
        ship_to=_address.decode(header.ship_to) if header.ship_to else None,
        order_number=header.order_number,
        supplied_at_ms=header.supplied_at_ms if kind is InvoiceKind.INVOICE else None,
        tax_name=seller.tax_name,
        payment=seller.payment if kind is InvoiceKind.INVOICE else (),
        notes=seller.notes,
        time_zone=seller.time_zone,
        locale=header.locale or seller.locale,
    )


def _printed_line(line: Line) -> InvoiceLine:
    return InvoiceLine(
        title=line.title,
        quantity=line.quantity,
        net_minor=line.net_minor,
        tax_minor=line.tax_minor,
        tax_rate_bp=line.tax_rate_bp,
        sku=line.sku,
    )


def _party(buyer: Buyer, seller: Seller) -> Party:
    """Goods that came back from an unknown buyer have no address: nobody is named then."""
    address = buyer.address
    if not address.country:
        address = replace(address, country=seller.party.address.country)
    return Party(address=address, tax_number=buyer.tax_number)


def _correction(header: sa.Row[Any] | None) -> Correction | None:
    if header is None:
        return None
    return Correction(number=header.number, issued_at_ms=header.issued_at_ms)
