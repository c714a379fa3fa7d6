"""Parcels' ways: they end, they take as long as their distance says, and carriers are carriers."""

import itertools
from collections import Counter
from statistics import median

from connectors.contract.parcels import TrackingStatus
from oms.kernel.address import Address, Coordinates
from oms.simulator.agenda import Agenda
from oms.simulator.cards import ParcelCard
from oms.simulator.carriers import Leg, journey, transit_hours
from oms.simulator.world import load_world

WORLD = load_world()
JAKARTA = WORLD.node("JKT")
ENDS = {TrackingStatus.DELIVERED, TrackingStatus.LOST, TrackingStatus.RETURNED_TO_SENDER}


def parcel(number: int, city: str = "Surabaya") -> ParcelCard:
    there = WORLD.city(city)
    address = Address(country="ID", city=city, at=Coordinates(there.latitude, there.longitude))
    return ParcelCard(
        id=f"par_{number}",
        name=f"FO-{number:06d}/0",
        order_id="ord_1",
        since_ms=0,
        fulfilment_id="ful_1",
        node_id="nod_jkt",
        to=address,
    )


def journeys(count: int, city: str = "Surabaya") -> list[list[Leg]]:
    return [journey(WORLD, 1, JAKARTA, parcel(number, city)) for number in range(count)]


def test_every_journey_ends_and_nothing_is_scanned_after_its_end() -> None:
    for legs in journeys(500):
        ends = [place for place, leg in enumerate(legs) if leg.status in ENDS]

        assert ends == [len(legs) - 1]


def test_nearly_all_parcels_arrive_and_a_few_are_lost_or_refused() -> None:
    ends = Counter(legs[-1].status for legs in journeys(3_000))

    assert ends[TrackingStatus.DELIVERED] > 2_900
    assert 3 <= ends[TrackingStatus.LOST] <= 30
    assert 20 <= ends[TrackingStatus.RETURNED_TO_SENDER] <= 80


def test_far_away_takes_longer_than_round_the_corner() -> None:
    near = median(transit_hours(WORLD, 1, JAKARTA, parcel(n, "Bekasi")) for n in range(300))
    far = median(transit_hours(WORLD, 1, JAKARTA, parcel(n, "Jayapura")) for n in range(300))

    assert 8 < near < 24
    assert far > 4 * near


def test_the_same_parcel_always_travels_in_the_same_way() -> None:
    assert journeys(5) == journeys(5)


def test_some_scans_are_told_in_the_wrong_order() -> None:
    swapped = [
        legs
        for legs in journeys(1_000)
        if any(b.after_h < a.after_h for a, b in itertools.pairwise(legs))
    ]

    assert 10 < len(swapped) < 60


def test_a_parcel_to_nowhere_known_arrives_too() -> None:
    card = parcel(1)
    card.to = Address(country="ID")

    assert journey(WORLD, 1, JAKARTA, card)[-1].status in ENDS


def test_an_agenda_gives_out_what_is_due_soonest_first_and_once() -> None:
    agenda: Agenda[str] = Agenda()
    agenda.add(30, "later")
    agenda.add(10, "first")
    agenda.add(10, "second")

    assert agenda.due(20) == ["first", "second"]
    assert agenda.due(20) == []
    assert agenda.due(30) == ["later"]
