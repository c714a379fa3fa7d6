"""What several acceptance tests stand on: a small shop, a stock room, and a shop after a year."""

from collections.abc import Iterator

import pytest

from tests.acceptance import year
from tests.integration.accounting.world import World
from tests.integration.inventory.shelves import Shelves, opened
from tests.integration.orders.shop import Shop, prepare
from tests.services.databases import Databases


@pytest.fixture
def shop(databases: Databases) -> Iterator[Shop]:
    url = databases.copy_of("orders-shop", prepare)
    made = Shop(url)
    yield made
    made.close()
    databases.drop(url)


@pytest.fixture
def shelves(databases: Databases) -> Iterator[Shelves]:
    with opened(databases) as made:
        yield made


@pytest.fixture
def a_year(databases: Databases) -> Iterator[World]:
    url = databases.copy_of("a-year", year.prepare)
    made = World(url)
    yield made
    made.close()
    databases.drop(url)
