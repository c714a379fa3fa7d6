"""Addresses as the API takes and shows them."""

from typing import Annotated

from msgspec import Meta

from oms.http.views import Country, Input, Note, View
from oms.kernel.address import Address, Coordinates

Degrees = Annotated[float, Meta(ge=-180, le=180)]


class PointInput(Input, frozen=True, kw_only=True):
    """WGS84 degrees."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Degrees


class AddressInput(Input, frozen=True, kw_only=True):
    """Where something goes; `country` is ISO 3166-1 alpha-2."""

    country: Country
    name: Note = ""
    company: Note = ""
    line1: Note = ""
    line2: Note = ""
    city: Note = ""
    region: Note = ""
    postal_code: Note = ""
    phone: Note = ""
    email: Note = ""
    at: PointInput | None = None


class PointView(View, frozen=True, kw_only=True):
    """WGS84 degrees."""

    latitude: float
    longitude: float


class AddressView(View, frozen=True, kw_only=True):
    """Where something goes."""

    country: str
    name: str
    company: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    phone: str
    email: str
    at: PointView | None


def address(data: AddressInput) -> Address:
    """The address a request means."""
    return Address(
        country=data.country,
        name=data.name,
        company=data.company,
        line1=data.line1,
        line2=data.line2,
        city=data.city,
        region=data.region,
        postal_code=data.postal_code,
        phone=data.phone,
        email=data.email,
        at=Coordinates(data.at.latitude, data.at.longitude) if data.at else None,
    )
