"""A story: a marketplace order is split over two nodes and one parcel comes back."""

from collections.abc import Iterator

import pytest

from connectors.contract.messages import (
    ChannelCharge,
    ChannelParty,
    ChannelPayment,
    ChargeKind,
)
from connectors.contract.parcels import TrackingStatus
from fulfillment import queries as floor_read
from oms.accounting import queries as accounting
from oms.accounting.queries import InvoicePage
from oms.orders.status import status
from oms.payments import queries as payments
from tests.integration.floor.warehouse import Warehouse, opened
from tests.integration.orders.shop import line, order
from tests.services.databases import Databases


@pytest.fixture
def floor(databases: Databases) -> Iterator[Warehouse]:
    yield from opened(databases)


def test_a_marketplace_order_is_split_over_two_nodes_and_one_parcel_comes_back(
    floor: Warehouse,
) -> None:
    # A buyer pays a marketplace for more of A than any one node has.
    postage = ChannelCharge(kind=ChargeKind.SHIPPING, title="Postage", amount_minor=499)
    told = order(
        "MP-1001",
        line("A", 12),
        line("B", 1, 2_000),
        charges=(postage,),
        customer=ChannelParty(external_id="buyer-7", name="Ada King"),
        payments=(ChannelPayment(tender="paid_on_channel", amount_minor=14_499),),
    )
    order_id = floor.placed(told)

    # Two nodes ship their part; each parcel is tracked on its own.
    [done] = floor.fulfilled(order_id)
    assert len({each.fulfilment_id for each in done.shipments}) == 2
    delivered, refused = floor.parcels(order_id)
    assert delivered.tracking_number != refused.tracking_number
    floor.scan(refused, TrackingStatus.OUT_FOR_DELIVERY)
    floor.scan(delivered, TrackingStatus.DELIVERED)
    assert status(floor.states(order_id)) == "partly_delivered"

    # Nobody is at home for the second one: it comes back, whatever is said of it afterwards.
    floor.scan(refused, TrackingStatus.RETURNED_TO_SENDER, name="rts")
    floor.scan(refused, TrackingStatus.IN_TRANSIT, name="late")
    floor.scan(refused, TrackingStatus.RETURNED_TO_SENDER, name="rts")
    inside = contents(floor, order_id)[refused.id]
    assert floor.states(order_id) == {
        "delivered": 13 - sum(inside.values()),
        "return_in_transit": sum(inside.values()),
    }

    # The returns desk takes it back: shelf, books and money follow.
    shelf = floor.units_at("node:available", "A")
    floor.took_back(order_id, **inside)
    assert floor.units_at("node:available", "A") == shelf + inside["A"]
    assert status(floor.states(order_id)) == "partly_returned"

    due = sum({"A": 1_000, "B": 2_000}[sku] * count for sku, count in inside.items())
    with floor.uow.read() as reader:
        page = InvoicePage(order_id=order_id)
        totals = [(each.kind, each.total_minor) for each in accounting.invoices(reader, page)]
        refunds = payments.refunds_of(reader, order_id)
    assert sum(total for kind, total in totals if kind == "invoice") == 14_499
    assert [total for kind, total in totals if kind == "credit_note"] == [due]
    assert sum(each.refunded_minor for each in refunds) == due
    floor.expect_proven()


def contents(floor: Warehouse, order_id: str) -> dict[str, dict[str, int]]:
    """Units by SKU that left in each parcel."""
    skus = {floor.item_id(sku): sku for sku in "AB"}
    inside: dict[str, dict[str, int]] = {}
    with floor.uow.read() as reader:
        for shipment in floor_read.shipments_of(reader, [order_id]):
            for each in shipment.lines:
                units = inside.setdefault(each.parcel_id, {})
                units[skus[each.item_id]] = units.get(skus[each.item_id], 0) + each.quantity
    return inside
