"""Amounts as people type them. Pure."""

from decimal import Decimal, InvalidOperation
from typing import Final

from oms.kernel.errors import Invalid
from oms.kernel.money import exponent

AMOUNT_MAX: Final = 10**12


def minor(text: str, currency: str) -> int:
    """``12.50`` or ``12,50`` in minor units of the currency; "" is 0. `Invalid` for others."""
    cleaned = text.strip().replace(",", ".") or "0"
    try:
        amount = Decimal(cleaned).scaleb(exponent(currency))
    except InvalidOperation:
        raise _invalid(text) from None
    if not amount.is_finite() or amount != int(amount) or not 0 <= amount <= AMOUNT_MAX:
        raise _invalid(text)
    return int(amount)


def plain(amount_minor: int, currency: str) -> str:
    """The amount as a field takes it: ``12.50`` for 1250 pence."""
    places = exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f}"


def _invalid(text: str) -> Invalid:
    return Invalid(
        "form.amount",
        f"'{text[:40]}' is not an amount that can be used here.",
        "Write it like 12.50, without a currency and without thousands separators.",
        {"amount": "not an amount"},
    )
