"""Files of orders come in on both databases: every row once, whatever happens on the way."""

import itertools
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from connectors.engine.file_import import model, service
from connectors.engine.file_import import queries as file_imports
from connectors.engine.file_import.model import Counts, Run, RunState
from connectors.engine.file_import.service import Into
from connectors.marketplace.flat_file.connector import FlatFile
from oms.kernel.errors import Invalid, OMSError, Stale
from oms.orders.intake.model import TakeIn, TakenIn
from oms.orders.quarantine import queries
from oms.orders.quarantine.machine import QuarantineState
from oms.orders.quarantine.model import Quarantined
from oms.orders.quarantine.queries import QuarantinePage
from oms.platform.transaction import Transaction
from oms.sourcing import service as sourcing
from tests.integration.orders.shop import Shop
from tests.unit.connectors.sheets import plain, row, sheet

PLACE = sourcing.place


def imported(shop: Shop, path: Path, content: bytes, batches: int | None = None) -> Run:
    """Take a file in, or only its first batches, as if killed then."""
    path.write_bytes(content)
    into = Into(channel_id=shop.channel_id, returns_node_id=shop.node_id("LON"))
    runs = service.import_file(shop.uow, FlatFile(plain()), path, into)
    return list(itertools.islice(runs, batches and batches + 1))[-1]


def quarantined(
    shop: Shop, state: QuarantineState = QuarantineState.OPEN
) -> dict[str, Quarantined]:
    with shop.uow.read() as reader:
        found = queries.payloads(reader, QuarantinePage(state=state))
    return {each.external_id: each for each in found}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.csv"


def test_good_rows_go_in_and_bad_ones_wait_with_their_reason(shop: Shop, path: Path) -> None:
    content = sheet(row("1", sku="A"), row("1", sku="B"), row("2", qty="many"), row("3", sku="C"))

    run = imported(shop, path, content)

    assert run.state is RunState.FINISHED
    assert (run.counts.orders_new, run.counts.rows.quarantined, run.counts.rows.rows) == (2, 1, 4)
    assert quarantined(shop)["2"].code == "cell.not_a_number"
    assert shop.broken_checks() == []


def test_a_killed_import_goes_on_where_it_stopped(
    shop: Shop, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "BATCH_OUTCOMES", 2)
    content = sheet(*(row(str(number), sku="ABCDE"[number % 5]) for number in range(9)))

    half = imported(shop, path, content, batches=2)
    whole = imported(shop, path, content)

    assert (half.counts.orders_new, half.state) == (4, RunState.RUNNING)
    assert (whole.counts.orders_new, whole.counts.orders_same) == (9, 0)
    assert shop.count("sales_order") == 9


def test_a_file_read_again_changes_nothing(shop: Shop, path: Path) -> None:
    content = sheet(row("1", sku="A"), row("2", qty="many"))
    imported(shop, path, content)

    again = imported(shop, path, content)

    assert (again.counts.orders_new, again.counts.orders_same) == (0, 1)
    assert again.counts.quarantined == 1
    assert (shop.count("sales_order"), shop.count("quarantine")) == (1, 1)


def test_a_mended_copy_resolves_what_waited_of_its_orders(shop: Shop, path: Path) -> None:
    imported(shop, path, sheet(row("1", sku="A"), row("2", qty="many"), row("3", qty="few")))

    imported(shop, path.with_name("mended.csv"), sheet(row("1", sku="A"), row("2", sku="B")))

    assert set(quarantined(shop)) == {"3"}
    resolved = quarantined(shop, QuarantineState.RESOLVED)["2"]
    order_id = shop.scalar("SELECT id FROM sales_order WHERE external_id = :name", "2")
    assert resolved.order_id == order_id
    assert shop.events(resolved.id) == ["quarantine.opened", "quarantine.resolved"]


def test_rows_that_came_late_wait_however_often_the_file_is_read(shop: Shop, path: Path) -> None:
    """The order is in without them, so its being in says nothing about them."""
    content = sheet(row("1", sku="A"), row("2", sku="B"), row("1", sku="C"))

    imported(shop, path, content)
    imported(shop, path, content)

    assert quarantined(shop)["1"].code == "order.id_repeated"


