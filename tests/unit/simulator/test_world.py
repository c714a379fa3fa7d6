"""The demo's world: everything in it can be sold, shipped and found on a map."""

from collections import Counter

import pytest

from config.settings import FOLDER
from connectors.carriers.rate_table.connector import rate_table
from connectors.contract.messages import PaymentTerms
from oms.catalog.model import ItemKind, checked_channel, checked_item
from oms.inventory.model import NodeKind
from oms.kernel.barcodes import is_gtin
from oms.simulator.setting_up import channels_to_put, items_to_put
from oms.simulator.world import load_world

WORLD = load_world()


def test_every_ware_has_a_sku_and_a_barcode_of_its_own_with_the_right_check_digit() -> None:
    wares = WORLD.assortment.wares

    assert len(wares) == 122
    assert len({ware.sku for ware in wares}) == len(wares)
    assert len({ware.gtin for ware in wares}) == len(wares)
    assert [ware.gtin for ware in wares if not is_gtin(ware.gtin)] == []


def test_every_ware_and_channel_is_accepted_by_the_catalogue() -> None:
    put = [checked_item(command) for command in items_to_put(WORLD)]
    channels = [checked_channel(command) for command in channels_to_put(WORLD)]

    assert Counter(item.kind for item in put) == {ItemKind.STOCK: 114, ItemKind.BUNDLE: 8}
    assert len(channels) == 5


def test_bundles_are_made_of_items_that_are_sold() -> None:
    skus = {good.sku for good in WORLD.assortment.items}
    parts = {sku for bundle in WORLD.assortment.bundles for sku, _ in bundle.parts}

    assert parts <= skus


def test_there_are_warehouses_a_shop_and_a_partner_and_their_shares_make_a_whole() -> None:
    nodes = WORLD.merchant.nodes

    assert {node.kind for node in nodes} == {
        NodeKind.WAREHOUSE,
        NodeKind.STORE,
        NodeKind.THIRD_PARTY,
    }
    assert sum(node.share for node in nodes) == pytest.approx(1)


def test_customers_can_pay_at_the_door_by_card_and_on_the_marketplace() -> None:
    assert {channel.payment_terms for channel in WORLD.merchant.channels} == {
        PaymentTerms.CAPTURE_ON_SHIP,
        PaymentTerms.PAID_ON_CHANNEL,
        PaymentTerms.COD,
    }


def test_every_city_lies_in_indonesia() -> None:
    assert len(WORLD.places.cities) >= 60
    assert [
        city.name
        for city in WORLD.places.cities
        if not (-11 < city.latitude < 6 and 95 < city.longitude < 141.1)
    ] == []


def test_channels_name_profiles_and_cities_that_exist() -> None:
    for channel in WORLD.merchant.channels:
        assert channel.profile in WORLD.habits.profiles
        assert not channel.city or WORLD.city(channel.city).name == channel.city


def test_the_merchants_carrier_has_a_price_list() -> None:
    path = FOLDER / "carriers" / f"{WORLD.merchant.carrier}.toml"

    table = rate_table(path.read_text(encoding="utf-8"), path.name)

    assert table.currency == WORLD.merchant.currency
