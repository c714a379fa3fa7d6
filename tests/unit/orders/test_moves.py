"""Moves of units: what they do to slices, what they post, when they are refused."""

from typing import Any

import pytest
from msgspec.structs import replace

from oms.kernel.errors import Invalid, NotFound, Refused
from oms.orders import model
from oms.orders.machine import LINE, HoldStage, LineState
from oms.orders.model import Hold, LineMove, Slice, Step, decide, legs

S = LineState


def units(quantity: int = 5, state: LineState = S.OPEN, **others: Any) -> Slice:
    fields: dict[str, Any] = {
        "id": 1,
        "order_id": "ord_1",
        "line_id": "lin_1",
        "item_id": "itm_1",
        "state": state,
        "node_id": "" if state in (S.DRAFT, S.OPEN, S.BACKORDERED, S.CANCELLED) else "nod_1",
        "lot_id": "",
        "fulfilment_id": "",
        "parcel_id": "",
        "return_id": "",
        "quantity": quantity,
    }
    return Slice(**(fields | others))


def hold(stage: HoldStage, **scope: str) -> Hold:
    return Hold("hld_1", "ord_1", scope.get("line", ""), scope.get("ful", ""), stage, "fraud")


def test_a_part_of_a_slice_moves_and_the_rest_stays() -> None:
    decided = decide([units(5)], [LineMove(1, "allocate", 2, node_id="nod_1")], [])

    assert [(each.id, each.state, each.quantity, each.node_id) for each in decided.kept] == [
        (1, S.OPEN, 3, ""),
        (-1, S.ALLOCATED, 2, "nod_1"),
    ]
    assert decided.gone == ()


def test_a_whole_slice_keeps_its_id_and_can_move_on_at_once() -> None:
    chain = [
        LineMove(1, "release", 5, fulfilment_id="ful_1"),
        LineMove(1, "pick", 5),
        LineMove(1, "pack", 5, parcel_id="par_1"),
    ]

    decided = decide([units(5, S.ALLOCATED)], chain, [])

    assert decided.kept == (units(5, S.PACKED, fulfilment_id="ful_1", parcel_id="par_1"),)
    assert [step.after.state for step in decided.steps] == [S.RELEASED, S.PICKED, S.PACKED]


def test_a_part_of_a_slice_can_move_on_at_once_and_the_rest_stays() -> None:
    back = LineMove(1, "receive_blind", 2, node_id="nod_2", return_id="r", then=("accept_return",))

    decided = decide([units(5, S.DELIVERED)], [back], [])

    assert [(each.id, each.state, each.quantity) for each in decided.kept] == [
        (1, S.DELIVERED, 3),
        (-1, S.RETURN_ACCEPTED, 2),
    ]
    assert [step.name for step in decided.steps] == ["receive_blind", "accept_return"]


def test_equal_slices_become_one_and_the_older_id_stays() -> None:
    slices = [units(2, S.ALLOCATED), units(3, S.OPEN, id=2)]

    decided = decide(slices, [LineMove(2, "allocate", 3, node_id="nod_1")], [])

    assert [(each.id, each.quantity) for each in decided.kept] == [(1, 5)]
    assert decided.gone == (2,)


def test_units_that_go_back_to_the_customers_wish_leave_node_and_documents() -> None:
    released = units(5, S.RELEASED, fulfilment_id="ful_1")

    decided = decide([released], [LineMove(1, "node_reject", 5)], [])

    assert decided.kept == (units(5),)


@pytest.mark.parametrize("quantity", [0, -1, 6])
def test_only_units_that_are_there_can_move(quantity: int) -> None:
    with pytest.raises(Refused, match="there are 5"):
        decide([units(5)], [LineMove(1, "cancel_open", quantity)], [])


def test_a_slice_that_is_gone_is_named() -> None:
    with pytest.raises(NotFound, match="no units 9"):
        decide([units(5)], [LineMove(9, "cancel_open", 1)], [])


def test_units_cannot_stand_on_a_shelf_of_no_node() -> None:
    with pytest.raises(Invalid, match="no node was named"):
        decide([units(5)], [LineMove(1, "allocate", 5)], [])


def test_units_do_not_jump_from_node_to_node() -> None:
    with pytest.raises(Refused, match="stand at node nod_1"):
        decide([units(5, S.ALLOCATED)], [LineMove(1, "release", 5, node_id="nod_2")], [])


def test_units_of_an_unknown_item_cannot_be_allocated() -> None:
    with pytest.raises(Refused, match="not known which item"):
        decide([units(5, item_id="")], [LineMove(1, "allocate", 5, node_id="nod_1")], [])


STAGED = {
    HoldStage.INTAKE: units(1, S.DRAFT),
    HoldStage.ALLOCATION: units(1, S.OPEN),
    HoldStage.RELEASE: units(1, S.ALLOCATED),
    HoldStage.SHIP: units(1, S.PACKED),
}


