"""What payments decide about amounts, without a database."""

import pytest
from msgspec.structs import replace

from connectors.contract.messages import PaymentTerms
from connectors.contract.tenders import GatewayOutcome
from oms.kernel.errors import Refused, Stale
from oms.orders.events import OrderPlaced, PaymentNote
from oms.payments import model
from oms.payments.answers.model import authorise_call, capture_call, refund_call, void_call
from oms.payments.machine import CAPTURE, PAYMENT, REFUND, CaptureState, PaymentState, RefundState
from oms.payments.model import Answer, Capture, Payment, Refund, Tender
from oms.payments.refunds.model import claim_refund, give_back, refund_state, refunded, split_refund

DONE, DECLINED, PENDING = GatewayOutcome.DONE, GatewayOutcome.DECLINED, GatewayOutcome.PENDING
PAYMENT_ROW = Payment(
    id="pay_1",
    order_id="ord_1",
    position=0,
    order_number="SO-1",
    channel_id="chn_1",
    tender=Tender.CARD,
    means="visa",
    gateway="test_gateway",
    token="tok",
    state=PaymentState.AUTHORISED,
    currency="GBP",
    amount_minor=1000,
    authorised_minor=1000,
    external_ref="auth",
    created_at_ms=0,
    asked_at_ms=0,
)
CAPTURE_ROW = Capture(
    id="cap_1",
    payment_id="pay_1",
    order_id="ord_1",
    document_id="inv_1",
    state=CaptureState.REQUESTED,
    amount_minor=400,
    asked_at_ms=0,
)
REFUND_ROW = Refund(
    id="ref_1",
    order_id="ord_1",
    payment_id="pay_1",
    capture_id="cap_1",
    return_id="",
    credit_note_id="",
    tender=Tender.CARD,
    gateway="test_gateway",
    state=RefundState.REQUESTED,
    currency="GBP",
    amount_minor=300,
    requested_at_ms=0,
    asked_at_ms=0,
)


def placed(terms: PaymentTerms, *notes: tuple[str, int], total_minor: int = 1000) -> OrderPlaced:
    return OrderPlaced(
        entity="ord_1",
        number="SO-1",
        channel_id="chn_1",
        external_id="1",
        customer_id=None,
        currency="GBP",
        total_minor=total_minor,
        payment_terms=terms.value,
        placed_at_ms=0,
        payments=tuple(PaymentNote(tender, amount) for tender, amount in notes),
    )


@pytest.mark.parametrize(
    ("terms", "notes", "expected"),
    [
        (PaymentTerms.PAID_ON_CHANNEL, [], [("paid_on_channel", 1000, "captured")]),
        (PaymentTerms.PAID_ON_CHANNEL, [("paypal", 400)], [("paid_on_channel", 400, "captured")]),
        (PaymentTerms.CAPTURE_ON_SHIP, [], [("card", 1000, "authorising")]),
        (
            PaymentTerms.CAPTURE_ON_SHIP,
            [("visa", 600), ("amex", 400)],
            [("card", 600, "authorising"), ("card", 400, "authorising")],
        ),
        (PaymentTerms.COD, [], [("cod", 1000, "pending")]),
        (
            PaymentTerms.INVOICE,
            [("voucher", 300)],
            [("paid_on_channel", 300, "captured"), ("bank_transfer", 700, "pending")],
        ),
    ],
)
def test_terms_and_notes_say_how_an_order_is_paid(
    terms: PaymentTerms, notes: list[tuple[str, int]], expected: list[tuple[str, int, str]]
) -> None:
    planned = model.plan(placed(terms, *notes))

    assert [(each.tender, each.amount_minor, each.state) for each in planned] == expected


def test_a_free_order_expects_no_payment() -> None:
    assert model.plan(placed(PaymentTerms.PAID_ON_CHANNEL, total_minor=0)) == []


def test_captures_take_from_the_first_named_payment_first() -> None:
    second = replace(PAYMENT_ROW, id="pay_2", position=1, captured_minor=900)

    parts = model.split_capture([second, PAYMENT_ROW], 1100)

    assert [(payment.id, amount) for payment, amount in parts] == [("pay_1", 1000), ("pay_2", 100)]


def test_captures_ask_for_no_more_than_is_authorised() -> None:
    busy = replace(PAYMENT_ROW, capturing_minor=700)

    assert [amount for _, amount in model.split_capture([busy], 1000)] == [300]
    assert model.split_capture([replace(PAYMENT_ROW, state=PaymentState.DECLINED)], 10) == []


def test_refunds_come_from_the_payment_with_most_left() -> None:
    captures = [
        replace(CAPTURE_ROW, id="cap_1", payment_id="pay_1", captured_minor=400),
        replace(CAPTURE_ROW, id="cap_2", payment_id="pay_2", captured_minor=300),
        replace(CAPTURE_ROW, id="cap_3", payment_id="pay_2", captured_minor=300),
    ]

    parts = split_refund(captures, 700)

    assert [(capture.id, amount) for capture, amount in parts] == [
        ("cap_2", 300),
        ("cap_3", 300),
        ("cap_1", 100),
    ]


def test_a_refund_beyond_what_is_left_is_refused() -> None:
    capture = replace(CAPTURE_ROW, captured_minor=400, refunded_minor=100, refunding_minor=100)

    with pytest.raises(Refused, match="200 was captured"):
        split_refund([capture], 201)


