"""Entries, balances beside them, and checks that notice when the two part."""

import pytest

from oms.catalog import service as catalog
from oms.catalog.model import PutItem
from oms.kernel.errors import Invalid, Refused
from oms.ledger import goods, journal, posting
from oms.ledger.model import Account, Balance, Entry, Level, Movement, Place, Posting
from tests.integration.inventory.shelves import Shelves

SUPPLIER = Place(Account.SUPPLIER)
CUSTOMER = Place(Account.CUSTOMER)


def moved(item: str, quantity: int, source: Place, target: Place) -> Movement:
    return Movement(item, quantity, source, target, "test")


def at(account: Account, node: str = "nod_1", lot: str = "") -> Place:
    return Place(account, node, lot)


def test_a_movement_takes_from_one_place_and_gives_to_another(shelves: Shelves) -> None:
    shelf = at(Account.AVAILABLE)

    with shelves.uow.begin() as tx:
        goods.post(tx, [moved("itm_1", 5, SUPPLIER, shelf), moved("itm_1", 2, shelf, CUSTOMER)])
    with shelves.uow.read() as reader:
        found = goods.balances(reader, ["itm_1"])

    assert found == [
        Balance(Account.CUSTOMER, "itm_1", "", "", 2),
        Balance(Account.AVAILABLE, "itm_1", "nod_1", "", 3),
        Balance(Account.SUPPLIER, "itm_1", "", "", -5),
    ]
    assert shelves.broken() == []


def test_units_that_are_not_there_cannot_be_taken(shelves: Shelves) -> None:
    shelf = at(Account.AVAILABLE)
    with shelves.uow.begin() as tx:
        goods.post(tx, [moved("itm_1", 5, SUPPLIER, shelf)])

    with pytest.raises(Refused) as refusal, shelves.uow.begin() as tx:
        goods.post(tx, [moved("itm_1", 6, shelf, CUSTOMER), moved("itm_2", 1, shelf, CUSTOMER)])

    assert refusal.value.code == "stock.insufficient"
    assert refusal.value.fields == {
        "itm_1": "1 more needed in node:available at nod_1",
        "itm_2": "1 more needed in node:available at nod_1",
    }
    with shelves.uow.read() as reader:
        assert [b.units for b in goods.balances(reader, ["itm_1"], [Account.AVAILABLE])] == [5]


def test_what_counts_is_where_units_end_up_not_the_order_of_a_list(shelves: Shelves) -> None:
    shelf = at(Account.AVAILABLE)

    with shelves.uow.begin() as tx:
        goods.post(tx, [moved("itm_1", 2, shelf, CUSTOMER), moved("itm_1", 2, SUPPLIER, shelf)])

    assert shelves.broken() == []


def test_every_lot_is_a_place_of_its_own(shelves: Shelves) -> None:
    old, new = at(Account.AVAILABLE, lot="lot_1"), at(Account.AVAILABLE, lot="lot_2")

    with shelves.uow.begin() as tx:
        goods.post(tx, [moved("itm_1", 1, SUPPLIER, old), moved("itm_1", 2, SUPPLIER, new)])
        locked = goods.lock_balances(tx, Account.AVAILABLE, ["itm_1"])
        levels = goods.levels(tx, ["itm_1"])

    assert locked == {("itm_1", "nod_1", "lot_1"): 1, ("itm_1", "nod_1", "lot_2"): 2}
    assert levels == [Level("itm_1", "nod_1", on_hand=3, reserved=0, available=3)]


def test_a_transaction_sees_its_own_movements_when_it_locks_again(shelves: Shelves) -> None:
    shelf, kept = at(Account.AVAILABLE), at(Account.RESERVED)

    with shelves.uow.begin() as tx:
        goods.post(tx, [moved("itm_1", 5, SUPPLIER, shelf)])
        goods.post(tx, [moved("itm_1", 3, shelf, kept)])
        locked = goods.lock_balances(tx, Account.AVAILABLE, ["itm_1"])
        goods.post(tx, [moved("itm_1", 2, shelf, kept)])

    assert locked == {("itm_1", "nod_1", ""): 2}
    assert shelves.broken() == []


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_movement_moves_something_somewhere(shelves: Shelves, quantity: int) -> None:
    shelf = at(Account.AVAILABLE)

    with shelves.uow.begin() as tx:
        with pytest.raises(ValueError, match="not a movement"):
            goods.post(tx, [moved("itm_1", quantity, SUPPLIER, shelf)])
        with pytest.raises(ValueError, match="not a movement"):
            goods.post(tx, [moved("itm_1", 1, shelf, shelf)])


def test_an_unbalanced_entry_is_refused_and_nothing_is_written(shelves: Shelves) -> None:
    good = posting.entry("invoice", {"goods": 1_000}, "GBP")
    bad = Entry("manual", "GBP", (Posting("Assets:Till", 5), Posting("Income:Sales", -4)))

    with pytest.raises(Invalid) as refusal, shelves.uow.begin() as tx:
        journal.post(tx, [good, bad])

    assert refusal.value.code == "journal.unbalanced"
    assert shelves.money() == {}


