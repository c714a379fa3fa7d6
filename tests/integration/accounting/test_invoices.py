"""What left is invoiced once, at the stored shares, with all charges on the first invoice."""

import pytest

from fulfillment.events import ShipmentShipped
from oms.accounting import queries
from oms.accounting.documents.invoices import Party, invoices_pdf
from oms.accounting.model import LineKind
from oms.accounting.queries import InvoicePage, Seller
from oms.kernel.address import Address
from oms.kernel.errors import NotFound
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World

SELLER = Seller(party=Party(address=Address(country="GB", name="Harrow & Vale Ltd")))


def test_one_shipment_of_a_paid_order_is_invoiced_whole(world: World) -> None:
    order = world.order(Sold(3, 3000, tax_minor=600, tax_rate=2000), charges=[(500, 100, 2000)])

    world.ship(order, 3)

    (invoice,) = world.documents(order)
    assert invoice.number == "INV-000001"
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (3500, 700, 4200)
    assert invoice.total_minor == order.total_minor
    assert invoice.paid_minor == 4200
    assert world.balance("Expenses:CostOfGoods") == 900
    assert world.balance("Assets:Receivable") == 0
    world.expect_proven()


def test_several_shipments_sum_to_the_order_and_only_the_first_has_the_charges(
    world: World,
) -> None:
    order = world.order(
        Sold(3, 1000, tax_minor=190, tax_rate=1900),
        Sold(2, 333, sku="JUG"),
        charges=[(495, 0, 0)],
        discount_minor=100,
    )

    for quantities in ((1, 0), (1, 2), (1, 0)):
        world.ship(order, *quantities)

    invoices = world.documents(order)
    assert [each.number for each in invoices] == ["INV-000001", "INV-000002", "INV-000003"]
    assert sum(each.net_minor for each in invoices) == order.goods_minor + order.charges_minor
    assert sum(each.tax_minor for each in invoices) == order.tax_minor
    kinds = [[line.kind for line in world.document(each.id).lines] for each in invoices]
    assert kinds == [
        [LineKind.GOODS, LineKind.CHARGE],
        [LineKind.GOODS, LineKind.GOODS],
        [LineKind.GOODS],
    ]
    units = [line.first_unit for each in invoices for line in world.document(each.id).lines]
    assert units == [0, 0, 1, 0, 2]
    world.expect_proven()


def test_hearing_of_a_shipment_twice_invoices_it_once(world: World) -> None:
    order = world.order(Sold(2, 2000))
    world.ship(order, 2)
    before = world.balance("Income:Sales"), world.balance("Expenses:CostOfGoods")

    world.again(*world.heard(ShipmentShipped) * 2)

    assert len(world.documents()) == 1
    assert (world.balance("Income:Sales"), world.balance("Expenses:CostOfGoods")) == before
    world.expect_proven()


def test_an_order_of_charges_alone_is_invoiced_at_once(world: World) -> None:
    order = world.order(charges=[(1500, 300, 2000), (200, 0, 0)])

    (invoice,) = world.documents(order)
    assert invoice.shipment_id is None
    assert invoice.total_minor == 2000 == invoice.paid_minor
    assert [tax.tax_rate_bp for tax in world.document(invoice.id).taxes] == [2000, 0]
    world.expect_proven()


def test_prices_that_include_tax_are_invoiced_with_the_tax_inside(world: World) -> None:
    order = world.order(Sold(3, 1000, tax_rate=2000), includes_tax=True)

    world.ship(order, 2)
    world.ship(order, 1)

    invoices = world.documents(order)
    assert [each.total_minor for each in invoices] == [667, 333]
    assert sum(each.tax_minor for each in invoices) == 167
    world.expect_proven()


def test_free_goods_are_invoiced_with_nothing(world: World) -> None:
    order = world.order(Sold(1, 0))

    world.ship(order, 1)

    (invoice,) = world.documents(order)
    assert invoice.total_minor == 0
    assert world.balance("Expenses:CostOfGoods") == 300
    world.expect_proven()


def test_a_bundle_is_invoiced_when_its_last_part_left_and_its_cost_when_each_did(
    world: World,
) -> None:
    order = world.order(Sold(2, 5001, sku="SET"))
    line = order.lines[0]
    mug, jug = sorted(line.parts, key=lambda part: -part[1])

    world.ship_parts(order, [(line.id, mug[0], 4)])

    assert world.documents(order) == []
    assert world.balance("Expenses:CostOfGoods") == 4 * 300
    assert "invoices_shipped" not in world.broken()

    world.ship_parts(order, [(line.id, jug[0], 1)])
    world.ship_parts(order, [(line.id, jug[0], 1)])

    invoices = world.documents(order)
    assert [each.total_minor for each in invoices] == [2501, 2500]
    assert world.balance("Expenses:CostOfGoods") == 4 * 300 + 2 * 700
    costs = [line.cost_minor for each in invoices for line in world.document(each.id).lines]
    assert sum(costs) == 4 * 300 + 2 * 700
    world.expect_proven()


def test_hearing_twice_of_parts_that_make_no_bundle_costs_them_once(world: World) -> None:
    order = world.order(Sold(1, 5000, sku="SET"))
    line = order.lines[0]
    world.ship_parts(order, [(line.id, line.parts[0][0], 1)])
    cost = world.balance("Expenses:CostOfGoods")

    world.again(*world.heard(ShipmentShipped))

    assert world.balance("Expenses:CostOfGoods") == cost


def test_cost_is_the_moving_average_when_the_goods_left(world: World) -> None:
    world.receive("MUG", 10_000, 500)
    order = world.order(Sold(3, 3000))

    world.ship(order, 3)

    (invoice,) = world.documents(order)
    assert world.document(invoice.id).lines[0].cost_minor == 3 * 400
    world.expect_proven()


def test_an_invoice_prints_what_the_books_say(world: World) -> None:
    order = world.order(Sold(3, 1000, tax_minor=190, tax_rate=1900), charges=[(495, 0, 0)])
    world.ship(order, 2)
    world.ship(order, 1)
    ids = [each.id for each in world.documents(order)]

    with world.uow.read() as reader:
        facts = queries.invoice_facts(reader, ids, SELLER)

    assert [each.total_minor for each in facts] == [794 + 495, 396]
    assert [each.paid_minor for each in facts] == [794 + 495, 396]
    assert invoices_pdf(facts).startswith(b"%PDF")


def test_a_list_of_documents_pages_from_the_newest_on(world: World) -> None:
    order = world.order(Sold(3, 3000))
    for _ in range(3):
        world.clock.advance(1_000)
        world.ship(order, 1)

    with world.uow.read() as reader:
        first = queries.invoices(reader, InvoicePage(order_id=order.id, count=2))
        rest = queries.invoices(reader, InvoicePage(before=first[-1].id, kind="invoice"))
        by_number = queries.invoices(reader, InvoicePage(number="INV-000002"))

    assert [each.number for each in (*first, *rest)] == ["INV-000003", "INV-000002", "INV-000001"]
    assert [each.id for each in by_number] == [first[1].id]


def test_a_document_that_is_not_there_is_not_found(world: World) -> None:
    with world.uow.read() as reader, pytest.raises(NotFound):
        queries.invoice_view(reader, "inv_nothing")
