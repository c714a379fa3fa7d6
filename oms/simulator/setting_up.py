"""The merchant's first day: nodes, items, channels, listings, opening stock; all or nothing."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from oms.catalog.model import Barcode, ItemKind, PutChannel, PutItem, PutListing, PutPart
from oms.catalog.service import put_channels, put_items, put_listings
from oms.inventory.model import PutNode
from oms.inventory.service import put_nodes, receive
from oms.kernel.errors import OMSError, Refused
from oms.platform.transaction import Transaction, UnitOfWork
from oms.simulator.scene import SIMULATOR, read_directory
from oms.simulator.supply import opening_receipts
from oms.simulator.traffic import Traffic, listing_sku
from oms.simulator.world import Bundle, Good, World

R = TypeVar("R")


def is_set_up(uow: UnitOfWork, world: World) -> bool:
    """Whether the merchant is there already; `Refused` when somebody else is.

    Channels are put last, in the same transaction.
    """
    with uow.read() as reader:
        known = read_directory(reader, world)
    if all(channel.code in known.channels for channel in world.merchant.channels):
        return True
    if known.channels or known.nodes:
        raise Refused(
            "demo.not_ours",
            "This database holds a merchant that is not the demo's.",
            "Give the demo a folder of its own: oms demo --data var/demo",
        )
    return False


def set_up(uow: UnitOfWork, world: World, traffic: Traffic, seed: int) -> None:
    """Put everything in place. Doing it again changes nothing but what was changed by hand."""
    with uow.begin(SIMULATOR) as tx:
        expect_done(put_nodes(tx, list(nodes_to_put(world))))
        expect_done(put_items(tx, list(items_to_put(world))))
        directory = read_directory(tx, world)
        ids = (directory.nodes, directory.items)
        expect_done(receive(tx, opening_receipts(world, traffic, seed, ids)))
        expect_done(put_channels(tx, list(channels_to_put(world))))
        expect_done(put_listings(tx, list(listings_to_put(tx, world))))


def expect_done(answers: Sequence[R | OMSError]) -> list[R]:
    """The answers; the first refusal among them is raised."""
    for answer in answers:
        if isinstance(answer, OMSError):
            raise answer
    return [answer for answer in answers if not isinstance(answer, OMSError)]


def nodes_to_put(world: World) -> Iterable[PutNode]:
    merchant = world.merchant
    for node in merchant.nodes:
        yield PutNode(
            id=f"nod_{node.code.lower()}",
            code=node.code,
            name=node.name,
            kind=node.kind,
            address=node.address(merchant.country),
            time_zone=node.time_zone,
            priority=node.priority,
            fixed_minor=node.fixed_minor,
            handling_unit_minor=node.handling_unit_minor,
            currency=merchant.currency,
            ships_to=(merchant.country,),
            cause=SIMULATOR,
        )


def items_to_put(world: World) -> Iterable[PutItem]:
    for ware in world.assortment.wares:
        yield _item(world, ware)


def _item(world: World, ware: Good | Bundle) -> PutItem:
    sold = world.assortment
    parts = ware.parts if isinstance(ware, Bundle) else ()
    return PutItem(
        sku=ware.sku,
        name=ware.name,
        kind=ItemKind.BUNDLE if parts else ItemKind.STOCK,
        barcodes=(Barcode(ware.gtin),),
        parts=tuple(PutPart(sku, units) for sku, units in parts),
        weight_g=0 if isinstance(ware, Bundle) else ware.weight_g,
        unit_price_minor=sold.minor(ware.price),
        currency=sold.currency,
        tags=(sold.tags[ware.sku.partition("-")[0]],),
        tax_rate_bp=sold.tax_rate_bp,
        cause=SIMULATOR,
    )


def channels_to_put(world: World) -> Iterable[PutChannel]:
    merchant = world.merchant
    for channel in merchant.channels:
        yield PutChannel(
            id=f"chn_{channel.code}",
            code=channel.code,
            name=channel.name,
            currency=merchant.currency,
            locale=channel.locale,
            country=merchant.country,
            time_zone=merchant.time_zone,
            payment_terms=channel.payment_terms,
            prices_include_tax=True,
            auto_release=channel.auto_release,
            settings={"kind": channel.kind},
            cause=SIMULATOR,
        )


def listings_to_put(tx: Transaction, world: World) -> Iterable[PutListing]:
    """Only channels with names of their own need them: the others use our SKUs or barcodes."""
    channels = read_directory(tx, world).channels
    for channel in world.merchant.channels:
        if channel.sku_prefix:
            for ware in world.assortment.wares:
                yield PutListing(
                    channel_id=channels[channel.code],
                    external_sku=listing_sku(channel, ware),
                    sku=ware.sku,
                    title=ware.english if channel.locale == "en" else ware.name,
                    cause=SIMULATOR,
                )
