"""Customers with second thoughts: they ask for a return and give the goods to a carrier."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from oms.orders import queries as orders_read
from oms.orders.facts import LineFacts, OrderFacts
from oms.orders.machine import LineState
from oms.orders.money import whole_units
from oms.orders.service import SliceKey
from oms.simulator.cards import Card, DeliveredCard
from oms.simulator.chances import drawn_for
from oms.simulator.scene import SIMULATOR, Scene
from returns.model import News, ReportNews, Request, WantedBack
from returns.service import report_news, request

Units = dict[str, Counter[str]]
"""Units of items by order line."""


class Returners:
    """Customers who do not keep what they got."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def work(self, now_ms: int) -> None:
        """Ask for returns, and send the goods, as they fall due."""
        self._ask(now_ms)
        self._send(now_ms)

    def _ask(self, now_ms: int) -> None:
        wishes = self._wishes(now_ms)
        if not wishes:
            return
        orders, delivered = units_in(self._scene, wishes, LineState.DELIVERED)
        work = []
        for card in wishes:
            wanted = self._wanted(card, orders[card.id], delivered[card.id])
            if wanted:
                reason = wanted[0].reason
                work.append(
                    (card, Request(order_id=card.id, lines=wanted, reason=reason, cause=SIMULATOR))
                )
            else:
                del self._scene.board.delivered[card.id]
        self._scene.act(request, work, "return_wish", now_ms)

    def _wishes(self, now_ms: int) -> list[DeliveredCard]:
        """Customers who want to send something back now; the others are forgotten."""
        board, hours = self._scene.board, self._scene.world.habits.hours.return_wish
        wishes = []
        for card in self._scene.due(list(board.delivered.values()), "return_wish", hours, now_ms):
            channel = self._scene.directory.channel_codes[card.channel_id]
            if self._scene.traffic.wants_back(card.name, channel):
                wishes.append(card)
            else:
                del board.delivered[card.id]
        return wishes

    def _wanted(
        self, card: DeliveredCard, order: OrderFacts, delivered: Units
    ) -> tuple[WantedBack, ...]:
        """One line of what was delivered, all of it or one unit."""
        habits = self._scene.world.habits.returns
        rng = drawn_for(self._scene.seed, "wanted", card.name)
        there = whole_lines(order, delivered)
        if not there:
            return ()
        chosen = rng.choice(there)
        quantity = chosen.quantity if rng.random() < habits.whole_line else 1
        reason = rng.choice(habits.reasons)
        return (WantedBack(line_id=chosen.line_id, quantity=quantity, reason=reason),)

    def _send(self, now_ms: int) -> None:
        """Give authorised goods to a carrier, who loses some."""
        hours, lies = self._scene.world.habits.hours, self._scene.world.habits.lies
        cards = [card for card in self._scene.board.returns.values() if not card.node_id]
        at_home = [card for card in cards if not card.is_sent]
        sent = [
            (card, ReportNews(return_id=card.id, news=News.SENT, cause=SIMULATOR))
            for card in self._scene.due(at_home, "send", hours.send, now_ms)
        ]
        self._scene.act(report_news, sent, "send", now_ms)
        unlucky = [c for c in cards if c.is_sent and self._scene.draw("back", c) < lies.lost]
        lost = [
            (card, ReportNews(return_id=card.id, news=News.LOST, cause=SIMULATOR))
            for card in self._scene.due(unlucky, "goods_back", hours.goods_back, now_ms)
        ]
        self._scene.act(report_news, lost, "goods_back", now_ms)


def units_in(
    scene: Scene, cards: Sequence[Card], state: LineState
) -> tuple[dict[str, OrderFacts], dict[str, Units]]:
    """The orders of these cards, and their units in a state that belong to no return, by order."""
    ids = [card.order_id for card in cards]
    with scene.doors.reading() as reader:
        orders = {order.id: order for order in orders_read.orders_for(reader, ids)}
        found: dict[str, Units] = defaultdict(lambda: defaultdict(Counter))
        for piece in orders_read.slices_of(reader, SliceKey.ORDER, ids):
            if piece.state is state and not piece.return_id:
                found[piece.order_id][piece.line_id][piece.item_id] += piece.quantity
    return orders, found


def whole_lines(order: OrderFacts, units: Units) -> list[WantedBack]:
    """Whole units of lines among these; a bundle counts when all its parts are there."""
    counted = [(line.id, _whole(line, units)) for line in order.lines if line.id in units]
    return [WantedBack(line_id=line_id, quantity=whole) for line_id, whole in counted if whole]


def _whole(line: LineFacts, units: Units) -> int:
    return whole_units(dict(line.parts), units[line.id]) if line.parts else 0
