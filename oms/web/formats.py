"""Numbers, amounts and moments as people read them, fast enough for long lists.

Babel says how a locale writes them; this applies it without asking it again for every number.
"""

import gettext
from datetime import datetime
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from oms.kernel.clock import DAY_MS, HOUR_MS, MINUTE_MS
from oms.kernel.money import exponent
from oms.platform.localise import locale_of, money_style

_TIME_SEPARATORS: Final = {"id": "."}
_LOCAL_SYMBOLS: Final = {"IDR": "Rp"}  # the locale "en" writes the code, which nobody does here
_ZONE_NAMES: Final = {
    **dict.fromkeys(("Asia/Jakarta", "Asia/Pontianak"), "WIB"),
    **dict.fromkeys(("Asia/Makassar", "Asia/Ujung_Pandang"), "WITA"),
    "Asia/Jayapura": "WIT",
}


class MoneyForm(msgspec.Struct, frozen=True):
    """What stands around and between the digits of an amount."""

    before: str
    after: str
    group: str
    point: str
    places: int
    may_drop: bool


class Formats:
    """One reader's way of writing: a locale, a time zone, and words for durations."""

    def __init__(
        self, locale_name: str, time_zone: str, words: gettext.NullTranslations, now_ms: int
    ) -> None:
        self.locale_name, self.time_zone, self.now_ms = locale_name, time_zone, now_ms
        self._words = words
        self._zone = _zone(time_zone)
        self._locale = locale_of(locale_name)
        self._group = str(self._locale.number_symbols["latn"]["group"])
        self._colon = _TIME_SEPARATORS.get(self._locale.language, ":")

    def number(self, number: int) -> str:
        """``1,250`` or ``1.250``."""
        return f"{number:,}".replace(",", self._group)

    def money(self, amount_minor: int, currency: str) -> str:
        """``Rp 1.250.000``, ``£12.50``: rupiah without decimals where there are none."""
        return _money(amount_minor, _money_form(currency, self.locale_name))

    def percent(self, part: float, places: int = 1) -> str:
        """``97.2%`` for 0.972."""
        text = f"{part * 100:.{places}f}"
        point = str(self._locale.number_symbols["latn"]["decimal"])
        return text.replace(".", point) + "%"

    def day(self, at_ms: int) -> str:
        """``21 Nov``, with the year where it is another one."""
        moment = self._at(at_ms)
        month = self._locale.months["format"]["abbreviated"][moment.month]
        year = f" {moment.year}" if moment.year != self._at(self.now_ms).year else ""
        return f"{moment.day} {month}{year}"

    def long_day(self, at_ms: int) -> str:
        """``Thursday 26 November``."""
        moment = self._at(at_ms)
        weekday = self._locale.days["format"]["wide"][moment.weekday()]
        month = self._locale.months["format"]["wide"][moment.month]
        comma = "," if self._locale.language == "id" else ""
        return f"{weekday}{comma} {moment.day} {month}"

    def time(self, at_ms: int) -> str:
        """``14:05``, in Indonesian ``14.05``."""
        moment = self._at(at_ms)
        return f"{moment.hour:02d}{self._colon}{moment.minute:02d}"

    def when(self, at_ms: int) -> str:
        """``21 Nov, 14:05``."""
        return f"{self.day(at_ms)}, {self.time(at_ms)}"

    def exact(self, at_ms: int) -> str:
        """``2026-11-21 14:05:09 WIB``: for titles of shorter ones."""
        moment = self._at(at_ms)
        zone = _ZONE_NAMES.get(self.time_zone, moment.tzname() or "")
        return f"{moment:%Y-%m-%d %H:%M:%S} {zone}".strip()

    def machine(self, at_ms: int) -> str:
        """``2026-11-21T14:05:09+07:00``: for `datetime` attributes."""
        return self._at(at_ms).isoformat(timespec="seconds")

    def duration(self, ms: int) -> str:
        """``36 min``, ``1 h 13 m``, ``3 d``: the two largest parts that matter."""
        t = self._words.gettext
        if ms < HOUR_MS:
            return t("%(m)d min") % {"m": max(0, ms) // MINUTE_MS}
        if ms < DAY_MS:
            hours, rest = divmod(ms, HOUR_MS)
            return t("%(h)d h %(m)d m") % {"h": hours, "m": rest // MINUTE_MS}
        days, rest = divmod(ms, DAY_MS)
        if days >= 7 or rest < HOUR_MS:
            return t("%(d)d d") % {"d": days}
        return t("%(d)d d %(h)d h") % {"d": days, "h": rest // HOUR_MS}

    def ago(self, at_ms: int) -> str:
        """``5 min ago``; a day or more is told as the day itself."""
        passed = self.now_ms - at_ms
        if passed < MINUTE_MS:
            return self._words.gettext("just now")
        if passed >= DAY_MS:
            return self.when(at_ms)
        return self._words.gettext("%(duration)s ago") % {"duration": self.duration(passed)}

    def days_until(self, at_ms: int) -> int:
        """How many days ahead it is here: 0 today, 1 tomorrow, -1 yesterday."""
        return (self._at(at_ms).date() - self._at(self.now_ms).date()).days

    def _at(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, self._zone)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _money_form(currency: str, locale_name: str) -> MoneyForm:
    sample = money_style(currency, locale_name, (100_000_000_00,))
    text = sample.with_symbol(100_000_000_00)
    if currency in _LOCAL_SYMBOLS:
        text = text.replace(sample.symbol, _LOCAL_SYMBOLS[currency])
    first = next(i for i, c in enumerate(text) if c.isdigit())
    last = next(i for i in range(len(text) - 1, -1, -1) if text[i].isdigit())
    symbols = locale_of(locale_name).number_symbols["latn"]
    places = exponent(currency)
    return MoneyForm(
        before=text[:first],
        after=text[last + 1 :],
        group=str(symbols["group"]),
        point=str(symbols["decimal"]),
        places=places,
        may_drop=sample.places < places,
    )


def _money(amount_minor: int, form: MoneyForm) -> str:
    sign = "−" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**form.places)
    digits = f"{whole:,}".replace(",", form.group)
    if form.places and (part or not form.may_drop):
        digits += f"{form.point}{part:0{form.places}d}"
    return f"{sign}{form.before}{digits}{form.after}"
