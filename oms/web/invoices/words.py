"""What documents, accounts and entries are called. Pure."""

from collections.abc import Mapping
from typing import Final

from oms.accounting.model import DocumentKind, Reason
from oms.web.looks import Look
from oms.web.translations import N_

# fmt: off
KINDS: Final[Mapping[str, Look]] = {
    DocumentKind.INVOICE:     Look("file-text",  N_("Invoice")),
    DocumentKind.CREDIT_NOTE: Look("rotate-ccw", N_("Credit note"), "violet"),
}
PAID: Final = Look("circle-check", N_("Paid"))
PARTLY_PAID: Final = Look("half", N_("Partly paid"), "warn")
OWED: Final = Look("clock", N_("Not paid yet"), "warn")
REASONS: Final[Mapping[str, str]] = {
    Reason.SHIPPED:  N_("Goods that left"),
    Reason.CHARGES:  N_("Charges without goods"),
    Reason.RETURNED: N_("Goods that came back"),
    Reason.UNDONE:   N_("A shipment that was undone"),
}
ROOTS: Final[Mapping[str, str]] = {
    "Assets":      N_("Assets"),
    "Liabilities": N_("Liabilities"),
    "Equity":      N_("Equity"),
    "Income":      N_("Income"),
    "Expenses":    N_("Expenses"),
}
RULES: Final[Mapping[str, str]] = {
    "stock_received":         N_("Goods received from a supplier, at cost"),
    "stock_adjusted":         N_("Count or adjustment, at cost"),
    "stock_lost":             N_("Units lost or scrapped, at cost"),
    "payment_received":       N_("Money taken from a customer"),
    "invoice":                N_("Invoice to a customer"),
    "deposit_applied":        N_("Money taken earlier pays an invoice"),
    "cost_of_goods":          N_("Cost of goods that left"),
    "credit_note":            N_("Credit note to a customer"),
    "cost_of_goods_reversed": N_("Cost of returned goods that can be sold again"),
    "deposit_released":       N_("Paid lines were cancelled: the money is due back"),
    "refund_due":             N_("A credited customer gets the money back"),
    "refund_paid":            N_("Money given back"),
}
# fmt: on


def paid_look(total_minor: int, paid_minor: int) -> Look:
    """How far an invoice is paid."""
    if paid_minor >= total_minor:
        return PAID
    return PARTLY_PAID if paid_minor > 0 else OWED
