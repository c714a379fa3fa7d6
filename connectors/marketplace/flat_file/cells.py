"""What the text in one cell means: texts, whole numbers, prices, times, countries, yes and no.

Answers are remembered by text, since a file says the same few thousand things over and over.
"""

import re
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale

from connectors.marketplace.flat_file.complaints import CellRefused
from connectors.marketplace.flat_file.layout import Layout
from oms.kernel.clock import from_datetime, to_datetime
from oms.kernel.errors import Invalid
from oms.kernel.money import MAX_MINOR, exponent

ID_CHARS_MAX: Final = 100
TEXT_CHARS_MAX: Final = 2_000
UNITS_MAX: Final = 1_000_000_000  # a thousand tonnes of goods sold by the gram
YEARS: Final = range(1990, 2101)  # before and after lie the zeros and typing errors of exports
SHOWN: Final = 40  # characters of a cell that a complaint repeats

_CACHED: Final = 16_384
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"([+-]?)([0-9]{0,15})(?:\.([0-9]{0,9}))?")
_EPOCHS: Final = {"epoch_s": 1000, "epoch_ms": 1}
_YES: Final = frozenset({"1", "true", "yes", "y"})
_NO: Final = frozenset({"", "0", "false", "no", "n"})

Ratio = tuple[int, int]
"""An exact amount in minor units: numerator and denominator, which is positive."""


def text(cell: str) -> str:
    """The cell as it is."""
    if len(cell) > TEXT_CHARS_MAX:
        raise CellRefused(
            "cell.too_long",
            f"This text has {len(cell)} characters; {TEXT_CHARS_MAX} are kept.",
            "Shorten it.",
        )
    return cell


def identifier(cell: str) -> str:
    """A name that something is known by: short and not empty."""
    if not cell:
        raise CellRefused("cell.empty", "This cell is empty.", "Fill it in.")
    if len(cell) > ID_CHARS_MAX:
        raise CellRefused(
            "cell.too_long",
            f"'{cell[:SHOWN]}…' is longer than {ID_CHARS_MAX} characters.",
            "Is this the right column?",
        )
    return cell


def truth(cell: str) -> bool:
    """Yes or no; an empty cell is no."""
    word = cell.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellRefused("cell.not_yes_or_no", f"'{cell[:SHOWN]}' is neither yes nor no.", "Say one.")


def quoted(cell: str) -> str:
    """The cell as a sentence may repeat it."""
    if not cell:
        return "An empty cell"
    return f"'{cell}'" if len(cell) <= SHOWN else f"'{cell[:SHOWN]}…'"