def test_an_authorisation_may_be_granted_in_part_refused_or_left_open() -> None:
    waiting = replace(
        PAYMENT_ROW, state=PaymentState.AUTHORISING, authorised_minor=0, external_ref=""
    )

    granted = model.authorised(waiting, Answer(outcome=DONE, reference="x", amount_minor=600))
    refused = model.authorised(waiting, Answer(outcome=DECLINED, code="51"))
    open_ = model.authorised(waiting, Answer(outcome=PENDING))

    assert (granted.state, granted.authorised_minor) == (PaymentState.AUTHORISED, 600)
    assert (refused.state, refused.code) == (PaymentState.DECLINED, "51")
    assert open_.state is PaymentState.AUTHORISING


def test_a_capture_ends_the_payment_when_nothing_is_left_of_it() -> None:
    payment = replace(PAYMENT_ROW, authorised_minor=400, capturing_minor=400)
    answer = Answer(outcome=DONE, reference="c", amount_minor=400)

    after, capture = model.captured(payment, CAPTURE_ROW, answer, 5)

    assert (after.state, after.captured_minor, after.capturing_minor) == ("captured", 400, 0)
    assert (capture.state, capture.captured_minor, capture.settled_at_ms) == ("captured", 400, 5)


def test_a_gateway_cannot_capture_more_than_it_was_asked() -> None:
    payment = replace(PAYMENT_ROW, capturing_minor=400)
    answer = Answer(outcome=DONE, reference="c", amount_minor=999)

    assert model.captured(payment, CAPTURE_ROW, answer, 5)[1].captured_minor == 400


def test_money_spoken_for_stays_spoken_for_until_it_went() -> None:
    payment = replace(PAYMENT_ROW, captured_minor=400)
    capture = replace(CAPTURE_ROW, captured_minor=400)

    claimed = claim_refund(payment, capture, 300)
    assert claimed[1].refundable_minor == 100
    payment, capture = give_back(*claimed, 120)

    assert (payment.refunding_minor, payment.refunded_minor) == (180, 120)
    assert capture.refundable_minor == 100


def test_a_refund_done_in_part_has_failed_until_the_rest_went() -> None:
    half = refunded(REFUND_ROW, Answer(outcome=DONE, amount_minor=150), 5)

    assert (half.state, half.missing_minor) == (RefundState.FAILED, 150)


def test_where_a_refund_begins_depends_on_where_the_money_came_from() -> None:
    by_channel = replace(PAYMENT_ROW, gateway="", tender=Tender.PAID_ON_CHANNEL)
    by_bank = replace(PAYMENT_ROW, gateway="", tender=Tender.BANK_TRANSFER)

    states = [refund_state(each) for each in (PAYMENT_ROW, by_channel, by_bank, None)]

    assert states == ["requested", "succeeded", "payable", "payable"]


def test_money_that_comes_late_or_twice_is_still_money() -> None:
    pending = replace(
        PAYMENT_ROW, gateway="", state=PaymentState.PENDING, authorised_minor=0, external_ref=""
    )

    part = model.received(pending, 400)
    whole = model.received(part, 600)
    more = model.received(whole, 50)

    assert [part.state, whole.state, more.state] == ["pending", "captured", "captured"]
    assert more.captured_minor == 1050


def test_the_key_of_a_wish_is_the_same_however_often_it_is_asked() -> None:
    first, again = capture_call(PAYMENT_ROW, CAPTURE_ROW), capture_call(PAYMENT_ROW, CAPTURE_ROW)

    assert first is not None
    assert again is not None
    assert (first.key, first.reference) == (again.key, "auth")


def test_another_try_is_another_wish() -> None:
    taken = replace(CAPTURE_ROW, captured_minor=400, external_ref="c")
    first = refund_call(REFUND_ROW, taken)
    second = refund_call(replace(REFUND_ROW, attempt=2), taken)

    assert first is not None
    assert second is not None
    assert first.key != second.key


def test_what_is_answered_is_not_asked() -> None:
    assert authorise_call(PAYMENT_ROW) is None
    assert void_call(PAYMENT_ROW) is None
    assert capture_call(PAYMENT_ROW, replace(CAPTURE_ROW, state=CaptureState.DECLINED)) is None
    assert refund_call(replace(REFUND_ROW, state=RefundState.SUCCEEDED), CAPTURE_ROW) is None


def test_a_capture_waits_for_its_authorisation() -> None:
    waiting = replace(PAYMENT_ROW, state=PaymentState.AUTHORISING, external_ref="")

    with pytest.raises(Stale):
        capture_call(waiting, CAPTURE_ROW)


@pytest.mark.parametrize("machine", [PAYMENT, CAPTURE, REFUND], ids=lambda each: each.name)
def test_every_state_is_reached_and_money_that_waits_can_end(machine: object) -> None:
    assert isinstance(machine, type(PAYMENT))
    ends = {state for state in machine.states if not machine.allowed(state)} | {"captured"}

    for state in machine.states:
        seen, todo = {state}, [state]
        while todo:
            now = todo.pop()
            nexts = {move.target for move in machine.moves if move.source == now} - seen
            seen |= nexts
            todo += nexts
        assert seen & ends, f"{state} never ends"
