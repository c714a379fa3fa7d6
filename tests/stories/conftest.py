"""Stories are told through the API of the whole application, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.databases import Databases
from tests.stories.storefront import Storefront, migrate, serve


@pytest.fixture
def storefront(databases: Databases, tmp_path: Path) -> Iterator[Storefront]:
    url = databases.copy_of("migrated", migrate)
    with serve(url, tmp_path) as made:
        yield made
    databases.drop(url)
