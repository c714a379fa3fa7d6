"""Whatever a gateway does to an answer, money moves once and the books know of it."""

import asyncio

import pytest

from connectors.contract.messages import PaymentTerms
from connectors.payments.test_gateway.wire import Fault, Operation
from oms.accounting.settling import service as settling
from oms.accounting.settling.model import CaptureOwed
from oms.kernel.clock import HOUR_MS, MINUTE_MS
from oms.kernel.errors import OMSError
from oms.orders.events import OrderPlaced
from oms.orders.facts import OrderFacts
from oms.payments import effects, queries
from oms.payments import service as payments
from oms.payments.answers.model import Intent
from oms.payments.answers.model import Operation as Asked
from oms.payments.answers.service import IN_DOUBT_AFTER_MS
from oms.payments.machine import CaptureState, PaymentState, RefundState
from oms.payments.model import (
    AskAgain,
    Capture,
    CaptureAsked,
    ReceivePayment,
    RequestCapture,
)
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World

CARD = PaymentTerms.CAPTURE_ON_SHIP
LOST = [Fault.TIMEOUT, Fault.SERVER_ERROR]


@pytest.mark.parametrize("fault", [*LOST, Fault.DUPLICATE])
@pytest.mark.parametrize("operation", [Operation.AUTHORISE, Operation.CAPTURE, Operation.REFUND])
def test_a_lost_or_doubled_answer_moves_money_once(
    world: World, operation: Operation, fault: Fault
) -> None:
    world.gateway.command(operation, fault)

    order = world.order(Sold(1, 1000), terms=CARD)
    later(world)
    world.ship(order, 1)
    later(world)
    world.come_back(order, 1)
    later(world)

    moved = [(each.operation, each.amount_minor) for each in world.gateway.gateway.moved]
    assert moved == [("authorise", 1000), ("capture", 1000), ("refund", 1000)]
    (payment,) = world.payments(order)
    assert (payment.captured_minor, payment.refunded_minor) == (1000, 1000)
    world.expect_proven()


def test_a_capture_waits_for_an_authorisation_that_was_lost(world: World) -> None:
    world.gateway.command(Operation.AUTHORISE, Fault.SERVER_ERROR, times=3)
    order = world.order(Sold(1, 1000), terms=CARD)

    world.ship(order, 1)
    assert world.payments(order)[0].state is PaymentState.AUTHORISING
    for _ in range(4):
        later(world)

    assert world.account(order).receivable_minor == 0
    world.expect_proven()


def test_an_answer_that_will_come_later_is_fetched_by_the_sweeper(world: World) -> None:
    world.gateway.command(Operation.CAPTURE, Fault.PENDING)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    assert captures(world, order)[0].state is CaptureState.IN_DOUBT
    assert sweep(world).asked == 0  # too fresh to be worried about

    world.clock.advance(IN_DOUBT_AFTER_MS + MINUTE_MS)
    swept = sweep(world)
    world.drain()

    assert (swept.asked, swept.still_in_doubt) == (1, 0)
    assert world.account(order).receivable_minor == 0
    assert sweep(world).asked == 0
    world.expect_proven()


def test_a_sweep_and_the_outbox_may_both_ask(world: World) -> None:
    world.gateway.command(Operation.CAPTURE, Fault.TIMEOUT)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)

    world.clock.advance(HOUR_MS)
    sweep(world)
    world.drain()

    captured = [each for each in world.gateway.gateway.moved if each.operation == "capture"]
    assert [each.amount_minor for each in captured] == [1000]
    assert world.payments(order)[0].captured_minor == 1000
    world.expect_proven()


def test_a_gateway_that_stays_away_leaves_the_wish_in_doubt_and_nothing_else(
    world: World,
) -> None:
    world.gateway.command(Operation.AUTHORISE, Fault.SERVER_ERROR, times=100)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.clock.advance(HOUR_MS)

    swept = sweep(world)

    assert (swept.asked, swept.still_in_doubt) == (1, 1)
    with world.uow.read() as reader:
        waiting = queries.in_doubt(reader, reader.now_ms, 10)
    assert waiting == [Intent(Asked.AUTHORISE, world.payments(order)[0].id)]


def test_a_request_the_gateway_refuses_is_an_answer(world: World) -> None:
    world.gateway.command(Operation.CAPTURE, Fault.REJECT)
    order = world.order(Sold(1, 1000), terms=CARD)

    world.ship(order, 1)

    (capture,) = captures(world, order)
    assert (capture.state, capture.code) == (CaptureState.DECLINED, "invalid_request")
    assert world.payments(order)[0].capturing_minor == 0


def test_a_person_can_ask_for_a_declined_capture_again(world: World) -> None:
    world.gateway.command(Operation.CAPTURE, Fault.DECLINE)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    (invoice,) = world.documents(order)
    wish = RequestCapture(
        order_id=order.id, amount_minor=1000, currency="GBP", document_id=invoice.id
    )

    with world.uow.begin() as tx:
        answers = payments.request_captures(tx, [wish, wish])
    world.drain()

    assert [each.requested_minor for each in answers] == [1000, 0]
    assert world.account(order).receivable_minor == 0
    world.expect_proven()


