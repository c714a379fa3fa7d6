"""C5: eight processes fight over 100 units on four nodes, some are killed: exactly 100 are sold."""

import multiprocessing
import threading
from collections import Counter
from queue import Queue
from typing import Final

import pytest

from oms.inventory import service as inventory
from oms.inventory.model import PutNode
from oms.kernel.address import Address
from oms.ledger.model import Account
from oms.orders.machine import LineState
from oms.platform.database import metadata
from tests.faults.oversell import buyer as buying
from tests.faults.oversell.buyer import DONE, READY, REFUSED, SOLD
from tests.integration.orders.shop import Shop
from tests.services.databases import Databases

BUYERS: Final = 8
ATTEMPTS: Final = 55  # 440 in all
UNITS_PER_NODE: Final = 25
KILLS: Final = {"b0": 1, "b1": 3, "b2": 5, "b3": 9, "b4": 2}
"""After how many of its answers a buyer is killed, once."""

GONE: Final = "GONE"
_processes = multiprocessing.get_context("forkserver")  # imports once, then each start is quick
_processes.set_forkserver_preload([buying.__name__])


class Buyer:
    """One process and the thread that listens to it."""

    def __init__(self, url: str, name: str, heard: "Queue[tuple[Buyer, str, str]]") -> None:
        self.name = name
        self.answers = 0
        self._pipe, theirs = _processes.Pipe()
        self._process = _processes.Process(target=buying.main, args=(url, name, ATTEMPTS, theirs))
        self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        self._listener = threading.Thread(target=self._listen, args=(heard,), daemon=True)
        self._listener.start()

    def go(self) -> None:
        self._pipe.send("GO")

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def end(self) -> None:
        self._process.join()
        self._listener.join()
        self._process.close()
        self._pipe.close()

    def _listen(self, heard: "Queue[tuple[Buyer, str, str]]") -> None:
        while True:
            try:
                what, external_id = self._pipe.recv()
            except (EOFError, OSError):
                break  # OSError: killed in the middle of a message
            heard.put((self, what, external_id))
        heard.put((self, GONE, ""))


class Fight:
    """All buyers, and what they said. Killed ones are started again and repeat themselves."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.heard: Queue[tuple[Buyer, str, str]] = Queue()
        self.said: dict[str, set[str]] = {SOLD: set(), REFUSED: set()}
        self.others = Counter[str]()
        self.kills_left = dict(KILLS)
        names = [f"b{number}" for number in range(BUYERS)]
        self.buyers = {name: Buyer(url, name, self.heard) for name in names}

    def run(self) -> None:
        for _ in range(BUYERS):
            buyer, what, _ = self.heard.get()
            assert what == READY, f"{buyer.name} did not start: {what}"
        for buyer in self.buyers.values():
            buyer.go()
        done = set[str]()
        while len(done) < BUYERS:
            buyer, what, external_id = self.heard.get()
            is_alive = self.buyers[buyer.name] is buyer
            if what == GONE:
                assert not is_alive or buyer.name in done, f"{buyer.name} died by itself"
            elif what == READY and is_alive:
                buyer.go()
            elif what == DONE and is_alive:
                done.add(buyer.name)
            elif what not in (READY, DONE):
                self._note(what, external_id)  # it holds even if its buyer was killed since
                self._perhaps_kill(buyer)
        for buyer in self.buyers.values():
            buyer.end()

    def _note(self, what: str, external_id: str) -> None:
        if what in self.said:
            self.said[what].add(external_id)
        else:
            self.others[what] += 1

    def _perhaps_kill(self, buyer: Buyer) -> None:
        buyer.answers += 1
        is_alive = self.buyers[buyer.name] is buyer
        if is_alive and buyer.answers == self.kills_left.get(buyer.name):
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
