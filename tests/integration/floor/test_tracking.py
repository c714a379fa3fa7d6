"""What carriers say, and what follows for parcels and units."""

from connectors.contract.parcels import TrackingEvent
from connectors.contract.parcels import TrackingStatus as S
from fulfillment import queries, service
from fulfillment.tracking.model import Report
from tests.integration.floor.warehouse import Warehouse


def shipped(floor: Warehouse) -> str:
    order_id = floor.ordered(A=2)
    floor.fulfilled(order_id)
    return order_id


def test_a_delivered_parcel_delivers_its_units(floor: Warehouse) -> None:
    order_id = shipped(floor)

    floor.scan(floor.parcels(order_id)[0], S.DELIVERED)

    assert floor.states(order_id) == {"delivered": 2}
    assert floor.units_at("customer", "A") == 2
    with floor.uow.read() as reader:
        assert queries.delivered_at_ms(reader, [order_id]) == {order_id: floor.clock.now_ms}
    floor.expect_proven()


def test_the_same_scan_again_is_no_news(floor: Warehouse) -> None:
    order_id = shipped(floor)
    [parcel] = floor.parcels(order_id)

    first = floor.scan(parcel, S.IN_TRANSIT, name="scan 7")
    second = floor.scan(parcel, S.IN_TRANSIT, name="scan 7")

    assert (first.is_news, second.is_news) == (True, False)
    assert floor.events(parcel.id).count("parcel.tracked") == 1


def test_scans_in_any_order_end_the_same(floor: Warehouse) -> None:
    order_id = shipped(floor)
    [parcel] = floor.parcels(order_id)
    now = floor.clock.now_ms

    for status, at_ms in ((S.DELIVERED, 30), (S.IN_TRANSIT, 10), (S.LOST, 20)):
        floor.scan(parcel, status, now + at_ms)

    assert floor.states(order_id) == {"delivered": 2}
    with floor.uow.read() as reader:
        words = [each.status for each in queries.scans_of(reader, [parcel.id])[parcel.id]]
    assert words == ["in_transit", "lost", "delivered"]


def test_a_lost_parcel_can_be_found_and_delivered(floor: Warehouse) -> None:
    order_id = shipped(floor)
    [parcel] = floor.parcels(order_id)
    now = floor.clock.now_ms

    floor.scan(parcel, S.LOST, now + 10)
    assert floor.states(order_id) == {"lost": 2}
    floor.expect_proven()
    floor.scan(parcel, S.DELIVERED, now + 20)

    assert floor.states(order_id) == {"delivered": 2}
    floor.expect_proven()


def test_a_refused_parcel_is_on_its_way_back(floor: Warehouse) -> None:
    order_id = shipped(floor)

    floor.scan(floor.parcels(order_id)[0], S.RETURNED_TO_SENDER)

    assert floor.states(order_id) == {"return_in_transit": 2}
    assert [each.state for each in floor.parcels(order_id)] == ["returned"]
    floor.expect_proven()


def test_many_scans_of_many_parcels_in_one_batch(floor: Warehouse) -> None:
    orders = [floor.ordered(name, A=1) for name in ("W1", "W2", "W3")]
    floor.fulfilled(*orders)
    parcels = [floor.parcels(order_id)[0] for order_id in orders]

    def report(number: str, status: S, name: str, at_ms: int = 1) -> Report:
        event = TrackingEvent(external_id=name, tracking_number=number, status=status, at_ms=at_ms)
        return Report(event=event)

    answers = floor.attempt(
        service.track,
        report(parcels[0].tracking_number, S.DELIVERED, "d", 9),
        report(parcels[0].tracking_number, S.IN_TRANSIT, "t", 3),
        report(parcels[0].tracking_number, S.DELIVERED, "d", 9),
        report("KST-nobody", S.DELIVERED, "d"),
        report("", S.DELIVERED, "d"),
        report(parcels[1].tracking_number, S.LOST, "l"),
        report(parcels[2].tracking_number, S.IN_TRANSIT, "t"),
    )

    assert [getattr(each, "is_news", None) for each in answers[:3]] == [True, True, False]
    assert [each.code for each in answers[3:5]] == ["parcel.not_found", "tracking.unnamed"]
    assert [floor.states(order_id) for order_id in orders] == [
        {"delivered": 1},
        {"lost": 1},
        {"shipped": 1},
    ]


def test_a_carrier_s_name_tells_equal_numbers_apart(floor: Warehouse) -> None:
    order_id = shipped(floor)
    [parcel] = floor.parcels(order_id)
    event = TrackingEvent(
        external_id="d",
        tracking_number=parcel.tracking_number,
        status=S.DELIVERED,
        at_ms=1,
    )

    assert floor.refusal(service.track, Report(event=event, carrier="heron")).status == 404
    floor.do(service.track, Report(event=event, carrier="kestrel"))
    assert floor.states(order_id) == {"delivered": 2}
