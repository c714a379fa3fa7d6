"""C5: eight processes fight over 100 units on four nodes, some are killed: exactly 100 are sold."""

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from queue import Queue

import pytest

from oms.inventory import service as inventory
from oms.inventory.model import PutNode
from oms.kernel.address import Address
from oms.ledger.model import Account
from oms.orders.machine import LineState
from oms.platform.database import metadata
from tests.faults.oversell.buyer import REFUSED, SOLD
from tests.integration.orders.shop import Shop
from tests.services.databases import Databases

ROOT = Path(__file__).parents[2]
BUYERS = 8
ATTEMPTS = 55  # 440 in all
UNITS_PER_NODE = 25
KILLS = {"b0": 1, "b1": 3, "b2": 5, "b3": 9, "b4": 2}
"""After how many of its answers a buyer is killed, once."""


class Buyer:
    """One process and the thread that listens to it."""

    def __init__(self, url: str, name: str, heard: "Queue[tuple[Buyer, str]]") -> None:
        self.name = name
        self.answers = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.oversell.buyer", url, name, str(ATTEMPTS)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(heard,), daemon=True)
        self._listener.start()

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("GO\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> None:
        self.process.wait()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()

    def _listen(self, heard: "Queue[tuple[Buyer, str]]") -> None:
        assert self.process.stdout
        for text in self.process.stdout:
            heard.put((self, text.strip()))


class Fight:
    """All buyers, and what they said. Killed ones are started again and repeat themselves."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.heard: Queue[tuple[Buyer, str]] = Queue()
        self.said: dict[str, set[str]] = {SOLD: set(), REFUSED: set()}
        self.others = Counter[str]()
        self.kills_left = dict(KILLS)
        names = [f"b{number}" for number in range(BUYERS)]
        self.buyers = {name: Buyer(url, name, self.heard) for name in names}

    def run(self) -> None:
        ready = 0
        while ready < BUYERS:
            buyer, text = self.heard.get()
            assert text == "READY", f"{buyer.name}: {text}"
            ready += 1
        for buyer in self.buyers.values():
            buyer.go()
        done = set[str]()
        while len(done) < BUYERS:
            buyer, text = self.heard.get()
            is_alive = self.buyers[buyer.name] is buyer
            if text not in ("READY", "DONE"):
                self._note(text)  # an answer holds even if its buyer was killed since
            if is_alive and text == "READY":
                buyer.go()
            elif is_alive and text == "DONE":
                done.add(buyer.name)
            elif is_alive:
                self._perhaps_kill(buyer)
        for buyer in self.buyers.values():
            buyer.end()

    def _note(self, text: str) -> None:
        what, _, external_id = text.partition(" ")
        if what in self.said:
            self.said[what].add(external_id)
        else:
            self.others[text] += 1

    def _perhaps_kill(self, buyer: Buyer) -> None:
        buyer.answers += 1
        if buyer.answers == self.kills_left.get(buyer.name):
            del self.kills_left[buyer.name]
            buyer.kill()
            self.buyers[buyer.name] = Buyer(self.url, buyer.name, self.heard)


def furnish(url: str) -> None:
    """100 units of A: 25 at each of four nodes."""
    shop = Shop(url)
    metadata.create_all(shop.database.engine)
    shop.furnish(stock=0)
    with shop.uow.begin() as tx:
        address = Address("GB")
        inventory.put_nodes(tx, [PutNode(code="DUB", name="DUB", address=address, currency="GBP")])
    for code in ("LON", "MAN", "EDI", "DUB"):
        shop.receive(code, {"A": UNITS_PER_NODE})
    shop.close()


@pytest.mark.slow
def test_a_hundred_units_are_sold_exactly_a_hundred_times(databases: Databases) -> None:
    url = databases.empty()
    furnish(url)
    fight = Fight(url)

    fight.run()

    shop = Shop(url)
    sold = set(shop.column("SELECT external_id FROM sales_order"))
    attempts = {f"b{b}-{n}" for b in range(BUYERS) for n in range(ATTEMPTS)}
    assert fight.others == {}, "every attempt is sold or refused with words"
    assert fight.kills_left == {}
    assert len(sold) == 4 * UNITS_PER_NODE
    assert fight.said[SOLD] == sold, "what was acknowledged is there, and nothing else"
    assert fight.said[REFUSED] == attempts - sold
    assert shop.column("SELECT DISTINCT state FROM line_slice") == [LineState.ALLOCATED.value]
    assert shop.units(Account.RESERVED, "A") == 4 * UNITS_PER_NODE
    assert shop.units(Account.AVAILABLE, "A") == 0
    assert shop.broken_checks() == []
    shop.close()
    databases.drop(url)
