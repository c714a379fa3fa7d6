"""Open units find nodes later: when stock comes in, when a hold goes, when a node says no."""

import pytest

from oms.catalog import service as catalog
from oms.catalog.model import PutChannel
from oms.inventory import service as inventory
from oms.inventory.model import PutBuffer
from oms.kernel.events import SYSTEM, Cause, Recorded
from oms.orders import service as orders
from oms.orders.cancels.model import Cancel
from oms.orders.cancels.service import cancel
from oms.orders.events import LinesCancelled
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.holds.service import place_holds, release_holds
from oms.orders.intake.model import TakeIn, TakenIn
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import LineMove
from oms.sourcing import reactions
from oms.sourcing import service as sourcing
from oms.sourcing.events import RetryUnfinished
from oms.sourcing.model import Source, Sourced
from tests.integration.orders.shop import NOON_MS, STOCK, Shop, line, order
from tests.integration.sourcing.test_placing import nodes_of

S = LineState


def retry(shop: Shop, *skus: str) -> int:
    items = [shop.item_id(sku) for sku in skus]
    with shop.uow.begin() as tx:
        return sourcing.retry_open(tx, items)


def recorded(event: reactions.Freed) -> Recorded[reactions.Freed]:
    return Recorded(number=1, sequence=1, at_ms=NOON_MS, cause=SYSTEM, event=event)


def source(shop: Shop, *order_ids: str) -> list[object]:
    commands = [Source(order_id=each, cause=Cause(actor="router")) for each in order_ids]
    with shop.uow.begin() as tx:
        return list(sourcing.source(tx, commands))


def test_an_order_taken_in_without_sourcing_is_sourced_later(shop: Shop) -> None:
    [taken] = shop.take_in(order("1", line("A", 2), line("SET")))

    [done] = source(shop, taken.order_id)

    assert done == Sourced(taken.order_id, allocated=5, waiting=0)
    assert nodes_of(shop, taken.order_id) == {"LON": 5}
    assert shop.broken_checks() == []


def test_sourcing_again_what_is_sourced_changes_nothing(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 2)))
    before = shop.slices(taken.order_id)

    [done] = source(shop, taken.order_id)

    assert done == Sourced(taken.order_id, 0, 0)
    assert shop.slices(taken.order_id) == before
    assert shop.count("sourcing_decision") == 1


def test_stock_that_comes_in_goes_to_the_oldest_orders_first(shop: Shop) -> None:
    shop.place(order("0", line("A", 3 * STOCK)))
    shop.clock.advance(1_000)
    [old] = shop.place(order("old", line("A", 4)))
    shop.clock.advance(1_000)
    [young] = shop.place(order("young", line("A", 4)))

    shop.receive("MAN", {"A": 6})
    looked_at = retry(shop, "A", "B")

    assert looked_at == 2
    assert shop.states(old.order_id) == {S.ALLOCATED: 4}
    assert shop.states(young.order_id) == {S.ALLOCATED: 2, S.OPEN: 2}
    assert shop.broken_checks() == []


def test_held_units_find_no_node_until_the_hold_goes(shop: Shop) -> None:
    [taken] = shop.take_in(order("1", line("A", 2)))
    hold = PlaceHold(order_id=taken.order_id, stage=HoldStage.ALLOCATION, reason="fraud check")
    with shop.uow.begin() as tx:
        [placed] = place_holds(tx, [hold])

    assert retry(shop, "A") == 0
    assert source(shop, taken.order_id) == [Sourced(taken.order_id, 0, 0)]

    assert isinstance(placed, HoldRecord)
    with shop.uow.begin() as tx:
        release_holds(tx, [ReleaseHold(hold_id=placed.id)])
    assert retry(shop, "A") == 1
    assert shop.states(taken.order_id) == {S.ALLOCATED: 2}


def test_a_node_that_said_no_is_not_asked_again(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 2)))
    assert nodes_of(shop, taken.order_id) == {"LON": 2}
    shop.move_all(taken.order_id, "release", "node_reject")

    [done] = source(shop, taken.order_id)

    assert done == Sourced(taken.order_id, 2, 0)
    assert "LON" not in nodes_of(shop, taken.order_id)
    assert shop.broken_checks() == []


def test_units_a_picker_could_not_find_are_taken_from_elsewhere(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 2)))
    shop.move_all(taken.order_id, "release")
    [piece] = shop.slices(taken.order_id)
    with shop.uow.begin() as tx:
        orders.move(tx, [LineMove(piece.id, "short_pick", 1)])

    source(shop, taken.order_id)

    assert shop.states(taken.order_id) == {S.ALLOCATED: 1, S.RELEASED: 1}
    assert shop.broken_checks() == []


def test_an_order_that_does_not_exist_is_named(shop: Shop) -> None:
    [answer] = source(shop, "ord_x")

    assert getattr(answer, "code", "") == "order.not_found"


def test_orders_that_get_nothing_wait_on_without_a_word(shop: Shop) -> None:
    shop.place(order("0", line("A", 3 * STOCK)))
    [waiting] = shop.place(order("1", line("A", 2), line("B", 1)))
    before = (shop.events(waiting.order_id), shop.count("sourcing_decision"))

    assert retry(shop, "A") == 0, "no shelf has any"
    assert retry(shop, "C") == 0, "nobody waits for it"

    assert (shop.events(waiting.order_id), shop.count("sourcing_decision")) == before


def test_units_of_a_cancelled_order_go_to_who_waits_for_them(shop: Shop) -> None:
    [first] = shop.place(order("0", line("A", 3 * STOCK)))
    [second] = shop.place(order("1", line("A", 2)))
    with shop.uow.begin() as tx:
        cancel(tx, [Cancel(order_id=first.order_id)])
    [told] = shop.told(first.order_id, LinesCancelled)

    with shop.uow.begin() as tx:
        reactions.retry_open(tx, [recorded(told)])

    assert told.item_ids == (shop.item_id("A"),)
    assert shop.states(second.order_id) == {S.ALLOCATED: 2}


def test_orders_that_cannot_be_served_do_not_stand_in_the_way_of_those_behind(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one transaction looks at wait for stock their channel may not sell."""
    monkeypatch.setattr(sourcing, "RETRIED_AT_ONCE_MAX", 2)
    shop.place(order("0", line("A", 3 * STOCK)))
    with shop.uow.begin() as tx:
        catalog.put_channels(tx, [PutChannel(code="other", name="Other", currency="GBP")])
        inventory.put_buffers(tx, [PutBuffer(channel_id=shop.channel_id, units=100)])
    for number in range(5):
        shop.place(order(f"stuck {number}", line("A")))
        shop.clock.advance(1_000)
    other_id = shop.scalar("SELECT id FROM channel WHERE code = :name", "other")
    with shop.uow.begin() as tx:
        [served] = sourcing.place(tx, [TakeIn(channel_id=other_id, order=order("x", line("A")))])
    assert isinstance(served, TakenIn)
    shop.receive("LON", {"A": 1})

    retry(shop, "A")
    heard = 0
    while unfinished := shop.told(shop.item_id("A"), RetryUnfinished)[heard:]:
        heard += len(unfinished)
        with shop.uow.begin() as tx:
            reactions.retry_open(tx, [recorded(each) for each in unfinished])

    assert shop.states(served.order_id) == {S.ALLOCATED: 1}
    assert shop.broken_checks() == []
