"""Changing the catalogue, and finding out what channels mean: work over lists, one transaction."""

from collections.abc import Iterable, Sequence

import msgspec

from oms.catalog import model, store
from oms.catalog.events import ChannelPut, ItemPut, ListingPut
from oms.catalog.model import (
    Channel,
    Item,
    ItemKind,
    ItemRef,
    Known,
    Listing,
    Parts,
    PutChannel,
    PutItem,
    PutListing,
)
from oms.kernel.errors import OMSError
from oms.kernel.ids import expect_prefix
from oms.platform.batches import in_rounds
from oms.platform.transaction import Reader, Transaction

ListingName = tuple[str, str, str]
"""Channel id, the channel's SKU, GTIN as the channel wrote it (or "")."""


def put_items(tx: Transaction, commands: Sequence[PutItem]) -> list[Item | OMSError]:
    """Make items look as described, by SKU; parts of bundles may come in the same list.

    `Invalid` names the bad fields: a barcode whose check digit is wrong or that belongs to another
    item, a bundle without parts or of bundles. Saying the same twice changes and tells nothing.
    """
    answers: list[Item | OMSError] = [OMSError("item.unanswered", "")] * len(commands)
    for kind in (ItemKind.STOCK, ItemKind.BUNDLE):  # parts first, whatever their order in the list
        positions = [p for p, command in enumerate(commands) if command.kind is kind]
        put = in_rounds([commands[p] for p in positions], lambda c: c.sku, lambda b: _put(tx, b))
        for position, answer in zip(positions, put, strict=True):
            answers[position] = answer
    return answers


def put_channels(tx: Transaction, commands: Sequence[PutChannel]) -> list[Channel | OMSError]:
    """Make channels look as described, by code."""
    return in_rounds(commands, lambda c: c.code, lambda batch: _put_channels(tx, batch))


def put_listings(tx: Transaction, commands: Sequence[PutListing]) -> list[Listing | OMSError]:
    """Say what channels' names mean; a later saying replaces an earlier one."""
    return in_rounds(
        commands, lambda c: (c.channel_id, c.external_sku), lambda batch: _put_listings(tx, batch)
    )


def resolve_listings(reader: Reader, names: Iterable[ListingName]) -> dict[ListingName, ItemRef]:
    """What channels' names mean: by listing, else by our SKU, else by GTIN.

    Unknown names are absent; a GTIN whose check digit is wrong matches nothing.
    """
    stored = {name: (name[0], name[1], model.stored_gtin(name[2])) for name in names}
    found = store.resolve(reader, stored.values())
    return {name: found[as_stored] for name, as_stored in stored.items() if as_stored in found}


def _put(tx: Transaction, commands: Sequence[PutItem]) -> list[Item | OMSError]:
    """Items of one kind, each SKU once."""
    olds = store.lock_items(tx, [command.sku for command in commands])
    part_skus = [part.sku for command in commands for part in command.parts]
    parts = Parts({p.sku: (p.id, p.kind) for p in store.items_by_sku(tx, part_skus)})
    codes = (
        stored
        for command in commands
        for code in command.barcodes
        for stored in (code.barcode.strip(), model.stored_gtin(code.barcode))
    )
    owners = store.barcode_owners(tx, codes)
    answers: list[Item | OMSError] = []
    new: list[Item] = []
    changed: list[Item] = []
    for command in commands:
        old = olds.get(command.sku)
        try:
            item = _decided(tx, command, old, parts)
            model.expect_free(item, owners)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        owners |= {code.barcode: item.id for code in item.barcodes}
        if item != old:
            item = msgspec.structs.replace(item, version=old.version + 1 if old else 1)
            (changed if old else new).append(item)
            _tell(
                tx,
                old,
                ItemPut(entity=item.id, sku=item.sku, kind=item.kind, version=item.version),
                command,
            )
        answers.append(item)
    store.write_items(tx, new, changed)
    return answers


def _decided(tx: Transaction, command: PutItem, old: Item | None, parts: Parts) -> Item:
    command = model.checked_item(command)
    item = model.put_item(command, old, old.id if old else _id(tx, command.id, "itm"))
    return msgspec.structs.replace(item, parts=model.part_ids(command, parts))


def _put_channels(tx: Transaction, commands: Sequence[PutChannel]) -> list[Channel | OMSError]:
    olds = store.lock_channels(tx, [command.code for command in commands])
    answers: list[Channel | OMSError] = []
    new: list[Channel] = []
    changed: list[Channel] = []
    for command in commands:
        old = olds.get(command.code)
        try:
            id_ = old.id if old else _id(tx, command.id, "chn")
            channel = model.put_channel(model.checked_channel(command), old, id_)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        if channel != old:
            channel = msgspec.structs.replace(channel, version=old.version + 1 if old else 1)
            (changed if old else new).append(channel)
            _tell(
                tx,
                old,
                ChannelPut(entity=channel.id, code=channel.code, version=channel.version),
                command,
            )
        answers.append(channel)
    store.write_channels(tx, new, changed)
    return answers


def _put_listings(tx: Transaction, commands: Sequence[PutListing]) -> list[Listing | OMSError]:
    olds = store.listings(tx, [(c.channel_id, c.external_sku) for c in commands])
    known = Known(
        channel_ids=store.channels_by_id(tx, [c.channel_id for c in commands]),
        item_ids={ref.id for ref in store.refs(tx, [c.item_id for c in commands])},
        ids_by_sku={
            item.sku: item.id for item in store.items_by_sku(tx, [c.sku for c in commands])
        },
    )
    answers: list[Listing | OMSError] = []
    written: list[Listing] = []
    for command in commands:
        try:
            listing = model.put_listing(model.checked_listing(command), known)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        if listing != olds.get((listing.channel_id, listing.external_sku)):
            written.append(listing)
            tx.emit(_listing_put(listing), command.cause)
        answers.append(listing)
    store.write_listings(tx, written)
    return answers


def _listing_put(listing: Listing) -> ListingPut:
    return ListingPut(
        entity=listing.item_id, channel_id=listing.channel_id, external_sku=listing.external_sku
    )


def _id(tx: Transaction, given: str, prefix: str) -> str:
    return expect_prefix(given, prefix) if given else tx.new_id(prefix)


def _tell(
    tx: Transaction,
    old: Item | Channel | None,
    event: ItemPut | ChannelPut,
    command: PutItem | PutChannel,
) -> None:
    if old is None:
        tx.emit_first(event, command.cause)
    else:
        tx.emit(event, command.cause)
