"""The fixed words on invoices and credit notes. A new language is a new row."""

from typing import Final

import msgspec

from oms.platform.localise import in_language


class InvoiceWords(msgspec.Struct, frozen=True, kw_only=True):
    """Words on an invoice. Names in braces are filled in by the document."""

    invoice: str
    credit_note: str
    billed_to: str
    credited_to: str
    shipped_to: str
    issued: str
    supplied: str
    due: str
    order: str
    corrects: str
    corrects_number: str
    reason: str
    tax_number: str
    registration: str
    item: str
    quantity: str
    unit_price: str
    tax: str
    amount: str
    amount_with_tax: str
    net_total: str
    tax_on: str
    total: str
    total_credited: str
    paid: str
    amount_due: str
    settled: str
    payment: str
    page: str


_WORDS: Final = {
    "en": InvoiceWords(
        invoice="Invoice",
        credit_note="Credit note",
        billed_to="Billed to",
        credited_to="Credited to",
        shipped_to="Shipped to",
        issued="Issued",
        supplied="Supplied",
        due="Due",
        order="Order",
        corrects="Corrects",
        corrects_number="{number} of {day}",
        reason="Reason",
        tax_number="{tax} no. {number}",
        registration="Company no. {number}",
        item="Item",
        quantity="Qty",
        unit_price="Unit price",
        tax="VAT",
        amount="Amount excl. {tax}",
        amount_with_tax="Amount incl. {tax}",
        net_total="Total excl. {tax}",
        tax_on="{tax} {rate} on {net}",
        total="Total",
        total_credited="Total credited",
        paid="Paid",
        amount_due="Amount due",
        settled="Paid in full",
        payment="How to pay",
        page="Page {page} of {count}",
    ),
    "id": InvoiceWords(
        invoice="Faktur",
        credit_note="Nota kredit",
        billed_to="Ditagihkan kepada",
        credited_to="Dikreditkan kepada",
        shipped_to="Dikirim ke",
        issued="Tanggal terbit",
        supplied="Tanggal kirim",
        due="Jatuh tempo",
        order="Pesanan",
        corrects="Koreksi atas",
        corrects_number="{number}, {day}",
        reason="Alasan",
        tax_number="NPWP {number}",
        registration="NIB {number}",
        item="Barang",
        quantity="Jml",
        unit_price="Harga satuan",
        tax="PPN",
        amount="Jumlah sebelum {tax}",
        amount_with_tax="Jumlah termasuk {tax}",
        net_total="Total sebelum {tax}",
        tax_on="{tax} {rate} atas {net}",
        total="Total",
        total_credited="Total dikreditkan",
        paid="Sudah dibayar",
        amount_due="Sisa tagihan",
        settled="Lunas",
        payment="Cara pembayaran",
        page="Halaman {page} dari {count}",
    ),
}


def invoice_words(locale: str) -> InvoiceWords:
    return in_language(_WORDS, locale)
