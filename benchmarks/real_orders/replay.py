"""The real orders' whole life in event-time order, from intake to the last refund."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.real_orders import world
from connectors.carriers.rate_table.connector import RateTableCarrier, rate_table
from connectors.contract.files import FileOutcome, FileSource, ReadMessage
from connectors.contract.messages import ChannelOrder
from connectors.contract.parcels import TrackingEvent, TrackingStatus
from connectors.engine.file_import import service as file_import
from connectors.engine.file_import.model import Counts
from connectors.marketplace.flat_file.connector import FlatFile
from connectors.marketplace.flat_file.layout import parse
from fulfillment import store as floor
from fulfillment.express.effects import fulfil_many
from fulfillment.express.model import Fulfil
from fulfillment.tracking import service as tracking
from fulfillment.tracking.model import Report
from oms.inventory import service as inventory
from oms.kernel.clock import DAY_MS, HOUR_MS, ManualClock
from oms.kernel.errors import OMSError
from oms.orders.units import queries as orders
from oms.platform.dispatch import Dispatcher
from oms.platform.transaction import UnitOfWork

MAPPING: Final = Path("config/channels/uci_online_retail.toml")
DELIVERY_MS: Final = 2 * DAY_MS
BATCH_ROWS: Final = 4_000
RELEASED_AT_ONCE: Final = 500


class Phase(msgspec.Struct):
    """Seconds spent on each part of the work."""

    seconds: defaultdict[str, float] = msgspec.field(default_factory=lambda: defaultdict(float))

    def timed(self, name: str, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        self.seconds[name] += time.perf_counter() - start


class Replay:
    """One run over one database. `days` yields what was done after each day of trade."""

    def __init__(self, uow: UnitOfWork, clock: ManualClock, dispatcher: Dispatcher) -> None:
        self._uow, self._clock, self._dispatcher = uow, clock, dispatcher
        freight = Path(__file__).with_name("freight.toml").read_text(encoding="utf-8")
        self._carriers = {"forward": RateTableCarrier(rate_table(freight, "freight.toml"))}
        self._under_way: deque[tuple[int, str]] = deque()
        self._supplied: set[int] = set()
        self.counts = Counts()
        self.shipments = 0
        self.phase = Phase()

    def days(self, folder: Path) -> Iterator[int]:
        """Replay the files of `folder`; answers the moment each day ended at."""
        path = folder / world.LINES_FILE
        self._clock.now_ms = _first_moment(path) - DAY_MS
        with self._uow.begin() as tx:
            self._shop = world.set_up(tx, folder)
        self._into = file_import.Into(
            channel_id=self._shop.channel_id, returns_node_id=self._shop.node_ids[0]
        )
        source = FileSource.at(path)
        with source.opened:
            reader = FlatFile(parse(MAPPING.read_text(encoding="utf-8")))
            outcomes = _timed(reader.read_file(source), self._clock.now_ms)
            for day, of_day in groupby(outcomes, key=lambda pair: pair[0] // DAY_MS):
                self._supply(world.monday_of(day * DAY_MS), day * DAY_MS)
                for batch in _batches(of_day):
                    self._take(batch)
                self._deliver(up_to_ms=self._clock.now_ms - DELIVERY_MS)
                yield self._clock.now_ms
        self._clock.advance(3 * DAY_MS)
        self._deliver(up_to_ms=self._clock.now_ms)
        yield self._clock.now_ms

    def _supply(self, monday_ms: int, day_ms: int) -> None:
        if monday_ms in self._supplied:
            return
        self._supplied.add(monday_ms)
        self._move_to(day_ms)

        def work() -> None:
            with self._uow.begin() as tx:
                _expect(inventory.receive(tx, world.receipts(self._shop, monday_ms)))
            self._dispatcher.drain_reactions()

        self.phase.timed("supply", work)

    def _take(self, batch: list[tuple[int, FileOutcome]]) -> None:
        """Take in what came within an hour, then ship what can be shipped."""
        self._move_to(batch[-1][0])

        def take_in() -> None:
            with self._uow.begin() as tx:
                outcomes = [outcome for _, outcome in batch]
                self.counts += file_import.take(tx, self._into, outcomes)

        self.phase.timed("take in", take_in)
        self.phase.timed("ship", self._ship)
        self.phase.timed("books", self._dispatcher.drain_reactions)

    def _ship(self) -> None:
        while True:
            with self._uow.read() as reader:
                channels = [self._shop.channel_id]
                ids = orders.orders_to_release(reader, channels, RELEASED_AT_ONCE)
            if not ids:
                return
            wanted = [Fulfil(order_id=id_) for id_ in ids]
            for answer in fulfil_many(self._uow, self._carriers, wanted):
                if isinstance(answer, OMSError):
                    raise answer
                for shipped in answer.shipments:
                    self.shipments += 1
                    for parcel_id in shipped.parcel_ids:
                        self._under_way.append((self._clock.now_ms, parcel_id))

    def _deliver(self, up_to_ms: int) -> None:
        due = []
        while self._under_way and self._under_way[0][0] <= up_to_ms:
            due.append(self._under_way.popleft()[1])
        if due:
            self.phase.timed("deliver", lambda: self._scan(due))

    def _scan(self, parcel_ids: list[str]) -> None:
        with self._uow.begin() as tx:
            numbers = [parcel.tracking_number for parcel in floor.parcels(tx, parcel_ids).values()]
            reports = [
                Report(
                    event=TrackingEvent(
                        external_id="delivered",
                        tracking_number=number,
                        status=TrackingStatus.DELIVERED,
                        at_ms=self._clock.now_ms,
                    )
                )
                for number in numbers
            ]
            _expect(tracking.track(tx, reports))

    def _move_to(self, at_ms: int) -> None:
        self._clock.now_ms = max(self._clock.now_ms, at_ms)


def _timed(outcomes: Iterator[FileOutcome], start_ms: int) -> Iterator[tuple[int, FileOutcome]]:
    """Each outcome with its moment; what could not be read counts as of the one before it."""
    at_ms = start_ms
    for outcome in outcomes:
        at_ms = max(at_ms, _moment(outcome) or at_ms)
        yield at_ms, outcome


def _moment(outcome: FileOutcome) -> int | None:
    if not isinstance(outcome, ReadMessage):
        return None
    message = outcome.message
    return message.placed_at_ms if isinstance(message, ChannelOrder) else message.at_ms


def _batches(
    outcomes: Iterator[tuple[int, FileOutcome]],
) -> Iterator[list[tuple[int, FileOutcome]]]:
    """Cut at each hour, at each change from orders to returns, and where it grows too large."""
    batch: list[tuple[int, FileOutcome]] = []
    rows = 0
    for at_ms, outcome in outcomes:
        cut = batch and (
            rows > BATCH_ROWS
            or batch[0][0] // HOUR_MS != at_ms // HOUR_MS
            or _is_return(batch[-1][1]) != _is_return(outcome)
        )
        if cut:
            yield batch
            batch, rows = [], 0
        batch.append((at_ms, outcome))
        rows += outcome.source.rows
    if batch:
        yield batch


def _is_return(outcome: FileOutcome) -> bool:
    return isinstance(outcome, ReadMessage) and not isinstance(outcome.message, ChannelOrder)


def _first_moment(path: Path) -> int:
    source = FileSource.at(path)
    with source.opened:
        reader = FlatFile(parse(MAPPING.read_text(encoding="utf-8")))
        return next(m for each in reader.read_file(source) if (m := _moment(each)))


def _expect(answers: object) -> None:
    assert isinstance(answers, list)
    for answer in answers:
        if isinstance(answer, OMSError):
            raise answer
