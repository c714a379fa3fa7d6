"""H9: beancount and hledger accept a year of traffic, and refuse one unit or cent that is off."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from beancount import loader

from oms.catalog import queries as catalog
from oms.inventory import service as inventory
from oms.ledger import export
from oms.ledger.export import Export, Program
from oms.ledger.vouchers import Detail, Names
from tests.acceptance import year
from tests.integration.accounting.world import World

pytestmark = pytest.mark.xdist_group("year")  # dear to make: once is enough

LOSE_A_UNIT = (
    "UPDATE goods_entry SET quantity = quantity + 1 WHERE id IN"
    " (SELECT max(id) FROM goods_entry WHERE move = 'ship_direct')"
)
LOSE_A_CENT = (
    "UPDATE journal_posting SET amount_minor = amount_minor + 1 WHERE position = 0 AND entry_id IN"
    " (SELECT max(id) FROM journal_entry WHERE rule = 'invoice')"
)


@pytest.fixture
def accepts(
    program: Callable[[str, str], str], tmp_path: Path
) -> Callable[[World, Program, Detail], bool]:
    hledger = program("hledger", "hledger")

    def judge(shop: World, judged_by: Program, detail: Detail) -> bool:
        path = tmp_path / f"books.{judged_by}"
        with shop.uow.snapshot() as reader, path.open("w", encoding="utf-8") as out:
            names = Names(catalog.skus(reader), {n.id: n.code for n in inventory.nodes(reader)})
            written = export.write(reader, out, Export(judged_by, detail, names))
        assert written.transactions > 20
        if judged_by is Program.HLEDGER:
            done = subprocess.run(
                [hledger, "-f", str(path), "check"], capture_output=True, check=False
            )
            return done.returncode == 0
        _, errors, _ = loader.load_string(path.read_text(encoding="utf-8"))
        return not errors

    return judge


Judge = Callable[[World, Program, Detail], bool]


@pytest.mark.parametrize("detail", Detail)
@pytest.mark.parametrize("judged_by", Program)
def test_a_year_of_traffic_is_accepted(
    a_year: World, accepts: Judge, judged_by: Program, detail: Detail
) -> None:
    assert accepts(a_year, judged_by, detail)


@pytest.mark.parametrize("loss", [LOSE_A_UNIT, LOSE_A_CENT])
def test_one_unit_or_cent_that_is_off_is_refused_by_both_and_by_our_check(
    a_year: World, accepts: Judge, loss: str
) -> None:
    with a_year.database.writing() as connection:
        assert connection.execute(sa.text(loss)).rowcount == 1

    assert year.broken(a_year)
    for judged_by in Program:
        assert not accepts(a_year, judged_by, Detail.DAILY)
