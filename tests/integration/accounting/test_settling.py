"""Deposits pay what is invoiced; what was paid and is no longer owed goes back."""

import pytest

from connectors.contract.messages import ChannelPayment, PaymentTerms
from connectors.payments.test_gateway.wire import Fault, Operation
from oms.accounting import queries
from oms.orders.events import LinesCancelled
from oms.payments import service as payments
from oms.payments.events import CaptureDeclined, CaptureNotCovered
from oms.payments.machine import PaymentState, RefundState
from oms.payments.model import ReceivePayment
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World

CARD = PaymentTerms.CAPTURE_ON_SHIP


def test_the_paid_share_of_cancelled_units_goes_back_at_once(world: World) -> None:
    order = world.order(Sold(3, 1000, tax_minor=190, tax_rate=1900), charges=[(500, 0, 0)])

    world.cancel(order, 1)

    (refund,) = world.refunds(order)
    assert (refund.amount_minor, refund.state) == (396, RefundState.SUCCEEDED)
    assert world.account(order).released_minor == 396

    world.ship(order, 2)

    (invoice,) = world.documents(order)
    assert invoice.total_minor + refund.amount_minor == order.total_minor
    assert world.balance("Liabilities:CustomerDeposits") == 0
    assert world.balance("Assets:Receivable") == 0
    assert world.balance("Assets:Clearing:PaidOnChannel") == order.total_minor - 396
    world.expect_proven()


def test_an_order_cancelled_whole_gives_the_charges_back_too(world: World) -> None:
    order = world.order(Sold(2, 2000), Sold(1, 700, sku="JUG"), charges=[(500, 100, 2000)])

    world.cancel(order, 2)
    world.cancel(order)

    assert sum(refund.amount_minor for refund in world.refunds(order)) == order.total_minor
    assert world.documents(order) == []
    assert world.balance("Liabilities:CustomerDeposits") == 0
    world.expect_proven()


def test_hearing_of_a_cancel_twice_refunds_once(world: World) -> None:
    order = world.order(Sold(2, 2000))
    world.cancel(order, 1)

    world.again(*world.heard(LinesCancelled))

    assert len(world.refunds(order)) == 1
    world.expect_proven()


def test_units_wanted_again_after_a_refund_are_owed_again(world: World) -> None:
    order = world.order(Sold(2, 2000), charges=[(500, 0, 0)])
    world.cancel(order)
    assert world.account(order).released_minor == 2500

    world.reinstate(order, 2)
    world.ship(order, 2)

    (invoice,) = world.documents(order)
    assert (invoice.total_minor, invoice.paid_minor) == (2500, 0)
    assert world.account(order).receivable_minor == 2500
    with world.uow.read() as reader:
        assert [each.order_id for each in queries.receivables(reader)] == [order.id]
    world.expect_proven()


def test_a_card_is_charged_for_each_shipment_when_it_leaves(world: World) -> None:
    note = ChannelPayment(tender="visa", amount_minor=3000, reference="tok_1")
    order = world.order(Sold(3, 3000), terms=CARD, payments=[note])
    (payment,) = world.payments(order)
    assert (payment.state, payment.authorised_minor) == (PaymentState.AUTHORISED, 3000)

    world.ship(order, 1)
    assert world.payments(order)[0].captured_minor == 1000
    world.ship(order, 2)

    (payment,) = world.payments(order)
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 3000)
    assert world.account(order).receivable_minor == 0
    assert [each.amount_minor for each in world.gateway.gateway.moved] == [3000, 1000, 2000]
    world.expect_proven()


def test_what_a_finished_order_does_not_need_of_a_card_is_let_go(world: World) -> None:
    order = world.order(Sold(3, 3000), terms=CARD)
    world.ship(order, 2)

    world.cancel(order, 1)

    (payment,) = world.payments(order)
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 2000)
    last = world.gateway.gateway.moved[-1]
    assert (last.operation, last.amount_minor) == (Operation.VOID, 1000)
    assert world.refunds(order) == []
    world.expect_proven()


