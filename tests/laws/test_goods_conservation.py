"""Whatever happens to stock, no unit is made or lost, none is promised twice, and the books agree.

Receipts, adjustments, stock reports, timed claims and the clock in any order, against a model of
a few dictionaries.
"""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from oms.inventory import service as inventory
from oms.inventory.documents.model import Adjustment, SetLevels
from oms.inventory.reservations.model import (
    ReleaseReservation,
    Reservation,
    Reserve,
    UseReservation,
)
from oms.kernel.errors import OMSError
from oms.ledger import goods, journal
from oms.ledger.model import GUARDED, Account
from tests.integration.inventory import shelves as stock_room
from tests.integration.inventory.shelves import Shelves
from tests.services.databases import SqliteDatabases

SKUS = ("MUG", "CUP", "POT")
NODES = ("LON", "MAN")

skus = st.sampled_from(SKUS)
nodes = st.sampled_from(NODES)
units = st.integers(1, 9)


class StockRoom(RuleBasedStateMachine):
    """The stock room and, beside it, what a clerk with a notebook would have written down."""

    claims = Bundle("claims")
    databases: SqliteDatabases  # set for each test

    def __init__(self) -> None:
        super().__init__()
        self.url = self.databases.copy_of("room", stock_room.prepare)
        self.room = Shelves(self.url)
        self.free: Counter[tuple[str, str]] = Counter()
        self.held: dict[str, Reservation] = {}
        self.names: dict[str, str] = {}

    @initialize()
    def learn_names(self) -> None:
        self.names = {self.room.item(sku): sku for sku in SKUS}
        self.names |= {self.room.node(code): code for code in NODES}

    @rule(node=nodes, sku=skus, count=units, cost=st.integers(0, 999))
    def receive(self, node: str, sku: str, count: int, cost: int) -> None:
        self.room.receive(node, cost_minor=cost, **{sku: count})
        self.free[sku, node] += count

    @rule(node=nodes, deltas=st.lists(st.tuples(skus, st.integers(-4, 4)), min_size=1, max_size=4))
    def adjust(self, node: str, deltas: list[tuple[str, int]]) -> None:
        lines = tuple((self.room.item(sku), delta) for sku, delta in deltas)
        command = Adjustment(node_id=self.room.node(node), reason="count", lines=lines)
        after = self.free.copy()
        for sku, delta in deltas:
            after[sku, node] += delta
        possible = all(delta for _, delta in deltas) and min(after.values(), default=0) >= 0

        with self.room.uow.begin() as tx:
            [answer] = inventory.adjust(tx, [command])

        assert isinstance(answer, OMSError) is not possible
        if possible:
            self.free = after

    @rule(node=nodes, sku=skus, count=st.integers(0, 12))
    def report(self, node: str, sku: str, count: int) -> None:
        levels = ((self.room.item(sku), count),)
        held = self._held_at(sku, node)

        with self.room.uow.begin() as tx:
            [answer] = inventory.set_levels(
                tx, [SetLevels(node_id=self.room.node(node), levels=levels)]
            )

        assert not isinstance(answer, OMSError)
        self.free[sku, node] = max(0, count - held)
        assert sum(n for _, n in answer.claimed) == max(0, held - count)

    @rule(target=claims, sku=skus, count=units, ttl_s=st.integers(1, 100))
    def claim(self, sku: str, count: int, ttl_s: int) -> str:
        command = Reserve(
            channel_id=self.room.channel("web"), lines=((self.room.item(sku), count),), ttl_s=ttl_s
        )
        enough = sum(self.free[sku, node] for node in NODES) >= count

        with self.room.uow.begin() as tx:
            [answer] = inventory.reserve(tx, [command])

        assert isinstance(answer, Reservation) is enough
        if not isinstance(answer, Reservation):
            return "rsv_none"
        self.held[answer.id] = answer
        for line in answer.lines:
            self.free[sku, self.names[line.node_id]] -= line.units
        return answer.id

    @rule(id_=consumes(claims))
    def give_back(self, id_: str) -> None:
        with self.room.uow.begin() as tx:
            inventory.release_reservations(tx, [ReleaseReservation(id=id_)])
        self._end(id_)

    @rule(id_=claims, order=st.sampled_from(["ord_1", "ord_2"]))
    def use(self, id_: str, order: str) -> None:
        claim = self.held.get(id_)
        in_time = claim is not None and claim.expires_at_ms > self.room.clock.now_ms

        with self.room.uow.begin() as tx:
            [answer] = inventory.use_reservations(tx, [UseReservation(id=id_, order_id=order)])

        if claim is not None:
            assert isinstance(answer, Reservation) is in_time
        if in_time:
            self._end(id_)

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds: int) -> None:
        self.room.clock.advance(seconds * 1_000)
        due = [c.id for c in self.held.values() if c.expires_at_ms <= self.room.clock.now_ms]

        with self.room.uow.begin() as tx:
            assert inventory.expire_reservations(tx) == len(due)

        for id_ in due:
            self._end(id_)

    @invariant()
    def shelves_are_as_the_notebook_says(self) -> None:
        with self.room.uow.read() as reader:
            kept = goods.balances(reader, None, [Account.AVAILABLE, Account.RESERVED])
        free = {(self.names[b.item_id], self.names[b.node_id]): b.units for b in kept if b.units}
        by_account: Counter[tuple[Account, str, str]] = Counter()
        for balance in kept:
            place = (balance.account, self.names[balance.item_id], self.names[balance.node_id])
            by_account[place] = balance.units
        for sku in SKUS:
            for node in NODES:
                assert by_account[Account.AVAILABLE, sku, node] == self.free[sku, node], free
                assert by_account[Account.RESERVED, sku, node] == self._held_at(sku, node)

    @invariant()
    def every_item_sums_to_zero_over_all_places(self) -> None:
        sums: Counter[str] = Counter()
        with self.room.uow.read() as reader:
            for balance in goods.balances(reader):
                sums[balance.item_id] += balance.units
                assert balance.units >= 0 or balance.account not in GUARDED
        assert not any(sums.values())

    def teardown(self) -> None:
        assert self.room.broken() == []
        with self.room.uow.begin() as tx:
            before = (goods.balances(tx), journal.balances(tx))
            goods.rebuild(tx)
            journal.rebuild(tx)
            assert (goods.balances(tx), journal.balances(tx)) == before
        self.room.database.close()
        self.databases.drop(self.url)

    def _held_at(self, sku: str, node: str) -> int:
        return sum(
            line.units
            for claim in self.held.values()
            for line in claim.lines
            if (self.names[line.item_id], self.names[line.node_id]) == (sku, node)
        )

    def _end(self, id_: str) -> None:
        claim = self.held.pop(id_, None)
        for line in claim.lines if claim else ():
            self.free[self.names[line.item_id], self.names[line.node_id]] += line.units


@pytest.fixture
def databases(tmp_path: Path) -> SqliteDatabases:
    return SqliteDatabases(tmp_path)


def test_no_unit_is_made_lost_or_promised_twice(databases: SqliteDatabases) -> None:
    StockRoom.databases = databases
    run_state_machine_as_test(
        StockRoom,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