def test_a_declined_card_can_be_asked_again_and_is_then_captured(world: World) -> None:
    world.gateway.command(Operation.AUTHORISE, Fault.DECLINE)
    order = world.order(Sold(1, 1000), terms=CARD)
    (declined,) = world.payments(order)
    assert declined.state is PaymentState.DECLINED

    with world.uow.begin() as tx:
        payments.ask_again(tx, [AskAgain(payment_id=declined.id)])
    world.drain()
    world.ship(order, 1)

    assert world.account(order).receivable_minor == 0
    world.expect_proven()


def test_an_invoice_whose_capture_was_declined_is_asked_for_again_once(world: World) -> None:
    world.gateway.command(Operation.CAPTURE, Fault.DECLINE)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    (invoice,) = world.documents(order)
    wish = CaptureOwed(invoice_id=invoice.id)

    with world.uow.begin() as tx:
        first, second = settling.capture_owed(tx, [wish, wish])
    world.drain()
    with world.uow.begin() as tx:
        paid, nobody = settling.capture_owed(tx, [wish, CaptureOwed(invoice_id="inv_x")])

    assert (first, second) == (CaptureAsked(1000, 0), CaptureAsked(0, 0))
    assert [each.code for each in (paid, nobody) if isinstance(each, OMSError)] == [
        "invoice.nothing_owed",
        "invoice.not_found",
    ]
    assert world.account(order).receivable_minor == 0
    world.expect_proven()


def test_what_a_customer_has_sent_already_is_not_asked_of_the_gateway(world: World) -> None:
    world.gateway.command(Operation.CAPTURE, Fault.DECLINE)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    (invoice,) = world.documents(order)

    receive(world, order, 300, "bank 1")
    receive(world, order, 300, "bank 1")
    with world.uow.begin() as tx:
        (asked,) = settling.capture_owed(tx, [CaptureOwed(invoice_id=invoice.id)])
    world.drain()

    assert asked == CaptureAsked(700, 0)
    took = [(each.tender, each.captured_minor) for each in world.payments(order)]
    assert took == [("card", 700), ("bank_transfer", 300)]
    assert world.account(order).receivable_minor == 0
    world.expect_proven()


def test_a_declined_card_is_made_good_by_a_bank_transfer(world: World) -> None:
    world.gateway.command(Operation.AUTHORISE, Fault.DECLINE)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)

    receive(world, order, 600, "bank 1")
    receive(world, order, 400, "bank 2")

    assert world.account(order).receivable_minor == 0
    world.come_back(order, 1)
    assert [each.state for each in world.refunds(order)] == [RefundState.PAYABLE] * 2
    world.expect_proven()


def test_an_order_cancelled_while_its_card_is_asked_is_let_go_afterwards(world: World) -> None:
    world.gateway.command(Operation.AUTHORISE, Fault.SERVER_ERROR)
    order = world.order(Sold(1, 1000), terms=CARD)
    world.cancel(order)
    assert world.payments(order)[0].state is PaymentState.VOIDING

    for _ in range(3):
        later(world)

    assert world.payments(order)[0].state is PaymentState.VOIDED
    operations = [each.operation for each in world.gateway.gateway.moved]
    assert operations == [Operation.AUTHORISE, Operation.VOID]
    world.expect_proven()


def test_an_order_recorded_twice_is_paid_once(world: World) -> None:
    order = world.order(Sold(1, 1000))
    with world.uow.begin() as tx:
        payments.record(tx, world.heard(OrderPlaced))

    assert len(world.payments(order)) == 1
    world.expect_proven()


def test_a_refund_that_hangs_is_not_refunded_twice(world: World) -> None:
    order = world.order(Sold(2, 2000), terms=CARD)
    world.ship(order, 2)
    world.gateway.command(Operation.REFUND, Fault.TIMEOUT)
    world.come_back(order, 1)
    assert world.refunds(order)[0].state is RefundState.REQUESTED

    world.come_back(order, 1)
    for _ in range(2):
        later(world)

    refunded = [each for each in world.gateway.gateway.moved if each.operation == "refund"]
    assert [each.amount_minor for each in refunded] == [1000, 1000]
    assert world.payments(order)[0].refunded_minor == 2000
    world.expect_proven()


def later(world: World) -> None:
    """Let back-offs end and everything be tried again."""
    world.clock.advance(HOUR_MS)
    world.drain()


def receive(world: World, order: OrderFacts, amount_minor: int, reference: str) -> None:
    """Money of an order comes in without a gateway."""
    command = ReceivePayment(
        order_id=order.id, amount_minor=amount_minor, currency="GBP", reference=reference
    )
    with world.uow.begin() as tx:
        (answer,) = payments.receive(tx, [command])
    assert not isinstance(answer, OMSError), answer
    world.drain()


def sweep(world: World) -> effects.Swept:
    return asyncio.run(effects.sweep(world.uow, world.asker))


def captures(world: World, order: OrderFacts) -> list[Capture]:
    with world.uow.read() as reader:
        return queries.captures_of(reader, order.id)
