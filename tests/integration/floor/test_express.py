"""Shipping in one go."""

import asyncio

import pytest

from connectors.contract.errors import Transient
from connectors.contract.parcels import CarrierQuote, Label, LabelRequest, RateRequest
from fulfillment import service
from fulfillment.effects import Carriers
from fulfillment.express import effects as express
from fulfillment.express.model import Depart, Fulfil, Fulfilled
from fulfillment.picking.model import Pick
from oms.kernel.address import Address
from oms.kernel.errors import OMSError
from oms.kernel.events import Cause
from oms.orders.machine import HoldStage
from oms.platform.gate import Gate
from tests.integration.floor.warehouse import Warehouse
from tests.integration.orders.shop import line, order

STATEMENTS_MAX = 48  # for any number of orders, in two transactions, goods and events included


class CarrierThatIsAway:
    """Quotes, and then does not answer."""

    async def quote_rates(self, request: RateRequest) -> list[CarrierQuote]:
        return [
            CarrierQuote(
                carrier="away", service="S", title="S", amount_minor=1, currency=request.currency
            )
        ]

    async def buy_labels(self, request: LabelRequest) -> list[Label]:
        raise Transient("away", f"Nobody sells a label for {request.order_number}.")


def test_an_order_is_shipped_in_one_go(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2, B=1)

    [done] = floor.fulfilled(order_id)

    [shipment] = done.shipments
    assert sum(each.quantity for each in shipment.lines) == 3
    [parcel] = floor.parcels(order_id)
    assert (parcel.state, parcel.carrier, parcel.weight_g) == ("shipped", "kestrel", 1_500)
    assert floor.states(order_id) == {"shipped": 3}
    assert [each.state for each in floor.fulfilments(order_id)] == ["closed"]
    floor.expect_proven()


def test_many_orders_are_shipped_in_two_transactions_with_few_statements(floor: Warehouse) -> None:
    ids = [floor.ordered(f"W{number}", A=1, B=1) for number in range(9)]
    floor.fulfilled(ids[0])  # makes the first balances of some accounts

    with floor.counted() as statements:
        floor.try_fulfil(*ids[1:8])
        seven = len(statements)
    with floor.counted() as statements:
        floor.try_fulfil(ids[8])
        one = len(statements)

    assert seven == one <= STATEMENTS_MAX
    assert all(floor.states(each) == {"shipped": 2} for each in ids)
    floor.drain()
    floor.expect_proven()


def test_an_order_split_over_nodes_leaves_in_two_boxes(floor: Warehouse) -> None:
    order_id = floor.ordered(A=15)

    [done] = floor.fulfilled(order_id)

    assert len(done.shipments) == 2
    assert floor.states(order_id) == {"shipped": 15}
    floor.expect_proven()


def test_what_was_begun_by_hand_is_taken_up_where_it_stands(floor: Warehouse) -> None:
    order_id = floor.ordered(A=3, B=1)
    [fulfilment] = floor.released(order_id)
    floor.do(service.pick, Pick(fulfilment_id=fulfilment.id, units=floor.units_of(A=2)))

    floor.fulfilled(order_id)

    assert floor.states(order_id) == {"shipped": 4}
    assert len(floor.fulfilments(order_id)) == len(floor.parcels(order_id)) == 1
    floor.expect_proven()


def test_what_stock_does_not_cover_stays_open_and_the_rest_leaves(floor: Warehouse) -> None:
    order_id = floor.ordered(A=31)

    floor.fulfilled(order_id)

    assert floor.states(order_id) == {"shipped": 30, "open": 1}
    floor.expect_proven()


def test_a_partner_s_part_is_asked_for_and_ours_leaves(floor: Warehouse) -> None:
    floor.receive("3PL", {"D": 100})
    for node in ("LON", "MAN", "EDI"):
        floor.empty(node, "D")
    order_id = floor.ordered(A=1, D=1)

    [done] = floor.fulfilled(order_id)
    [only_asked] = floor.fulfilled(floor.ordered("W2", D=1))

    assert [each.state for each in done.asked] == ["requested"]
    assert len(done.shipments) == 1
    assert floor.states(order_id) == {"shipped": 1, "released": 1}
    assert (only_asked.shipments, len(only_asked.asked)) == ((), 1)


def test_an_order_with_nothing_to_ship_is_refused(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    floor.fulfilled(order_id)

    [again] = floor.try_fulfil(order_id)

    assert isinstance(again, OMSError)
    assert again.code == "fulfilment.nothing_allocated"


def test_a_held_release_ships_nothing(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    floor.hold(order_id, HoldStage.RELEASE)

    [refused] = floor.try_fulfil(order_id)

    assert isinstance(refused, OMSError)
    assert (refused.code, floor.states(order_id)) == ("order.held", {"allocated": 1})


def test_a_held_shipment_is_packed_and_no_label_is_bought(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    hold = floor.hold(order_id, HoldStage.SHIP)

    [refused] = floor.try_fulfil(order_id)

    assert isinstance(refused, OMSError)
    assert refused.sentence == "It is packed and may not leave: look at it."
    assert [each.state for each in floor.parcels(order_id)] == ["packed"]
    floor.unhold(hold)
    floor.fulfilled(order_id)
    assert floor.states(order_id) == {"shipped": 1}


def test_a_carrier_s_refusal_stops_its_order_and_no_other(floor: Warehouse) -> None:
    nobody = floor.placed(order("W1", line("A"), ship_to=Address("AQ", name="Base Camp")))
    somebody = floor.ordered("W2", A=1)

    refused, done = floor.try_fulfil(nobody, somebody)

    assert isinstance(refused, OMSError)
    assert refused.code == "label.no_offer"
    assert floor.states(nobody) == {"packed": 1}
    assert isinstance(done, Fulfilled)
    assert floor.states(somebody) == {"shipped": 1}


def test_a_carrier_that_comes_back_ships_what_is_packed(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    away: Carriers = {"away": CarrierThatIsAway()}

    [refused] = express.fulfil_many(floor.uow, away, [Fulfil(order_id=order_id)])
    floor.fulfilled(order_id)

    assert isinstance(refused, Transient)
    assert floor.states(order_id) == {"shipped": 1}
    assert len(floor.parcels(order_id)) == 1


def test_an_order_without_labels_does_not_leave(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    floor.do(service.prepare, Fulfil(order_id=order_id))

    refused = floor.refusal(service.ship_prepared, Depart(order_id=order_id))

    assert refused.code == "parcel.no_label"


def test_one_call_ships_an_order_through_the_gate(floor: Warehouse) -> None:
    order_id = floor.ordered(A=2)
    gate = Gate(floor.uow)
    command = Fulfil(order_id=order_id, cause=Cause("ada"))

    done = asyncio.run(express.fulfil(gate, floor.carriers, command))
    with pytest.raises(OMSError, match="No unit of this order"):
        asyncio.run(express.fulfil(gate, floor.carriers, command))
    gate.close()

    assert len(done.shipments) == 1
    assert floor.states(order_id) == {"shipped": 2}
    assert set(floor.actors("label.bought")) == {"ada"}
