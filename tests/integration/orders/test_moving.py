"""Moving units on both databases: slices, goods and events change together or not at all."""

import pytest

from oms.kernel.errors import Refused, Stale
from oms.kernel.events import Cause
from oms.ledger.model import Account
from oms.orders import service as orders
from oms.orders.events import LinesMoved
from oms.orders.holds.model import PlaceHold
from oms.orders.holds.service import place_holds
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import LineMove
from oms.orders.service import SliceKey
from tests.integration.orders.shop import STOCK, Shop, line, order

S = LineState


@pytest.fixture
def order_id(shop: Shop) -> str:
    [taken] = shop.place(order("W-1", line("A", 3), line("B", 2)))
    return taken.order_id


def test_units_walk_to_the_customer_and_the_ledger_walks_with_them(
    shop: Shop, order_id: str
) -> None:
    assert shop.units(Account.AVAILABLE, "A") == 3 * STOCK - 3
    assert shop.units(Account.RESERVED, "A") == 3

    shop.move_all(order_id, "release", "pick", "pack", "ship", "deliver")

    assert shop.states(order_id) == {S.DELIVERED: 5}
    assert shop.units(Account.CUSTOMER, "A") == 3
    assert shop.units(Account.RESERVED, "A") == 0
    assert shop.broken_checks() == []


def test_a_part_goes_on_and_comes_back_as_one_slice(shop: Shop, order_id: str) -> None:
    piece = shop.slices(order_id)[0]
    with shop.uow.begin() as tx:
        orders.move(tx, [LineMove(piece.id, "release", 1, fulfilment_id="ful_1")])
    assert [(each.state, each.quantity) for each in shop.slices(order_id)[::2]] == [
        (S.ALLOCATED, 2),
        (S.RELEASED, 1),
    ]

    released = shop.slices(order_id)[2]
    with shop.uow.begin() as tx:
        orders.move(tx, [LineMove(released.id, "recall", 1, fulfilment_id="")])

    assert [(each.id, each.quantity) for each in shop.slices(order_id)] == [
        (piece.id, 3),
        (shop.slices(order_id)[1].id, 2),
    ]
    assert shop.broken_checks() == []


def test_moves_of_an_order_are_made_together_or_not_at_all(shop: Shop, order_id: str) -> None:
    [other] = shop.place(order("W-2", line("C")))
    mine, theirs = shop.slices(order_id), shop.slices(other.order_id)

    with shop.uow.begin() as tx:
        moves = [
            LineMove(mine[0].id, "release", 1),
            LineMove(mine[1].id, "ship", 1),
            LineMove(theirs[0].id, "release", 1),
        ]
        refused = orders.move(tx, moves).refused

    assert list(refused) == [order_id]
    assert refused[order_id].code == "line.move_not_allowed"
    assert shop.states(order_id) == {S.ALLOCATED: 5}
    assert shop.states(other.order_id) == {S.RELEASED: 1}


def test_a_slice_that_was_joined_with_another_is_stale(shop: Shop, order_id: str) -> None:
    with pytest.raises(Stale, match="moved or joined"), shop.uow.begin() as tx:
        orders.move(tx, [LineMove(999_999, "release", 1)])
    assert shop.states(order_id) == {S.ALLOCATED: 5}


def test_slices_are_found_by_every_document_they_belong_to(shop: Shop, order_id: str) -> None:
    pieces = shop.slices(order_id)
    with shop.uow.begin() as tx:
        release = LineMove(
            slice_id=pieces[0].id,
            name="release",
            quantity=3,
            fulfilment_id="ful_1",
            parcel_id="par_1",
            return_id="ret_1",
        )
        orders.move(tx, [release])

    with shop.uow.begin() as tx:
        found = {
            key: [units.id for units in orders.lock_slices(tx, key, [name])]
            for key, name in {
                SliceKey.ORDER: order_id,
                SliceKey.LINE: pieces[0].line_id,
                SliceKey.FULFILMENT: "ful_1",
                SliceKey.PARCEL: "par_1",
                SliceKey.RETURN: "ret_1",
            }.items()
        }
        nothing = orders.lock_slices(tx, SliceKey.FULFILMENT, ["", "ful_9"])

    assert found.pop(SliceKey.ORDER) == [piece.id for piece in pieces]
    assert set(map(tuple, found.values())) == {(pieces[0].id,)}
    assert nothing == []


def test_what_a_node_could_not_find_leaves_the_books_and_looks_for_a_node(
    shop: Shop, order_id: str
) -> None:
    shop.move_all(order_id, "release")
    piece = shop.slices(order_id)[0]

    with shop.uow.begin() as tx:
        orders.move(tx, [LineMove(piece.id, "short_pick", 2, reason="empty shelf")])

    assert shop.states(order_id) == {S.OPEN: 2, S.RELEASED: 3}
    assert shop.units(Account.VARIANCE, "A") == 2
    assert "order.lines_reopened" in shop.events(order_id)
    moved = shop.told(order_id, LinesMoved)[-1]
    assert [(each.name, each.reason) for each in moved.moves] == [("short_pick", "empty shelf")]
    assert shop.broken_checks() == []


def test_a_shelf_that_lacks_the_units_refuses_the_whole_transaction(shop: Shop) -> None:
    [taken] = shop.place(order("W-9", line("A", 31)))
    open_ = next(each for each in shop.slices(taken.order_id) if each.state is S.OPEN)

    too_many = LineMove(open_.id, "allocate", 1, node_id=shop.node_id("LON"))

    with pytest.raises(Refused, match="not enough units"), shop.uow.begin() as tx:
        orders.move(tx, [too_many])

    assert shop.states(taken.order_id) == {S.ALLOCATED: 30, S.OPEN: 1}


def test_a_hold_stops_its_stage_until_it_is_released(shop: Shop, order_id: str) -> None:
    with shop.uow.begin() as tx:
        place_holds(
            tx, [PlaceHold(order_id=order_id, stage=HoldStage.SHIP, reason="customs papers")]
        )
    assert shop.move_all(order_id, "release", "pick", "pack") == {}

    refused = shop.move_all(order_id, "ship")

    assert refused[order_id].code == "order.held"
    assert "customs papers" in refused[order_id].sentence
    assert shop.states(order_id) == {S.PACKED: 5}


def test_each_order_tells_who_moved_it(shop: Shop, order_id: str) -> None:
    piece = shop.slices(order_id)[0]

    with shop.uow.begin() as tx:
        orders.move(tx, [LineMove(piece.id, "release", 1)], {order_id: Cause(actor="user:bo")})

    assert shop.scalar("SELECT actor FROM event ORDER BY number DESC LIMIT 1") == "user:bo"
