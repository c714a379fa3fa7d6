"""Timed claims: where they are kept and when they may be used."""

import msgspec
import pytest

from oms.inventory.model import Supply
from oms.inventory.reservations import model
from oms.inventory.reservations.machine import RESERVATION, ReservationState
from oms.inventory.reservations.model import Reservation, Reserve, ReservedLine
from oms.kernel.errors import Invalid, Refused
from oms.ledger.model import Account
from tests.unit.inventory.test_promising import node

SUPPLY = Supply(
    (node("nod_a", 1), node("nod_b", 2)),
    {("mug", "nod_a"): 2, ("mug", "nod_b"): 5, ("cup", "nod_b"): 1},
)
CLAIM = Reservation(
    id="rsv_1",
    channel_id="web",
    state=ReservationState.HELD,
    expires_at_ms=1_000,
    lines=(ReservedLine("mug", "nod_a", 2), ReservedLine("mug", "nod_b", 1)),
)


def test_one_node_that_has_everything_is_chosen_before_two() -> None:
    lines = model.choose({"mug": 2, "cup": 1}, SUPPLY)

    assert {line.node_id for line in lines} == {"nod_b"}


def test_the_best_priority_that_has_everything_comes_first() -> None:
    assert model.choose({"mug": 2}, SUPPLY) == (ReservedLine("mug", "nod_a", 2),)


def test_units_come_from_several_nodes_when_none_has_all() -> None:
    assert model.choose({"mug": 6}, SUPPLY) == (
        ReservedLine("mug", "nod_a", 2),
        ReservedLine("mug", "nod_b", 4),
    )


def test_a_claim_that_cannot_be_kept_names_what_is_missing() -> None:
    with pytest.raises(Refused) as refusal:
        model.choose({"mug": 8, "cup": 1, "pot": 1}, SUPPLY)

    assert refusal.value.fields == {
        "mug": "8 wanted, 7 can be promised",
        "pot": "1 wanted, 0 can be promised",
    }


def test_every_bad_field_of_a_claim_is_named() -> None:
    command = Reserve(channel_id="web", lines=(("mug", 0), ("pot", 1)), ttl_s=0)

    with pytest.raises(Invalid) as refusal:
        model.checked(command, {"mug": None})

    assert set(refusal.value.fields) == {"lines[0].units", "lines[1].item_id", "ttl_s"}


def test_a_claim_is_used_by_exactly_one_order() -> None:
    used = model.used(CLAIM, "ord_1", now_ms=500)

    assert (used.state, used.order_id) == (ReservationState.USED, "ord_1")
    assert model.used(used, "ord_1", now_ms=5_000) is used
    with pytest.raises(Refused, match="not possible while it is 'used'"):
        model.used(used, "ord_2", now_ms=500)


def test_a_claim_whose_time_is_over_is_not_used_even_if_nobody_swept_it() -> None:
    with pytest.raises(Refused) as refusal:
        model.used(CLAIM, "ord_1", now_ms=1_000)

    assert refusal.value.code == "reservation.expired"


def test_giving_back_twice_is_giving_back_once_and_a_used_claim_is_not_given_back() -> None:
    released = model.ended(CLAIM, "release")

    assert model.ended(released, "release") is released
    with pytest.raises(Refused):
        model.ended(model.used(CLAIM, "ord_1", 0), "release")


def test_the_same_id_means_the_same_claim_or_is_refused() -> None:
    same = Reserve(id="rsv_1", channel_id="web", lines=(("mug", 3),))
    other = msgspec.structs.replace(same, channel_id="till")

    assert model.expect_same(CLAIM, same, {"mug": 3}) is CLAIM
    with pytest.raises(Refused, match="for something else"):
        model.expect_same(CLAIM, other, {"mug": 3})
    with pytest.raises(Refused, match="for something else"):
        model.expect_same(CLAIM, same, {"mug": 4})


def test_what_is_held_is_given_back_in_the_end() -> None:
    there, back = model.holding([CLAIM]), model.giving_back([CLAIM])

    assert [(m.source.account, m.target.account) for m in there] == [
        (Account.AVAILABLE, Account.RESERVED)
    ] * 2
    assert [(m.target, m.source, m.quantity) for m in back] == [
        (m.source, m.target, m.quantity) for m in there
    ]


def test_every_claim_ends() -> None:
    assert RESERVATION.terminal() == set(ReservationState) - {ReservationState.HELD}
