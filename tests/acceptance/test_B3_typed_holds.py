"""B3: a hold has a reason, a scope, a stage and a releaser, and stops exactly its stage."""

import pytest

from oms.kernel.errors import OMSError
from oms.kernel.events import Cause
from oms.orders import queries
from oms.orders import service as orders
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.holds.service import place_holds, release_holds
from oms.orders.machine import HoldStage
from oms.orders.model import LineMove
from oms.sourcing import service as sourcing
from oms.sourcing.model import Source
from tests.integration.orders.shop import Shop, line, order

LIFE = ("confirm", "allocate", "release", "pick", "pack", "ship", "deliver")
STOPPED = {
    HoldStage.INTAKE: "confirm",
    HoldStage.ALLOCATION: "allocate",
    HoldStage.RELEASE: "release",
    HoldStage.SHIP: "ship",
    HoldStage.REFUND: None,
}
BO = Cause(actor="user:bo")


def hold(shop: Shop, command: PlaceHold) -> HoldRecord:
    with shop.uow.begin() as tx:
        [placed] = place_holds(tx, [command])
    assert isinstance(placed, HoldRecord)
    return placed


def release(shop: Shop, hold_id: str) -> None:
    with shop.uow.begin() as tx:
        release_holds(tx, [ReleaseHold(hold_id=hold_id, cause=BO)])


@pytest.mark.parametrize("stage", HoldStage)
def test_a_hold_stops_exactly_its_stage(shop: Shop, stage: HoldStage) -> None:
    [taken] = shop.take_in(order("W-1", line("A"), is_test=True))
    placed = hold(
        shop, PlaceHold(order_id=taken.order_id, stage=stage, reason="check", note="by hand")
    )
    test_hold = shop.scalar("SELECT id FROM order_hold WHERE reason = 'test_order'")
    done = []

    for name in LIFE:
        if name == STOPPED[stage]:
            assert not _make(shop, taken.order_id, name, test_hold), f"{name} was not stopped"
            release(shop, placed.id)
        if not (name == "confirm" and stage is HoldStage.INTAKE):  # its release confirms itself
            assert _make(shop, taken.order_id, name, test_hold), f"{name} was stopped"
        done.append(name)

    assert tuple(done) == LIFE


def test_a_hold_on_a_line_leaves_the_other_lines_alone(shop: Shop) -> None:
    [taken] = shop.take_in(order("W-1", line("A"), line("B")))
    held, free = shop.facts(taken.order_id).lines
    hold(
        shop,
        PlaceHold(
            order_id=taken.order_id, line_id=held.id, stage=HoldStage.ALLOCATION, reason="recall"
        ),
    )

    with shop.uow.begin() as tx:
        sourcing.source(tx, [Source(order_id=taken.order_id)])

    states = {each.line_id: each.state for each in shop.slices(taken.order_id)}
    assert (states[held.id], states[free.id]) == ("open", "allocated")


def test_a_hold_on_a_fulfilment_order_leaves_the_others_alone(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("A"), line("B")))
    pieces = shop.slices(taken.order_id)
    way = ("pick", "pack")
    with shop.uow.begin() as tx:
        orders.move(
            tx,
            [
                LineMove(piece.id, "release", 1, fulfilment_id=f"ful_{n}", then=way)
                for n, piece in enumerate(pieces)
            ],
        )
    hold(
        shop,
        PlaceHold(
            order_id=taken.order_id, fulfilment_id="ful_0", stage=HoldStage.SHIP, reason="damaged"
        ),
    )

    assert [_ship(shop, piece.id) for piece in pieces] == [False, True]


def test_who_placed_and_who_released_a_hold_is_known(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("A")))
    fraud = PlaceHold(
        order_id=taken.order_id,
        stage=HoldStage.REFUND,
        reason="fraud check",
        note="third refund this week",
        cause=Cause(actor="rule:fraud"),
    )
    placed = hold(shop, fraud)
    with shop.uow.read() as reader:
        stopped = queries.holds_at(reader, [taken.order_id], HoldStage.REFUND)

    release(shop, placed.id)

    with shop.uow.read() as reader:
        assert queries.holds_at(reader, [taken.order_id], HoldStage.REFUND) == {}
    assert [each.reason for each in stopped[taken.order_id]] == ["fraud check"]
    assert shop.column("SELECT placed_by || '>' || released_by FROM order_hold") == [
        "rule:fraud>user:bo"
    ]


def _make(shop: Shop, order_id: str, name: str, test_hold: str) -> bool:
    """Whether the order's unit made the move."""
    before = [each.state for each in shop.slices(order_id)]
    if name == "confirm":
        release(shop, test_hold)
    elif name == "allocate":
        with shop.uow.begin() as tx:
            sourcing.source(tx, [Source(order_id=order_id)])
    else:
        shop.move_all(order_id, name)
    return [each.state for each in shop.slices(order_id)] != before


def _ship(shop: Shop, slice_id: int) -> bool:
    try:
        with shop.uow.begin() as tx:
            return orders.move(tx, [LineMove(slice_id, "ship", 1)]).refused == {}
    except OMSError:
        return False
