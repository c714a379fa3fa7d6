"""Imports as screens and commands read them."""

from collections.abc import Iterator
from heapq import nsmallest

from msgspec.structs import replace

from connectors.engine.file_import import store
from connectors.engine.file_import.model import Run, row_of
from oms.orders.quarantine import queries as quarantine
from oms.orders.quarantine.model import Quarantined
from oms.orders.quarantine.queries import PAGE_MAX, QuarantinePage
from oms.platform.transaction import Reader


def imports(reader: Reader) -> list[Run]:
    """The newest imports, newest first."""
    return store.newest(reader)


def waiting(reader: Reader, channel_id: str, file: str, count: int) -> list[Quarantined]:
    """The first `count` quarantined entries, by row, of files of this name that are still open."""
    return nsmallest(
        count,
        (each for each in _open(reader, channel_id) if row_of(each.source, file) is not None),
        key=lambda each: (row_of(each.source, file), each.id),
    )


def _open(reader: Reader, channel_id: str) -> Iterator[Quarantined]:
    page = QuarantinePage(channel_id=channel_id, count=PAGE_MAX)
    while found := quarantine.payloads(reader, page):
        yield from found
        page = replace(page, after=(found[-1].at_ms, found[-1].id))
