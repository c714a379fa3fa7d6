"""Invoices and credit notes on A4: one look, one function, any number in one PDF.

Takes number, dates and amounts from the books as they are; refuses what does not add up.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from oms.accounting.documents.words import InvoiceWords, invoice_words
from oms.kernel.address import Address
from oms.kernel.errors import Invalid, Refused
from oms.platform.localise import (
    MoneyStyle,
    address_lines,
    addressee,
    date_text,
    language_of,
    money_style,
    number_text,
    percent_text,
)
from oms.platform.pdf import Template

DOCUMENTS_MAX: Final = 500
LINES_MAX: Final = 20_000  # about 600 pages; the longest real order seen has 1,114 lines
_TEMPLATE: Final = Template(Path(__file__).with_name("invoice.typ"))


class InvoiceKind(StrEnum):
    """The two legal documents; amounts are positive on both."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class PriceBasis(StrEnum):
    """Whether line amounts are shown without tax (to companies) or with it (to consumers)."""

    NET = "net"
    GROSS = "gross"


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A seller or buyer as a legal document names them."""

    address: Address
    tax_number: str = ""
    registration: str = ""


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods or a charge. `net_minor` is after discounts and without tax."""

    title: str
    quantity: int
    net_minor: int
    tax_minor: int
    tax_rate_bp: int
    sku: str = ""
    detail: str = ""


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """Which invoice a credit note corrects, and why."""

    number: str
    issued_at_ms: int
    reason: str = ""


class InvoiceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All an invoice or credit note shows.

    `net_minor`, `tax_minor` and `total_minor` are what the books say; the lines must sum to them.
    Days are shown in `time_zone`. `tax_name` replaces the language's own (VAT, PPN, GST).
    `payment` lines tell how to pay, `notes` are sentences the law or the merchant wants.
    """

    kind: InvoiceKind
    number: str
    issued_at_ms: int
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[InvoiceLine, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int = 0
    prices: PriceBasis = PriceBasis.NET
    ship_to: Address | None = None
    order_number: str = ""
    supplied_at_ms: int | None = None
    due_at_ms: int | None = None
    corrects: Correction | None = None
    tax_name: str = ""
    payment: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    time_zone: str = "UTC"
    locale: str = "en_GB"


def invoice_pdf(facts: InvoiceFacts) -> bytes:
    """The document as an A4 PDF. `Refused` when its lines do not sum to what the books say."""
    return invoices_pdf((facts,))


def invoices_pdf(documents: Sequence[InvoiceFacts]) -> bytes:
    """Several documents in one PDF, each starting its own page and counting its own pages.

    `Invalid` when there is none or too much, `Refused` when one does not add up.
    """
    line_count = sum(len(facts.lines) for facts in documents)
    if not 0 < len(documents) <= DOCUMENTS_MAX or line_count > LINES_MAX:
        raise Invalid(
            "invoice.count",
            f"{len(documents)} documents with {line_count} lines were asked for; one PDF takes 1 "
            f"to {DOCUMENTS_MAX} with {LINES_MAX} lines.",
            "Print them in parts.",
        )
    return _TEMPLATE.pdf([_sheet(facts) for facts in documents])


class _Line(msgspec.Struct, frozen=True):
    number: str
    title: str
    sku: str
    detail: str
    quantity: str
    unit_price: str
    tax: str
    amount: str


class _Sheet(msgspec.Struct, frozen=True):
    """The document in words and texts: what the template sets, nothing left to decide."""

    language: str
    title: str
    number: str
    page: str
    seller: tuple[str, ...]
    seller_numbers: tuple[str, ...]
    parties: list[tuple[str, tuple[str, ...]]]
    facts: list[tuple[str, str]]
    heads: tuple[str, ...]
    lines: list[_Line]
    sums: list[tuple[str, str]]
    result: tuple[str, str]
    settled: str
    payment_head: str
    payment: tuple[str, ...]
    notes: tuple[str, ...]


def _sheet(facts: InvoiceFacts) -> _Sheet:
    _refuse_what_does_not_add_up(facts)
    words = invoice_words(facts.locale)
    is_invoice = facts.kind is InvoiceKind.INVOICE
    tax = facts.tax_name or words.tax
    style = money_style(facts.currency, facts.locale, _amounts(facts))
    amount = words.amount if facts.prices is PriceBasis.NET else words.amount_with_tax
    return _Sheet(
        language=language_of(facts.locale),
        title=words.invoice if is_invoice else words.credit_note,
        number=facts.number,
        page=words.page,
        seller=_block(facts.seller.address, facts.buyer.address.country),
        seller_numbers=_numbers(facts.seller, words, tax),
        parties=_parties(facts, words, tax),
        facts=_dates(facts, words),
        heads=(
            words.item,
            words.quantity,
            words.unit_price,
            tax,
            amount.format(tax=tax),
            style.symbol,
        ),
        lines=_lines(facts, style),
        sums=_sums(facts, words, style),
        result=_result(facts, words, style),
        settled=words.settled if _is_settled(facts) else "",
        payment_head=words.payment,
        payment=facts.payment,
        notes=facts.notes,
    )


def _refuse_what_does_not_add_up(facts: InvoiceFacts) -> None:
    net = sum(line.net_minor for line in facts.lines)
    tax = sum(line.tax_minor for line in facts.lines)
    if (net, tax, net + tax) != (facts.net_minor, facts.tax_minor, facts.total_minor):
        raise Refused(
            "invoice.does_not_add_up",
            f"{facts.number} was not printed: its lines sum to {net} + {tax}, the books say "
            f"{facts.net_minor} + {facts.tax_minor} = {facts.total_minor} {facts.currency} "
            "(minor units).",
            "Run 'oms check': it names the rows that disagree.",
        )


def _amounts(facts: InvoiceFacts) -> list[int]:
    """Every amount shown, so that all get the same number of decimals."""
    amounts = [facts.net_minor, facts.tax_minor, facts.total_minor, facts.paid_minor]
    for line in facts.lines:
        amounts += (line.net_minor, line.tax_minor)
    return amounts


def _shown(line: InvoiceLine, prices: PriceBasis) -> int:
    return line.net_minor + (line.tax_minor if prices is PriceBasis.GROSS else 0)


def _lines(facts: InvoiceFacts, style: MoneyStyle) -> list[_Line]:
    return [
        _Line(
            number=number_text(number, facts.locale),
            title=line.title,
            sku=line.sku,
            detail=line.detail,
            quantity=number_text(line.quantity, facts.locale),
            unit_price=style.unit_price(_shown(line, facts.prices), line.quantity),
            tax=percent_text(line.tax_rate_bp, facts.locale),
            amount=style.plain(_shown(line, facts.prices)),
        )
        for number, line in enumerate(facts.lines, start=1)
    ]


def _sums(facts: InvoiceFacts, words: InvoiceWords, style: MoneyStyle) -> list[tuple[str, str]]:
    """Net total and one tax line a rate, highest rate first."""
    tax = facts.tax_name or words.tax
    by_rate: dict[int, tuple[int, int]] = {}
    for line in facts.lines:
        net_minor, tax_minor = by_rate.get(line.tax_rate_bp, (0, 0))
        by_rate[line.tax_rate_bp] = (net_minor + line.net_minor, tax_minor + line.tax_minor)
    sums = [(words.net_total.format(tax=tax), style.with_symbol(facts.net_minor))]
    for rate_bp, (net_minor, tax_minor) in sorted(by_rate.items(), reverse=True):
        rate = percent_text(rate_bp, facts.locale)
        name = words.tax_on.format(tax=tax, rate=rate, net=style.with_symbol(net_minor))
        sums.append((name, style.with_symbol(tax_minor)))
    if facts.kind is InvoiceKind.INVOICE and facts.paid_minor and not _is_settled(facts):
        sums.append((words.total, style.with_symbol(facts.total_minor)))
        sums.append((words.paid, style.with_symbol(-facts.paid_minor)))
    return sums


def _result(facts: InvoiceFacts, words: InvoiceWords, style: MoneyStyle) -> tuple[str, str]:
    """The one amount a reader looks for."""
    if facts.kind is InvoiceKind.CREDIT_NOTE:
        return words.total_credited, style.with_symbol(facts.total_minor)
    if _is_settled(facts):
        return words.total, style.with_symbol(facts.total_minor)
    return words.amount_due, style.with_symbol(facts.total_minor - facts.paid_minor)


def _is_settled(facts: InvoiceFacts) -> bool:
    return facts.kind is InvoiceKind.INVOICE and 0 < facts.total_minor <= facts.paid_minor


def _parties(
    facts: InvoiceFacts, words: InvoiceWords, tax: str
) -> list[tuple[str, tuple[str, ...]]]:
    is_invoice = facts.kind is InvoiceKind.INVOICE
    home = facts.seller.address.country
    buyer = (*_block(facts.buyer.address, home), *_numbers(facts.buyer, words, tax))
    parties = [(words.billed_to if is_invoice else words.credited_to, buyer)]
    if facts.ship_to is not None and facts.ship_to != facts.buyer.address:
        parties.append((words.shipped_to, _block(facts.ship_to, home)))
    return parties


def _block(address: Address, from_country: str) -> tuple[str, ...]:
    return (addressee(address), *address_lines(address, from_country))


def _numbers(party: Party, words: InvoiceWords, tax: str) -> tuple[str, ...]:
    numbers = []
    if party.registration:
        numbers.append(words.registration.format(number=party.registration))
    if party.tax_number:
        numbers.append(words.tax_number.format(tax=tax, number=party.tax_number))
    return tuple(numbers)


def _dates(facts: InvoiceFacts, words: InvoiceWords) -> list[tuple[str, str]]:
    def day(at_ms: int) -> str:
        return date_text(at_ms, facts.time_zone, facts.locale)

    shown = [(words.issued, day(facts.issued_at_ms))]
    if facts.supplied_at_ms is not None:
        shown.append((words.supplied, day(facts.supplied_at_ms)))
    if facts.due_at_ms is not None:
        shown.append((words.due, day(facts.due_at_ms)))
    if facts.order_number:
        shown.append((words.order, facts.order_number))
    if facts.corrects is not None:
        of = words.corrects_number.format(
            number=facts.corrects.number, day=day(facts.corrects.issued_at_ms)
        )
        shown.append((words.corrects, of))
        if facts.corrects.reason:
            shown.append((words.reason, facts.corrects.reason))
    return shown
