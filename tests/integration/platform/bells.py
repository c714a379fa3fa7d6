"""Events for tests, and subscribers that write down what they hear."""

from collections.abc import Callable, Sequence
from typing import Any

from oms.kernel.events import Event, Recorded
from oms.platform.transaction import Transaction, UnitOfWork
from tests.integration.platform.tables import write


class Rang(Event, frozen=True, kw_only=True, tag="bell.rang"):
    """A bell rang for the `times`-th time."""

    times: int


class Echoed(Event, frozen=True, kw_only=True, tag="bell.echoed"):
    """Somebody answered."""


def ring(uow: UnitOfWork, *bells: str) -> None:
    """Ring bells, all in one transaction; a name comes with the count, such as `a1`."""
    with uow.begin() as tx:
        for bell in bells:
            tx.emit(Rang(entity=bell[0], times=int(bell[1:])))


def named(event: Recorded[Any]) -> str:
    return f"{event.event.entity}{event.event.times}"


def hearing_all(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
    """A reaction that notes each event; noting one twice is an error."""
    write(tx, *(named(event) for event in events))


def failing_on(broken: set[str], batches: list[list[str]]) -> Callable[..., None]:
    """The same, failing on some, and writing down what it was given."""

    def react(tx: Transaction, events: Sequence[Recorded[Any]]) -> None:
        batches.append([named(event) for event in events])
        hearing_all(tx, events)
        if broken & {named(event) for event in events}:
            raise ZeroDivisionError("a bug")

    return react


class Telephone:
    """An effect: calls are noted outside the database, results inside. Errors wait in `errors`."""

    newest_only = False

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.keys: list[int] = []
        self.errors: dict[str, list[Exception]] = {}

    async def do(self, event: Recorded[Any]) -> str:
        name = named(event)
        self.calls.append(name)
        self.keys.append(event.number)
        if self.errors.get(name):
            raise self.errors[name].pop(0)
        return f"{name} answered"

    def settle(self, tx: Transaction, event: Recorded[Any], result: str) -> None:
        write(tx, result)
