"""Money as whole minor units of one currency, and splits that never lose one."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

import msgspec
from babel.core import get_global

from oms.kernel.errors import Invalid

MAX_MINOR: Final = 10**15  # fits BIGINT and leaves room to sum a century of orders


class Money(msgspec.Struct, frozen=True, gc=False):
    """An amount in minor units (pence, sen) with its ISO 4217 currency."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._same(other).amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._same(other).amount_minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __str__(self) -> str:
        return f"{to_decimal(self.amount_minor, self.currency)} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other


@cache
def exponent(currency: str) -> int:
    """How many decimal places a currency has (source: CLDR, as Babel carries it)."""
    known = get_global("all_currencies")
    if currency not in known:
        raise Invalid(
            "money.unknown_currency",
            f"'{currency}' is not a currency code.",
            "Use an ISO 4217 code such as IDR, GBP or EUR.",
        )
    fractions = get_global("currency_fractions")
    digits: int = fractions.get(currency, fractions["DEFAULT"])[0]
    return digits


def parse_minor(text: str, currency: str) -> int:
    """Minor units of a decimal text; refuses what is no number or finer than a minor unit."""
    scaled = _decimal(text).scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise Invalid(
            "money.too_fine",
            f"'{text}' has more decimal places than {currency} has.",
            f"Give at most {exponent(currency)} decimal places.",
        )
    return _bounded(int(scaled), text)


def round_minor(amount: Decimal, currency: str) -> int:
    """Minor units of a decimal amount, halves to even: for products such as price x quantity."""
    return _bounded(round(amount.scaleb(exponent(currency))), str(amount))


def to_decimal(amount_minor: int, currency: str) -> Decimal:
    """The amount in major units, with the currency's own number of places."""
    return Decimal(amount_minor).scaleb(-exponent(currency))


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` over non-negative `weights` by largest remainder; parts sum to `total`.

    Ties go to the earlier part. All-zero weights count as equal ones.
    """
    if not weights:
        raise ValueError("nothing to spread over")
    weight_sum = sum(weights)
    if weight_sum == 0:
        weights, weight_sum = [1] * len(weights), len(weights)
    sign = -1 if total < 0 else 1
    parts = [abs(total) * weight // weight_sum for weight in weights]
    remainders = [abs(total) * weight % weight_sum for weight in weights]
    left = abs(total) - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: -remainders[i])[:left]:
        parts[index] += 1
    return [sign * part for part in parts]


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Invalid(
            "money.not_a_number",
            f"'{text[:40]}' is not an amount.",
            "Write digits with a point before the decimals, such as 1250.50.",
        )
    return number


def _bounded(amount_minor: int, text: str) -> int:
    if abs(amount_minor) > MAX_MINOR:
        raise Invalid(
            "money.too_large", f"'{text[:40]}' is larger than this system keeps.", "Check it."
        )
    return amount_minor
