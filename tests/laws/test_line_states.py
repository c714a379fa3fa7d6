"""Random walks over all moves of order lines, with both ledgers beside: nothing is lost on the way.

Hypothesis chooses the moves; after every step the units of each line, the goods ledger and the
journal must agree, and a hold must stop exactly its stage.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from oms.ledger import journal, posting
from oms.ledger.model import Account
from oms.orders import service as orders
from oms.orders.events import LinesCancelled, LinesReinstated
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.holds.service import place_holds, release_holds
from oms.orders.machine import LINE, NOWHERE, STAGE_OF, STATES, HoldStage, LineState
from oms.orders.model import LineMove, Slice
from oms.orders.status import OrderStatus, status
from tests.integration.orders.shop import Shop, line, order, prepare
from tests.services.databases import SqliteDatabases

S = LineState
TOLD = (line("A", 7, 333), line("SET", 3, 999), line("B", 5, 250, discount_minor=7))
SOLD = {"A": 7 + 6, "B": 5 + 3}
"""Units of stock items in the order: a set is two of A and one of B."""


class LineWalk(RuleBasedStateMachine):
    """One order on its way through every state, several slices at a time."""

    databases: ClassVar[SqliteDatabases]

    @initialize(is_draft=st.booleans())
    def place(self, is_draft: bool) -> None:
        self.url = self.databases.copy_of("walk", prepare)
        self.shop = Shop(self.url)
        [taken] = self.shop.take_in(order("W-1", *TOLD, is_test=is_draft))
        self.order_id = taken.order_id
        self.total = self.shop.facts(taken.order_id).total_minor
        self.held: dict[str, HoldStage] = {}
        self.given_back = 0
        self.node_id = self.shop.node_id("LON")
        self.shop.receive("LON", dict.fromkeys(SOLD, 1_000))
        self.seen = Counter[LineState]()
        self.moved = Counter[str]()
        self.skus = {self.shop.item_id(sku): sku for sku in SOLD}
        self._post(received=self.total)
        if is_draft:
            hold_id = self.shop.scalar("SELECT id FROM order_hold")
            self.held[hold_id] = HoldStage.INTAKE

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.shop.close()
            self.databases.drop(self.url)

    @precondition(lambda self: self._pieces())
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """Some units of some slice make some move; the least used ones first, to reach all."""
        pieces = sorted(self._pieces(), key=lambda each: self.seen[each.state])
        piece = data.draw(st.sampled_from(pieces))
        names = sorted(LINE.allowed(piece.state), key=lambda name: self.moved[name])
        name = data.draw(st.sampled_from(names))
        count = data.draw(st.integers(1, piece.quantity))
        self._make(LineMove(piece.id, name, count, **self._places(piece, name, data)))

    @precondition(lambda self: self._pieces())
    @rule(data=st.data())
    def move_whole_order(self, data: st.DataObject) -> None:
        """Everything in one state goes on together."""
        pieces = self._pieces()
        state = data.draw(st.sampled_from(sorted({each.state for each in pieces})))
        name = data.draw(st.sampled_from(LINE.allowed(state)))
        several = [each for each in pieces if each.state is state]
        self._make(
            *(
                LineMove(each.id, name, each.quantity, **self._places(each, name, data))
                for each in several
            )
        )

    @rule(stage=st.sampled_from(HoldStage), on_line=st.booleans())
    def hold(self, stage: HoldStage, on_line: bool) -> None:
        line_id = self.shop.facts(self.order_id).lines[0].id if on_line else ""
        command = PlaceHold(order_id=self.order_id, stage=stage, reason="law", line_id=line_id)
        with self.shop.uow.begin() as tx:
            [placed] = place_holds(tx, [command])
        assert isinstance(placed, HoldRecord)
        self.held[placed.id] = stage

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        hold_id = data.draw(st.sampled_from(list(self.held)))
        with self.shop.uow.begin() as tx:
            release_holds(tx, [ReleaseHold(hold_id=hold_id)])
        del self.held[hold_id]

    @invariant()
    def every_unit_is_in_one_slice(self) -> None:
        if not hasattr(self, "shop"):
            return
        units = Counter[str]()
        pieces = self.shop.slices(self.order_id)
        for piece in pieces:
            assert piece.quantity > 0
            assert not (piece.state in NOWHERE and piece.node_id)
            units[piece.item_id] += piece.quantity
            self.seen[piece.state] += 1
        assert units == {self.shop.item_id(sku): count for sku, count in SOLD.items()}
        places = [(p.line_id, p.item_id, p.state, *_documents(p)) for p in pieces]
        assert len(places) == len(set(places)), "equal slices were not joined"
        assert status(self.shop.states(self.order_id)) in OrderStatus

    @invariant()
    def both_ledgers_agree_with_the_slices(self) -> None:
        if hasattr(self, "shop"):
            assert self.shop.broken_checks() == []
            states = self.shop.states(self.order_id)
            reserved = states.get(S.ALLOCATED, 0) + states.get(S.RELEASED, 0)
            assert reserved == sum(self.shop.units(Account.RESERVED, sku) for sku in SOLD)

    @invariant()
    def the_money_of_units_follows_them(self) -> None:
        """What we hold for the customer is the total less what cancels let go, to the cent."""
        if hasattr(self, "shop"):
            let_go = self._let_go()
            assert 0 <= let_go <= self.total
            assert self._deposits() == self.total - let_go
            if self.shop.states(self.order_id).keys() == {S.CANCELLED}:
                assert let_go == self.total

    def _pieces(self) -> list[Slice]:
        """The slices that can move, in an order that does not depend on chance in ids."""
        pieces = [each for each in self.shop.slices(self.order_id) if LINE.allowed(each.state)]
        sizes = Counter[str]()
        for piece in pieces:
            sizes[piece.line_id] += piece.quantity
        return sorted(
            pieces,
            key=lambda each: (
                sizes[each.line_id],
                self.skus[each.item_id],
                each.state,
                each.fulfilment_id,
            ),
        )

    def _make(self, *moves: LineMove) -> None:
        stopped = self._stopped(moves)
        with self.shop.uow.begin() as tx:
            refused = orders.move(tx, moves).refused
        if stopped:
            assert refused[self.order_id].code == "order.held"
        else:
            assert refused == {}
            self.moved.update(move.name for move in moves)
        self._post()

    def _post(self, received: int = 0) -> None:
        """Post to the journal what was received, and what cancels told since the last time."""
        let_go = self._let_go() - self.given_back
        self.given_back += let_go
        entries = [
            posting.entry("payment_received", {"amount": received}, "GBP", tender="card"),
            posting.entry("deposit_released", {"amount": let_go}, "GBP"),
        ]
        with self.shop.uow.begin() as tx:
            journal.post(tx, [entry for entry in entries if entry.postings])

    def _let_go(self) -> int:
        cancelled = self.shop.told(self.order_id, LinesCancelled)
        return _money(cancelled) - _money(self.shop.told(self.order_id, LinesReinstated))

    def _deposits(self) -> int:
        with self.shop.uow.read() as reader:
            return -int(
                reader.connection.exec_driver_sql(
                    "SELECT sum(amount_minor) FROM journal_balance"
                    " WHERE account = 'Liabilities:CustomerDeposits'"
                ).scalar_one()
            )

    def _stopped(self, moves: tuple[LineMove, ...]) -> bool:
        """Whether a hold covers one of the moves, worked out apart from the code."""
        pieces = {each.id: each for each in self.shop.slices(self.order_id)}
        with self.shop.uow.read() as reader:
            rows = reader.connection.exec_driver_sql(
                "SELECT stage, line_id FROM order_hold WHERE released_at_ms IS NULL"
            ).all()
        return any(
            STAGE_OF.get(move.name) == stage and line_id in ("", pieces[move.slice_id].line_id)
            for move in moves
            for stage, line_id in rows
        )

    def _places(self, piece: Slice, name: str, data: st.DataObject) -> dict[str, Any]:
        """Where the move leads: a node for units that stand nowhere, sometimes documents."""
        account = STATES[LINE.after(piece.state, name)].stock_account or ""
        stands = STATES[piece.state].stock_account or ""
        places: dict[str, Any] = {}
        if name == "pos_sale" or (account.startswith("node:") and not stands.startswith("node:")):
            places["node_id"] = self.node_id
        if name == "release" and data.draw(st.booleans()):
            places["fulfilment_id"] = f"ful_{data.draw(st.integers(1, 2))}"
        return places


def test_no_walk_over_the_line_states_loses_a_unit_or_a_cent(
    sqlite_databases: SqliteDatabases,
) -> None:
    LineWalk.databases = sqlite_databases
    LineWalk.seen, LineWalk.moved = Counter(), Counter()

    run_state_machine_as_test(
        LineWalk,
        settings=settings(max_examples=10, stateful_step_count=40, deadline=None),
    )


def test_every_state_is_reached_by_moves_and_the_books_agree_there(
    sqlite_databases: SqliteDatabases,
) -> None:
    url = sqlite_databases.copy_of("walk", prepare)
    shop = Shop(url)
    shop.receive("LON", {"A": 100})
    for state, way in _ways().items():
        [taken] = shop.take_in(order(state, line("A", 2), is_test=state is S.DRAFT))
        for name in way:
            _go(shop, taken.order_id, name)
        assert shop.states(taken.order_id) == {state: 2}
    assert shop.broken_checks() == []
    shop.close()
    sqlite_databases.drop(url)


def _ways() -> dict[LineState, tuple[str, ...]]:
    """The shortest way from open to each state; none to a draft."""
    ways: dict[LineState, tuple[str, ...]] = {S.OPEN: (), S.DRAFT: ()}
    for _ in LineState:
        for move in LINE.moves:
            if move.source in ways and move.source is not S.DRAFT:
                ways.setdefault(move.target, (*ways[move.source], move.name))
    assert set(ways) == set(LineState)
    return ways


def _go(shop: Shop, order_id: str, name: str) -> None:
    [piece] = shop.slices(order_id)
    stands = STATES[piece.state].stock_account or ""
    node_id = None if stands.startswith("node:") else shop.node_id("LON")
    with shop.uow.begin() as tx:
        refused = orders.move(tx, [LineMove(piece.id, name, 2, node_id=node_id)]).refused
    assert refused == {}


def _money(told: Sequence[LinesCancelled | LinesReinstated]) -> int:
    lines = sum(each.net_minor + each.tax_minor for event in told for each in event.lines)
    charges = sum(each.net_minor + each.tax_minor for event in told for each in event.charges)
    return lines + charges


def _documents(piece: Slice) -> tuple[str, ...]:
    return (*(piece.node_id, piece.lot_id, piece.fulfilment_id, piece.parcel_id, piece.return_id),)
