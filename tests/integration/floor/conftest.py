"""A warehouse on a database of its own, of either kind."""

from collections.abc import Iterator

import pytest

from tests.integration.floor.warehouse import Warehouse, opened
from tests.services.databases import Databases


@pytest.fixture
def floor(databases: Databases) -> Iterator[Warehouse]:
    yield from opened(databases)
