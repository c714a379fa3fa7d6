"""Amounts, days and addresses look as people of the place write them."""

import pytest

from oms.kernel.address import Address
from oms.kernel.errors import Invalid
from oms.platform.localise import (
    address_lines,
    date_text,
    in_language,
    money_style,
    money_text,
    percent_text,
    weight_text,
)

NBSP = "\N{NO-BREAK SPACE}"
NOON_21_NOV_2026_MS = 1_795_262_400_000


@pytest.mark.parametrize(
    ("amount_minor", "currency", "locale", "text"),
    [
        (125_000_000, "IDR", "id_ID", f"Rp{NBSP}1.250.000"),
        (125_000_050, "IDR", "id_ID", f"Rp{NBSP}1.250.000,50"),
        (125_000, "GBP", "en_GB", "£1,250.00"),
        (-125_000, "GBP", "en_GB", "-£1,250.00"),
        (125_000, "EUR", "de_DE", f"1.250,00{NBSP}€"),
        (1_250, "JPY", "en_GB", "JP¥1,250"),
        (1_250_500, "KWD", "en_GB", f"KWD{NBSP}1,250.500"),
        (125_000, "EUR", "en-GB", "€1,250.00"),
    ],
)
def test_money_is_written_as_the_locale_writes_it(
    amount_minor: int, currency: str, locale: str, text: str
) -> None:
    assert money_text(amount_minor, currency, locale) == text


def test_one_broken_amount_gives_all_amounts_of_a_document_their_decimals() -> None:
    whole = money_style("IDR", "id_ID", [100_00, 200_00])
    broken = money_style("IDR", "id_ID", [100_00, 200_50])

    assert whole.plain(100_00) == "100"
    assert broken.plain(100_00) == "100,00"


@pytest.mark.parametrize(
    ("amount_minor", "quantity", "text"), [(885, 3, "2.95"), (925, 3, "3.0833"), (100, 8, "0.1250")]
)
def test_a_unit_price_that_does_not_come_out_gets_two_more_places(
    amount_minor: int, quantity: int, text: str
) -> None:
    style = money_style("GBP", "en_GB", [amount_minor])

    assert style.unit_price(amount_minor, quantity) == text


def test_rates_and_weights_use_the_decimal_sign_of_the_place() -> None:
    assert percent_text(1_100, "id_ID") == "11%"
    assert percent_text(775, "en_GB") == "7.75%"
    assert percent_text(775, "id_ID") == "7,75%"
    assert weight_text(1_240, "id_ID") == "1,24 kg"
    assert weight_text(850, "en_GB") == "850 g"


def test_a_day_is_the_day_where_the_merchant_is() -> None:
    late_evening_utc_ms = NOON_21_NOV_2026_MS + 8 * 3_600_000

    assert date_text(late_evening_utc_ms, "UTC", "en_GB") == "21 November 2026"
    assert date_text(late_evening_utc_ms, "Asia/Jakarta", "id_ID") == "22 November 2026"
    assert date_text(NOON_21_NOV_2026_MS, "UTC", "de_DE") == "21. November 2026"


def test_words_fall_back_to_english() -> None:
    words = {"en": "Invoice", "id": "Faktur"}

    assert in_language(words, "id_ID") == "Faktur"
    assert in_language(words, "fr_FR") == "Invoice"


@pytest.mark.parametrize("locale", ["", "xx_YY_ZZ", "english"])
def test_an_unknown_locale_is_refused_in_words(locale: str) -> None:
    with pytest.raises(Invalid) as refusal:
        money_text(1, "GBP", locale)
    assert refusal.value.code == "locale.unknown"


@pytest.mark.parametrize("zone", ["", "Jakarta", "../etc/passwd"])
def test_an_unknown_time_zone_is_refused_in_words(zone: str) -> None:
    with pytest.raises(Invalid) as refusal:
        date_text(0, zone, "en_GB")
    assert refusal.value.code == "time_zone.unknown"


def test_an_address_is_ordered_as_its_country_orders_it() -> None:
    berlin = Address(
        country="DE", name="Anna", line1="Friedrichstr. 1", city="Berlin", postal_code="10117"
    )
    austin = Address(
        country="US", line1="1 Main St", city="Austin", region="TX", postal_code="78701"
    )

    assert address_lines(berlin) == ("Friedrichstr. 1", "10117 BERLIN", "GERMANY")
    assert address_lines(austin, "US") == ("1 Main St", "AUSTIN, TX 78701")


def test_nothing_of_an_address_is_left_out_where_its_country_has_no_place_for_it() -> None:
    dubai = Address(country="AE", line1="Tower 1", city="Dubai Marina", postal_code="00000")

    assert address_lines(dubai) == ("Tower 1", "Dubai Marina 00000", "UNITED ARAB EMIRATES")


@pytest.mark.parametrize("country", ["", "ZZ", "QQ"])
def test_an_address_in_no_country_is_still_printed(country: str) -> None:
    somewhere = Address(country=country, line1="1 Road", city="Town", postal_code="1")

    assert address_lines(somewhere)[:2] == ("1 Road", "Town 1")
