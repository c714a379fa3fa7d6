"""Postal addresses and points on the globe."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

import msgspec

EARTH_RADIUS_KM: Final = 6371.0088  # mean radius, IUGG


class Coordinates(msgspec.Struct, frozen=True, gc=False):
    """WGS84 degrees."""

    latitude: float
    longitude: float


class Address(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where something goes. `country` is ISO 3166-1 alpha-2; the rest is as people write it."""

    country: str
    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    phone: str = ""
    email: str = ""
    at: Coordinates | None = None


def distance_km(a: Coordinates, b: Coordinates) -> float:
    """Great-circle distance (haversine)."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b.longitude - a.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))
