"""Reading the catalogue: by id, SKU, barcode, in pages, and the rules it must keep."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from oms.catalog import store, tables
from oms.catalog.model import Channel, Item, ItemKind, ItemRef, Listing, stored_gtin
from oms.kernel.errors import NotFound
from oms.ledger.check import Check, from_statement
from oms.platform.transaction import Reader

PAGE_MAX: Final = 500
_ESCAPE: Final = "\\"

_PAGE = (
    sa.select(tables.item)
    .where(tables.item.c.sku > sa.bindparam("after"))
    .order_by(tables.item.c.sku)
    .limit(sa.bindparam("count"))
)
_SEARCH = _PAGE.where(
    sa.or_(
        *(
            sa.func.lower(column).like(sa.bindparam("pattern"), escape=_ESCAPE)
            for column in (tables.item.c.sku, tables.item.c.name)
        )
    )
)
_SKUS = sa.select(tables.item.c.id, tables.item.c.sku)
_LISTINGS = (
    sa.select(tables.listing)
    .where(
        tables.listing.c.channel_id == sa.bindparam("channel_id"),
        tables.listing.c.external_sku > sa.bindparam("after"),
    )
    .order_by(tables.listing.c.external_sku)
    .limit(sa.bindparam("count"))
)


def items_by_id(reader: Reader, ids: Iterable[str]) -> dict[str, Item]:
    return {found.id: found for found in store.items_by_id(reader, ids)}


def items_by_sku(reader: Reader, skus: Iterable[str]) -> dict[str, Item]:
    return {found.sku: found for found in store.items_by_sku(reader, skus)}


def items_by_barcode(reader: Reader, barcodes: Iterable[str]) -> dict[str, Item]:
    """Items by the barcodes as given; GTINs written at different lengths find the same item."""
    stored = {text: stored_gtin(text) or text.strip() for text in barcodes}
    owners = store.barcode_owners(reader, stored.values())
    found = items_by_id(reader, owners.values())
    return {text: found[owners[code]] for text, code in stored.items() if code in owners}


def item(reader: Reader, id_: str) -> Item:
    """One item, or `NotFound`."""
    found = items_by_id(reader, [id_]).get(id_)
    if found is None:
        raise NotFound("item.not_found", f"There is no item '{id_}'.", "Look it up by its SKU.")
    return found


def items(reader: Reader, after_sku: str = "", count: int = 100, text: str = "") -> list[Item]:
    """A page of items by SKU; `text` searches SKU and name, without regard to case."""
    limits = {"after": after_sku, "count": min(count, PAGE_MAX)}
    if not text:
        return store.whole_items(reader, reader.fetch(_PAGE, **limits))
    return store.whole_items(reader, reader.fetch(_SEARCH, pattern=_containing(text), **limits))


def item_refs(reader: Reader, ids: Iterable[str]) -> dict[str, ItemRef]:
    """What orders and sourcing need to know, by item id."""
    return {ref.id: ref for ref in store.refs(reader, ids)}


def weights(reader: Reader, ids: Iterable[str]) -> dict[str, int]:
    """Grams of one unit by item id."""
    return store.weights(reader, ids)


def skus(reader: Reader) -> dict[str, str]:
    """The SKU of every item, by id."""
    return {row.id: row.sku for row in reader.stream(_SKUS)}


def kinds(reader: Reader, ids: Iterable[str]) -> dict[str, ItemKind]:
    """Stock or bundle, by item id; unknown ones are absent."""
    return store.kinds(reader, ids)


def channels(reader: Reader) -> list[Channel]:
    """All channels, by code."""
    return store.channels(reader)


def channels_by_id(reader: Reader, ids: Iterable[str]) -> dict[str, Channel]:
    return store.channels_by_id(reader, ids)


def channel(reader: Reader, id_: str) -> Channel:
    """One channel, or `NotFound`."""
    found = store.channels_by_id(reader, [id_]).get(id_)
    if found is None:
        raise NotFound("channel.not_found", f"There is no channel '{id_}'.", "List the channels.")
    return found


def channel_by_code(reader: Reader, code: str) -> Channel:
    """One channel by its code, or `NotFound` that names the codes there are."""
    known = store.channels(reader)
    for each in known:
        if each.code == code:
            return each
    codes = ", ".join(each.code for each in known) or "none yet"
    raise NotFound(
        "channel.not_found", f"There is no channel '{code}'.", f"Channels there are: {codes}."
    )


def listings(reader: Reader, channel_id: str, after: str = "", count: int = 100) -> list[Listing]:
    """A page of a channel's listings by external SKU."""
    limits = {"after": after, "count": min(count, PAGE_MAX)}
    return [
        store.listing_of(row) for row in reader.fetch(_LISTINGS, channel_id=channel_id, **limits)
    ]


def _containing(text: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return f"%{text.lower()}%"


_part = tables.item.alias("part")
_BAD_PARTS = (
    sa.select(tables.bundle_part.c.bundle_id, tables.bundle_part.c.item_id)
    .join(tables.item, tables.item.c.id == tables.bundle_part.c.bundle_id)
    .join(_part, _part.c.id == tables.bundle_part.c.item_id)
    .where(
        sa.or_(tables.item.c.kind != ItemKind.BUNDLE.value, _part.c.kind != ItemKind.STOCK.value)
    )
)
_EMPTY_BUNDLES = (
    sa.select(tables.item.c.id, tables.item.c.sku)
    .outerjoin(tables.bundle_part, tables.bundle_part.c.bundle_id == tables.item.c.id)
    .where(tables.item.c.kind == ItemKind.BUNDLE.value, tables.bundle_part.c.bundle_id.is_(None))
)

CHECKS: Final = (
    Check(
        "bundles_of_stock",
        "Bundles, and only bundles, have parts, and no part is a bundle.",
        from_statement(_BAD_PARTS),
    ),
    Check("bundles_have_parts", "Every bundle has parts.", from_statement(_EMPTY_BUNDLES)),
)
