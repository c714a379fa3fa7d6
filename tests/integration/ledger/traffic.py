"""Forty days of stock and money over a turn of the month, made once for many tests."""

import random
from itertools import pairwise

from oms.inventory import service as inventory
from oms.inventory.documents.model import Adjustment
from oms.inventory.reservations.model import Reserve
from oms.kernel.clock import DAY_MS
from oms.ledger import goods, journal, posting
from oms.ledger.model import Account, Movement, Place
from tests.integration.inventory import shelves as stock_room
from tests.integration.inventory.shelves import Shelves, accepted

DAYS = 40


def prepare(url: str) -> None:
    """Receipts, adjustments, claims, sales and their money, on every day."""
    stock_room.prepare(url)
    shelves = Shelves(url)
    chance = random.Random(1)
    for _ in range(DAYS):
        shelves.clock.advance(DAY_MS)
        shelves.receive("LON", cost_minor=chance.randrange(500), MUG=9, CUP=9)
        shelves.receive("MAN", MUG=9)
        claim(shelves, mugs=chance.randrange(1, 12))
        lose(shelves, cups=chance.randrange(1, 3))
        sell(shelves, cups=chance.randrange(1, 6))
    shelves.database.close()


def claim(shelves: Shelves, mugs: int) -> None:
    """Mugs are held for a day; those held a day ago are free again."""
    wanted = ((shelves.item("MUG"), mugs),)
    command = Reserve(channel_id=shelves.channel("web"), lines=wanted, ttl_s=86_400)
    with shelves.uow.begin() as tx:
        accepted(inventory.reserve(tx, [command]))
        inventory.expire_reservations(tx)


def lose(shelves: Shelves, cups: int) -> None:
    lines = ((shelves.item("CUP"), -cups),)
    command = Adjustment(node_id=shelves.node("LON"), reason='a "bad" ; day', lines=lines)
    with shelves.uow.begin() as tx:
        accepted(inventory.adjust(tx, [command]))


def sell(shelves: Shelves, cups: int) -> None:
    """Cups go from the shelf to the customer, invoices in two currencies to the journal."""
    steps = [
        Place(Account.AVAILABLE, shelves.node("LON")),
        Place(Account.PICKED, shelves.node("LON")),
        Place(Account.TRANSIT_OUT),
        Place(Account.CUSTOMER),
    ]
    amounts = {"goods": 1_000 * cups, "tax": 201 * cups, "charges": 333}
    with shelves.uow.begin() as tx:
        for source, target in pairwise(steps):
            goods.post(tx, [Movement(shelves.item("CUP"), cups, source, target, "sell", "ord_1")])
        pounds = posting.entry("invoice", amounts, "GBP", order_id="ord_1", memo='say "hi"; now')
        journal.post(tx, [pounds, posting.entry("invoice", {"goods": cups}, "JPY")])
