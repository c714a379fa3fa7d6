"""A9: each channel has its own names for items; an unknown one holds its line."""

import msgspec
import pytest

from oms.catalog import service as catalog
from oms.catalog.model import Barcode, PutChannel, PutItem, PutListing
from oms.kernel.errors import Invalid
from oms.orders.machine import LineState
from tests.integration.inventory.shelves import accepted, refused
from tests.integration.orders.shop import Shop, line, order

GTIN = "4006381333931"
WRONG_DIGIT = "4006381333932"


@pytest.fixture(autouse=True)
def barcode(shop: Shop) -> None:
    item = PutItem(sku="A", name="Item A", weight_g=500, barcodes=(Barcode(GTIN),))
    with shop.uow.begin() as tx:
        accepted(catalog.put_items(tx, [item]))


def test_the_same_name_means_another_item_on_another_channel(shop: Shop) -> None:
    web = shop.channel_id
    with shop.uow.begin() as tx:
        put = PutChannel(code="bazaar", name="Bazaar", currency="GBP")
        [bazaar] = accepted(catalog.put_channels(tx, [put]))
        accepted(
            catalog.put_listings(
                tx,
                [
                    PutListing(channel_id=web, external_sku="HOT-1", sku="A"),
                    PutListing(channel_id=bazaar.id, external_sku="HOT-1", sku="B"),
                ],
            )
        )
        found = catalog.resolve_listings(tx, [(web, "HOT-1", ""), (bazaar.id, "HOT-1", "")])

    assert {name[0]: ref.sku for name, ref in found.items()} == {web: "A", bazaar.id: "B"}


def test_an_order_in_the_channels_words_is_served_with_our_items(shop: Shop) -> None:
    alias = PutListing(channel_id=shop.channel_id, external_sku="their-b", sku="B")
    with shop.uow.begin() as tx:
        accepted(catalog.put_listings(tx, [alias]))
    by_gtin = msgspec.structs.replace(line("their-a"), gtin=GTIN)

    [taken] = shop.place(order("W1", line("their-b", 2), by_gtin))

    items = {each.item_id for each in shop.slices(taken.order_id)}
    assert items == {shop.item_id("A"), shop.item_id("B")}
    assert shop.states(taken.order_id) == {LineState.ALLOCATED: 3}


@pytest.mark.parametrize("gtin", ["", WRONG_DIGIT])
def test_an_unknown_name_holds_its_line_with_the_reason(shop: Shop, gtin: str) -> None:
    unknown = msgspec.structs.replace(line("nobody-knows", 2), gtin=gtin)

    [taken] = shop.place(order("W1", unknown, line("B")))

    lines = shop.facts(taken.order_id).lines
    assert [(each.listing_sku, each.quantity) for each in lines] == [("nobody-knows", 2), ("B", 1)]
    assert shop.states(taken.order_id) == {LineState.OPEN: 2, LineState.ALLOCATED: 1}
    assert shop.scalar("SELECT reason FROM order_hold") == "unknown_listing"
    assert shop.scalar("SELECT line_id FROM order_hold") == lines[0].id


def test_a_wrong_check_digit_is_refused_where_barcodes_are_kept(shop: Shop) -> None:
    with shop.uow.begin() as tx:
        refusal = refused(
            catalog.put_items(
                tx, [PutItem(sku="NEW", name="New", barcodes=(Barcode(WRONG_DIGIT),))]
            )
        )

    assert isinstance(refusal, Invalid)
    assert "should be 1" in refusal.fields["barcodes[0]"]
