"""Several processes' gates on one PostgreSQL, doing everything at once: nobody waits in a ring."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from connectors.contract.messages import ChannelOrder
from oms.inventory import service as inventory
from oms.inventory.documents.model import Receipt, ReceiptLine
from oms.inventory.reservations.model import ReleaseReservation, Reservation, Reserve
from oms.kernel.errors import Refused
from oms.orders.cancels.model import Cancel
from oms.orders.cancels.service import cancel
from oms.orders.changes.model import ApplyChange
from oms.orders.changes.service import apply
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.holds.service import place_holds, release_holds
from oms.orders.intake.model import TakeIn, TakenIn
from oms.orders.machine import HoldStage
from oms.platform.gate import Gate
from oms.platform.transaction import Transaction
from oms.sourcing import service as sourcing
from oms.sourcing.model import Source
from tests.integration.orders.shop import Shop, line, order

GATES = 3
USERS = 9
ORDERS_EACH = 4
Handler = Callable[[Transaction, Sequence[Any]], Sequence[Any]]


class Office:
    """Three gates on the shop's database; `rings` are the deadlocks that it saw."""

    def __init__(self, shop: Shop) -> None:
        self.shops = [Shop(shop.url) for _ in range(GATES)]
        self.gates = [Gate(each.uow) for each in self.shops]
        self.channel_id, self.node_id = shop.channel_id, shop.node_id("LON")
        self.items = {sku: shop.item_id(sku) for sku in "ABCDE"}
        self.rings: list[str] = []
        for each in self.shops:
            sa.event.listen(each.database.engine, "handle_error", self._note)

    def ask(self, chance: random.Random, handler: Handler, command: object) -> Any:
        """The answer, or None when the rules say no."""
        try:
            return chance.choice(self.gates).submit(handler, command).result(60)
        except Refused:
            return None

    def close(self) -> None:
        for gate, shop in zip(self.gates, self.shops, strict=True):
            gate.close()
            shop.close()

    def _note(self, context: sa.engine.ExceptionContext) -> None:
        if "deadlock" in str(context.original_exception):
            self.rings.append(str(context.statement))


def live(office: Office, user: int) -> None:
    """A user's orders, one after the other."""
    chance = random.Random(user)
    for number in range(ORDERS_EACH):
        lines = [line(sku, 2) for sku in chance.sample("ABCDE", 3)]
        follow(office, chance, order(f"{user}-{number}", *lines))


def follow(office: Office, chance: random.Random, told: ChannelOrder) -> None:
    """An order and what becomes of it, in a sequence of its own."""
    channel_id, items = office.channel_id, [office.items[each.sku] for each in told.lines]
    wish = Reserve(channel_id=channel_id, lines=tuple((item_id, 1) for item_id in items))
    held = office.ask(chance, inventory.reserve, wish)
    taken = office.ask(chance, sourcing.place, TakeIn(channel_id=channel_id, order=told))
    assert isinstance(taken, TakenIn)
    received = tuple(ReceiptLine(item_id, 3, 400) for item_id in items)
    receipt = Receipt(node_id=office.node_id, lines=received, currency="GBP")
    steps: list[Callable[[], object]] = [
        lambda: office.ask(chance, inventory.receive, receipt),
        lambda: hold(office, chance, taken.order_id),
        lambda: change(office, chance, replace(told, lines=(line(told.lines[0].sku),))),
        lambda: office.ask(chance, cancel, Cancel(order_id=taken.order_id)),
        lambda: office.ask(chance, sourcing.source, Source(order_id=taken.order_id)),
    ]
    if isinstance(held, Reservation):
        release = ReleaseReservation(id=held.id)
        steps.append(lambda: office.ask(chance, inventory.release_reservations, release))
    for step in chance.sample(steps, len(steps)):
        step()


def hold(office: Office, chance: random.Random, order_id: str) -> None:
    wish = PlaceHold(order_id=order_id, stage=HoldStage.ALLOCATION, reason="look")
    placed = office.ask(chance, place_holds, wish)
    assert isinstance(placed, HoldRecord)
    office.ask(chance, release_holds, ReleaseHold(hold_id=placed.id))


def change(office: Office, chance: random.Random, told: ChannelOrder) -> None:
    retold = office.ask(chance, sourcing.place, TakeIn(channel_id=office.channel_id, order=told))
    if retold.change_id:
        office.ask(chance, apply, ApplyChange(change_id=retold.change_id))


def test_mixed_work_of_several_processes_never_waits_in_a_ring(shop: Shop) -> None:
    """PostgreSQL breaks a ring only after a second, in which both sides and all behind stand."""
    if shop.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer, so there are no rings")
    office = Office(shop)

    with ThreadPoolExecutor(USERS) as users:
        for done in [users.submit(live, office, user) for user in range(USERS)]:
            done.result(120)
    office.close()

    assert office.rings == []
    assert shop.count("sales_order") == USERS * ORDERS_EACH
    assert shop.broken_checks() == []
