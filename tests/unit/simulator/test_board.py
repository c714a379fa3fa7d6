"""What waits where, told by events alone."""

from collections import Counter

from connectors.contract.parcels import TrackingStatus
from fulfillment.events import FulfilmentAnswered, FulfilmentRequested, LabelBought, ParcelTracked
from oms.orders.events import HoldPlaced, HoldReleased, LinesMoved, MovedUnits, OrderPlaced
from oms.orders.machine import LINE, LineState
from oms.payments.events import PaymentCaptured
from oms.simulator.board import Board, Heard
from returns.events import (
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
    ReturnSentBack,
)

PLACED = OrderPlaced(
    entity="ord_1",
    number="SO-000001",
    channel_id="chn_web",
    external_id="WEB-1",
    customer_id=None,
    currency="IDR",
    total_minor=5_000_000,
    payment_terms="cod",
    placed_at_ms=1,
    payments=(),
)


def moved(name: str, quantity: int = 2, **places: str) -> LinesMoved:
    target = next(move.target for move in LINE.moves if move.name == name)
    units = MovedUnits("lin_1", "itm_1", name, LineState(target), quantity, **places)
    return LinesMoved(entity="ord_1", moves=(units,))


def told(*events: Heard) -> Board:
    board = Board()
    for number, event in enumerate(events, start=1):
        board.hear(number, number * 1_000, event)
    return board


REQUESTED = (
    PLACED,
    moved("allocate", node_id="nod_1"),
    moved("release", node_id="nod_1", fulfilment_id="ful_1"),
    FulfilmentRequested(entity="ful_1", number="FO-000001", order_id="ord_1", node_id="nod_1"),
)
PACKED = (
    *REQUESTED,
    moved("pick", node_id="nod_1", fulfilment_id="ful_1"),
    moved("pack", node_id="nod_1", fulfilment_id="ful_1", parcel_id="par_1"),
)
SHIPPED = (
    *PACKED,
    LabelBought(
        entity="par_1",
        order_id="ord_1",
        carrier="nusantara",
        service="REG",
        tracking_number="JNR1",
        cost_minor=1,
        currency="IDR",
    ),
    moved("ship", node_id="nod_1", fulfilment_id="ful_1", parcel_id="par_1"),
)
DELIVERED = (
    *SHIPPED,
    moved("deliver", node_id="nod_1", fulfilment_id="ful_1", parcel_id="par_1"),
    ParcelTracked(
        entity="par_1", order_id="ord_1", status=TrackingStatus.DELIVERED, words="", at_ms=9
    ),
)


def test_an_order_waits_for_release_while_units_of_it_are_allocated() -> None:
    assert told(*REQUESTED[:2]).orders["ord_1"].allocated == 2
    assert told(*REQUESTED).orders["ord_1"].allocated == 0


def test_a_release_hold_stops_an_order_until_it_is_released() -> None:
    hold = HoldPlaced(entity="ord_1", hold_id="hld_1", stage="release", reason="total_differs")
    over = HoldReleased(entity="ord_1", hold_id="hld_1", stage="release")

    assert told(PLACED, hold).orders["ord_1"].held_by == {"hld_1"}
    assert told(PLACED, hold, over).orders["ord_1"].held_by == set()


def test_an_unknown_listing_is_remembered_with_its_line() -> None:
    hold = HoldPlaced(
        entity="ord_1",
        hold_id="hld_1",
        stage="allocation",
        reason="unknown_listing",
        line_id="lin_1",
    )

    order = told(PLACED, hold).orders["ord_1"]

    assert order.unknown_lines == {"hld_1": "lin_1"}
    assert order.held_by == set()


def test_released_units_stand_on_the_pick_list_of_their_node() -> None:
    card = told(*REQUESTED).floor["ful_1"]

    assert card.to_pick == Counter({"itm_1": 2})
    assert (card.name, card.node_id) == ("FO-000001", "nod_1")


def test_a_partner_who_says_no_has_nothing_left_to_do() -> None:
    no = FulfilmentAnswered(entity="ful_1", order_id="ord_1", state="rejected")

    assert told(*REQUESTED, moved("node_reject", fulfilment_id="ful_1"), no).floor == {}


def test_a_cancel_that_is_asked_for_stops_the_work_and_a_refusal_lets_it_go_on() -> None:
    asked = FulfilmentAnswered(entity="ful_1", order_id="ord_1", state="cancel_requested")
    refused = FulfilmentAnswered(entity="ful_1", order_id="ord_1", state="accepted")

    assert told(*REQUESTED, asked).floor["ful_1"].is_cancel_asked
    assert not told(*REQUESTED, asked, refused).floor["ful_1"].is_cancel_asked


