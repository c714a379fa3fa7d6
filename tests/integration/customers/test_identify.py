"""Recognising buyers on both databases."""

from connectors.contract.messages import ChannelParty
from oms.customers.model import IdentityClaim
from oms.customers.service import claim, identify
from tests.integration.orders.shop import Shop


def identified(shop: Shop, *parties: ChannelParty) -> list[str | None]:
    claims = [IdentityClaim(channel_id="chn_1", party=party, country="GB") for party in parties]
    with shop.uow.begin() as tx:
        return list(identify(tx, claims))


def test_a_customer_is_known_by_any_of_their_names(shop: Shop) -> None:
    [ada] = identified(
        shop, ChannelParty(external_id="7", email="ada@example.org", phone="020 7946 0018")
    )

    again = identified(
        shop,
        ChannelParty(external_id="7"),
        ChannelParty(email="ADA@example.org"),
        ChannelParty(phone="+44 20 7946 0018"),
        ChannelParty(email="bo@example.org"),
        ChannelParty(name="Nobody"),
    )

    assert again[:3] == [ada] * 3
    assert again[3] not in (None, ada)
    assert again[4] is None
    assert shop.events(ada or "") == ["customer.added"]
    assert shop.count("customer") == 2


def test_the_id_of_one_channel_means_nothing_in_another(shop: Shop) -> None:
    with shop.uow.begin() as tx:
        here, there = identify(
            tx,
            [
                claim("chn_1", ChannelParty(external_id="7")),
                claim("chn_2", ChannelParty(external_id="7")),
            ],
        )

    assert here != there


def test_nobody_costs_nothing(shop: Shop) -> None:
    with shop.counted() as statements:
        assert identified(shop, ChannelParty(name="Guest")) == [None]
        assert statements == []
