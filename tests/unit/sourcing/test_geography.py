"""Where an address is, and how far that can be trusted."""

import pytest

from oms.kernel.address import Address, Coordinates
from oms.sourcing.geography import Trust, country_points, locate


def test_a_given_point_is_believed() -> None:
    bandung = Coordinates(-6.9, 107.6)

    location = locate(Address(country="ID", city="Bandung", at=bandung))

    assert (location.at, location.trust) == (bandung, Trust.GIVEN)


@pytest.mark.parametrize(
    ("country", "city"),
    [
        ("GB", Coordinates(51.5, -0.1)),
        ("ID", Coordinates(-6.2, 106.8)),
        ("BR", Coordinates(-23.5, -46.6)),
        ("AU", Coordinates(-33.9, 151.2)),
        ("US", Coordinates(40.7, -74.0)),
    ],
)
def test_without_a_point_a_country_stands_where_its_main_city_is(
    country: str, city: Coordinates
) -> None:
    found = country_points()[country]

    assert found.latitude == pytest.approx(city.latitude, abs=0.1)
    assert found.longitude == pytest.approx(city.longitude, abs=0.1)


def test_a_country_nobody_knows_is_nowhere() -> None:
    location = locate(Address(country="ZZ"))

    assert (location.at, location.trust) == (None, Trust.UNKNOWN)