def test_an_order_the_database_refuses_keeps_no_other_out(
    shop: Shop, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picky(tx: Transaction, commands: list[TakeIn]) -> list[TakenIn | OMSError]:
        if any(command.order.external_id == "4" for command in commands):
            raise Invalid("database.value_refused", "A value cannot be kept.", "Correct it.")
        return PLACE(tx, commands)

    monkeypatch.setattr(sourcing, "place", picky)

    run = imported(shop, path, sheet(*(row(str(number), sku="A") for number in range(7))))

    assert (run.state, run.counts.orders_new, run.counts.quarantined) == (RunState.FINISHED, 6, 1)
    assert run.counts.rows.rows == 7
    waiting = quarantined(shop)["4"]
    assert waiting.code == "database.value_refused"
    assert '"external_id":"4"' in waiting.payload


@pytest.mark.parametrize(
    "lost", [Stale("database.conflict", "x"), IntegrityError("INSERT", None, Exception())]
)
def test_a_batch_that_lost_a_race_is_taken_again(
    shop: Shop, path: Path, monkeypatch: pytest.MonkeyPatch, lost: Exception
) -> None:
    races = [lost, lost]

    def racing(tx: Transaction, commands: list[TakeIn]) -> list[TakenIn | OMSError]:
        if races:
            raise races.pop()
        return PLACE(tx, commands)

    monkeypatch.setattr(sourcing, "place", racing)

    run = imported(shop, path, sheet(row("1", sku="A"), row("2", sku="B")))

    assert run.counts == Counts(rows=run.counts.rows, orders_new=2)


def test_another_file_of_the_same_name_takes_nothing_out_of_quarantine(
    shop: Shop, path: Path
) -> None:
    """A till writes `orders.csv` every night: row 2 of tonight is not row 2 of yesterday."""
    imported(shop, path, sheet(row("1", qty="many")))
    imported(shop, path, sheet(row("2", qty="few")))

    assert set(quarantined(shop)) == {"1", "2"}


def test_a_row_decided_on_does_not_swallow_its_neighbour_of_another_night(
    shop: Shop, path: Path
) -> None:
    imported(shop, path, sheet(row("1", qty="many")))
    imported(shop, path.with_name("mended.csv"), sheet(row("1", sku="A")))

    imported(shop, path, sheet(row("2", qty="few")))

    assert set(quarantined(shop)) == {"2"}


def test_a_killed_import_begins_anew_when_its_mapping_changed(
    shop: Shop, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "BATCH_OUTCOMES", 2)
    path.write_bytes(sheet(*(row(str(number), sku="A") for number in range(5))))
    into = Into(channel_id=shop.channel_id, returns_node_id=shop.node_id("LON"))
    killed = list(itertools.islice(service.import_file(shop.uow, FlatFile(plain()), path, into), 2))
    mended = FlatFile(plain('[countries]\n"Narnia" = "GB"\n'))

    whole = list(service.import_file(shop.uow, mended, path, into))[-1]

    assert killed[-1].counts.orders_new == 2
    assert whole.state is RunState.FINISHED
    assert (whole.counts.orders_new, whole.counts.orders_same) == (3, 2)
    assert whole.counts.rows.rows == 5
    assert shop.count("sales_order") == 5


def test_what_waits_of_a_file_is_told_by_row(shop: Shop, path: Path) -> None:
    lines = [row("0", sku="A"), *(row(str(number), qty="many") for number in range(1, 12))]
    imported(shop, path, sheet(*lines))
    imported(shop, path.with_name("other.csv"), sheet(row("z", qty="many")))

    with shop.uow.read() as reader:
        told = file_imports.waiting(reader, shop.channel_id, path.name, 3)

    assert [each.external_id for each in told] == ["1", "2", "3"]
    assert told[0].words.startswith("orders.csv, row 3, column 'qty': 'many' is not")
