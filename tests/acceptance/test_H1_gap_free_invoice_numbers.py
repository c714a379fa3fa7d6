"""H1: invoice numbers have no gap, also with processes that race, roll back and are killed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from oms.accounting import queries
from oms.accounting.queries import InvoicePage
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World, prepare
from tests.services.databases import Databases

ROOT = Path(__file__).resolve().parents[2]
ORDERS = 12
SHIPMENTS = 2
WORKERS = 3


class Waiting(World):
    """A shop where nobody reacts: everything waits for the workers."""

    def drain(self) -> None:
        """Leave it to them."""


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    made = databases.copy_of("shop", prepare)
    yield made
    databases.drop(made)


@pytest.mark.slow
def test_numbers_have_no_gap_whoever_races_stumbles_or_dies(url: str) -> None:
    with closing(Waiting(url)) as shop:
        for number in range(ORDERS):
            order = shop.order(Sold(SHIPMENTS, 1000 + number), charges=[(95, 0, 0)])
            for _ in range(SHIPMENTS):
                shop.ship(order, 1)

        workers = [start(url, seed) for seed in range(WORKERS)]
        kill_when_busy(workers[0], shop)
        said = [worker.communicate(timeout=300)[0] for worker in workers]

        with shop.uow.read() as reader:
            found = queries.invoices(reader, InvoicePage(count=200))
        assert sorted(each.number for each in found) == [
            f"INV-{serial:06d}" for serial in range(1, ORDERS * SHIPMENTS + 1)
        ]
        assert sum(int(words) for words in said if words) > len(found) / 10, "nobody stumbled"
        assert "invoice_numbers" not in shop.broken()


def test_a_rollback_gives_the_number_back(url: str) -> None:
    with closing(World(url)) as shop:
        first, second = shop.order(Sold(1, 1000)), shop.order(Sold(1, 1000))

        with pytest.raises(RuntimeError, match="not used"):
            take_numbers_and_stumble(shop)
        shop.ship(first, 1)
        shop.ship(second, 1)

        assert [each.number for each in shop.documents()] == ["INV-000001", "INV-000002"]
        shop.expect_proven()


def test_invoices_and_credit_notes_count_each_for_themselves(url: str) -> None:
    with closing(World(url)) as shop:
        for _ in range(2):
            order = shop.order(Sold(2, 1000))
            shop.ship(order, 2)
            shop.come_back(order, 1)

        numbers = [each.number for each in shop.documents()]

        assert numbers == ["CN-000001", "CN-000002", "INV-000001", "INV-000002"]
        shop.expect_proven()


def take_numbers_and_stumble(shop: World) -> None:
    with shop.uow.begin() as tx:
        taken = list(tx.next_numbers("invoice", 3))
        raise RuntimeError(f"{taken} are not used after all")


def start(url: str, seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.acceptance.billing_worker", url, str(seed)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def kill_when_busy(worker: "subprocess.Popen[str]", shop: World) -> None:
    """Kill the process in the middle of its work: when the first invoices are there."""
    while len(shop.documents()) < WORKERS:
        with suppress(subprocess.TimeoutExpired):
            worker.wait(timeout=0.1)
            return
    worker.send_signal(signal.SIGKILL)
