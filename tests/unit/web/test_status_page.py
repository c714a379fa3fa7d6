"""What a customer's page says for every way an order can go."""

import msgspec
import pytest

from config.settings import contrast
from connectors.contract.parcels import TrackingStatus
from fulfillment.queries import Scan
from oms.kernel.address import Address
from oms.kernel.clock import DAY_MS, HOUR_MS
from oms.orders.machine import LineState
from oms.orders.status import OrderStatus
from oms.web.public import arrival as arriving
from oms.web.public.arrival import Arrival, Way, arrival
from oms.web.public.brand import NIGHT, lightened, mixed, sheet
from oms.web.public.reading import Reading
from oms.web.public.returning import code
from oms.web.public.status import initials, masked, steps
from oms.web.public.vocabulary import RETURNS, SCANS, STATES, STATUSES
from returns.machine import ReturnState

MONDAY = 1_764_547_200_000  # 1 December 2025, 00:00 UTC: 07:00 in Jakarta
NOON = MONDAY + 5 * HOUR_MS
JAKARTA = "Asia/Jakarta"


def way(**known: object) -> Way:
    usual = {"placed_at_ms": MONDAY, "ship_by_ms": NOON, "shipped_at_ms": NOON, "km": 500.0}
    return msgspec.convert(usual | known, Way)


def scan(status: TrackingStatus, at_ms: int) -> Scan:
    return Scan(parcel_id="p", status=status, words="", place="", at_ms=at_ms)


def told(coming: Arrival, now_ms: int = NOON) -> str:
    reading = Reading("en", JAKARTA, now_ms)
    fmt = reading.fmt
    return f"{fmt.long_day(coming.from_ms)} {fmt.time(coming.from_ms)}-{fmt.time(coming.to_ms)}"


def test_there_are_words_for_everything_that_can_be() -> None:
    assert set(STATUSES) == set(OrderStatus)
    assert set(STATES) == set(LineState)
    assert set(SCANS) == set(TrackingStatus)
    assert set(RETURNS) == set(ReturnState)


@pytest.mark.parametrize(
    ("status", "marks"),
    [
        (OrderStatus.PLACED, "now later later later"),
        (OrderStatus.BACKORDERED, "now later later later"),
        (OrderStatus.ALLOCATED, "done now later later"),
        (OrderStatus.PARTLY_IN_FULFILMENT, "done now later later"),
        (OrderStatus.SHIPPED, "done done now later"),
        (OrderStatus.PARTLY_LOST, "done done now later"),
        (OrderStatus.PARTLY_DELIVERED, "done done done now"),
        (OrderStatus.DELIVERED, "done done done done"),
        (OrderStatus.RETURNED, "done done done done"),
        (OrderStatus.CANCELLED, ""),
        (OrderStatus.LOST, ""),
    ],
)
def test_the_steps_show_how_far_it_is(status: OrderStatus, marks: str) -> None:
    assert " ".join(mark for _, mark in steps(status)) == marks


def test_a_parcel_comes_when_its_way_usually_ends() -> None:
    coming = arrival(way(), NOON, JAKARTA)

    assert told(coming) == "Thursday 4 December 09:00-17:00"
    assert not coming.is_late


def test_a_parcel_that_left_a_day_late_comes_a_day_late_and_says_why() -> None:
    coming = arrival(way(shipped_at_ms=NOON + DAY_MS), NOON + DAY_MS, JAKARTA)

    assert told(coming) == "Friday 5 December 09:00-17:00"
    assert coming.cause == arriving.LEFT_LATE


def test_a_day_that_passed_is_not_promised_any_more() -> None:
    coming = arrival(way(), NOON + 6 * DAY_MS, JAKARTA)

    assert told(coming) == "Sunday 7 December 09:00-17:00"
    assert coming.cause == arriving.SLOW


def test_nothing_sent_in_time_says_that_it_is_with_us() -> None:
    coming = arrival(way(shipped_at_ms=None), NOON + 2 * DAY_MS, JAKARTA)

    assert told(coming) == "Saturday 6 December 09:00-17:00"
    assert coming.cause == arriving.STILL_HERE


def test_a_delay_the_carrier_tells_moves_the_day() -> None:
    late = scan(TrackingStatus.EXCEPTION, NOON + DAY_MS)

    coming = arrival(way(scans=[late]), NOON + DAY_MS, JAKARTA)

    assert told(coming) == "Friday 5 December 09:00-17:00"
    assert coming.cause == arriving.DELAYED


def test_what_a_courier_has_in_hand_comes_today() -> None:
    soon = NOON + 2 * DAY_MS

    coming = arrival(way(scans=[scan(TrackingStatus.OUT_FOR_DELIVERY, soon)]), soon, JAKARTA)

    assert Reading("en", JAKARTA, soon).day(coming.from_ms) == "today"
    assert not coming.is_late


def test_after_a_try_the_courier_comes_the_next_day() -> None:
    tried = NOON + 3 * DAY_MS

    coming = arrival(way(scans=[scan(TrackingStatus.ATTEMPTED, tried)]), tried, JAKARTA)

    assert Reading("id", JAKARTA, tried).day(coming.from_ms) == "besok"
    assert coming.cause == arriving.ATTEMPTED


def test_an_address_is_recognised_but_not_told() -> None:
    address = Address(
        country="ID",
        name="Siti Rahma",
        line1="Jl. Wijaya No. 17",
        city="Bandung",
        postal_code="40111",
    )

    assert masked(address) == ("S••• R•••", "Jl. Wij••• No. 1••", "Bandung, 40•••, ID")


def test_an_address_without_a_name_or_city_is_masked_too() -> None:
    assert masked(Address(country="ID")) == ("ID",)


def test_a_picture_that_is_missing_has_letters() -> None:
    assert initials("Kemeja batik parang") == "KB"
    assert initials("<b>☕</b>") == ""


@pytest.mark.parametrize("colour", ["#2b50d8", "#7a2e1f", "#000000", "#14532d", "#0000ff"])
def test_a_brand_is_readable_by_night_too(colour: str) -> None:
    by_night = lightened(colour)

    assert contrast(by_night, NIGHT) >= 4.5
    assert by_night in sheet(colour)
    assert contrast("#52524b", mixed(colour, "#ffffff", 0.1)) >= 4.5


def test_a_code_is_a_picture_without_anything_inline() -> None:
    drawn = code("RT-2026-000042")

    assert drawn.startswith("<svg")
    assert "style=" not in drawn
    assert "viewBox" in drawn
