"""The books go out to beancount and hledger: they accept them, and refuse one lost unit or cent."""

import io
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from beancount import loader

from oms.catalog import queries as catalog
from oms.inventory import service as inventory
from oms.kernel.clock import DAY_MS
from oms.ledger import export
from oms.ledger.export import Export, Program
from oms.ledger.model import Account
from oms.ledger.vouchers import Detail, Names
from tests.integration.inventory.shelves import Shelves
from tests.integration.ledger.traffic import prepare, sell
from tests.services.databases import Databases

Judge = Callable[[str], list[str]]
"""The complaints about a text of books."""

DETAILS = list(Detail)


def beancount_says(text: str) -> list[str]:
    _, errors, _ = loader.load_string(text)
    return [error.message for error in errors]


@pytest.fixture
def hledger_says(program: Callable[[str, str], str], tmp_path: Path) -> Judge:
    hledger = program("hledger", "hledger")

    def judge(text: str) -> list[str]:
        path = tmp_path / "books.journal"
        path.write_text(text, encoding="utf-8")
        told = subprocess.run(
            [hledger, "-f", str(path), "check", "balanced", "commodities", "accounts"],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"LANG": "C.UTF-8"},
        )
        return [told.stderr] if told.returncode else []

    return judge


def books(shelves: Shelves, program: Program, detail: Detail = Detail.DAILY) -> str:
    out = io.StringIO()
    with shelves.uow.snapshot() as reader:
        names = Names(catalog.skus(reader), {n.id: n.code for n in inventory.nodes(reader)})
        export.write(reader, out, Export(program, detail, names))
    return out.getvalue()


@pytest.fixture
def traffic(databases: Databases) -> Iterator[Shelves]:
    url = databases.copy_of("traffic", prepare)
    made = Shelves(url)
    yield made
    made.database.close()
    databases.drop(url)


@pytest.mark.parametrize("detail", DETAILS)
def test_beancount_accepts_the_books(traffic: Shelves, detail: Detail) -> None:
    assert beancount_says(books(traffic, Program.BEANCOUNT, detail)) == []


@pytest.mark.parametrize("detail", DETAILS)
def test_hledger_accepts_the_books(traffic: Shelves, detail: Detail, hledger_says: Judge) -> None:
    assert hledger_says(books(traffic, Program.HLEDGER, detail)) == []


def test_books_without_entries_are_books(shelves: Shelves, hledger_says: Judge) -> None:
    assert beancount_says(books(shelves, Program.BEANCOUNT)) == []
    assert hledger_says(books(shelves, Program.HLEDGER)) == []


def test_both_programs_count_what_we_count(traffic: Shelves) -> None:
    entries, _, _ = loader.load_string(books(traffic, Program.BEANCOUNT, Detail.MONTHLY))
    cups = sum(
        posting_.units.number
        for entry in entries
        for posting_ in getattr(entry, "postings", ())
        if posting_.account == "Assets:Goods:Node:LON:Available:I-CUP"
    )

    assert cups == traffic.units(Account.AVAILABLE, "CUP", "LON")


