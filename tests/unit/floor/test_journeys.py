"""Scans: out of order and twice they do no harm, because only what was said counts."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment.machine import PARCEL, ParcelState
from fulfillment.tracking.model import Report, check, journey, steps
from oms.kernel.errors import Invalid

S, P = TrackingStatus, ParcelState
Scan = tuple[TrackingStatus, int]


def newest(scans: Sequence[Scan]) -> dict[TrackingStatus, int]:
    found: dict[TrackingStatus, int] = {}
    for status, at_ms in scans:
        found[status] = max(at_ms, found.get(status, 0))
    return found


def walk(scans: Sequence[Scan]) -> ParcelState:
    """Where a parcel ends when scans are heard one by one."""
    state, heard = P.SHIPPED, list[Scan]()
    for scan in scans:
        heard.append(scan)
        for step in steps(state, newest(heard)):
            state = PARCEL.after(state, step.parcel_move)
    return state


@pytest.mark.parametrize(
    ("scans", "end"),
    [
        ([], P.SHIPPED),
        ([(S.INFO_RECEIVED, 1), (S.IN_TRANSIT, 2)], P.SHIPPED),
        ([(S.IN_TRANSIT, 2), (S.DELIVERED, 3)], P.DELIVERED),
        ([(S.IN_TRANSIT, 2), (S.LOST, 9)], P.LOST),
        ([(S.LOST, 9), (S.OUT_FOR_DELIVERY, 12)], P.SHIPPED),
        ([(S.LOST, 9), (S.DELIVERED, 7)], P.DELIVERED),
        ([(S.DELIVERED, 7), (S.RETURNED_TO_SENDER, 5)], P.RETURNED),
        ([(S.EXCEPTION, 4), (S.LOST, 3)], P.LOST),
    ],
)
def test_where_a_journey_stands(scans: list[Scan], end: ParcelState) -> None:
    assert journey(newest(scans)) is end


@given(
    st.lists(st.tuples(st.sampled_from(list(S)), st.integers(1, 20)), max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_same_scans_end_the_same_way_in_any_order_and_twice(
    scans: list[Scan], chance: Random
) -> None:
    in_time = sorted(scans, key=lambda scan: scan[1])
    shuffled = [*scans, *scans[:3]]
    chance.shuffle(shuffled)

    assert walk(shuffled) == walk(in_time) == journey(newest(scans))


def test_a_late_scan_of_an_earlier_moment_does_not_find_a_lost_parcel() -> None:
    assert steps(P.LOST, {S.LOST: 9, S.IN_TRANSIT: 5}) == ()


def test_a_box_that_has_not_left_goes_nowhere() -> None:
    assert steps(P.LABELLED, {S.DELIVERED: 5}) == ()


def test_a_scan_names_itself_and_its_parcel() -> None:
    event = TrackingEvent(external_id="", tracking_number="", status=S.DELIVERED, at_ms=1)

    with pytest.raises(Invalid) as refusal:
        check(Report(event=event))

    assert sorted(refusal.value.fields) == ["external_id", "tracking_number"]
