"""Shipping in one go."""

from tests.integration.floor.warehouse import Warehouse


def test_an_order_is_shipped_in_one_go(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2, B=1)

    [done] = floor.fulfilled(order_id)

    [shipment] = done.shipments
    assert sum(each.quantity for each in shipment.lines) == 3
    [parcel] = floor.parcels(order_id)
    assert (parcel.state, parcel.carrier, parcel.weight_g) == ("shipped", "kestrel", 1_500)
    assert floor.states(order_id) == {"shipped": 3}
    floor.expect_proven()