@pytest.mark.parametrize("stage", HoldStage)
@pytest.mark.parametrize("name", sorted({move.name for move in LINE.moves}))
def test_a_hold_stops_the_moves_of_its_stage_and_no_other(stage: HoldStage, name: str) -> None:
    source = next(move.source for move in LINE.moves if move.name == name)
    move = LineMove(1, name, 1, node_id=None if units(1, source).node_id else "nod_1")
    stopped = {
        HoldStage.INTAKE: {"confirm"},
        HoldStage.ALLOCATION: {"allocate", "supply_arrived", "pos_sale"},
        HoldStage.RELEASE: {"release"},
        HoldStage.SHIP: {"ship", "ship_direct", "ready"},
        HoldStage.REFUND: set(),
    }[stage]

    if name in stopped:
        with pytest.raises(Refused, match="stopped by a hold"):
            decide([units(1, source)], [move], [hold(stage)])
    else:
        assert decide([units(1, source)], [move], [hold(stage)]).steps


@pytest.mark.parametrize(
    ("scope", "is_stopped"),
    [
        ({}, True),
        ({"line": "lin_1"}, True),
        ({"line": "lin_2"}, False),
        ({"ful": "ful_1"}, True),
        ({"ful": "ful_2"}, False),
    ],
)
def test_a_hold_stops_only_what_is_in_its_scope(scope: dict[str, str], is_stopped: bool) -> None:
    packed = units(1, S.PACKED, fulfilment_id="ful_1")
    ship = [LineMove(1, "ship", 1)]

    if is_stopped:
        with pytest.raises(Refused):
            decide([packed], ship, [hold(HoldStage.SHIP, **scope)])
    else:
        assert decide([packed], ship, [hold(HoldStage.SHIP, **scope)]).steps


@pytest.mark.parametrize(
    ("before", "name", "node", "posted"),
    [
        (S.OPEN, "allocate", "nod_1", [("node:available", "node:reserved")]),
        (S.ALLOCATED, "deallocate", None, [("node:reserved", "node:available")]),
        (S.ALLOCATED, "release", None, []),
        (S.RELEASED, "short_pick", None, [("node:reserved", "variance")]),
        (S.RELEASED, "node_reject", None, [("node:reserved", "node:available")]),
        (S.PACKED, "ship", None, [("node:packed", "transit:outbound")]),
        (S.RELEASED, "ship_direct", None, [("node:reserved", "transit:outbound")]),
        (S.PICKED, "cancel_picked", None, [("node:picked", "node:available")]),
        (S.READY_FOR_PICKUP, "pickup_expired", None, [("node:pickup_shelf", "node:available")]),
        (S.OPEN, "pos_sale", "nod_1", [("node:available", "customer")]),
        (S.OPEN, "cancel_open", None, []),
        (S.CANCELLED, "reinstate", None, []),
        (S.DRAFT, "confirm", None, []),
        (S.OPEN, "promise_inbound", None, [("supply:unpromised", "supply:inbound")]),
        (S.BACKORDERED, "unpromise", None, [("supply:inbound", "supply:unpromised")]),
        (
            S.BACKORDERED,
            "supply_arrived",
            "nod_1",
            [("node:available", "node:reserved"), ("supply:inbound", "supply:unpromised")],
        ),
        (S.DELIVERED, "receive_blind", "nod_2", [("customer", "node:returns_dock")]),
        (S.RETURN_RECEIVED, "accept_return", None, [("node:returns_dock", "node:disposition")]),
        (S.DELIVERED, "keep_it", None, []),
    ],
)
def test_a_move_posts_what_its_states_say(
    before: LineState, name: str, node: str | None, posted: list[tuple[str, str]]
) -> None:
    [step] = decide([units(1, before)], [LineMove(1, name, 1, node_id=node)], []).steps

    assert [(source.account, target.account) for source, target in legs(step)] == posted


def test_every_move_ends_where_the_new_state_says() -> None:
    """Walk all ways of up to six moves: the last thing posted is where the state has its units."""
    ways = {units(1)}
    for _ in range(6):
        steps = [step for piece in ways for step in _all_moves(piece)]
        for step in steps:
            physical = [leg for leg in legs(step) if "supply:" not in leg[0].account]
            stands = model.position(step.after.state, step.node_id, step.lot_id)
            if step.name != "short_pick" and physical:
                assert [target for _, target in physical] == [stands]
        ways = {replace(step.after, id=1) for step in steps}

    assert {piece.state for piece in ways} >= {S.RETURN_ACCEPTED, S.LOST, S.KEPT, S.CANCELLED}


def _all_moves(piece: Slice) -> list[Step]:
    stands = model.position(piece.state, piece.node_id, "")
    node = None if stands and stands.node_id else "nod_1"
    return [
        decide([piece], [LineMove(1, name, 1, node_id=node)], []).steps[0]
        for name in LINE.allowed(piece.state)
    ]