def test_a_box_waits_for_its_label_and_then_for_the_van() -> None:
    packed, labelled = told(*PACKED), told(*SHIPPED[:-1])

    assert packed.floor["ful_1"].unlabelled == {"par_1"}
    assert labelled.floor["ful_1"].unlabelled == set()
    assert labelled.floor["ful_1"].boxes == {"par_1"}


def test_a_shipped_box_is_with_the_carrier_and_the_floor_forgets_it() -> None:
    board = told(*SHIPPED)

    assert board.floor == {}
    assert board.parcels["par_1"].is_shipped
    assert board.parcels["par_1"].tracking_number == "JNR1"
    assert board.told["parcel.shipped"] == 1


def test_what_is_found_missing_leaves_the_list_and_the_rest_stays() -> None:
    board = told(*REQUESTED, moved("short_pick", 1, fulfilment_id="ful_1"))

    assert board.floor["ful_1"].to_pick == Counter({"itm_1": 1})


def test_an_order_that_is_wholly_missing_leaves_the_floor() -> None:
    assert told(*REQUESTED, moved("short_pick", 2, fulfilment_id="ful_1")).floor == {}


def test_a_partners_parcel_is_on_its_way_without_ever_having_been_packed_here() -> None:
    board = told(*REQUESTED, moved("ship_direct", fulfilment_id="ful_1", parcel_id="par_9"))

    assert board.parcels["par_9"].is_shipped
    assert board.floor == {}


def test_after_the_last_scan_a_parcel_is_forgotten_and_its_customer_may_want_things() -> None:
    board = told(*DELIVERED)

    assert board.parcels == {}
    assert board.delivered["ord_1"].name == "SO-000001"
    assert board.cash["ord_1"].name == "SO-000001"


def test_cash_that_came_in_is_not_waited_for() -> None:
    paid = PaymentCaptured(
        entity="pay_1",
        order_id="ord_1",
        capture_id="cap_1",
        tender="cod",
        amount_minor=5_000_000,
        currency="IDR",
    )

    assert told(*DELIVERED, paid).cash == {}


def test_a_return_is_expected_then_inspected_then_done() -> None:
    asked = ReturnRequested(entity="ret_1", number="RMA-1", order_id="ord_1", state="authorised")
    here = ReturnReceived(entity="ret_1", order_id="ord_1", node_id="nod_1", units=1)
    over = ReturnClosed(entity="ret_1", order_id="ord_1", missing=0)
    done = ReturnInspected(
        entity="ret_1",
        order_id="ord_1",
        channel_id="chn_web",
        customer_id=None,
        currency="IDR",
        lines=(),
        charges=(),
    )

    assert told(*DELIVERED, asked).returns["ret_1"].node_id == ""
    assert told(*DELIVERED, asked, here).returns["ret_1"].node_id == "nod_1"
    assert told(*DELIVERED, asked, here, done).returns["ret_1"].is_judged
    assert told(*DELIVERED, asked, here, done, over).returns == {}
    assert told(*DELIVERED, asked).delivered == {}


def test_units_the_desk_does_not_take_wait_to_go_back_until_they_are_sent() -> None:
    asked = ReturnRequested(entity="ret_1", number="RMA-1", order_id="ord_1", state="authorised")
    here = ReturnReceived(entity="ret_1", order_id="ord_1", node_id="nod_1", units=2)
    no = ReturnRefused(
        entity="ret_1", order_id="ord_1", return_line_id="rln_1", units=2, note="worn"
    )
    back = ReturnSentBack(entity="ret_1", order_id="ord_1", parcel_id="par_2", units=2, note="worn")
    boxed = moved("send_back", node_id="nod_1", parcel_id="par_2", return_id="ret_1")

    assert told(*DELIVERED, asked, here, no).turned_down["ret_1"].turned_down == {"rln_1": 2}
    assert told(*DELIVERED, asked, here, no, boxed, back).turned_down == {}
    assert told(*DELIVERED, asked, here, no, boxed, back).parcels["par_2"].is_shipped


def test_a_parcel_refused_at_the_door_is_waited_for_until_it_is_back() -> None:
    turned = moved("refuse", parcel_id="par_1")
    back = moved("receive_return", parcel_id="par_1", return_id="ret_1")

    assert set(told(*SHIPPED, turned).refused) == {"ord_1"}
    assert told(*SHIPPED, turned, back).refused == {}


def test_an_event_that_is_heard_twice_counts_once() -> None:
    board = told(*REQUESTED)

    board.hear(3, 9_000, REQUESTED[2])

    assert board.floor["ful_1"].to_pick == Counter({"itm_1": 2})


def test_whatever_changes_a_card_makes_it_wait_anew() -> None:
    board = told(*REQUESTED)
    board.floor["ful_1"].due_ms["pick"] = 5

    board.hear(5, 7_000, moved("short_pick", 1, fulfilment_id="ful_1"))

    assert board.floor["ful_1"].due_ms == {}
    assert board.floor["ful_1"].since_ms == 7_000
