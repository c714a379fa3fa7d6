"""Several people and processes at the same work at once: each unit is worked on once, nobody waits
for somebody who waits for them.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from connectors.contract.messages import ChannelReturn, ChannelReturnLine
from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment import service
from fulfillment.express import effects as express
from fulfillment.express.model import Fulfil
from fulfillment.tracking.model import Report
from oms.kernel.errors import OMSError, Stale
from returns import service as returns
from returns.counter.model import TakeBack
from returns.intake.model import TakeIn
from returns.model import Disposition, WantedBack
from tests.integration.floor.warehouse import Warehouse

WORKERS = 4


def together(*work: Callable[[], Sequence[object]]) -> list[object]:
    """Answers of work done by several threads at once; an error is a bug or a deadlock."""
    with ThreadPoolExecutor(WORKERS) as threads:
        running = [threads.submit(each) for each in work]
        return [answer for each in running for answer in each.result(timeout=60)]


def test_an_order_that_several_ship_at_once_leaves_once(floor: Warehouse) -> None:
    ids = [floor.ordered(f"W{number}", A=1, B=1) for number in range(8)]

    def ship(order_ids: Sequence[str]) -> Sequence[object]:
        commands = [Fulfil(order_id=each) for each in order_ids]
        return express.fulfil_many(floor.uow, floor.carriers, commands)

    answers = together(
        lambda: ship(ids), lambda: ship(ids[::-1]), lambda: ship(ids[2:6]), lambda: ship(ids[5:])
    )

    assert not [each for each in answers if isinstance(each, Stale)]
    assert all(floor.states(each) == {"shipped": 2} for each in ids)
    assert floor.count("shipment") == len(ids)
    floor.drain()
    floor.expect_proven()


def test_scans_and_hand_ins_of_the_same_goods_do_not_wait_for_one_another(
    floor: Warehouse,
) -> None:
    ids = [floor.ordered(f"W{number}", A=2) for number in range(8)]
    floor.fulfilled(*ids)
    london = floor.node_id("LON")

    def take_back(order_id: str) -> TakeBack:
        wanted = (WantedBack(line_id=floor.line_id(order_id, "A"), quantity=1),)
        return TakeBack(order_id=order_id, node_id=london, lines=wanted)

    def blind(number: int) -> TakeIn:
        line = ChannelReturnLine(
            external_id="1", sku="A", quantity=1, unit_price_minor=1, amount_minor=1
        )
        message = ChannelReturn(
            external_id=f"C{number}",
            at_ms=floor.clock.now_ms,
            currency="GBP",
            lines=(line,),
            prices_include_tax=True,
        )
        disposition = [Disposition.RESTOCK, Disposition.SCRAP, Disposition.QUARANTINE][number % 3]
        return TakeIn(
            channel_id=floor.channel_id, message=message, node_id=london, disposition=disposition
        )

    def scan(order_id: str) -> Report:
        [parcel] = floor.parcels(order_id)
        event = TrackingEvent(
            external_id="d",
            tracking_number=parcel.tracking_number,
            status=TrackingStatus.DELIVERED,
            at_ms=1,
        )
        return Report(event=event)

    # A balance is made by the first who needs it, out of turn: let all of them exist.
    first = floor.ordered("W-first", A=1)
    floor.fulfilled(first)
    floor.delivered(first)
    floor.took_back(first, A=1)
    floor.do(returns.take_in, *(blind(number) for number in range(9, 12)))

    scans = [scan(each) for each in ids]
    hand_ins = [take_back(each) for each in ids]
    answers = together(
        *(lambda each=each: floor.attempt(service.track, each) for each in scans),
        *(lambda each=each: floor.attempt(returns.take_back, each) for each in hand_ins),
        *(lambda each=each: floor.attempt(returns.take_in, each) for each in map(blind, range(9))),
    )

    assert not [each for each in answers if isinstance(each, OMSError)]
    assert all(floor.states(each) == {"delivered": 1, "return_accepted": 1} for each in ids)
    floor.drain()
    floor.expect_proven()
