"""Units come, go and are counted; their value goes with them."""

from oms.inventory import service as inventory
from oms.inventory.documents.model import Adjustment, Receipt, ReceiptLine, SetLevels
from oms.inventory.events import StockAdjusted, StockReceived
from oms.inventory.model import NodeKind, PutNode
from oms.kernel.address import Address
from oms.kernel.errors import Invalid, OMSError
from oms.ledger import goods
from oms.ledger.model import Account, Movement, Place
from tests.integration.inventory.shelves import Shelves, accepted, refused


def receipt(shelves: Shelves, units: int, reference: str = "") -> Receipt:
    return Receipt(
        node_id=shelves.node("LON"),
        currency="GBP",
        reference=reference,
        lines=(ReceiptLine(shelves.item("MUG"), units, 250),),
    )


def test_a_receipt_puts_units_on_the_shelf_and_their_cost_on_the_books(shelves: Shelves) -> None:
    with shelves.uow.begin() as tx:
        [document] = accepted(inventory.receive(tx, [receipt(shelves, 4)]))

    assert shelves.units(Account.AVAILABLE, "MUG", "LON") == 4
    assert shelves.units(Account.SUPPLIER, "MUG") == -4
    assert shelves.money() == {"Assets:Inventory": 1_000, "Liabilities:GoodsReceived": -1_000}
    [event] = shelves.told(StockReceived)
    assert (event.entity, event.node_id) == (document.id, shelves.node("LON"))
    assert event.item_ids == (shelves.item("MUG"),)
    assert shelves.broken() == []


def test_the_same_receipt_twice_is_received_once(shelves: Shelves) -> None:
    same = receipt(shelves, 4, "PO-1")

    with shelves.uow.begin() as tx:
        first, second = accepted(inventory.receive(tx, [same, same]))
    with shelves.uow.begin() as tx:
        [third] = accepted(inventory.receive(tx, [same]))
    with shelves.uow.begin() as tx:
        refusal = refused(inventory.receive(tx, [receipt(shelves, 5, "PO-1")]))

    assert first == second == third
    assert refusal.code == "stock.reference_taken"
    assert shelves.units(Account.AVAILABLE, "MUG") == 4
    assert len(shelves.told(StockReceived)) == 1


def test_a_bad_receipt_leaves_the_others_of_its_list_alone(shelves: Shelves) -> None:
    bad = Receipt(
        node_id=shelves.node("LON"), currency="GBP", lines=(ReceiptLine(shelves.item("SET"), 1),)
    )

    with shelves.uow.begin() as tx:
        good, refusal = inventory.receive(tx, [receipt(shelves, 4), bad])

    assert not isinstance(good, OMSError)
    assert isinstance(refusal, Invalid)
    assert shelves.units(Account.AVAILABLE, "MUG") == 4
    assert shelves.broken() == []


def test_stock_is_valued_in_one_currency(shelves: Shelves) -> None:
    other = Receipt(
        node_id=shelves.node("LON"), currency="EUR", lines=(ReceiptLine(shelves.item("CUP"), 1, 5),)
    )

    with shelves.uow.begin() as tx:
        first, second = inventory.receive(tx, [receipt(shelves, 1), other])

    assert not isinstance(first, OMSError)
    assert isinstance(second, Invalid)
    assert set(second.fields) == {"currency"}
    with shelves.uow.read() as reader:
        assert inventory.cost_currency(reader) == "GBP"


def test_missing_units_leave_with_their_average_cost(shelves: Shelves) -> None:
    shelves.receive("LON", cost_minor=100, MUG=1)
    shelves.receive("MAN", cost_minor=200, MUG=2)
    lines = ((shelves.item("MUG"), -1),)

    with shelves.uow.begin() as tx:
        accepted(
            inventory.adjust(
                tx, [Adjustment(node_id=shelves.node("LON"), reason="broken", lines=lines)]
            )
        )

    assert shelves.units(Account.AVAILABLE, "MUG", "LON") == 0
    assert shelves.units(Account.VARIANCE, "MUG") == 1
    assert shelves.money()["Expenses:Shrinkage"] == 167
    assert shelves.money()["Assets:Inventory"] == 500 - 167
    [event] = shelves.told(StockAdjusted)
    assert (event.reason, event.lowered) == ("broken", (shelves.item("MUG"),))
    assert shelves.broken() == []


