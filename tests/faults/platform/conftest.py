"""The same world as in the platform's integration tests."""

from tests.integration.platform.conftest import (  # noqa: F401 - fixtures are found by name
    clock,
    database,
    hearing,
    logged,
    uow,
    url,
)
