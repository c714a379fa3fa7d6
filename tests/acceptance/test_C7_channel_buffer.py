"""C7: a channel's buffer is held back from that channel, once over all nodes, and from no other."""

import pytest

from oms.catalog import service as catalog
from oms.catalog.model import PutChannel
from oms.inventory import queries
from oms.inventory import service as inventory
from oms.inventory.model import PutBuffer
from oms.orders.machine import LineState
from tests.integration.inventory.shelves import accepted
from tests.integration.orders.shop import NOON_MS, STOCK, Shop, line, order

BUFFER = 5


@pytest.fixture(autouse=True)
def buffer(shop: Shop) -> None:
    with shop.uow.begin() as tx:
        accepted(inventory.put_buffers(tx, [PutBuffer(channel_id=shop.channel_id, units=BUFFER)]))


def test_an_order_cannot_take_what_its_channel_may_not_sell(shop: Shop) -> None:
    [taken] = shop.place(order("W1", line("A", 3 * STOCK)))

    assert shop.states(taken.order_id) == {
        LineState.ALLOCATED: 3 * STOCK - BUFFER,
        LineState.OPEN: BUFFER,
    }


def test_another_channel_sees_every_unit(shop: Shop) -> None:
    with shop.uow.begin() as tx:
        put = PutChannel(code="till", name="Till", currency="GBP")
        [till] = accepted(catalog.put_channels(tx, [put]))

    with shop.uow.read() as reader:
        item = shop.item_id("A")
        of_web = queries.promisable(reader, [item], web(shop), NOON_MS)
        of_till = queries.promisable(reader, [item], till.id, NOON_MS)

    assert (of_web[item], of_till[item]) == (3 * STOCK - BUFFER, 3 * STOCK)


def web(shop: Shop) -> str:
    return shop.scalar("SELECT id FROM channel WHERE code = :name", "web")
