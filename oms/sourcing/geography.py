"""Where a destination is, as its address says: the point given, else its country's main city.

Postal codes come with a later connector to geographic data; until then every answer says how far
it can be trusted.
"""

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from oms.kernel.address import Address, Coordinates

_DEGREE_DIGITS: Final = (2, 3)  # of latitude and longitude in ISO 6709
# zone.tab lists most countries' most populous zone first; these it lists from east to west.
_MAIN_ZONES: Final = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
}


class Trust(StrEnum):
    """How exactly a place is known."""

    GIVEN = "given"
    COUNTRY = "country"
    UNKNOWN = "unknown"


class Location(msgspec.Struct, frozen=True):
    """A point and how exactly it is known; no point when nothing is."""

    at: Coordinates | None
    trust: Trust


def locate(address: Address) -> Location:
    """Where `address` is."""
    if address.at is not None:
        return Location(address.at, Trust.GIVEN)
    point = country_points().get(address.country)
    return Location(point, Trust.COUNTRY if point else Trust.UNKNOWN)


@cache
def country_points() -> dict[str, Coordinates]:
    """The main city of each country, by ISO code (source: zone.tab of the tz database)."""
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    points: dict[str, Coordinates] = {}
    for row in text.splitlines():
        if row and not row.startswith("#"):
            country, position, zone, *_ = row.split("\t")
            if _MAIN_ZONES.get(country, zone) == zone:
                points.setdefault(country, _iso6709(position))
    return points


def _iso6709(text: str) -> Coordinates:
    """`+513030-0000731` or `+5230+01322`: degrees, minutes, perhaps seconds, with signs."""
    split = max(text.rfind("+"), text.rfind("-"))
    latitude, longitude = (
        _degrees(part, digits)
        for part, digits in zip((text[:split], text[split:]), _DEGREE_DIGITS, strict=True)
    )
    return Coordinates(latitude, longitude)


def _degrees(text: str, digits: int) -> float:
    sign, number = (-1 if text[0] == "-" else 1), text[1:]
    rest = number[digits:]
    minutes, seconds = int(rest[:2] or 0), int(rest[2:] or 0)
    return sign * (int(number[:digits]) + minutes / 60 + seconds / 3600)
