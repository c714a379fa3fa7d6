"""Work at the nodes: release, pick as fast as the floor is manned, pack, label, load the van."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from fulfillment.handoff.model import Answer, ReportShipped, Say
from fulfillment.handoff.service import report_shipped, say
from fulfillment.labels.model import RequestLabels
from fulfillment.labels.service import request_labels
from fulfillment.model import EXTERNAL_KINDS, Units
from fulfillment.packing.model import Pack
from fulfillment.packing.service import pack
from fulfillment.picking.model import Pick, ReportShort
from fulfillment.picking.service import pick, report_short
from fulfillment.releasing.model import Release
from fulfillment.releasing.service import release
from fulfillment.shipping.model import Ship
from fulfillment.shipping.service import ship
from oms.kernel.clock import DAY_MS, HOUR_MS
from oms.simulator.cards import FloorCard, outside_tracking_number
from oms.simulator.scene import SIMULATOR, Scene

BURST: Final = 2.0  # orders a floor can pick at once after a quiet time
OUTSIDE_CARRIER: Final = "mitra"


class Floor:
    """Everybody who works at a node."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._looked_at_ms = scene.started_ms
        nodes = scene.world.merchant.nodes
        ids = scene.directory.nodes
        self._outside = {ids[node.code] for node in nodes if node.kind in EXTERNAL_KINDS}
        self._per_ms = {
            ids[node.code]: node.orders_per_day * scene.pace.speed / DAY_MS for node in nodes
        }
        self._budget: dict[str, float] = defaultdict(float)
        every_ms = scene.pace.ms(scene.world.habits.hours.courier_every)
        self._steps: dict[Callable[[int], None], int | None] = dict.fromkeys(
            (
                *(self._release, self._answer, self._answer_cancels, self._pick, self._pack),
                *(self._label, self._load, self._ship_from_outside),
            )
        )
        self._van_every_ms = max(1, every_ms)
        self._van_ms = {
            ids[node.code]: scene.started_ms + every_ms * (place + 1) // len(nodes)
            for place, node in enumerate(nodes)
        }

    def work(self, now_ms: int) -> None:
        """Everything that is due now, in the order in which goods go through a node."""
        for work, until_ms in self._steps.items():
            if until_ms is None or now_ms < until_ms:
                work(now_ms)
        self._looked_at_ms = now_ms

    def go_home(self, end_ms: int) -> None:
        """Leave work of every kind for whoever comes at `end_ms`: the evening before, vans stop
        first, then packers, then pickers, then the desk.
        """
        hours_before = {self._load: 14, self._pack: 12, self._label: 12, self._pick: 10}
        hours_before |= {self._release: 8}
        for work, hours in hours_before.items():
            self._steps[work] = end_ms - hours * HOUR_MS

    def _release(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.release
        waiting = (card for card in self._scene.board.to_release.values() if not card.held_by)
        due = self._scene.due(waiting, "release", hours, now_ms)
        work = [(card, Release(order_id=card.id, cause=SIMULATOR)) for card in due]
        self._scene.act(release, work, "release", now_ms)

    def _answer(self, now_ms: int) -> None:
        """Floors that are not ours say yes, and sometimes no."""
        hours, lies = self._scene.world.habits.hours.accept, self._scene.world.habits.lies
        asked = [card for card in self._floors(is_outside=True) if not card.is_accepted]
        work = []
        for card in self._scene.due(asked, "accept", hours, now_ms):
            is_no = self._scene.draw("reject", card) < lies.node_rejects
            answer = Answer.REJECT if is_no else Answer.ACCEPT
            reason = "no capacity today" if is_no else ""
            work.append(
                (card, Say(fulfilment_id=card.id, answer=answer, reason=reason, cause=SIMULATOR))
            )
        self._scene.act(say, work, "accept", now_ms)

    def _answer_cancels(self, now_ms: int) -> None:
        """What is not in a labelled box can still be put back."""
        hours = self._scene.world.habits.hours.answer_cancel
        asked = (card for card in self._scene.board.floor.values() if card.is_cancel_asked)
        work = []
        for card in self._scene.due(asked, "answer_cancel", hours, now_ms):
            is_late = bool(card.boxes - card.unlabelled)
            answer = Answer.REFUSE_CANCEL if is_late else Answer.CONFIRM_CANCEL
            reason = "it is in the van" if is_late else ""
            work.append(
                (card, Say(fulfilment_id=card.id, answer=answer, reason=reason, cause=SIMULATOR))
            )
        self._scene.act(say, work, "answer_cancel", now_ms)

    def _pick(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.pick
        waiting = [card for card in self._floors(is_outside=False) if card.to_pick]
        chosen = self._manned(self._scene.due(waiting, "pick", hours, now_ms), now_ms)
        short = [card for card in chosen if self._is_short(card)]
        reports = [(card, _short(card)) for card in short]
        done = {card.id for card, _ in self._scene.act(report_short, reports, "pick", now_ms)}
        work = [
            (card, Pick(fulfilment_id=card.id, units=_left(card, done), cause=SIMULATOR))
            for card in chosen
        ]
        self._scene.act(pick, work, "pick", now_ms)

    def _pack(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.pack
        waiting = [card for card in self._floors(is_outside=False) if _is_picked(card)]
        due = self._scene.due(waiting, "pack", hours, now_ms)
        work = [(card, Pack(fulfilment_id=card.id, cause=SIMULATOR)) for card in due]
        self._scene.act(pack, work, "pack", now_ms)

    def _label(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.label
        waiting = [card for card in self._floors(is_outside=False) if card.unlabelled]
        due = self._scene.due(waiting, "label", hours, now_ms)
        work = [(card, RequestLabels(fulfilment_id=card.id, cause=SIMULATOR)) for card in due]
        for card, _ in self._scene.act(request_labels, work, "label", now_ms):
            # The carrier is asked meanwhile; one that does not answer is asked again.
            self._scene.postpone(card, "label", now_ms + self._van_every_ms)

    def _load(self, now_ms: int) -> None:
        """A van comes to each node every few hours and takes what is ready."""
        here = {node_id for node_id, at_ms in self._van_ms.items() if at_ms <= now_ms}
        for node_id in here:
            missed = (now_ms - self._van_ms[node_id]) // self._van_every_ms + 1
            self._van_ms[node_id] += missed * self._van_every_ms
        ready = [
            card
            for card in self._floors(is_outside=False)
            if card.node_id in here and card.boxes and not card.unlabelled
        ]
        work = [(card, Ship(fulfilment_id=card.id, cause=SIMULATOR)) for card in ready]
        self._scene.act(ship, work, "ship", now_ms)

    def _ship_from_outside(self, now_ms: int) -> None:
        hours = self._scene.world.habits.hours.outside_ship
        waiting = [c for c in self._floors(is_outside=True) if c.is_accepted and c.to_pick]
        due = self._scene.due(waiting, "outside_ship", hours, now_ms)
        work = [
            (
                card,
                ReportShipped(
                    fulfilment_id=card.id,
                    carrier=OUTSIDE_CARRIER,
                    tracking_number=outside_tracking_number(card.id),
                    cause=SIMULATOR,
                ),
            )
            for card in due
        ]
        self._scene.act(report_shipped, work, "outside_ship", now_ms)

    def _floors(self, *, is_outside: bool) -> list[FloorCard]:
        cards = self._scene.board.floor.values()
        return [
            card
            for card in cards
            if (card.node_id in self._outside) is is_outside and not card.is_cancel_asked
        ]

    def _manned(self, due: Sequence[FloorCard], now_ms: int) -> list[FloorCard]:
        """Those the pickers get to, first come first; the rest waits in the queue."""
        passed_ms = now_ms - self._looked_at_ms
        for node_id, per_ms in self._per_ms.items():
            most = max(BURST, per_ms * passed_ms)
            self._budget[node_id] = min(self._budget[node_id] + per_ms * passed_ms, most)
        chosen = []
        for card in due:
            if self._budget[card.node_id] >= 1:
                self._budget[card.node_id] -= 1
                chosen.append(card)
        return chosen

    def _is_short(self, card: FloorCard) -> bool:
        lies = self._scene.world.habits.lies
        return card.to_pick.total() > 1 and self._scene.draw("short", card) < lies.short_pick


def _is_picked(card: FloorCard) -> bool:
    return bool(card.on_cart) and not card.to_pick


def _short(card: FloorCard) -> ReportShort:
    """One unit of the first item is not where it should be."""
    item_id = min(card.to_pick)
    return ReportShort(
        fulfilment_id=card.id,
        units=(Units(item_id, 1),),
        reason="not in its place",
        cause=SIMULATOR,
    )


def _left(card: FloorCard, short: set[str]) -> tuple[Units, ...]:
    """What there is to pick after a short report; nothing named means everything."""
    if card.id not in short:
        return ()
    left = card.to_pick - Counter({min(card.to_pick): 1})
    return tuple(Units(item_id, quantity) for item_id, quantity in sorted(left.items()))
