"""The same furnished shop that accounting is tried with."""

from collections.abc import Iterator

import pytest

from tests.integration.accounting.world import World, prepare
from tests.services.databases import Databases


@pytest.fixture
def world(databases: Databases) -> Iterator[World]:
    url = databases.copy_of("shop", prepare)
    made = World(url)
    yield made
    made.close()
    databases.drop(url)
