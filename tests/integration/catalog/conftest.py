"""The stock room of `shelves`, on either kind of database."""

from collections.abc import Iterator

import pytest

from tests.integration.inventory.shelves import Shelves, opened
from tests.services.databases import Databases


@pytest.fixture
def shelves(databases: Databases) -> Iterator[Shelves]:
    with opened(databases) as made:
        yield made
