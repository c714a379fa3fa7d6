"""C4: units are held for a checkout; the hold ends by itself or becomes an order exactly once."""

import msgspec

from oms.inventory import service as inventory
from oms.inventory.reservations.model import Reservation, Reserve
from oms.kernel.errors import Refused
from oms.ledger.model import Account
from oms.orders.intake.model import Shortage
from oms.orders.machine import LineState
from oms.sourcing import service as sourcing
from tests.integration.inventory.shelves import accepted
from tests.integration.orders.shop import STOCK, Shop, line, order

ALL = 3 * STOCK


def hold(shop: Shop, units: int) -> Reservation:
    command = Reserve(channel_id=shop.channel_id, lines=((shop.item_id("A"), units),), ttl_s=60)
    with shop.uow.begin() as tx:
        [held] = accepted(inventory.reserve(tx, [command]))
    return held


def place_with(shop: Shop, reservation: Reservation, external_id: str, units: int) -> object:
    [command] = shop.take(order(external_id, line("A", units)), shortage=Shortage.REFUSE)
    with shop.uow.begin() as tx:
        [answer] = sourcing.place(
            tx, [msgspec.structs.replace(command, reservation_id=reservation.id)]
        )
    return answer


def test_held_units_are_nobody_elses(shop: Shop) -> None:
    hold(shop, ALL - 1)

    [answer] = shop.try_place(order("W1", line("A", 2)), shortage=Shortage.REFUSE)

    assert isinstance(answer, Refused)


def test_the_holder_gets_the_units_even_if_they_are_the_last(shop: Shop) -> None:
    held = hold(shop, ALL)

    place_with(shop, held, "W1", ALL)

    assert shop.units(Account.AVAILABLE, "A") == 0
    assert shop.units(Account.RESERVED, "A") == ALL
    [order_id] = [shop.scalar("SELECT id FROM sales_order")]
    assert shop.states(order_id) == {LineState.ALLOCATED: ALL}
    assert shop.broken_checks() == []


def test_a_hold_becomes_an_order_exactly_once(shop: Shop) -> None:
    held = hold(shop, 2)

    place_with(shop, held, "W1", 2)
    second = place_with(shop, held, "W2", 2)

    assert isinstance(second, Refused)
    assert shop.units(Account.RESERVED, "A") == 2
    assert shop.broken_checks() == []


def test_a_hold_ends_by_itself(shop: Shop) -> None:
    hold(shop, ALL)
    shop.clock.advance(60_000)

    with shop.uow.begin() as tx:
        inventory.expire_reservations(tx)  # a job does this every ten seconds

    [taken] = shop.place(order("W1", line("A", ALL)), shortage=Shortage.REFUSE)
    assert shop.states(taken.order_id) == {LineState.ALLOCATED: ALL}
    assert shop.broken_checks() == []
