"""What comes back is credited at the share it was sold for, and paid back the way it was paid."""

import pytest
from msgspec.structs import replace

from connectors.contract.messages import ChannelParty, ChannelPayment, PaymentTerms
from connectors.payments.test_gateway.wire import Fault, Operation
from oms.accounting import queries
from oms.accounting.documents.invoices import Party
from oms.accounting.queries import Seller
from oms.kernel.address import Address
from oms.payments import queries as payment_queries
from oms.payments.machine import RefundState
from oms.payments.model import Refund, RequestRefund, SettleRefund, Tender
from oms.payments.refunds import service as refunds
from returns.events import CreditedCharge, ReturnAbandoned, ReturnInspected, ReturnRegraded
from tests.integration.accounting.shop import Sold, blind, returned
from tests.integration.accounting.world import World

CARD = PaymentTerms.CAPTURE_ON_SHIP


def test_single_returns_of_odd_shares_sum_to_what_was_paid(world: World) -> None:
    order = world.order(Sold(3, 999, tax_minor=171, tax_rate=1900), discount_minor=100)
    world.ship(order, 2)
    world.ship(order, 1)

    for _ in range(3):
        world.come_back(order, 1)

    notes = world.documents(order, "credit_note")
    invoices = world.documents(order, "invoice")
    assert [each.number for each in notes] == ["CN-000001", "CN-000002", "CN-000003"]
    assert sum(each.total_minor for each in notes) == order.total_minor == 1070
    assert sum(each.tax_minor for each in notes) == sum(each.tax_minor for each in invoices)
    assert [each.corrects_id for each in notes] == [
        invoices[0].id,
        invoices[0].id,
        invoices[1].id,
    ]
    assert sum(each.amount_minor for each in world.refunds(order)) == 1070
    assert world.balance("Assets:Clearing:PaidOnChannel") == 0
    world.expect_proven()


def test_one_return_of_units_from_two_invoices_is_one_credit_note_with_two_lines(
    world: World,
) -> None:
    order = world.order(Sold(3, 1000, tax_minor=190, tax_rate=1900))
    world.ship(order, 1)
    world.ship(order, 2)

    world.come_back(order, 2)

    (note,) = world.documents(order, "credit_note")
    lines = world.document(note.id).lines
    assert [(line.first_unit, line.quantity) for line in lines] == [(0, 1), (1, 1)]
    assert len({line.corrects_id for line in lines}) == 2
    world.expect_proven()


def test_hearing_of_an_inspection_twice_credits_once(world: World) -> None:
    order = world.order(Sold(2, 2000))
    world.ship(order, 2)
    world.come_back(order, 1)
    cost = world.balance("Expenses:CostOfGoods")

    world.again(*world.heard(ReturnInspected) * 2)

    assert len(world.documents(order, "credit_note")) == 1
    assert len(world.refunds(order)) == 1
    assert world.balance("Expenses:CostOfGoods") == cost
    world.expect_proven()


def test_only_units_that_can_be_sold_again_bring_their_cost_back(world: World) -> None:
    order = world.order(Sold(4, 4000))
    world.ship(order, 4)

    world.come_back(order, 1)
    assert world.balance("Expenses:CostOfGoods") == 900
    world.come_back(order, 2, restocked=False)

    assert world.balance("Expenses:CostOfGoods") == 900
    world.expect_proven()


def test_units_set_aside_bring_their_cost_back_when_they_are_for_sale_after_all(
    world: World,
) -> None:
    order = world.order(Sold(3, 3000))
    world.ship(order, 3)
    return_id = world.come_back(order, 3, restocked=False)
    line = world.heard(ReturnInspected)[0].event.lines[0]

    regraded = ReturnRegraded(
        entity=return_id,
        order_id=order.id,
        return_line_id=line.return_line_id,
        item_id=line.item_id,
        quantity=2,
        disposition="restock",
        restocked=True,
    )
    world.react(regraded)
    world.again(*world.heard(ReturnRegraded))

    assert world.balance("Expenses:CostOfGoods") == 300
    world.expect_proven()


def test_goods_nobody_wanted_back_are_worth_something_and_credited_with_nothing(
    world: World,
) -> None:
    order = world.order(Sold(3, 3000))
    world.ship(order, 3)
    abandoned = ReturnAbandoned(
        entity="ret_1",
        order_id=order.id,
        return_line_id="rtl_1",
        item_id=order.lines[0].item_id or "",
        quantity=2,
        disposition="restock",
        restocked=True,
    )

    world.react(abandoned)
    world.again(*world.heard(ReturnAbandoned))

    assert world.documents(order, "credit_note") == []
    assert world.balance("Expenses:CostOfGoods") == 300
    world.expect_proven()