def test_entries_are_numbered_without_a_gap_and_say_what_they_are_about(shelves: Shelves) -> None:
    entries = [
        posting.entry("invoice", {"goods": n}, "GBP", order_id=f"ord_{n}", document_id="inv_1")
        for n in (0, 1, 2)
    ]

    for _ in range(2):
        with shelves.uow.begin() as tx:
            journal.post(tx, entries)

    with shelves.uow.read() as reader:
        rows = reader.connection.exec_driver_sql(
            "SELECT id, order_id, document_id FROM journal_entry ORDER BY id"
        ).all()
    assert [tuple(row) for row in rows] == [
        (1, "ord_1", "inv_1"),
        (2, "ord_2", "inv_1"),
        (3, "ord_1", "inv_1"),
        (4, "ord_2", "inv_1"),
    ]


def test_currencies_are_kept_apart(shelves: Shelves) -> None:
    with shelves.uow.begin() as tx:
        journal.post(tx, [posting.entry("invoice", {"goods": 5}, c) for c in ("GBP", "IDR")])

    with shelves.uow.read() as reader:
        assert journal.balances(reader)["Income:Sales", "IDR"] == -5
    assert shelves.broken() == []


BREAKAGES = {
    "UPDATE goods_balance SET units = units + 1 WHERE account = 'node:available'": (
        {"goods_balances"}
    ),
    "DELETE FROM goods_balance WHERE account = 'node:available'": {"goods_balances"},
    "UPDATE goods_entry SET quantity = quantity - 1 WHERE move = 'receive'": {"goods_balances"},
    "UPDATE goods_entry SET item_id = 'itm_x' WHERE move = 'receive'": {"goods_balances"},
    "UPDATE journal_posting SET amount_minor = amount_minor + 1 WHERE position = 0": {
        "journal_entries",
        "journal_balances",
    },
    "UPDATE journal_balance SET amount_minor = 0": {"journal_balances", "inventory_value"},
    "DELETE FROM journal_posting": {"journal_complete", "journal_balances"},
    "DELETE FROM journal_entry": {"journal_postings", "journal_balances"},
    "DELETE FROM event WHERE sequence = 1 AND type = 'item.put'": {"event_sequences"},
    "UPDATE item_cost SET value_minor = value_minor + 1": {"inventory_value"},
}


@pytest.mark.parametrize("statement", BREAKAGES)
def test_a_change_behind_our_back_is_noticed(shelves: Shelves, statement: str) -> None:
    shelves.receive("LON", MUG=5)
    with shelves.uow.begin() as tx:  # a second word about the mug, so that the first can be missed
        catalog.put_items(tx, [PutItem(sku="MUG", name="Another mug")])
    assert shelves.broken() == []

    assert shelves.change(statement) > 0

    assert {outcome.check.name for outcome in shelves.broken()} == BREAKAGES[statement]


def test_the_rows_that_break_a_check_are_shown(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    shelves.change("UPDATE goods_balance SET units = 7 WHERE account = 'node:available'")

    [outcome] = shelves.broken()

    assert outcome.count == 1
    assert outcome.rows == (
        {
            "account": "node:available",
            "item_id": shelves.item("MUG"),
            "node_id": shelves.node("LON"),
            "lot_id": "",
            "kept": 7,
            "counted": 5,
        },
    )


def test_of_many_broken_rows_the_first_are_shown_and_all_are_counted(shelves: Shelves) -> None:
    movements = [
        moved(f"itm_{n:03}", 1, SUPPLIER, at(Account.AVAILABLE, f"nod_{n}")) for n in range(60)
    ]
    with shelves.uow.begin() as tx:
        goods.post(tx, movements)
    shelves.change("UPDATE goods_balance SET units = 2 WHERE account = 'node:available'")

    [outcome] = shelves.broken()

    assert (outcome.count, len(outcome.rows)) == (60, 20)


def test_rebuilding_gives_the_balances_that_stood_there(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5, CUP=3)
    tables = ("goods_balance", "journal_balance")
    before = [_rows(shelves, table) for table in tables]
    shelves.change("UPDATE goods_balance SET units = units + 7")
    shelves.change("DELETE FROM journal_balance")

    with shelves.uow.begin() as tx:
        goods.rebuild(tx)
        journal.rebuild(tx)
        goods.post(
            tx,
            [moved(shelves.item("MUG"), 5, at(Account.AVAILABLE, shelves.node("LON")), CUSTOMER)],
        )
        goods.post(
            tx,
            [moved(shelves.item("MUG"), 5, CUSTOMER, at(Account.AVAILABLE, shelves.node("LON")))],
        )

    after = [_rows(shelves, table) for table in tables]
    assert after[1] == before[1]
    assert [row for row in after[0] if row[0] != "customer"] == before[0]
    assert shelves.broken() == []


def _rows(shelves: Shelves, table: str) -> list[tuple[object, ...]]:
    with shelves.uow.read() as reader:
        found = reader.connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - a table's name
        return sorted(tuple(row) for row in found)
