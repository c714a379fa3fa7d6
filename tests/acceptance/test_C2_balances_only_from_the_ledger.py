"""C2: the stock ledger is typed and never changed, and balances rebuilt from it are the same."""

from oms.ledger import goods
from oms.orders.machine import LineState
from tests.integration.orders.shop import Shop, line, order

Rows = list[tuple[object, ...]]


def rows(shop: Shop, table: str) -> Rows:
    with shop.uow.read() as reader:
        found = reader.connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - a table's name
        return sorted(tuple(row) for row in found)


def trade(shop: Shop, name: str) -> None:
    """One order all the way to its customer, one cancelled on its way, a bundle on its way."""
    delivered, cancelled, travelling = shop.place(
        order(f"{name}1", line("A", 3), line("B", 2)),
        order(f"{name}2", line("C", 4)),
        order(f"{name}3", line("SET", 2)),
    )
    shop.move_all(delivered.order_id, "release", "pick", "pack", "ship", "deliver")
    shop.move_all(cancelled.order_id, "release", "pick", "cancel_picked")
    shop.move_all(travelling.order_id, "release", "pick", "pack", "ship")
    assert shop.states(delivered.order_id) == {LineState.DELIVERED: 5}


def test_rebuilding_balances_from_the_ledger_gives_the_same_rows(shop: Shop) -> None:
    trade(shop, "W")
    before = rows(shop, "goods_balance")

    with shop.uow.begin() as tx:
        goods.rebuild(tx)

    assert rows(shop, "goods_balance") == before
    assert shop.broken_checks() == []


def test_what_was_written_stays_as_it_was(shop: Shop) -> None:
    trade(shop, "W")
    before = rows(shop, "goods_entry")

    trade(shop, "X")

    assert rows(shop, "goods_entry")[: len(before)] == before


def test_every_entry_names_its_move_and_its_order(shop: Shop) -> None:
    trade(shop, "W")

    with shop.uow.read() as reader:
        found = reader.connection.exec_driver_sql(
            "SELECT DISTINCT move, order_id <> '' OR document_id <> '' FROM goods_entry"
        ).all()

    assert all(named for _, named in found)
    assert {move for move, _ in found} >= {"receive", "allocate", "pick", "pack", "ship", "deliver"}
