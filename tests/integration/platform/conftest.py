"""A database of either kind with the platform's own tables, and a clock that stands still."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from oms.kernel.clock import ManualClock
from oms.platform.database import Database, metadata
from oms.platform.dispatch import Subscribers, subscriptions
from oms.platform.transaction import UnitOfWork
from tests.integration.platform import tables  # noqa: F401 - makes all tables known
from tests.services.databases import Databases

NOON_MS = 1_700_000_000_000


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged meanwhile, and off the screen."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    made = databases.copy_of("platform", _prepare)
    yield made
    databases.drop(made)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url)
    yield made
    made.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON_MS)


@pytest.fixture
def uow(database: Database, clock: ManualClock) -> UnitOfWork:
    return UnitOfWork(database, clock)


@pytest.fixture
def hearing(database: Database, clock: ManualClock) -> Callable[[Subscribers], UnitOfWork]:
    """A unit of work whose events these subscribers hear of."""
    return lambda subscribers: UnitOfWork(database, clock, subscriptions(subscribers))


def _prepare(url: str) -> None:
    database = Database(url)
    metadata.create_all(database.engine)
    database.close()