def test_goods_nobody_knows_the_sale_of_are_credited_as_claimed_and_paid_by_hand(
    world: World,
) -> None:
    world.inspected([blind(world.item_id("MUG"), 2, 1000, 200)])

    (note,) = world.documents(kind="credit_note")
    assert (note.order_id, note.net_minor, note.tax_minor) == (None, 1000, 200)
    with world.uow.begin() as tx:
        (owed,) = _to_do(world)
        assert (owed.tender, owed.amount_minor) == (Tender.MANUAL, 1200)
        refunds.pay(tx, [SettleRefund(refund_id=owed.id, reference="till 3")])
    assert _to_do(world) == []
    assert world.balance("Liabilities:RefundsDue") == 0
    assert world.balance("Expenses:CostOfGoods") == -600
    world.expect_proven()


def test_a_return_of_goods_from_two_orders_and_a_blind_rest_makes_a_note_for_each(
    world: World,
) -> None:
    first, second = world.order(Sold(1, 1000)), world.order(Sold(1, 500, sku="JUG"))
    world.ship(first, 1)
    world.ship(second, 1)

    units = [
        returned(order.lines[0].id, order.lines[0].item_id or "", 1, restocked=True)
        for order in (first, second)
    ]
    world.inspected([*units, blind(world.item_id("MUG"), 1, 70)])

    totals = {each.order_id: each.total_minor for each in world.documents(kind="credit_note")}
    assert totals == {first.id: 1000, second.id: 500, None: 70}
    world.expect_proven()


def test_money_given_back_without_goods_stands_on_the_orders_credit_note(world: World) -> None:
    order = world.order(Sold(1, 1000), charges=[(500, 100, 2000)])
    world.ship(order, 1)

    world.come_back(order, 1, charges=[CreditedCharge("Postage", 500, 100, 2000)])

    (note,) = world.documents(order, "credit_note")
    assert note.total_minor == order.total_minor
    assert world.balance("Income:ChargesRefunded") == 500
    world.expect_proven()


def test_goodwill_beyond_what_was_paid_is_paid_by_hand(world: World) -> None:
    order = world.order(Sold(1, 1000))
    world.ship(order, 1)

    world.come_back(order, 1, charges=[CreditedCharge("Sorry", 300, 0, 0)])

    by_tender = {each.tender: each.amount_minor for each in world.refunds(order)}
    assert by_tender == {Tender.PAID_ON_CHANNEL: 1000, Tender.MANUAL: 300}
    world.expect_proven()


def test_a_return_of_goods_not_paid_yet_lowers_what_is_owed(world: World) -> None:
    order = world.order(Sold(2, 2000), terms=PaymentTerms.INVOICE)
    world.ship(order, 2)

    world.come_back(order, 1)

    assert world.account(order).receivable_minor == 1000
    assert world.refunds(order) == []
    world.expect_proven()


def test_a_bundle_is_credited_when_all_its_parts_are_back(world: World) -> None:
    order = world.order(Sold(2, 5001, sku="SET"))
    world.ship(order, 2)
    line = order.lines[0]
    (mug, _), (jug, _) = sorted(line.parts, key=lambda part: -part[1])

    world.inspected([returned(line.id, mug, 2, restocked=True)], order.id)
    assert world.documents(order, "credit_note") == []
    assert world.balance("Expenses:CostOfGoods") == 2 * 300 + 2 * 700

    world.inspected([returned(line.id, jug, 1, restocked=True)], order.id)
    world.come_back(order, 1)

    totals = [each.total_minor for each in world.documents(order, "credit_note")]
    assert totals == [2501, 2500]
    assert world.balance("Expenses:CostOfGoods") == 0
    world.expect_proven()


def test_goods_that_came_back_before_their_invoice_are_credited_once_it_is_there(
    world: World,
) -> None:
    order = world.order(Sold(1, 1000))
    line = order.lines[0]

    world.inspected([returned(line.id, line.item_id or "", 1, restocked=True)], order.id)
    assert world.documents(order) == []
    world.ship(order, 1)
    world.clock.advance(60_000)
    world.drain()

    assert [each.kind for each in world.documents(order)] == ["credit_note", "invoice"]
    world.expect_proven()


def test_a_split_tender_gets_back_the_larger_part_first(world: World) -> None:
    notes = [
        ChannelPayment(tender="visa", amount_minor=400, reference="a"),
        ChannelPayment(tender="amex", amount_minor=600, reference="b"),
    ]
    order = world.order(Sold(2, 1000), terms=CARD, payments=notes)
    world.ship(order, 2)

    world.come_back(order, 1)
    world.come_back(order, 1)

    left = [(each.captured_minor, each.refunded_minor) for each in world.payments(order)]
    assert left == [(400, 400), (600, 600)]
    # 500 of the 600; then 400 of the 400, which has more left, and the last 100.
    assert sorted(each.amount_minor for each in world.refunds(order)) == [100, 400, 500]
    world.expect_proven()


