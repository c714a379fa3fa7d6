"""What nodes say, and what it does to units and boxes."""

import pytest

from fulfillment.handoff.model import UNITS_MOVE, Answer, Say, said, shipping
from fulfillment.machine import FULFILMENT, PARCEL, FulfilmentState, ParcelState
from fulfillment.model import Fulfilment, Parcel
from oms.kernel.errors import Refused
from oms.orders.machine import LINE, LineState
from tests.unit.floor.units import units


def fulfilment(state: FulfilmentState) -> Fulfilment:
    return Fulfilment(
        id="ful_1",
        number="FO-1",
        order_id="ord_1",
        node_id="nod_1",
        state=state,
        created_at_ms=0,
    )


def box(state: ParcelState) -> Parcel:
    return Parcel(
        id="par_1",
        fulfilment_id="ful_1",
        order_id="ord_1",
        node_id="nod_1",
        sscc="0",
        state=state,
        weight_g=0,
        created_at_ms=0,
    )


def say(answer: Answer) -> Say:
    return Say(fulfilment_id="ful_1", answer=answer, reason="because")


def test_a_rejected_request_lets_its_units_look_for_another_node() -> None:
    done = said(fulfilment(FulfilmentState.REQUESTED), say(Answer.REJECT), [units(1, 3)], [])

    assert (done.fulfilment.state, done.fulfilment.reason) == ("rejected", "because")
    assert [(m.name, m.quantity, m.reason) for m in done.moves] == [("node_reject", 3, "because")]


def test_accepting_moves_no_unit() -> None:
    done = said(fulfilment(FulfilmentState.REQUESTED), say(Answer.ACCEPT), [units(1)], [])

    assert (done.fulfilment.state, done.moves) == ("accepted", ())


def test_a_recall_needs_untouched_work() -> None:
    own = [units(1), units(2, state=LineState.PICKED)]

    with pytest.raises(Refused, match="Units of FO-1 are picked already"):
        said(fulfilment(FulfilmentState.ACCEPTED), say(Answer.RECALL), own, [])


def test_a_confirmed_cancel_takes_back_what_has_not_left_and_opens_boxes() -> None:
    own = [
        units(1),
        units(2, state=LineState.PICKED),
        units(3, state=LineState.PACKED, parcel_id="par_1"),
        units(4, state=LineState.SHIPPED, parcel_id="par_2"),
    ]

    done = said(
        fulfilment(FulfilmentState.CANCEL_REQUESTED),
        say(Answer.CONFIRM_CANCEL),
        own,
        [box(ParcelState.PACKED)],
    )

    assert [(move.slice_id, move.name) for move in done.moves] == [
        (1, "cancel_released"),
        (2, "cancel_picked"),
        (3, "cancel_packed"),
    ]
    assert [parcel.state for parcel in done.opened] == ["unpacked"]


def test_a_label_is_voided_before_its_box_is_cancelled() -> None:
    with pytest.raises(Refused, match="go to waste"):
        said(
            fulfilment(FulfilmentState.CANCEL_REQUESTED),
            say(Answer.CONFIRM_CANCEL),
            [units(1, state=LineState.PACKED, parcel_id="par_1")],
            [box(ParcelState.LABELLED)],
        )


def test_shipping_says_yes_to_a_request_and_no_to_a_late_cancel() -> None:
    requested = shipping(fulfilment(FulfilmentState.REQUESTED))
    late = shipping(fulfilment(FulfilmentState.CANCEL_REQUESTED))

    assert (requested.state, late.state) == ("accepted", "accepted")
    assert late.reason == "it had shipped already"


def test_every_way_back_leads_back() -> None:
    for machine in (FULFILMENT, PARCEL):
        back = {(row.name, row.source): row.target for row in machine.moves}
        for row in machine.moves:
            if row.undo:
                assert back[row.undo, row.target] == row.source


def test_every_move_of_units_that_answers_make_is_a_line_move() -> None:
    for names in UNITS_MOVE.values():
        for state, name in names.items():
            assert name in LINE.allowed(state)
