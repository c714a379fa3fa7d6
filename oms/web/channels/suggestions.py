"""Which item a name nobody mapped may mean: one with the same SKU or barcode."""

from collections.abc import Iterable, Iterator

from oms.catalog import queries as catalog
from oms.catalog.model import Item
from oms.platform.transaction import Reader


def suggested(reader: Reader, names: Iterable[str]) -> dict[str, Item]:
    """An item for each of these names that looks like one of ours."""
    wanted = sorted(set(names))
    spelled = {name: tuple(spellings(name)) for name in wanted}
    by_sku = catalog.items_by_sku(reader, {each for ways in spelled.values() for each in ways})
    by_code = catalog.items_by_barcode(reader, wanted)
    found = {}
    for name, ways in spelled.items():
        item = next((by_sku[way] for way in ways if way in by_sku), by_code.get(name))
        if item is not None:
            found[name] = item
    return found


def spellings(name: str) -> Iterator[str]:
    """The name itself, in capitals, and without what marketplaces put before or after a SKU."""
    yield name
    yield name.upper()
    head, dash, rest = name.partition("-")
    if dash and rest:
        yield rest
        yield rest.upper()
    body, dash, _ = name.rpartition("-")
    if dash and body and body != head:
        yield body.upper()