def test_a_cancelled_card_order_is_never_charged(world: World) -> None:
    order = world.order(Sold(3, 3000), terms=CARD)

    world.cancel(order)

    assert world.payments(order)[0].state is PaymentState.VOIDED
    operations = [each.operation for each in world.gateway.gateway.moved]
    assert operations == [Operation.AUTHORISE, Operation.VOID]
    world.expect_proven()


def test_a_declined_capture_leaves_the_invoice_open_and_is_told(world: World) -> None:
    order = world.order(Sold(1, 1000), terms=CARD)
    world.gateway.command(Operation.CAPTURE, Fault.DECLINE)

    world.ship(order, 1)

    assert world.account(order).receivable_minor == 1000
    (declined,) = world.heard(CaptureDeclined)
    assert declined.event.missing_minor == 1000
    assert declined.event.document_id == world.documents(order)[0].id
    world.expect_proven()


def test_an_order_whose_card_was_declined_ships_on_account_and_says_so(world: World) -> None:
    world.gateway.command(Operation.AUTHORISE, Fault.DECLINE)
    order = world.order(Sold(1, 1000), terms=CARD)

    world.ship(order, 1)

    assert world.payments(order)[0].state is PaymentState.DECLINED
    (missing,) = world.heard(CaptureNotCovered)
    assert missing.event.missing_minor == 1000
    world.expect_proven()


def test_a_part_that_was_captured_pays_a_part(world: World) -> None:
    order = world.order(Sold(1, 1000), terms=CARD)
    world.gateway.command(Operation.CAPTURE, Fault.PARTIAL)

    world.ship(order, 1)

    assert world.account(order).applied_minor == 500
    assert world.documents(order)[0].paid_minor == 500
    world.expect_proven()


def test_cash_on_delivery_is_owed_until_it_is_received(world: World) -> None:
    order = world.order(Sold(2, 2000), terms=PaymentTerms.COD)
    world.ship(order, 2)
    assert world.account(order).receivable_minor == 2000

    _receive(world, order.id, 1500, "carrier list 7")
    assert world.account(order).receivable_minor == 500
    _receive(world, order.id, 500, "carrier list 8")

    assert world.account(order).receivable_minor == 0
    assert world.payments(order)[0].state is PaymentState.CAPTURED
    assert world.balance("Assets:Clearing:Cod") == 2000
    world.expect_proven()


def test_the_same_money_told_twice_is_received_once(world: World) -> None:
    order = world.order(Sold(1, 1000), terms=PaymentTerms.INVOICE)

    _receive(world, order.id, 400, "bank 1")
    _receive(world, order.id, 400, "bank 1")

    assert world.payments(order)[0].captured_minor == 400
    world.expect_proven()


def test_money_nobody_can_explain_stays_a_deposit(world: World) -> None:
    note = ChannelPayment(tender="paypal", amount_minor=1100)
    order = world.order(Sold(1, 1000), payments=[note])

    world.ship(order, 1)

    assert world.balance("Liabilities:CustomerDeposits") == -100
    assert world.refunds(order) == []
    world.expect_proven()


@pytest.mark.parametrize("paid", [0, 400, 1000])
def test_a_cancel_gives_back_only_what_the_rest_of_the_order_does_not_need(
    world: World, paid: int
) -> None:
    order = world.order(Sold(2, 1000), terms=PaymentTerms.INVOICE)
    if paid:
        _receive(world, order.id, paid, "bank 1")

    world.cancel(order, 1)

    assert sum(each.amount_minor for each in world.refunds(order)) == max(0, paid - 500)
    world.expect_proven()


def _receive(world: World, order_id: str, amount_minor: int, reference: str) -> None:
    with world.uow.begin() as tx:
        command = ReceivePayment(
            order_id=order_id, amount_minor=amount_minor, currency="GBP", reference=reference
        )
        (answer,) = payments.receive(tx, [command])
        assert not isinstance(answer, Exception)
    world.drain()