def nearest(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction, halves to even."""
    whole, rest = divmod(numerator, denominator)
    if rest * 2 > denominator or (rest * 2 == denominator and whole % 2):
        whole += 1
    return whole


class CellReader:
    """Reads cells as the conventions of one mapping write them."""

    def __init__(self, layout: Layout) -> None:
        self._zone = ZoneInfo(layout.time.zone)
        self._formats = tuple(layout.time.formats)
        self._decimal = layout.numbers.decimal
        self._thousands = layout.numbers.thousands
        self._countries = layout.countries
        self._language = layout.country_names
        self.units = lru_cache(_CACHED)(self._read_units)
        self.amount = lru_cache(_CACHED)(self._read_amount)
        self.rate = lru_cache(_CACHED)(self._read_rate)
        self.moment = lru_cache(_CACHED)(self._read_moment)
        self.country = lru_cache(_CACHED)(self._read_country)

    def day_start(self, day: str) -> int:
        """UTC milliseconds of the first moment of an ISO date in the file's zone."""
        return from_datetime(datetime.fromisoformat(day).replace(tzinfo=self._zone))

    def _read_units(self, cell: str) -> int:
        """A whole number, also as 6.00; may be negative."""
        plain = self._plain(cell)
        whole, _, places = plain.partition(".")
        if not _WHOLE.fullmatch(whole) or places.strip("0"):
            raise CellRefused(
                "cell.not_a_number",
                f"{quoted(cell)} is not a whole number.",
                "Write digits only, such as 12.",
            )
        units = int(whole)
        if abs(units) > UNITS_MAX:
            raise CellRefused(
                "cell.too_large", f"{quoted(cell)} is larger than {UNITS_MAX}.", "Check it."
            )
        return units

    def _read_amount(self, cell: str, currency: str, scale: int) -> Ratio:
        """An amount in minor units of `currency`; the cell counts `scale` parts of a major unit."""
        found = _DECIMAL.fullmatch(self._plain(cell))
        if found is None or not (found[2] or found[3]):
            raise CellRefused(
                "cell.not_a_number",
                f"{quoted(cell)} is not an amount.",
                f"Write digits with '{self._decimal}' before the decimals, such as "
                f"1250{self._decimal}50.",
            )
        places = found[3] or ""
        numerator = int(found[1] + (found[2] or "0") + places) * 10 ** exponent(currency)
        denominator = 10 ** len(places) * scale
        if abs(numerator) > MAX_MINOR * denominator:
            raise too_large(cell)
        return numerator, denominator

    def minor(self, cell: str, currency: str, scale: int) -> int:
        """An amount that is not negative, in whole minor units."""
        amount = nearest(*self.amount(cell, currency, scale))
        if amount < 0:
            raise below_zero(cell)
        return amount

    def _read_rate(self, cell: str) -> int:
        """Basis points of a percentage such as 20 or 17.5."""
        found = _DECIMAL.fullmatch(self._plain(cell))
        percent = Decimal(found[0]) if found and (found[2] or found[3]) else Decimal(-1)
        if not 0 <= percent <= 100:
            raise CellRefused(
                "cell.not_a_rate",
                f"{quoted(cell)} is not a percentage from 0 to 100.",
                "Write it as 20 or 17.5.",
            )
        return round(percent * 100)

    def _read_moment(self, cell: str) -> int:
        """UTC milliseconds; a time without an offset is one of the file's zone."""
        for form in self._formats:
            moment = _moment(cell, form)
            if moment is not None:
                return self._checked(cell, moment)
        raise CellRefused(
            "cell.not_a_time",
            f"{quoted(cell)} is not a time as the mapping describes it "
            f"({', '.join(self._formats)}).",
            "Correct it, or add its form to [time] formats.",
        )

    def _checked(self, cell: str, moment: datetime) -> int:
        if moment.year not in YEARS:
            raise CellRefused(
                "cell.not_a_time",
                f"{quoted(cell)} lies outside the years {YEARS.start} to {YEARS.stop - 1}.",
                "Correct it.",
            )
        if moment.tzinfo is not None:
            return from_datetime(moment)
        at_ms = from_datetime(moment.replace(tzinfo=self._zone))
        if to_datetime(at_ms).astimezone(self._zone).replace(tzinfo=None) != moment:
            raise CellRefused(
                "cell.not_a_time",
                f"{quoted(cell)} does not exist in {self._zone}: clocks were put forward then.",
                "Correct it, or write it with its offset.",
            )
        return at_ms

    def _read_country(self, cell: str) -> str:
        """A country code from a code, from the mapping's own table, or from a country's name."""
        known = _countries(self._language)
        code = self._countries.get(cell) or known.get(cell.casefold())
        if code is None:
            raise CellRefused(
                "cell.unknown_country",
                f"{quoted(cell)} is not a country that is known here.",
                f'Add a line such as "{cell[:SHOWN]}" = "GB" to [countries] in the mapping.',
            )
        return code

    def _plain(self, cell: str) -> str:
        if self._thousands:
            cell = cell.replace(self._thousands, "")
        return cell if self._decimal == "." else cell.replace(".", "?").replace(self._decimal, ".")


def currency(cell: str) -> str:
    """An ISO 4217 code."""
    code = cell.upper()
    try:
        exponent(code)
    except Invalid as unknown:
        raise CellRefused("cell.unknown_currency", unknown.sentence, unknown.remedy) from None
    return code


def below_zero(cell: str) -> CellRefused:
    return CellRefused(
        "cell.below_zero",
        f"{quoted(cell)} is below zero.",
        "Amounts are positive here: let a [[rules]] entry tell discounts and returns apart.",
    )


def too_large(cell: str) -> CellRefused:
    return CellRefused(
        "cell.too_large", f"{quoted(cell)} is more money than this system keeps.", "Check it."
    )


def _moment(cell: str, form: str) -> datetime | None:
    try:
        if form == "iso":
            return datetime.fromisoformat(cell)
        if form in _EPOCHS:
            return to_datetime(int(cell) * _EPOCHS[form]) if _WHOLE.fullmatch(cell) else None
        return datetime.strptime(cell, form)  # noqa: DTZ007 - the caller adds the mapping's zone
    except (ValueError, OverflowError, OSError):
        return None


@cache
def _countries(language: str) -> dict[str, str]:
    """Codes by folded code and by folded name in a language (source: CLDR)."""
    codes = {
        code: name
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
    by_name = {name.casefold(): code for code, name in codes.items()}
    return by_name | {code.casefold(): code for code in codes}
