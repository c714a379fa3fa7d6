"""A warehouse on a database of its own, of either kind."""

from collections.abc import Iterator

import pytest

from tests.integration.floor.warehouse import Warehouse, prepare
from tests.services.databases import Databases


@pytest.fixture
def floor(databases: Databases) -> Iterator[Warehouse]:
    url = databases.copy_of("floor", prepare)
    made = Warehouse(url)
    yield made
    made.close()
    databases.drop(url)
