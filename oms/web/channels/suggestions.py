"""Which item a name nobody mapped may mean: one with the same SKU, barcode or title."""

from collections.abc import Iterator, Mapping
from typing import Final

from oms.catalog import queries as catalog
from oms.catalog.model import Item
from oms.platform.transaction import Reader

TITLES_MAX: Final = 10  # looked for by their words, one by one: the rest have to wait for these


def suggested(reader: Reader, names: Mapping[str, str]) -> dict[str, Item]:
    """An item for each of these names (with the titles they came with) that looks like ours."""
    wanted = sorted(names)
    spelled = {name: tuple(spellings(name)) for name in wanted}
    by_sku = catalog.items_by_sku(reader, {each for ways in spelled.values() for each in ways})
    by_code = catalog.items_by_barcode(reader, wanted)
    found = {}
    for name, ways in spelled.items():
        item = next((by_sku[way] for way in ways if way in by_sku), by_code.get(name))
        if item is not None:
            found[name] = item
    left = [name for name in wanted if name not in found and names[name]]
    for name in left[:TITLES_MAX]:
        alike = catalog.items(reader, count=5, text=names[name][:200])
        same = [each for each in alike if each.name.casefold() == names[name].casefold()]
        if len(same) == 1:
            found[name] = same[0]
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