def test_adjustments_of_one_list_see_what_the_earlier_ones_left(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=3)
    gone = Adjustment(
        node_id=shelves.node("LON"), reason="gone", lines=((shelves.item("MUG"), -2),)
    )

    with shelves.uow.begin() as tx:
        first, second = inventory.adjust(tx, [gone, gone])

    assert not isinstance(first, OMSError)
    assert isinstance(second, OMSError)
    assert second.fields == {shelves.item("MUG"): "1 more than are free"}
    assert shelves.units(Account.AVAILABLE, "MUG") == 1


def test_a_report_makes_the_shelf_what_was_counted(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5, CUP=5, POT=5)
    mug, cup, pot = (shelves.item(sku) for sku in ("MUG", "CUP", "POT"))
    report = SetLevels(node_id=shelves.node("LON"), levels=((mug, 5), (cup, 2), (pot, 9)))

    with shelves.uow.begin() as tx:
        [answer] = accepted(inventory.set_levels(tx, [report]))

    assert answer.changed == 2
    assert [shelves.units(Account.AVAILABLE, sku) for sku in ("MUG", "CUP", "POT")] == [5, 2, 9]
    [event] = shelves.told(StockAdjusted)
    assert (event.raised, event.lowered) == ((pot,), (cup,))
    assert shelves.money()["Expenses:Shrinkage"] == 300 - 400
    assert shelves.broken() == []


def test_a_report_that_changes_nothing_leaves_no_document(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    report = SetLevels(node_id=shelves.node("LON"), levels=((shelves.item("MUG"), 5),))

    with shelves.uow.begin() as tx:
        [answer] = accepted(inventory.set_levels(tx, [report]))

    assert (answer.document, answer.changed) == (None, 0)
    assert shelves.told(StockAdjusted) == []


def test_a_report_never_takes_what_orders_hold(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    mug, lon = shelves.item("MUG"), shelves.node("LON")
    with shelves.uow.begin() as tx:
        here, held = Place(Account.AVAILABLE, lon), Place(Account.PICKED, lon)
        goods.post(tx, [Movement(mug, 4, here, held, "pick")])

    with shelves.uow.begin() as tx:
        [answer] = accepted(inventory.set_levels(tx, [SetLevels(node_id=lon, levels=((mug, 3),))]))

    assert answer.claimed == ((mug, 1),)
    assert shelves.units(Account.AVAILABLE, "MUG") == 0
    assert shelves.units(Account.PICKED, "MUG") == 4


def test_a_suppliers_units_are_not_on_our_books(shelves: Shelves) -> None:
    supplier = PutNode(code="SUP", name="S", kind=NodeKind.SUPPLIER, address=Address("CN"))
    with shelves.uow.begin() as tx:
        [node] = accepted(inventory.put_nodes(tx, [supplier]))
        levels = ((shelves.item("MUG"), 50),)
        accepted(inventory.set_levels(tx, [SetLevels(node_id=node.id, levels=levels)]))

    assert shelves.promisable("MUG") == 50
    assert shelves.money() == {}


def test_cost_goes_out_and_comes_back_to_the_minor_unit(shelves: Shelves) -> None:
    shelves.receive("LON", cost_minor=333, MUG=3)
    shelves.receive("LON", cost_minor=100, MUG=4)
    mug = shelves.item("MUG")

    with shelves.uow.begin() as tx:
        values = inventory.take_cost(tx, [(mug, 2), (mug, 4), (mug, 1), (mug, 5)])
        unknown = inventory.take_cost(tx, [(shelves.item("CUP"), 5)])

    assert sum(values) == 1_399
    assert values[-1] == 0
    assert unknown == [0]
    with shelves.uow.begin() as tx:
        inventory.return_cost(tx, [(mug, 2, values[0]), (mug, 4, values[1]), (mug, 1, values[2])])
    assert shelves.broken() == []


def test_taking_cost_without_telling_the_journal_is_noticed(shelves: Shelves) -> None:
    shelves.receive("LON", cost_minor=333, MUG=3)

    with shelves.uow.begin() as tx:
        inventory.take_cost(tx, [(shelves.item("MUG"), 1)])

    [outcome] = shelves.broken()
    assert outcome.check.name == "inventory_value"
    assert outcome.rows == ({"currency": "GBP", "items_minor": 666, "journal_minor": 999},)


def test_the_number_of_statements_does_not_grow_with_the_list(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5_000)

    def statements(documents: int) -> int:
        lines = ((shelves.item("MUG"), -1),)
        command = Adjustment(node_id=shelves.node("LON"), reason="r", lines=lines)
        with shelves.counted() as counted, shelves.uow.begin() as tx:
            accepted(inventory.adjust(tx, [command] * documents))
        return len(counted)

    few = statements(1)

    assert statements(40) <= few
    assert statements(400) <= few
