"""Timed claims hold units, and give them up for an order, on request, or when time is over."""

import pytest

from oms.inventory import service as inventory
from oms.inventory.reservations import queries
from oms.inventory.reservations.events import (
    ReservationExpired,
    ReservationHeld,
    ReservationReleased,
    ReservationUsed,
)
from oms.inventory.reservations.machine import ReservationState
from oms.inventory.reservations.model import (
    ReleaseReservation,
    Reservation,
    Reserve,
    UseReservation,
)
from oms.kernel.errors import NotFound, OMSError, Refused
from oms.ledger.model import Account
from tests.integration.inventory.shelves import Shelves, accepted, refused


def hold(shelves: Shelves, ttl_s: int = 60, id_: str = "", **units: int) -> Reservation:
    lines = tuple((shelves.item(sku), n) for sku, n in units.items())
    command = Reserve(channel_id=shelves.channel("web"), lines=lines, ttl_s=ttl_s, id=id_)
    with shelves.uow.begin() as tx:
        [held] = accepted(inventory.reserve(tx, [command]))
    return held


def test_a_claim_takes_units_off_the_free_shelf(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)

    held = hold(shelves, MUG=3)

    assert shelves.units(Account.AVAILABLE, "MUG") == 2
    assert shelves.units(Account.RESERVED, "MUG") == 3
    [event] = shelves.told(ReservationHeld)
    assert (event.entity, event.expires_at_ms) == (held.id, shelves.clock.now_ms + 60_000)
    with shelves.uow.read() as reader:
        assert queries.one(reader, held.id) == held
    assert shelves.broken() == []


def test_a_bundle_is_claimed_as_its_parts(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5, POT=5)

    hold(shelves, SET=2, MUG=1)

    assert shelves.units(Account.RESERVED, "MUG") == 5
    assert shelves.units(Account.RESERVED, "POT") == 2


def test_all_or_nothing_and_the_next_one_gets_what_is_left(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5, CUP=1)
    mug, cup, web = shelves.item("MUG"), shelves.item("CUP"), shelves.channel("web")

    with shelves.uow.begin() as tx:
        first, second, third = inventory.reserve(
            tx,
            [
                Reserve(channel_id=web, lines=((mug, 4),)),
                Reserve(channel_id=web, lines=((mug, 1), (cup, 2))),
                Reserve(channel_id=web, lines=((mug, 1), (cup, 1))),
            ],
        )

    assert isinstance(first, Reservation)
    assert isinstance(second, Refused)
    assert second.fields == {cup: "2 wanted, 1 can be promised"}
    assert isinstance(third, Reservation)
    assert shelves.units(Account.AVAILABLE, "MUG") == 0
    assert shelves.broken() == []


def test_asking_twice_under_one_id_is_asking_once(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)

    first, again = hold(shelves, id_="rsv_cart1", MUG=3), hold(shelves, id_="rsv_cart1", MUG=3)
    with shelves.uow.begin() as tx:
        other = Reserve(
            channel_id=shelves.channel("web"), lines=((shelves.item("MUG"), 1),), id="rsv_cart1"
        )
        refusal = refused(inventory.reserve(tx, [other]))

    assert first == again
    assert refusal.code == "reservation.id_taken"
    assert shelves.units(Account.RESERVED, "MUG") == 3


def test_a_claim_expires_by_itself(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    short, long = hold(shelves, ttl_s=60, MUG=3), hold(shelves, ttl_s=600, MUG=1)

    shelves.clock.advance(60_000)
    with shelves.uow.begin() as tx:
        ended = inventory.expire_reservations(tx)
    with shelves.uow.begin() as tx:
        again = inventory.expire_reservations(tx)

    assert (ended, again) == (1, 0)
    assert shelves.units(Account.AVAILABLE, "MUG") == 4
    assert [event.entity for event in shelves.told(ReservationExpired)] == [short.id]
    with shelves.uow.read() as reader:
        assert queries.one(reader, long.id).state is ReservationState.HELD
    assert shelves.broken() == []


def test_a_claim_becomes_an_order_exactly_once(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    held = hold(shelves, MUG=3)

    with shelves.uow.begin() as tx:
        used = inventory.use_reservation(tx, held.id, "ord_1")
        free = inventory.lock_supply(tx, [shelves.item("MUG")], shelves.channel("web")).available
    with shelves.uow.begin() as tx:
        again, other = inventory.use_reservations(
            tx, [UseReservation(id=held.id, order_id=o) for o in ("ord_1", "ord_2")]
        )

    assert used.state is ReservationState.USED
    assert sum(free.values()) == 5
    assert again == used
    assert isinstance(other, Refused)
    assert [event.order_id for event in shelves.told(ReservationUsed)] == ["ord_1"]
    assert shelves.broken() == []


def test_a_claim_that_is_over_cannot_become_an_order(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    held = hold(shelves, MUG=3)
    shelves.clock.advance(60_000)

    with pytest.raises(Refused, match="time was over"), shelves.uow.begin() as tx:
        inventory.use_reservation(tx, held.id, "ord_1")

    assert shelves.units(Account.RESERVED, "MUG") == 3  # until the sweep


def test_a_claim_is_given_back_on_request(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    held = hold(shelves, MUG=3)

    with shelves.uow.begin() as tx:
        answers = inventory.release_reservations(
            tx, [ReleaseReservation(id=id_) for id_ in (held.id, held.id, "rsv_unknown")]
        )

    assert [getattr(answer, "state", type(answer)) for answer in answers] == [
        ReservationState.RELEASED,
        ReservationState.RELEASED,
        NotFound,
    ]
    assert shelves.units(Account.AVAILABLE, "MUG") == 5
    assert len(shelves.told(ReservationReleased)) == 1


def test_what_is_not_an_item_cannot_be_claimed(shelves: Shelves) -> None:
    with shelves.uow.begin() as tx:
        command = Reserve(channel_id=shelves.channel("web"), lines=(("itm_none", 1),))
        refusal: OMSError = refused(inventory.reserve(tx, [command]))

    assert set(refusal.fields) == {"lines[0].item_id"}
