"""What several acceptance tests stand on: a small shop, a stock room, and a shop after a year."""

from collections.abc import Iterator

import pytest

from tests.integration.orders.shop import Shop, prepare
from tests.services.databases import Databases


@pytest.fixture
def shop(databases: Databases) -> Iterator[Shop]:
    url = databases.copy_of("orders-shop", prepare)
    made = Shop(url)
    yield made
    made.close()
    databases.drop(url)