def test_a_refund_the_gateway_declines_stays_owed_until_a_person_settles_it(world: World) -> None:
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    world.gateway.command(Operation.REFUND, Fault.DECLINE)
    world.come_back(order, 1)
    (failed,) = _to_do(world)
    assert failed.state is RefundState.FAILED
    assert world.balance("Liabilities:RefundsDue") == -1000

    with world.uow.begin() as tx:
        refunds.retry(tx, [SettleRefund(refund_id=failed.id)])
    world.drain()

    (refund,) = world.refunds(order)
    assert (refund.state, refund.attempt) == (RefundState.SUCCEEDED, 2)
    assert world.balance("Liabilities:RefundsDue") == 0
    world.expect_proven()


def test_a_failed_refund_can_be_handed_over_and_paid_by_hand(world: World) -> None:
    order = world.order(Sold(1, 1000), terms=CARD)
    world.ship(order, 1)
    world.gateway.command(Operation.REFUND, Fault.PARTIAL)
    world.come_back(order, 1)
    (failed,) = _to_do(world)
    assert failed.missing_minor == 500

    with world.uow.begin() as tx:
        command = SettleRefund(refund_id=failed.id, reference="cheque 9")
        refunds.hand_over(tx, [command])
        refunds.pay(tx, [command])

    assert world.payments(order)[0].refunded_minor == 1000
    assert world.balance("Assets:Clearing:Manual") == -500
    world.expect_proven()


def test_nobody_gets_back_more_than_was_captured(world: World) -> None:
    order = world.order(Sold(1, 1000))

    with world.uow.begin() as tx:
        request = RequestRefund(order_id=order.id, amount_minor=1001, currency="GBP")
        answers = refunds.request_refunds(tx, [request, replace(request, amount_minor=0)])

    codes = [answer.code for answer in answers if not isinstance(answer, tuple)]
    assert codes == ["refund.more_than_captured", "refund.nothing_to_give_back"]
    assert world.refunds(order) == []


def test_a_credit_note_prints_what_it_corrects(world: World) -> None:
    order = world.order(Sold(2, 2000))
    world.ship(order, 2)
    world.come_back(order, 1)
    (note,) = world.documents(order, "credit_note")

    with world.uow.read() as reader:
        seller = Seller(party=Party(address=Address(country="GB", name="Harrow & Vale Ltd")))
        (facts,) = queries.invoice_facts(reader, [note.id], seller)

    assert facts.corrects is not None
    assert facts.corrects.number == "INV-000001"


def test_a_credit_note_is_for_whom_the_invoice_was_for(world: World) -> None:
    order = world.order(Sold(2, 2000), extra={"tax_number": "GB123456789"})
    world.ship(order, 2)
    world.come_back(order, 1)

    buyers = [world.document(each.id).buyer for each in world.documents(order)]

    assert [each.tax_number for each in buyers] == ["GB123456789"] * 2
    assert buyers[0] == buyers[1]


def test_a_blind_credit_note_is_for_the_customer_as_far_as_one_is_known(world: World) -> None:
    ada = ChannelParty(external_id="7", name="Ada Lovelace", locale="id_ID")
    home = Address(country="GB", name="Ada Lovelace", line1="St James's Square", city="London")
    world.order(Sold(1, 1000), customer=ada)
    world.clock.advance(1_000)
    last = world.order(Sold(1, 1000), customer=ada, bill_to=home)

    units = blind(world.item_id("JUG"), 1, 500)
    world.inspected([units], customer_id=last.customer_id)
    world.inspected([units], customer_id="cus_stranger")

    known, stranger = (world.document(each.id) for each in world.documents(kind="credit_note"))
    assert (known.buyer.address, known.locale) == (home, "id_ID")
    assert stranger.buyer.address == Address(country="")
    assert (known.head.order_id, known.ship_to) == (None, None)
    world.expect_proven()


@pytest.mark.parametrize("shipped_first", [True, False])
def test_cancel_and_return_of_one_line_never_share_a_unit(
    world: World, shipped_first: bool
) -> None:
    order = world.order(Sold(3, 1000, tax_minor=190, tax_rate=1900))
    if shipped_first:
        world.ship(order, 2)
    world.cancel(order, 1)
    if not shipped_first:
        world.ship(order, 2)

    world.come_back(order, 2)

    assert sum(each.amount_minor for each in world.refunds(order)) == order.total_minor
    assert world.balance("Assets:Clearing:PaidOnChannel") == 0
    world.expect_proven()


def _to_do(world: World) -> list[Refund]:
    with world.uow.read() as reader:
        return payment_queries.refunds_to_do(reader)
