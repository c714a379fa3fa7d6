"""A furnished shop on a database of its own, of either kind."""

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
