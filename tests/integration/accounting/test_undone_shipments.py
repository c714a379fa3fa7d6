"""A shipment that never left: its invoice is reversed, its money waits, its units are free."""

from connectors.contract.messages import PaymentTerms
from fulfillment.events import ShipmentUndone
from oms.accounting.model import Reason
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World


def test_an_undone_shipment_is_credited_whole_and_nothing_is_paid_back(world: World) -> None:
    order = world.order(Sold(3, 1000, tax_minor=190, tax_rate=1900), charges=[(500, 0, 0)])
    shipment = world.ship(order, 3)

    world.unship(order, shipment)

    (note,) = world.documents(order, "credit_note")
    assert note.total_minor == order.total_minor
    assert world.refunds(order) == []
    assert world.balance("Liabilities:CustomerDeposits") == -order.total_minor
    assert world.balance("Assets:Receivable") == 0
    assert world.balance("Expenses:CostOfGoods") == 0
    world.expect_proven()


def test_when_it_leaves_after_all_it_is_invoiced_and_paid_again(world: World) -> None:
    order = world.order(Sold(3, 1000, tax_minor=190, tax_rate=1900), charges=[(500, 0, 0)])
    first = world.ship(order, 1)
    world.ship(order, 1)
    world.unship(order, first)

    world.ship(order, 2)

    invoices = world.documents(order, "invoice")
    lines = world.document(invoices[-1].id).lines
    assert [(line.first_unit, line.quantity) for line in lines] == [(0, 1), (2, 1)]
    assert world.account(order).receivable_minor == 0
    assert world.balance("Liabilities:CustomerDeposits") == 0
    world.expect_proven()

    world.come_back(order, 3)

    assert sum(each.amount_minor for each in world.refunds(order)) == order.total_minor - 500
    world.expect_proven()


def test_units_that_left_again_are_not_invoiced_a_third_time(world: World) -> None:
    order = world.order(Sold(2, 2000))
    world.unship(order, world.ship(order, 1))

    world.ship(order, 1)
    world.ship(order, 1)

    invoices = world.documents(order, "invoice")
    assert [world.document(each.id).lines[0].first_unit for each in invoices] == [0, 0, 1]
    world.expect_proven()


def test_hearing_of_it_twice_reverses_once(world: World) -> None:
    order = world.order(Sold(2, 2000))
    world.unship(order, world.ship(order, 2))

    world.again(*world.heard(ShipmentUndone) * 2)

    assert len(world.documents(order, "credit_note")) == 1
    world.expect_proven()


def test_an_order_cancelled_after_its_shipment_was_undone_gets_everything_back(
    world: World,
) -> None:
    order = world.order(Sold(2, 2000), charges=[(500, 0, 0)])
    world.unship(order, world.ship(order, 2))

    world.cancel(order)

    assert sum(each.amount_minor for each in world.refunds(order)) == 2500
    assert world.balance("Liabilities:CustomerDeposits") == 0
    world.expect_proven()


def test_a_captured_card_is_not_charged_again_for_the_same_units(world: World) -> None:
    order = world.order(Sold(2, 2000), terms=PaymentTerms.CAPTURE_ON_SHIP)
    world.unship(order, world.ship(order, 2))

    world.ship(order, 2)

    assert [each.amount_minor for each in world.gateway.gateway.moved] == [2000, 2000]
    assert world.account(order).receivable_minor == 0
    world.expect_proven()


def test_a_part_of_a_bundle_that_never_left_unmakes_the_bundle(world: World) -> None:
    order = world.order(Sold(1, 5000, sku="SET"))
    line = order.lines[0]
    (mug, _), (jug, _) = sorted(line.parts, key=lambda part: -part[1])
    first = world.ship_parts(order, [(line.id, mug, 2)])
    world.ship_parts(order, [(line.id, jug, 1)])

    world.unship(order, first)

    (note,) = world.documents(order, "credit_note")
    assert note.total_minor == 5000
    assert world.balance("Expenses:CostOfGoods") == 700
    world.expect_proven()

    world.ship_parts(order, [(line.id, mug, 2)])

    assert world.account(order).receivable_minor == 0
    assert len(world.documents(order, "invoice")) == 2
    world.expect_proven()


def test_parts_that_made_no_bundle_only_bring_their_cost_back(world: World) -> None:
    order = world.order(Sold(1, 5000, sku="SET"))
    line = order.lines[0]
    part = line.parts[0]
    shipment = world.ship_parts(order, [(line.id, *part)])

    world.unship(order, shipment)
    world.again(*world.heard(ShipmentUndone))

    assert world.documents(order) == []
    assert world.balance("Expenses:CostOfGoods") == 0
    world.expect_proven()


def test_the_reason_of_a_document_is_kept(world: World) -> None:
    order = world.order(Sold(2, 2000))
    world.unship(order, world.ship(order, 1))
    world.ship(order, 2)
    world.come_back(order, 1)

    assert [each.reason for each in world.documents(order)] == [
        Reason.UNDONE,
        Reason.RETURNED,
        Reason.SHIPPED,
        Reason.SHIPPED,
    ]
