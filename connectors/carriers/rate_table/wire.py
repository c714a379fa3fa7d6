"""The price list's own words, as they stand in a TOML file. Checked when read, prices nothing."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated
from zoneinfo import available_timezones

import msgspec

from oms.kernel.money import exponent

Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
Minor = Annotated[int, msgspec.Meta(ge=0)]
Grams = Annotated[int, msgspec.Meta(gt=0)]
BasisPoints = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]


class Lane(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way parcels go. It fits when everything it names fits; what it leaves out does not matter.

    Postal codes are compared by their beginning. `up_to_km` is the great-circle distance and fits
    only where both ends' coordinates are known.
    """

    name: str
    from_countries: tuple[Country, ...] = ()
    to_countries: tuple[Country, ...] = ()
    from_postal: tuple[str, ...] = ()
    to_postal: tuple[str, ...] = ()
    same_country: bool = False
    up_to_km: float | None = None


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a parcel costs on a lane, and how many working days it takes.

    ``up_to_g = [1000, 2000]`` with ``minor = [495, 650]``: 4.95 up to a kilogram, 6.50 up to two.
    Heavier ones cost `each_minor` more for every started `each_g`; without it they are not taken.
    """

    lane: str
    days: Annotated[int, msgspec.Meta(ge=0, le=90)]
    up_to_g: tuple[Grams, ...]
    minor: tuple[Minor, ...]
    each_g: Annotated[int, msgspec.Meta(ge=0)] = 0
    each_minor: Minor = 0

    def __post_init__(self) -> None:
        if not self.up_to_g or len(self.up_to_g) != len(self.minor):
            raise ValueError(
                "`up_to_g` and `minor` must list the same number of weights, at least 1"
            )
        if any(low >= high for low, high in pairwise(self.up_to_g)):
            raise ValueError("`up_to_g` must grow from weight to weight")
        if bool(self.each_g) != bool(self.each_minor):
            raise ValueError("`each_g` and `each_minor` belong together")


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the carrier sells. The first of its `rates` whose lane fits is taken.

    Of cash collected at the door it keeps `cod_bp`, at least `cod_least_minor` a shipment; of
    insured value `insurance_bp`. `surcharge_bp` comes on top of the freight (fuel).
    """

    code: str
    title: str
    max_weight_g: Grams
    rates: tuple[Rate, ...]
    max_side_mm: Annotated[int, msgspec.Meta(ge=0)] = 0
    collects_cash: bool = False
    cod_bp: BasisPoints = 0
    cod_least_minor: Minor = 0
    insurance_bp: BasisPoints = 0
    surcharge_bp: BasisPoints = 0


class RateTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One carrier's price list; amounts in minor units of `currency`.

    `volumetric_divisor` is in cm3 a kilogram, as carriers print it (5000, 6000; 0: real weight
    only). `days_off` are ISO weekdays (7 = Sunday) without delivery; on the last day a parcel is
    there by `by_hour` in `time_zone`. `routes` maps beginnings of postal codes to sort codes.
    `tracking_url` has ``{number}`` where the number belongs.
    """

    carrier: str
    title: str
    currency: str
    tracking_prefix: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2,4}$")]
    lanes: tuple[Lane, ...]
    services: tuple[Service, ...]
    volumetric_divisor: Annotated[int, msgspec.Meta(ge=0)] = 0
    time_zone: str = "UTC"
    days_off: tuple[Weekday, ...] = ()
    by_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 20
    tracking_url: str = ""
    routes: dict[str, str] = {}

    def __post_init__(self) -> None:
        exponent(self.currency)
        if self.time_zone not in available_timezones():
            raise ValueError(f"'{self.time_zone}' is not a time zone")
        if len(set(self.days_off)) > 6:
            raise ValueError("`days_off` leaves no day to deliver on")
        _refuse_repeats([lane.name for lane in self.lanes], "lane")
        _refuse_repeats([service.code for service in self.services], "service")
        known = {lane.name for lane in self.lanes}
        for service in self.services:
            unknown = sorted({rate.lane for rate in service.rates} - known)
            if unknown:
                raise ValueError(f"{service.code} has rates for lanes that do not exist: {unknown}")


def _refuse_repeats(names: Sequence[str], what: str) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"there is more than one {what} called {repeated}")
