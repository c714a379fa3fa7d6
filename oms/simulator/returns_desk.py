"""The returns desk: counts what arrives, grades it, and sends back what it does not take."""

from collections.abc import Sequence
from typing import Final

from fulfillment.model import EXTERNAL_KINDS
from oms.orders.machine import LineState
from oms.simulator.cards import ReturnCard, outside_tracking_number
from oms.simulator.chances import drawn_for, one_of
from oms.simulator.floor import OUTSIDE_CARRIER
from oms.simulator.scene import SIMULATOR, Scene
from oms.simulator.sending_back import units_in, whole_lines
from returns import queries as returns_read
from returns.counter.model import TakeBack
from returns.model import (
    Arrived,
    Close,
    Disposition,
    Inspect,
    Receive,
    RefusedUnits,
    ReturnLine,
    SendBack,
    Verdict,
)
from returns.service import close, inspect, receive, send_back, take_back

REFUSE: Final = "refuse"
GRADES: Final = {
    Disposition.RESTOCK: "A",
    Disposition.REFURBISH: "B",
    Disposition.DONATE: "C",
    Disposition.QUARANTINE: "C",
    Disposition.SCRAP: "D",
}


class ReturnsDesk:
    """Everybody who takes goods back, at nodes whose floor is ours."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._desks = [
            scene.directory.nodes[node.code]
            for node in scene.world.merchant.nodes
            if node.kind not in EXTERNAL_KINDS
        ]

    def work(self, now_ms: int) -> None:
        """Everything that is due now."""
        self._count(now_ms)
        self._inspect(now_ms)
        self._send_back(now_ms)
        self._give_up(now_ms)
        self._take_in_refused(now_ms)

    def _count(self, now_ms: int) -> None:
        """What customers sent arrives at a desk; what the carrier lost never does."""
        hours, lies = self._scene.world.habits.hours.goods_back, self._scene.world.habits.lies
        coming = [
            card
            for card in self._scene.board.returns.values()
            if card.is_sent and not card.node_id and self._scene.draw("back", card) >= lies.lost
        ]
        due = self._scene.due(coming, "goods_back", hours, now_ms)
        lines = self._lines(due)
        work = [
            (
                card,
                Receive(
                    return_id=card.id,
                    node_id=drawn_for(self._scene.seed, "desk", card.name).choice(self._desks),
                    arrived=self._arrived(card, lines[card.id]),
                    cause=SIMULATOR,
                ),
            )
            for card in due
        ]
        self._scene.act(receive, work, "goods_back", now_ms)

    def _arrived(self, card: ReturnCard, lines: Sequence[ReturnLine]) -> tuple[Arrived, ...]:
        """What was announced; sometimes one unit less, sometimes something nobody announced."""
        habits = self._scene.world.habits.returns
        rng = drawn_for(self._scene.seed, "arrived", card.name)
        is_short, is_surprise = (
            rng.random() < share for share in (habits.short_arrival, habits.surprise_arrival)
        )
        missing = 1 if is_short and lines[0].expected > 1 else 0
        arrived = [
            Arrived(return_line_id=line.id, quantity=line.expected - (0 if place else missing))
            for place, line in enumerate(lines)
        ]
        if is_surprise:
            good = rng.choice(self._scene.world.assortment.items)
            arrived.append(Arrived(item_id=self._scene.directory.items[good.sku], quantity=1))
        return tuple(arrived)

    def _inspect(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.inspect
        here = [c for c in self._scene.board.returns.values() if c.node_id and not c.is_judged]
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

    def _send_back(self, now_ms: int) -> None:
        """What was not accepted goes back to the customer."""
        hours = self._scene.world.habits.hours.outside_ship
        due = self._scene.due(
            list(self._scene.board.turned_down.values()), "send_back", hours, now_ms
        )
        work = [
            (
                card,
                SendBack(
                    return_id=card.id,
                    node_id=card.node_id,
                    units=tuple(
                        RefusedUnits(return_line_id=line_id, quantity=units)
                        for line_id, units in card.turned_down.items()
                    ),
                    carrier=OUTSIDE_CARRIER,
                    tracking_number=outside_tracking_number(card.id),
                    cause=SIMULATOR,
                ),
            )
            for card in due
        ]
        self._scene.act(send_back, work, "send_back", now_ms)

    def _give_up(self, now_ms: int) -> None:
        """What is still missing long after the rest was judged will not come any more."""
        hours = self._scene.world.habits.hours.give_up
        left = [card for card in self._scene.board.returns.values() if card.is_judged]
        due = self._scene.due(left, "give_up", hours, now_ms)
        work = [(card, Close(return_id=card.id, cause=SIMULATOR)) for card in due]
        self._scene.act(close, work, "give_up", now_ms)

    def _take_in_refused(self, now_ms: int) -> None:
        """Parcels that nobody took at the door come back to a desk, whole and unopened."""
        hours = self._scene.world.habits.hours.turned_round
        refused = list(self._scene.board.refused.values())
        due = self._scene.due(refused, "turned_round", hours, now_ms)
        if not due:
            return
        orders, units = units_in(self._scene, due, LineState.RETURN_IN_TRANSIT)
        work = [
            (
                card,
                TakeBack(
                    order_id=card.id,
                    node_id=drawn_for(self._scene.seed, "desk", card.name).choice(self._desks),
                    lines=tuple(whole_lines(orders[card.id], units[card.id])),
                    reason="refused at the door",
                    cause=SIMULATOR,
                ),
            )
            for card in due
        ]
        self._scene.act(take_back, work, "turned_round", now_ms)

    def _lines(self, cards: Sequence[ReturnCard]) -> dict[str, tuple[ReturnLine, ...]]:
        if not cards:
            return {}
        with self._scene.doors.reading() as reader:
            views = returns_read.return_views(reader, [card.id for card in cards])
        return {view.ret.id: view.lines for view in views}
