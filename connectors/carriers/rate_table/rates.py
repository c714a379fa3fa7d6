"""Prices a shipment from a price list: which lane, what weight counts, how much, by when. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from connectors.carriers.rate_table.wire import Lane, Rate, RateTable, Service
from connectors.contract.parcels import ParcelToShip, RateRequest
from oms.kernel.address import Address, distance_km
from oms.kernel.clock import from_datetime, to_datetime

BASIS_POINTS: Final = 10_000


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a service asks: `parcels_minor` a parcel, the shipment's fees with the first."""

    service: Service
    lane: str
    billed_g: int
    parcels_minor: tuple[int, ...]
    deliver_by_ms: int

    @property
    def amount_minor(self) -> int:
        return sum(self.parcels_minor)


class NotServed(msgspec.Struct, frozen=True):
    """Why a service does not take this shipment, for the person who wanted it."""

    service: str
    sentence: str


def priced(table: RateTable, service: Service, request: RateRequest) -> Price | NotServed:
    """What `service` asks for all parcels of `request` together, or why it does not take them."""
    refusal = _refusal(table, service, request)
    if refusal:
        return NotServed(service.code, refusal)
    rate = _rate(table, service, request.ship_from, request.ship_to)
    if rate is None:
        way = f"{_place(request.ship_from)} to {_place(request.ship_to)}"
        return NotServed(service.code, f"{service.title} has no rate from {way}.")
    weights = [billed_weight_g(parcel, table.volumetric_divisor) for parcel in request.parcels]
    freights = [_freight_minor(rate, weight) for weight in weights]
    known = [freight for freight in freights if freight is not None]
    if len(known) < len(freights):
        limit = f"{rate.up_to_g[-1]} g by weight or size"
        return NotServed(service.code, f"{service.title} takes parcels of up to {limit} there.")
    shares = [freight + _part(freight, service.surcharge_bp) for freight in known]
    shares[0] += _fees_minor(service, request)
    return Price(
        service=service,
        lane=rate.lane,
        billed_g=sum(weights),
        parcels_minor=tuple(shares),
        deliver_by_ms=deliver_by_ms(table, request.ship_at_ms, rate.days),
    )


def billed_weight_g(parcel: ParcelToShip, volumetric_divisor: int) -> int:
    """The larger of real and volumetric weight; what is not known (0) counts for nothing."""
    volume_mm3 = parcel.length_mm * parcel.width_mm * parcel.height_mm
    # cm3 a kilogram is the same figure as mm3 a gram.
    volumetric_g = -(-volume_mm3 // volumetric_divisor) if volumetric_divisor else 0
    return max(parcel.weight_g, volumetric_g)


def deliver_by_ms(table: RateTable, ship_at_ms: int, days: int) -> int:
    """When the last of `days` delivery days after the day of shipping ends for the carrier."""
    zone = ZoneInfo(table.time_zone)
    day = to_datetime(ship_at_ms).astimezone(zone)
    left = days
    while left > 0 or day.isoweekday() in table.days_off:
        day += timedelta(days=1)
        if day.isoweekday() not in table.days_off:
            left -= 1
    return from_datetime(day.replace(hour=table.by_hour, minute=0, second=0, microsecond=0))


def fits(lane: Lane, ship_from: Address, ship_to: Address) -> bool:
    """Whether parcels between these addresses go by this lane."""
    return (
        _names(lane.from_countries, ship_from.country.upper())
        and _names(lane.to_countries, ship_to.country.upper())
        and (not lane.same_country or ship_from.country.upper() == ship_to.country.upper())
        and _begins(lane.from_postal, ship_from.postal_code)
        and _begins(lane.to_postal, ship_to.postal_code)
        and (lane.up_to_km is None or _is_within(lane.up_to_km, ship_from, ship_to))
    )


def route_code(table: RateTable, ship_to: Address) -> str:
    """``DPS 80``: the longest beginning of the postal code that has a sort code, after the code."""
    postal_code = _squeezed(ship_to.postal_code)
    for length in range(len(postal_code), 0, -1):
        code = table.routes.get(postal_code[:length])
        if code:
            return f"{code} {postal_code[:length]}"
    return ""


def _refusal(table: RateTable, service: Service, request: RateRequest) -> str:
    if not request.parcels:
        return "There is no parcel to send."
    heaviest = max(parcel.weight_g for parcel in request.parcels)
    if heaviest > service.max_weight_g:
        return f"{service.title} takes {service.max_weight_g} g a parcel, one has {heaviest} g."
    if min(parcel.weight_g for parcel in request.parcels) < 0:
        return "A parcel weighs less than nothing."
    longest = max(max(p.length_mm, p.width_mm, p.height_mm) for p in request.parcels)
    if service.max_side_mm and longest > service.max_side_mm:
        return f"{service.title} takes sides up to {service.max_side_mm} mm, one has {longest} mm."
    if request.cod_amount_minor and not service.collects_cash:
        return f"{service.title} does not collect cash."
    if request.insured_minor and not service.insurance_bp:
        return f"{service.title} does not insure."
    has_value = request.cod_amount_minor or request.insured_minor
    if has_value and request.currency != table.currency:
        return f"{service.title} collects and insures in {table.currency} only."
    return ""


def _rate(table: RateTable, service: Service, ship_from: Address, ship_to: Address) -> Rate | None:
    lanes = {lane.name: lane for lane in table.lanes}
    return next(
        (rate for rate in service.rates if fits(lanes[rate.lane], ship_from, ship_to)), None
    )


def _freight_minor(rate: Rate, weight_g: int) -> int | None:
    for up_to_g, minor in zip(rate.up_to_g, rate.minor, strict=True):
        if weight_g <= up_to_g:
            return minor
    if not rate.each_g:
        return None
    started = -(-(weight_g - rate.up_to_g[-1]) // rate.each_g)
    return rate.minor[-1] + started * rate.each_minor


def _fees_minor(service: Service, request: RateRequest) -> int:
    fees = _part(request.insured_minor, service.insurance_bp)
    if request.cod_amount_minor:
        fees += max(_part(request.cod_amount_minor, service.cod_bp), service.cod_least_minor)
    return fees


def _part(amount_minor: int, basis_points: int) -> int:
    """A share of an amount, rounded up as carriers do."""
    return -(-amount_minor * basis_points // BASIS_POINTS)


def _names(allowed: Sequence[str], country: str) -> bool:
    return not allowed or country in allowed


def _begins(prefixes: tuple[str, ...], postal_code: str) -> bool:
    return not prefixes or _squeezed(postal_code).startswith(_all_squeezed(prefixes))


@cache
def _all_squeezed(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_squeezed, prefixes))


def _squeezed(postal_code: str) -> str:
    return postal_code.replace(" ", "").upper()


def _is_within(km: float, ship_from: Address, ship_to: Address) -> bool:
    if ship_from.at is None or ship_to.at is None:
        return False
    return distance_km(ship_from.at, ship_to.at) <= km


def _place(address: Address) -> str:
    return f"{address.country.upper()} {address.postal_code}".strip()
