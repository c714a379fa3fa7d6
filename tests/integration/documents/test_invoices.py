"""Invoices and credit notes say what the books say, on one page or on thirty."""

import pytest
from msgspec.structs import replace

from oms.accounting.documents.invoices import (
    Correction,
    InvoiceFacts,
    InvoiceKind,
    InvoiceLine,
    Party,
    PriceBasis,
    invoice_pdf,
    invoices_pdf,
)
from oms.kernel.address import Address
from oms.kernel.errors import Invalid, Refused
from tests.integration.documents.prints import A4_POINTS, page_sizes, page_texts

SELLER = Party(
    address=Address(
        country="GB", name="Harrow & Vale Ltd", line1="Unit 7", city="Leeds", postal_code="LS1 4AP"
    ),
    tax_number="GB 123 4567 82",
    registration="09876543",
)
BUYER = Party(
    address=Address(
        country="DE",
        name="Anneliese Müller",
        company="Müller Geschenke GmbH",
        line1="Friedrichstr. 1",
        city="Berlin",
        postal_code="10117",
    ),
    tax_number="DE 123 456 789",
)
HOLDER = InvoiceLine(
    title="T-light holder",
    sku="85123A",
    quantity=6,
    net_minor=1_530,
    tax_minor=306,
    tax_rate_bp=2_000,
)
BOOK = InvoiceLine(
    title="Cook book", sku="22720", quantity=1, net_minor=1_295, tax_minor=65, tax_rate_bp=500
)
POSTAGE = InvoiceLine(title="Postage", quantity=1, net_minor=1_800, tax_minor=0, tax_rate_bp=0)
NOON_21_NOV_2026_MS = 1_795_262_400_000


def invoice(*lines: InvoiceLine) -> InvoiceFacts:
    net, tax = sum(line.net_minor for line in lines), sum(line.tax_minor for line in lines)
    return InvoiceFacts(
        kind=InvoiceKind.INVOICE,
        number="INV-000123",
        issued_at_ms=NOON_21_NOV_2026_MS,
        currency="GBP",
        seller=SELLER,
        buyer=BUYER,
        lines=lines,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
        order_number="SO-000456",
    )


def test_an_invoice_names_both_parties_and_what_the_law_asks_for() -> None:
    pdf = invoice_pdf(replace(invoice(HOLDER), due_at_ms=NOON_21_NOV_2026_MS + 30 * 86_400_000))

    assert page_sizes(pdf) == [A4_POINTS]
    [text] = page_texts(pdf)
    for words in (
        "Harrow & Vale Ltd",
        "Invoice INV-000123",
        "Billed to Anneliese Müller Müller Geschenke GmbH Friedrichstr. 1 10117 BERLIN GERMANY",
        "VAT no. DE 123 456 789",
        "Issued 21 November 2026",
        "Due 21 December 2026",
        "1 85123A T-light holder 6 2.55 20% 15.30",
        "Company no. 09876543 · VAT no. GB 123 4567 82",
        "Page 1 of 1",
    ):
        assert words in text


def test_each_tax_rate_has_its_line_and_the_sums_are_the_books() -> None:
    [text] = page_texts(invoice_pdf(replace(invoice(HOLDER, BOOK, POSTAGE), paid_minor=2_000)))

    assert "Total excl. VAT £46.25" in text
    assert "VAT 20% on £15.30 £3.06 VAT 5% on £12.95 £0.65 VAT 0% on £18.00 £0.00" in text
    assert "Total £49.96 Paid -£20.00" in text
    assert "Amount due £29.96" in text


def test_a_paid_invoice_asks_for_nothing() -> None:
    [text] = page_texts(invoice_pdf(replace(invoice(HOLDER), paid_minor=1_836)))

    assert "Total £18.36 Paid in full" in text
    assert "Amount due" not in text


