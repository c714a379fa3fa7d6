"""Imports as screens and commands read them."""

from connectors.engine.file_import import store
from connectors.engine.file_import.model import Run
from oms.platform.transaction import Reader


def imports(reader: Reader) -> list[Run]:
    """The newest imports, newest first."""
    return store.newest(reader)
