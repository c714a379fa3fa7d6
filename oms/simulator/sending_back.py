"""Customers who send things back, and the returns desk that counts and grades what arrives."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from fulfillment.model import EXTERNAL_KINDS
from oms.orders import queries as orders_read
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.machine import LineState
from oms.orders.money import whole_units
from oms.orders.service import SliceKey
from oms.simulator.board import DeliveredCard, ReturnCard
from oms.simulator.chances import drawn_for, one_of
from oms.simulator.scene import SIMULATOR, Scene
from returns import store as returns_read
from returns.inspection.service import inspect
from returns.model import (
    Arrived,
    Disposition,
    Inspect,
    Receive,
    Request,
    ReturnLine,
    Verdict,
    WantedBack,
)
from returns.service import receive, request

REFUSE: Final = "refuse"
GRADES: Final = {
    Disposition.RESTOCK: "A",
    Disposition.REFURBISH: "B",
    Disposition.DONATE: "C",
    Disposition.QUARANTINE: "C",
    Disposition.SCRAP: "D",
}

Units = dict[str, Counter[str]]
"""Delivered units of items, by order line."""


class Returners:
    """Customers with second thoughts, and the desk."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._desks = [
            scene.directory.nodes[node.code]
            for node in scene.world.merchant.nodes
            if node.kind not in EXTERNAL_KINDS
        ]

    def work(self, now_ms: int) -> None:
        """Ask for returns, hand goods in, inspect them, as they fall due."""
        self._ask(now_ms)
        self._hand_in(now_ms)
        self._inspect(now_ms)

    def _ask(self, now_ms: int) -> None:
        board, hours = self._scene.board, self._scene.world.habits.hours.return_wish
        due = self._scene.due(list(board.delivered.values()), "return_wish", hours, now_ms)
        wishes = []
        for card in due:
            channel = self._scene.directory.channel_codes.get(card.channel_id, "")
            if self._scene.traffic.wants_back(card.name, channel):
                wishes.append(card)
            else:
                del board.delivered[card.id]
        if not wishes:
            return
        ids = [card.id for card in wishes]
        with self._scene.doors.reading() as reader:
            orders = {order.id: order for order in orders_read.orders_for(reader, ids)}
            delivered: dict[str, Units] = defaultdict(lambda: defaultdict(Counter))
            for piece in orders_read.slices_of(reader, SliceKey.ORDER, ids):
                if piece.state is LineState.DELIVERED:
                    delivered[piece.order_id][piece.line_id][piece.item_id] += piece.quantity
        work = []
        for card in wishes:
            wanted = self._wanted(card, orders[card.id], delivered[card.id])
            if wanted:
                reason = wanted[0].reason
                work.append(
                    (card, Request(order_id=card.id, lines=wanted, reason=reason, cause=SIMULATOR))
                )
            else:
                del board.delivered[card.id]
        self._scene.act(request, work, "return_wish", now_ms)

    def _wanted(
        self, card: DeliveredCard, order: OrderFacts, delivered: Units
    ) -> tuple[WantedBack, ...]:
        """One line of what was delivered, all of it or one unit."""
        habits = self._scene.world.habits.returns
        rng = drawn_for(self._scene.seed, "wanted", card.name)
        there = {line.id: _whole(line, delivered) for line in order.lines if line.id in delivered}
        lines = [line_id for line_id, units in there.items() if units]
        if not lines:
            return ()
        line_id = rng.choice(lines)
        quantity = there[line_id] if rng.random() < habits.whole_line else 1
        reason = rng.choice(habits.reasons)
        return (WantedBack(line_id=line_id, quantity=quantity, reason=reason),)

    def _hand_in(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.goods_back
        expected = [card for card in self._scene.board.returns.values() if not card.node_id]
        due = self._scene.due(expected, "goods_back", hours, now_ms)
        lines = self._lines(due)
        work = []
        for card in due:
            rng = drawn_for(self._scene.seed, "desk", card.name)
            arrived = self._arrived(card, lines[card.id])
            node_id = rng.choice(self._desks)
            work.append(
                (
                    card,
                    Receive(return_id=card.id, node_id=node_id, arrived=arrived, cause=SIMULATOR),
                )
            )
        self._scene.act(receive, work, "goods_back", now_ms)

    def _arrived(self, card: ReturnCard, lines: Sequence[ReturnLine]) -> tuple[Arrived, ...]:
        """What was announced; sometimes one unit less, sometimes something nobody announced."""
        habits = self._scene.world.habits.returns
        rng = drawn_for(self._scene.seed, "arrived", card.name)
        is_short, is_surprise = (
            rng.random() < share for share in (habits.short_arrival, habits.surprise_arrival)
        )
        missing = 1 if is_short and lines and lines[0].expected > 1 else 0
        arrived = [
            Arrived(return_line_id=line.id, quantity=line.expected - (0 if place else missing))
            for place, line in enumerate(lines)
        ]
        if is_surprise:
            known = {line.item_id for line in lines}
            goods = [good.sku for good in self._scene.world.assortment.items]
            item_id = self._scene.directory.items[rng.choice(goods)]
            if item_id not in known:
                arrived.append(Arrived(item_id=item_id, quantity=1))
        return tuple(arrived)

    def _inspect(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.inspect
        here = [card for card in self._scene.board.returns.values() if card.node_id]
        due = self._scene.due(here, "inspect", hours, now_ms)
        lines = self._lines(due)
        work = [
            (
                card,
                Inspect(
                    return_id=card.id,
                    node_id=card.node_id,
                    verdicts=self._verdicts(card, lines[card.id]),
                    cause=SIMULATOR,
                ),
            )
            for card in due
        ]
        self._scene.act(inspect, work, "inspect", now_ms)

    def _verdicts(self, card: ReturnCard, lines: Sequence[ReturnLine]) -> tuple[Verdict, ...]:
        rng = drawn_for(self._scene.seed, "verdict", card.name)
        verdicts = []
        for line in lines:
            chosen = one_of(rng, self._scene.world.habits.returns.dispositions)
            disposition = None if chosen == REFUSE else Disposition(chosen)
            if line.to_inspect:
                verdicts.append(
                    Verdict(
                        return_line_id=line.id,
                        quantity=line.to_inspect,
                        grade=GRADES[disposition] if disposition else "E",
                        disposition=disposition,
                        note="" if disposition else "worn and washed",
                    )
                )
        return tuple(verdicts)

    def _lines(self, cards: Sequence[ReturnCard]) -> dict[str, list[ReturnLine]]:
        grouped: dict[str, list[ReturnLine]] = defaultdict(list)
        if cards:
            with self._scene.doors.reading() as reader:
                for line in returns_read.lines_of(reader, [card.id for card in cards]):
                    grouped[line.return_id].append(line)
        return grouped


def _whole(line: LineFacts, delivered: Units) -> int:
    """How many whole units of a line were delivered; a bundle counts when all its parts did."""
    return whole_units(dict(line.parts), delivered[line.id]) if line.parts else 0
