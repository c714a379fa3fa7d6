"""The demo as it runs beside the server: a thread that takes at most half of a processor."""

import threading
import time
from collections import Counter
from typing import Final

import msgspec
import structlog

from oms.bootstrap import System
from oms.kernel.errors import OMSError
from oms.simulator.day import Day
from oms.simulator.scene import Doors, Pace, Scene
from oms.simulator.traffic import Traffic

TICK_S: Final = 0.25
PAUSE_S: Final = 5.0  # while the database is away
STOP_LIMIT_S: Final = 1.5

log = structlog.get_logger(__name__)


class Figures(msgspec.Struct, frozen=True):
    """What a line in the terminal says: what was told since the start, and what waits now."""

    placed: int
    shipped: int
    delivered: int
    returned: int
    to_release: int
    to_pick: int
    to_pack: int
    on_the_way: int


class LiveTraffic:
    """Starts with `start`, ends with `stop`; what it has not finished waits in the database."""

    def __init__(self, system: System, traffic: Traffic, pace: Pace) -> None:
        self._system, self._traffic, self._pace = system, traffic, pace
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._day: Day | None = None
        self._before: Counter[str] = Counter()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the step at hand. A step that takes longer is finished by nobody: that is fine."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_LIMIT_S)

    def figures(self) -> Figures | None:
        """How it goes; None until the simulator has read what happened before."""
        if self._day is None:
            return None
        board = self._day.scene.board
        told = board.told - self._before
        floor = list(board.floor.values())
        return Figures(
            placed=told["order.placed"],
            shipped=told["parcel.shipped"],
            delivered=told["parcel.delivered"],
            returned=told["return.inspected"],
            to_release=len(board.to_release),
            to_pick=sum(1 for card in floor if card.to_pick),
            to_pack=sum(1 for card in floor if card.on_cart),
            on_the_way=sum(1 for card in list(board.parcels.values()) if card.is_shipped),
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            began_s = time.monotonic()
            day = self._day or self._open()
            if day is not None:
                self._look(day)
            # As long a rest as the work took: on a slow machine life is slower, not the machine.
            self._stopping.wait(max(TICK_S, time.monotonic() - began_s))

    def _open(self) -> Day | None:
        """Read what happened before; None if that has to be tried again."""
        try:
            doors = Doors(self._system.uow, self._system.gate)
            scene = Scene.open(doors, self._traffic, self._pace, self._system.uow.clock())
            scene.hear()
        except OMSError as away:
            self._wait(away)
            return None
        self._before = scene.board.told.copy()
        self._day = Day(scene)
        return self._day

    def _look(self, day: Day) -> None:
        """Everybody once. One who stumbles does not stop the others."""
        now_ms = self._system.uow.clock()
        for actor in day.actors:
            if self._stopping.is_set():
                return
            try:
                actor.work(now_ms)
            except OMSError as away:
                self._wait(away)
                return
            except Exception:
                # A mistake here, or one it found, must not end the system it plays with.
                log.exception("simulator.failed", actor=type(actor).__name__)

    def _wait(self, away: OMSError) -> None:
        if not self._stopping.is_set():
            log.warning("simulator.waits", reason=away.sentence)
            self._stopping.wait(PAUSE_S)