def changed(text: str, pattern: str, *, by: int) -> str:
    """The text with one number in its middle changed in its last place."""
    found = list(re.finditer(pattern, text, flags=re.MULTILINE))
    match = found[len(found) // 2]
    old = match[1]
    digits = str(int(old.replace(".", "")) + by)
    places = len(old.partition(".")[2])
    new = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return text[: match.start(1)] + new + text[match.end(1) :]


GOODS_LINE = r'^  Assets:Goods:\S+  (-?\d+) "?I-'
MONEY_LINE = r"^  Income:Sales  (-?\d{2,}\.\d\d) GBP$"


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("pattern", [GOODS_LINE, MONEY_LINE])
def test_one_unit_or_cent_changed_in_the_file_is_refused_by_both(
    traffic: Shelves, detail: Detail, pattern: str, hledger_says: Judge
) -> None:
    for by in (1, -1):
        assert beancount_says(changed(books(traffic, Program.BEANCOUNT, detail), pattern, by=by))
        assert hledger_says(changed(books(traffic, Program.HLEDGER, detail), pattern, by=by))


CORRUPTIONS = {
    "a unit more in a movement": (
        "UPDATE goods_entry SET quantity = quantity + 1"
        " WHERE id = (SELECT max(id) - 9 FROM goods_entry)"
    ),
    "a movement gone": ("DELETE FROM goods_entry WHERE id = (SELECT max(id) - 2 FROM goods_entry)"),
    "a unit more in a balance": (
        "UPDATE goods_balance SET units = units + 1 WHERE account = 'node:available'"
    ),
    "a balance gone": "DELETE FROM goods_balance WHERE account = 'node:available'",
    "a cent more on one side": (
        "UPDATE journal_posting SET amount_minor = amount_minor + 1"
        " WHERE entry_id = 60 AND position = 0"
    ),
    "a cent more on both sides": (
        "UPDATE journal_posting SET amount_minor = amount_minor + 2 * position - 1"
        " WHERE entry_id = 60 AND position < 2"
    ),
    "a cent more in a balance": (
        "UPDATE journal_balance SET amount_minor = amount_minor + 1"
        " WHERE account = 'Assets:Inventory'"
    ),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_one_unit_or_cent_changed_in_the_database_is_refused_by_all_three(
    traffic: Shelves, what: str, hledger_says: Judge
) -> None:
    assert traffic.broken() == []

    assert traffic.change(CORRUPTIONS[what]) > 0

    assert traffic.broken()
    assert beancount_says(books(traffic, Program.BEANCOUNT))
    assert hledger_says(books(traffic, Program.HLEDGER))


def test_beancount_itself_refuses_an_oversell(shelves: Shelves) -> None:
    """Not by our balances: the lots are simply not there, for none as for too few of them."""
    shelves.receive("LON", MUG=5)
    text = books(shelves, Program.BEANCOUNT, Detail.MOVEMENT)
    entries = text[: text.index(" balance ") - len("2023-11-15")]
    shelf = "Assets:Goods:Node:LON:Available"

    def sale(quantity: int, item: str) -> str:
        return (
            f'2023-11-15 * "sale"\n'
            f"  {shelf}:I-{item}  -{quantity} I-{item} {{UNIT}}\n"
            f"  Equity:Goods:Customer:I-{item}  {quantity} I-{item} {{1 UNIT}}\n"
            f"  Equity:Goods:Lost-Here\n"
        )

    opened = (
        "2023-11-14 commodity I-NEW\n"
        f'2023-11-14 open {shelf}:I-NEW I-NEW "FIFO"\n'
        '2023-11-14 open Equity:Goods:Customer:I-NEW I-NEW "NONE"\n'
        '2023-11-14 open Equity:Goods:Customer:I-MUG I-MUG "NONE"\n'
    )

    assert beancount_says(entries + opened + sale(5, "MUG")) == []
    assert "Not enough lots" in beancount_says(entries + opened + sale(6, "MUG"))[0]
    assert "Too many missing numbers" in beancount_says(entries + opened + sale(1, "NEW"))[0]
    assert beancount_says(entries + opened + sale(5, "MUG") + sale(1, "MUG"))


def test_a_clock_that_was_set_back_does_not_reorder_the_books(
    shelves: Shelves, hledger_says: Judge
) -> None:
    shelves.receive("LON", CUP=5)
    shelves.clock.advance(-3 * DAY_MS)
    sell(shelves, cups=5)

    for detail in DETAILS:
        assert beancount_says(books(shelves, Program.BEANCOUNT, detail)) == []
        assert hledger_says(books(shelves, Program.HLEDGER, detail)) == []


def test_the_names_outside_lead_back_to_our_items(shelves: Shelves) -> None:
    shelves.receive("LON", CUP=5)

    assert f'commodity I-CUP\n  sku: "CUP"\n  item: "{shelves.item("CUP")}"' in books(
        shelves, Program.BEANCOUNT
    )
    assert f'"I-CUP"  ; sku:CUP, item:{shelves.item("CUP")}' in books(shelves, Program.HLEDGER)
