"""Holds on both databases: placed once, released once, and what follows."""

from oms.kernel.errors import Invalid, NotFound, OMSError
from oms.kernel.events import Cause
from oms.orders.events import HoldReleased
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.holds.service import place_holds, release_holds
from oms.orders.machine import HoldStage, LineState
from tests.integration.orders.shop import Shop, line, order


def place(shop: Shop, *commands: PlaceHold) -> list[HoldRecord | OMSError]:
    with shop.uow.begin() as tx:
        return place_holds(tx, commands)


def release(shop: Shop, *ids: str) -> list[HoldRecord | OMSError]:
    commands = [ReleaseHold(hold_id=each, cause=Cause(actor="user:bo")) for each in ids]
    with shop.uow.begin() as tx:
        return release_holds(tx, commands)


def test_the_same_hold_is_placed_once(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A")))
    fraud = PlaceHold(order_id=taken.order_id, stage=HoldStage.RELEASE, reason="fraud check")

    [first, twin] = place(shop, fraud, fraud)
    [again] = place(shop, fraud)

    assert first == twin == again
    assert shop.count("order_hold") == 1
    assert shop.events(taken.order_id).count("order.hold_placed") == 1


def test_a_hold_needs_an_order_and_one_scope(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A")))

    [nowhere, two] = place(
        shop,
        PlaceHold(order_id="ord_x", stage=HoldStage.SHIP, reason="?"),
        PlaceHold(
            order_id=taken.order_id,
            stage=HoldStage.SHIP,
            reason="?",
            line_id="lin_1",
            fulfilment_id="ful_1",
        ),
    )

    assert isinstance(nowhere, NotFound)
    assert isinstance(two, Invalid)


def test_a_test_order_waits_as_a_draft_until_its_hold_is_released(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 2), is_test=True))
    assert shop.states(taken.order_id) == {LineState.DRAFT: 2}

    hold_id = shop.scalar("SELECT id FROM order_hold")
    [released] = release(shop, hold_id)

    assert isinstance(released, HoldRecord)
    assert released.released_by == "user:bo"
    assert shop.states(taken.order_id) == {LineState.OPEN: 2}
    [told] = shop.told(taken.order_id, HoldReleased)
    assert told.item_ids == (shop.item_id("A"),)


def test_a_draft_stays_one_while_another_intake_hold_stands(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 2), is_test=True))
    place(
        shop,
        PlaceHold(order_id=taken.order_id, stage=HoldStage.INTAKE, reason="address check"),
    )
    first = shop.scalar("SELECT id FROM order_hold WHERE reason = 'test_order'")

    release(shop, first)

    assert shop.states(taken.order_id) == {LineState.DRAFT: 2}


def test_releasing_twice_is_the_same_as_once(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A"), is_test=True))
    hold_id = shop.scalar("SELECT id FROM order_hold")

    [first] = release(shop, hold_id)
    shop.clock.advance(1_000)
    [again, unknown] = release(shop, hold_id, "hld_x")

    assert again == first
    assert isinstance(unknown, NotFound)
    assert shop.events(taken.order_id).count("order.hold_released") == 1
