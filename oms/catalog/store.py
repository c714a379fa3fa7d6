"""Rows of the catalogue and back, set-based."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from connectors.contract.messages import PaymentTerms
from oms.catalog.model import Barcode, Channel, Item, ItemKind, ItemRef, Listing
from oms.catalog.tables import bundle_part, channel, item, item_barcode, listing
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

Name = tuple[str, str, str]
"""What a channel calls something: channel id, external SKU, GTIN as stored ("" for none)."""

_TEXTS: Final = ParameterRows("wanted", text=sa.Text)
_NAMES: Final = ParameterRows("wanted", channel_id=sa.Text, external_sku=sa.Text, gtin=sa.Text)
_PAIRS: Final = ParameterRows("wanted", channel_id=sa.Text, external_sku=sa.Text)

ITEM_COLUMNS: Final = tuple(item.c)
_ITEMS_BY_ID = sa.select(*ITEM_COLUMNS).select_from(
    _TEXTS.source.join(item, item.c.id == _TEXTS.c.text)
)
_ITEMS_BY_SKU = sa.select(*ITEM_COLUMNS).select_from(
    _TEXTS.source.join(item, item.c.sku == _TEXTS.c.text)
)
_LOCK_BY_SKU = _ITEMS_BY_SKU.order_by(item.c.sku).with_for_update(of=item)
_BARCODES_OF = sa.select(
    item_barcode.c.item_id, item_barcode.c.barcode, item_barcode.c.units
).select_from(_TEXTS.source.join(item_barcode, item_barcode.c.item_id == _TEXTS.c.text))
_PARTS_OF = sa.select(
    bundle_part.c.bundle_id, bundle_part.c.item_id, bundle_part.c.units
).select_from(_TEXTS.source.join(bundle_part, bundle_part.c.bundle_id == _TEXTS.c.text))
_OWNERS = sa.select(item_barcode.c.barcode, item_barcode.c.item_id).select_from(
    _TEXTS.source.join(item_barcode, item_barcode.c.barcode == _TEXTS.c.text)
)
_WEIGHTS = sa.select(item.c.id, item.c.weight_g).select_from(
    _TEXTS.source.join(item, item.c.id == _TEXTS.c.text)
)
_KINDS = sa.select(item.c.id, item.c.kind).select_from(
    _TEXTS.source.join(item, item.c.id == _TEXTS.c.text)
)
_wanted_texts = sa.select(_TEXTS.c.text).select_from(_TEXTS.source)
_DROP_BARCODES = sa.delete(item_barcode).where(item_barcode.c.item_id.in_(_wanted_texts))
_DROP_PARTS = sa.delete(bundle_part).where(bundle_part.c.bundle_id.in_(_wanted_texts))

_own = item.alias("own")
_REF_COLUMNS: Final = (
    item.c.id,
    item.c.sku,
    item.c.name,
    item.c.kind,
    item.c.weight_g,
    item.c.tags,
    item.c.tax_rate_bp,
)
_RESOLVE = sa.select(
    _NAMES.c.channel_id, _NAMES.c.external_sku, _NAMES.c.gtin, *_REF_COLUMNS
).select_from(
    _NAMES.source.outerjoin(
        listing,
        sa.and_(
            listing.c.channel_id == _NAMES.c.channel_id,
            listing.c.external_sku == _NAMES.c.external_sku,
        ),
    )
    .outerjoin(_own, _own.c.sku == _NAMES.c.external_sku)
    .outerjoin(item_barcode, item_barcode.c.barcode == _NAMES.c.gtin)
    .join(item, item.c.id == sa.func.coalesce(listing.c.item_id, _own.c.id, item_barcode.c.item_id))
)
_REFS = sa.select(*_REF_COLUMNS).select_from(_TEXTS.source.join(item, item.c.id == _TEXTS.c.text))

_CHANNELS = sa.select(channel).order_by(channel.c.code)
_LOCK_CHANNELS = (
    sa.select(channel)
    .select_from(_TEXTS.source.join(channel, channel.c.code == _TEXTS.c.text))
    .order_by(channel.c.code)
    .with_for_update(of=channel)
)
_CHANNELS_BY_ID = sa.select(channel).select_from(
    _TEXTS.source.join(channel, channel.c.id == _TEXTS.c.text)
)
_LISTINGS = sa.select(listing).select_from(
    _PAIRS.source.join(
        listing,
        sa.and_(
            listing.c.channel_id == _PAIRS.c.channel_id,
            listing.c.external_sku == _PAIRS.c.external_sku,
        ),
    )
)

_decode_tags = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_settings = msgspec.json.Decoder(dict[str, object]).decode


def items_by_id(reader: Reader, ids: Iterable[str]) -> list[Item]:
    return _items(reader, _ITEMS_BY_ID, ids)


def items_by_sku(reader: Reader, skus: Iterable[str]) -> list[Item]:
    return _items(reader, _ITEMS_BY_SKU, skus)


def lock_items(tx: Transaction, skus: Iterable[str]) -> dict[str, Item]:
    """Items by SKU, locked until the transaction ends."""
    return {found.sku: found for found in _items(tx, _LOCK_BY_SKU, skus)}


def barcode_owners(reader: Reader, barcodes: Iterable[str]) -> dict[str, str]:
    """Item id by stored barcode."""
    wanted = _texts(barcodes)
    rows = reader.fetch(_OWNERS, _TEXTS(wanted)) if wanted else ()
    return {row.barcode: row.item_id for row in rows}


def weights(reader: Reader, ids: Iterable[str]) -> dict[str, int]:
    wanted = _texts(ids)
    rows = reader.fetch(_WEIGHTS, _TEXTS(wanted)) if wanted else ()
    return {row.id: row.weight_g for row in rows}


def kinds(reader: Reader, ids: Iterable[str]) -> dict[str, ItemKind]:
    wanted = _texts(ids)
    rows = reader.fetch(_KINDS, _TEXTS(wanted)) if wanted else ()
    return {row.id: ItemKind(row.kind) for row in rows}


def resolve(reader: Reader, names: Iterable[Name]) -> dict[Name, ItemRef]:
    """What the names mean; unknown ones are absent."""
    wanted = sorted(set(names))
    rows = reader.fetch(_RESOLVE, _NAMES(wanted)) if wanted else ()
    refs = _refs(reader, [row[3:] for row in rows])
    return {(row[0], row[1], row[2]): ref for row, ref in zip(rows, refs, strict=True)}


def refs(reader: Reader, ids: Iterable[str]) -> list[ItemRef]:
    wanted = _texts(ids)
    return _refs(
        reader, [tuple(row) for row in reader.fetch(_REFS, _TEXTS(wanted))] if wanted else []
    )


def write_items(tx: Transaction, new: Sequence[Item], changed: Sequence[Item]) -> None:
    """Insert and update items with their barcodes and parts."""
    tx.insert(item, [_item_row(each) for each in new])
    tx.update(item, [_item_row(each) for each in changed], ["id"])
    if changed:
        ids = _TEXTS([(each.id,) for each in changed])
        tx.run(_DROP_BARCODES, ids)
        tx.run(_DROP_PARTS, ids)
    written = [*new, *changed]
    tx.insert(
        item_barcode,
        [
            {"barcode": code.barcode, "item_id": each.id, "units": code.units}
            for each in written
            for code in each.barcodes
        ],
    )
    tx.insert(
        bundle_part,
        [
            {"bundle_id": each.id, "item_id": part_id, "units": units}
            for each in written
            for part_id, units in each.parts
        ],
    )


def channels(reader: Reader) -> list[Channel]:
    return [_channel(row) for row in reader.fetch(_CHANNELS)]


def channels_by_id(reader: Reader, ids: Iterable[str]) -> dict[str, Channel]:
    wanted = _texts(ids)
    rows = reader.fetch(_CHANNELS_BY_ID, _TEXTS(wanted)) if wanted else ()
    return {row.id: _channel(row) for row in rows}


def lock_channels(tx: Transaction, codes: Iterable[str]) -> dict[str, Channel]:
    """Channels by code, locked until the transaction ends."""
    return {row.code: _channel(row) for row in tx.fetch(_LOCK_CHANNELS, _TEXTS(_texts(codes)))}


def write_channels(tx: Transaction, new: Sequence[Channel], changed: Sequence[Channel]) -> None:
    tx.insert(channel, [_channel_row(each) for each in new])
    tx.update(channel, [_channel_row(each) for each in changed], ["id"])


def listings(reader: Reader, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Listing]:
    """Listings by (channel id, external SKU)."""
    rows = reader.fetch(_LISTINGS, _PAIRS(sorted(set(pairs))))
    return {(row.channel_id, row.external_sku): _listing(row) for row in rows}


def write_listings(tx: Transaction, listings_: Sequence[Listing]) -> None:
    rows = [msgspec.structs.asdict(each) for each in listings_]
    tx.upsert(listing, rows, ["channel_id", "external_sku"])


def listing_of(row: Any) -> Listing:
    return _listing(row)


def whole_items(reader: Reader, rows: Sequence[Any]) -> list[Item]:
    """Rows of the item table as items, with their barcodes and parts."""
    if not rows:
        return []
    wanted = _TEXTS([(row.id,) for row in rows])
    barcodes: dict[str, list[Barcode]] = defaultdict(list)
    for item_id, code, units in reader.fetch(_BARCODES_OF, wanted):
        barcodes[item_id].append(Barcode(code, units))
    parts = _parts(reader, [row.id for row in rows if row.kind == ItemKind.BUNDLE])
    return [
        Item(
            **{name: getattr(row, name) for name in _PLAIN},
            kind=ItemKind(row.kind),
            tags=_decode_tags(row.tags),
            active=bool(row.active),
            barcodes=tuple(sorted(barcodes[row.id], key=lambda code: code.barcode)),
            parts=tuple(sorted(parts[row.id])),
        )
        for row in rows
    ]


_PLAIN: Final = (
    *("id", "sku", "name", "weight_g", "length_mm", "width_mm", "height_mm"),
    *("unit_price_minor", "currency", "tax_rate_bp", "version"),
)


def _items(reader: Reader, statement: sa.Select[Any], texts: Iterable[str]) -> list[Item]:
    wanted = _texts(texts)
    return whole_items(reader, reader.fetch(statement, _TEXTS(wanted)) if wanted else ())


def _refs(reader: Reader, rows: Sequence[Sequence[Any]]) -> list[ItemRef]:
    parts = _parts(reader, [row[0] for row in rows if row[3] == ItemKind.BUNDLE])
    return [
        ItemRef(
            id=id_,
            sku=sku,
            name=name,
            kind=ItemKind(kind),
            weight_g=weight_g,
            tags=_decode_tags(tags) if tags != "[]" else (),
            tax_rate_bp=tax_rate_bp,
            parts=tuple(sorted(parts[id_])) if parts else (),
        )
        for id_, sku, name, kind, weight_g, tags, tax_rate_bp in rows
    ]


def _parts(reader: Reader, bundle_ids: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    wanted = _texts(bundle_ids)
    if wanted:
        for bundle_id, item_id, units in reader.fetch(_PARTS_OF, _TEXTS(wanted)):
            found[bundle_id].append((item_id, units))
    return found


def _item_row(each: Item) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(each, name) for name in _PLAIN}
    tags = msgspec.json.encode(each.tags).decode()
    return row | {"kind": each.kind.value, "tags": tags, "active": each.active}


def _channel(row: Any) -> Channel:
    fields = row._asdict()
    fields["settings"] = _decode_settings(row.settings)
    fields["payment_terms"] = PaymentTerms(row.payment_terms)
    for flag in ("prices_include_tax", "auto_release", "active"):
        fields[flag] = bool(fields[flag])
    return Channel(**fields)


def _channel_row(each: Channel) -> dict[str, object]:
    row = msgspec.structs.asdict(each)
    row["settings"] = msgspec.json.encode(each.settings).decode()
    row["payment_terms"] = each.payment_terms.value
    return row


def _listing(row: Any) -> Listing:
    return Listing(
        channel_id=row.channel_id,
        external_sku=row.external_sku,
        item_id=row.item_id,
        title=row.title,
    )


def _texts(texts: Iterable[str]) -> list[tuple[str]]:
    return [(text,) for text in sorted(set(texts))]
