"""What everybody in the demo shares: the world, what waits, the doors, and how fast time goes."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Final, TypeVar

import msgspec
import structlog

from oms.catalog import queries as catalog
from oms.inventory import queries as inventory
from oms.kernel.clock import HOUR_MS
from oms.kernel.errors import OMSError, Unavailable
from oms.kernel.events import Cause
from oms.platform import audit
from oms.platform.gate import Gate, Handler
from oms.platform.idempotency import Remembered
from oms.platform.transaction import Reader, UnitOfWork
from oms.simulator.board import TYPES, Board, Heard
from oms.simulator.cards import Card
from oms.simulator.chances import drawn_for, span_h
from oms.simulator.traffic import Traffic
from oms.simulator.world import Hours, World

SIMULATOR: Final = Cause("simulator")
ANSWER_LIMIT_S: Final = 60.0
AGAIN_H: Final = 2.0  # after a refusal, in hours of a real day
REFUSALS_MAX: Final = 4  # then it is left to people

NEVER_MS: Final = 2**62

C = TypeVar("C")
R = TypeVar("R")
K = TypeVar("K", bound=Card)

_decode: Final[Callable[[bytes], Heard]] = msgspec.json.Decoder(Heard).decode

log = structlog.get_logger(__name__)


class Pace(msgspec.Struct, frozen=True):
    """How many times faster than on a real day things happen."""

    speed: float

    def ms(self, hours: float) -> int:
        """Milliseconds of our clock that `hours` of a real day take."""
        return int(hours * HOUR_MS / self.speed)


class Directory(msgspec.Struct, frozen=True):
    """Ids of what the world names: channels and nodes by code, items by SKU, and back."""

    channels: dict[str, str]
    channel_codes: dict[str, str]
    nodes: dict[str, str]
    node_codes: dict[str, str]
    items: dict[str, str]
    skus: dict[str, str]


def read_directory(reader: Reader, world: World) -> Directory:
    """Look the world's names up in the database."""
    channels = {each.code: each.id for each in catalog.channels(reader)}
    nodes = {each.code: each.id for each in inventory.nodes(reader)}
    found = catalog.items_by_sku(reader, [ware.sku for ware in world.assortment.wares])
    items = {sku: item.id for sku, item in found.items()}
    return Directory(
        channels=channels,
        channel_codes={id_: code for code, id_ in channels.items()},
        nodes=nodes,
        node_codes={id_: code for code, id_ in nodes.items()},
        items=items,
        skus={id_: sku for sku, id_ in items.items()},
    )


class Doors:
    """The ways in that everybody has: commands through the gate, reads like any screen's."""

    def __init__(self, uow: UnitOfWork, gate: Gate) -> None:
        self._uow, self._gate = uow, gate

    def do(self, handler: Handler[C, R], commands: Sequence[C]) -> list[R | OMSError]:
        """Have commands done and wait for their answers; raises `Unavailable` when closed."""
        if not commands:
            return []
        futures = self._gate.submit_all(handler, commands)
        answers: list[R | OMSError] = []
        for future in futures:
            try:
                answer = future.result(ANSWER_LIMIT_S)
            except Unavailable:
                raise
            except OMSError as refusal:
                log.debug("simulator.refused", code=refusal.code, sentence=refusal.sentence)
                answers.append(refusal)
                continue
            if not isinstance(answer, Remembered):  # only commands with a key are remembered
                answers.append(answer)
        return answers

    def reading(self) -> AbstractContextManager[Reader]:
        return self._uow.read()

    def numbers(self, counter: str, count: int) -> range:
        """Numbers that no earlier run has used: what the simulator must remember between runs."""
        with self._uow.begin(SIMULATOR) as tx:
            return tx.next_numbers(counter, count)

    def waiting(self) -> int:
        """How many commands wait at the gate, everybody's together."""
        return self._gate.depth()


class Scene(msgspec.Struct, frozen=True):
    """One run of the demo: everything its actors work with. `started_ms` is when the run began."""

    traffic: Traffic
    pace: Pace
    board: Board
    doors: Doors
    directory: Directory
    started_ms: int

    @classmethod
    def open(cls, doors: Doors, traffic: Traffic, pace: Pace, started_ms: int) -> "Scene":
        """A scene over what stands in the database now."""
        with doors.reading() as reader:
            directory = read_directory(reader, traffic.world)
        return cls(traffic, pace, Board(), doors, directory, started_ms)

    @property
    def world(self) -> World:
        return self.traffic.world

    @property
    def seed(self) -> int:
        return self.traffic.seed

    def due(self, cards: Iterable[K], what: str, hours: Hours, now_ms: int) -> list[K]:
        """The cards whose time for `what` has come, so long after they changed or the run began."""
        return [card for card in cards if self._due_ms(card, what, hours) <= now_ms]

    def draw(self, what: str, card: Card) -> float:
        """From 0 to 1, the same for the same card whenever it is asked."""
        return drawn_for(self.seed, what, card.name).random()

    def postpone(self, card: Card, what: str, until_ms: int) -> None:
        """Do not think of it before."""
        card.due_ms[what] = until_ms

    def act(
        self, handler: Handler[C, R], work: Sequence[tuple[K, C]], what: str, now_ms: int
    ) -> list[tuple[K, R]]:
        """Do commands about cards; answers those that were done, the others are tried later."""
        answers = self.doors.do(handler, [command for _, command in work])
        done: list[tuple[K, R]] = []
        for (card, _), answer in zip(work, answers, strict=True):
            if isinstance(answer, OMSError):
                card.refusals += 1
                is_hopeless = card.refusals > REFUSALS_MAX
                self.postpone(
                    card, what, NEVER_MS if is_hopeless else now_ms + self.pace.ms(AGAIN_H)
                )
            else:
                done.append((card, answer))
        return done

    def hear(self) -> int:
        """Read what was told since the last time; answers how many events that were."""
        heard = 0
        while True:
            with self.doors.reading() as reader:
                page = audit.after(reader, self.board.last_number, audit.PAGE_MAX, TYPES)
            for told in page:
                self.board.hear(told.number, told.at_ms, _decode(told.body))
            heard += len(page)
            if len(page) < audit.PAGE_MAX:
                return heard

    def _due_ms(self, card: Card, what: str, hours: Hours) -> int:
        due_ms = card.due_ms.get(what)
        if due_ms is None:
            wait_ms = self.pace.ms(span_h(drawn_for(self.seed, what, card.name), hours))
            due_ms = card.due_ms[what] = max(card.since_ms, self.started_ms) + wait_ms
        return due_ms
