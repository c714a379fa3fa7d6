"""Everybody in the demo together: they look at what waits, and do what is due."""

from typing import Final, Protocol

from oms.simulator.carriers import Carriers
from oms.simulator.floor import Floor
from oms.simulator.office import Office
from oms.simulator.ordering import Customers
from oms.simulator.returns_desk import ReturnsDesk
from oms.simulator.scene import Scene
from oms.simulator.sending_back import Returners
from oms.simulator.supply import Suppliers


class Actor(Protocol):
    """Somebody who works when the time has come."""

    def work(self, now_ms: int) -> None: ...


class Listener:
    """Hears what happened since it last listened."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def work(self, now_ms: int) -> None:  # noqa: ARG002 - everybody works the same way
        self._scene.hear()


class Day:
    """Customers, and everybody who serves them, in one scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.listener = Listener(scene)
        self.customers = Customers(scene)
        self.floor = Floor(scene)
        self._servants: Final[tuple[Actor, ...]] = (
            self.floor,
            Carriers(scene),
            Returners(scene),
            ReturnsDesk(scene),
            Office(scene),
            Suppliers(scene),
        )

    @property
    def actors(self) -> tuple[Actor, ...]:
        """Everybody, in the order in which they look; first somebody has to listen."""
        return (self.listener, self.customers, *self._servants)

    def serve(self, now_ms: int) -> None:
        """Hear what happened, then do what is due by now. Placing orders is the caller's."""
        self.listener.work(now_ms)
        for servant in self._servants:
            servant.work(now_ms)