def test_an_indonesian_invoice_is_indonesian() -> None:
    shirt = InvoiceLine(
        title="Kemeja Batik",
        sku="BTK-1",
        quantity=2,
        net_minor=67_567_600,
        tax_minor=7_432_400,
        tax_rate_bp=1_100,
    )
    facts = replace(
        invoice(shirt),
        currency="IDR",
        locale="id_ID",
        time_zone="Asia/Jakarta",
        prices=PriceBasis.GROSS,
        seller=replace(SELLER, address=replace(SELLER.address, country="ID")),
    )

    [text] = page_texts(invoice_pdf(facts))

    for words in (
        "Faktur INV-000123",
        "Ditagihkan kepada",
        "NPWP GB 123 4567 82",
        "Jumlah termasuk PPN (Rp)",
        "2 375.000 11% 750.000",
        "PPN 11% atas Rp 675.676 Rp 74.324",
        "Sisa tagihan Rp 750.000",
        "Halaman 1 dari 1",
    ):
        assert words in text


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    facts = replace(
        invoice(HOLDER),
        kind=InvoiceKind.CREDIT_NOTE,
        number="CN-000004",
        corrects=Correction(
            number="INV-000123", issued_at_ms=NOON_21_NOV_2026_MS, reason="Damaged in transit"
        ),
    )

    [text] = page_texts(invoice_pdf(facts))

    assert "Credit note CN-000004" in text
    assert "Corrects INV-000123 of 21 November 2026 Reason Damaged in transit" in text
    assert "Total credited £18.36" in text


def test_the_ship_to_address_is_shown_only_when_it_is_another() -> None:
    paris = Address(country="FR", name="Dépôt", line1="1 rue", city="Paris", postal_code="75001")
    same = replace(invoice(HOLDER), ship_to=BUYER.address)
    other = replace(invoice(HOLDER), ship_to=paris)

    [without], [shown] = (page_texts(invoice_pdf(facts)) for facts in (same, other))

    assert "Shipped to" not in without
    assert "Shipped to Dépôt 1 rue 75001 PARIS FRANCE" in shown


def test_an_invoice_of_1100_lines_repeats_its_head_and_loses_no_line() -> None:
    lines = [replace(HOLDER, title=f"Teacup no. {n}", sku=f"T{n:05d}") for n in range(1, 1_101)]

    pdf = invoice_pdf(invoice(*lines))

    texts = page_texts(pdf)
    count = len(texts)
    assert 20 < count < 40
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {count}" in text
        assert "Unit price (£)" in text
    assert all("Harrow & Vale Ltd Invoice INV-000123" in text for text in texts[1:])
    whole = " ".join(texts)
    assert all(f"T{n:05d} Teacup no. {n} 6" in whole for n in range(1, 1_101))
    assert "1,100 T01100" in whole
    assert "Amount due £20,196.00" in texts[-1]


def test_each_document_of_many_counts_its_own_pages() -> None:
    long = invoice(*[HOLDER] * 60)
    texts = page_texts(invoices_pdf([long, replace(invoice(HOLDER), number="INV-000124"), long]))

    assert [text[text.index("Page ") :] for text in texts] == [
        "Page 1 of 2",
        "Page 2 of 2",
        "Page 1 of 1",
        "Page 1 of 2",
        "Page 2 of 2",
    ]


def test_a_document_of_charges_alone_has_no_column_for_skus() -> None:
    [text] = page_texts(invoice_pdf(invoice(POSTAGE)))

    assert "SKU" not in text
    assert "1 Postage 1 18.00 0% 18.00" in text


def test_an_invoice_that_disagrees_with_the_books_is_not_printed() -> None:
    facts = replace(invoice(HOLDER, BOOK), tax_minor=372, total_minor=3_197)

    with pytest.raises(Refused) as refusal:
        invoice_pdf(facts)

    assert refusal.value.code == "invoice.does_not_add_up"
    assert "INV-000123 was not printed" in refusal.value.sentence


@pytest.mark.parametrize("words", ["张伟 محمد 😀", "x" * 3_000, "\ud800\u202e", "#panic() $x$", ""])
def test_no_words_of_a_customer_break_an_invoice(words: str) -> None:
    buyer = replace(BUYER, address=replace(BUYER.address, name=words, line1=words))
    line = replace(HOLDER, title=words, sku=words, detail=words)

    texts = page_texts(invoice_pdf(replace(invoice(line), buyer=buyer, notes=(words,))))

    assert "Amount due £18.36" in " ".join(texts)


def test_the_same_facts_are_the_same_bytes() -> None:
    assert invoice_pdf(invoice(HOLDER)) == invoice_pdf(invoice(HOLDER))


def test_nothing_to_print_is_refused_in_words() -> None:
    with pytest.raises(Invalid) as refusal:
        invoices_pdf([])
    assert refusal.value.code == "invoice.count"
