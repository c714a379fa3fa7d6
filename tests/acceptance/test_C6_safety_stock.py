"""C6: safety stock is shown, never promised and never allocated."""

from oms.inventory import queries
from oms.inventory import service as inventory
from oms.inventory.model import PutStockRule
from oms.ledger.model import Account
from oms.orders.machine import LineState
from tests.integration.inventory.shelves import accepted
from tests.integration.orders.shop import NOON_MS, STOCK, Shop, line, order


def test_the_last_units_of_each_node_stay(shop: Shop) -> None:
    rules = [
        PutStockRule(item_id=shop.item_id("A"), node_id=shop.node_id(code), safety_stock=4)
        for code in ("LON", "MAN", "EDI")
    ]
    with shop.uow.begin() as tx:
        accepted(inventory.put_stock_rules(tx, rules))

    [taken] = shop.place(order("W1", line("A", 3 * STOCK)))

    assert shop.states(taken.order_id) == {
        LineState.ALLOCATED: 3 * (STOCK - 4),
        LineState.OPEN: 3 * 4,
    }
    assert [shop.units(Account.AVAILABLE, "A", code) for code in ("LON", "MAN", "EDI")] == [4] * 3
    with shop.uow.read() as reader:
        found = queries.atp(reader, [shop.item_id("A")], shop.channel_id, NOON_MS)
    assert {(each.safety_stock, each.available) for each in found} == {(4, 0)}
