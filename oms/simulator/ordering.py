"""Customers who order, and channels that tell it: also twice, changed, unreadable, or cancelled."""

from collections.abc import Sequence
from itertools import count
from typing import Final

import msgspec

from connectors.contract.messages import ChannelOrder
from fulfillment.handoff.model import Answer, Say
from fulfillment.handoff.service import say
from oms.kernel.errors import OMSError
from oms.orders import queries as orders_read
from oms.orders.cancels.model import Cancel, LineQuantity
from oms.orders.cancels.service import cancel
from oms.orders.intake.model import TakeIn, TakenIn
from oms.orders.quarantine.model import Quarantine
from oms.orders.quarantine.service import quarantine
from oms.simulator.agenda import Agenda
from oms.simulator.scene import SIMULATOR, Scene
from oms.simulator.traffic import Plan
from oms.sourcing.service import place

ORDER_COUNTER: Final = "demo.order"
AT_ONCE_MAX: Final = 10  # orders of one look: a machine that is behind lets the rest go
FLOOR_MAX: Final = 400  # fulfilment orders that wait: until they are fewer, nobody orders
GATE_MAX: Final = 200  # commands that wait
WORDS: Final = "The message ends early, or words stand in it where a number belongs."


class Again(msgspec.Struct, frozen=True):
    """A channel tells an order once more, perhaps with other words."""

    channel_id: str
    order: ChannelOrder


class ChangeOfMind(msgspec.Struct, frozen=True):
    """A customer does not want an order any more, or only a part of it."""

    order_id: str
    is_whole: bool


class Customers:
    """Order at their own pace. Order numbers go on where the database's counter stands."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._next_ms = scene.started_ms
        self._gaps = count()
        self._again: Agenda[Again] = Agenda()
        self._regrets: Agenda[ChangeOfMind] = Agenda()

    def work(self, now_ms: int) -> None:
        """New orders that have come by now."""
        self.order([now_ms] * self._arrivals(now_ms), now_ms)
        self.follow_up(now_ms)

    def order(self, moments: Sequence[int], now_ms: int) -> None:
        """Place one new order for each of these moments."""
        if not moments:
            return
        scene = self._scene
        numbers = scene.doors.numbers(ORDER_COUNTER, len(moments))
        plans = [scene.traffic.plan(n, at_ms) for n, at_ms in zip(numbers, moments, strict=True)]
        scene.doors.do(quarantine, [self._unreadable(plan) for plan in plans if plan.unreadable])
        good = [plan for plan in plans if not plan.unreadable]
        answers = scene.doors.do(place, [self._told(plan, plan.order) for plan in good])
        for plan, answer in zip(good, answers, strict=True):
            if isinstance(answer, TakenIn):
                self._remember(plan, answer.order_id, now_ms)

    def follow_up(self, now_ms: int) -> None:
        """What channels and customers say about earlier orders."""
        self._scene.doors.do(
            place,
            [
                TakeIn(channel_id=each.channel_id, order=each.order, cause=SIMULATOR)
                for each in self._again.due(now_ms)
            ],
        )
        self._cancel(self._regrets.due(now_ms))

    def _arrivals(self, now_ms: int) -> int:
        """How many orders have come since the last look; none while the house is full."""
        scene, arrived = self._scene, 0
        while self._next_ms <= now_ms and arrived < AT_ONCE_MAX:
            self._next_ms += scene.traffic.gap_ms(next(self._gaps), now_ms, scene.pace.speed)
            arrived += 1
        self._next_ms = max(self._next_ms, now_ms)
        is_full = len(scene.board.floor) > FLOOR_MAX or scene.doors.waiting() > GATE_MAX
        return 0 if is_full else arrived

    def _cancel(self, regrets: Sequence[ChangeOfMind]) -> None:
        parts = [each.order_id for each in regrets if not each.is_whole]
        first_line: dict[str, str] = {}
        if parts:
            with self._scene.doors.reading() as reader:
                found = orders_read.orders_for(reader, parts)
            first_line = {order.id: order.lines[0].id for order in found}
        commands = [
            Cancel(
                order_id=each.order_id,
                lines=() if each.is_whole else (LineQuantity(first_line[each.order_id]),),
                reason="customer changed their mind",
                cause=SIMULATOR,
            )
            for each in regrets
        ]
        answers = self._scene.doors.do(cancel, commands)
        self._ask_nodes(
            {
                command.order_id
                for command, answer in zip(commands, answers, strict=True)
                if isinstance(answer, OMSError) and not command.lines
            }
        )

    def _ask_nodes(self, order_ids: set[str]) -> None:
        """The order is on somebody's floor already: ask there. A refusal means it has left."""
        asked = [
            Say(
                fulfilment_id=card.id,
                answer=Answer.REQUEST_CANCEL,
                reason="customer changed their mind",
                cause=SIMULATOR,
            )
            for card in self._scene.board.floor.values()
            if card.order_id in order_ids
        ]
        self._scene.doors.do(say, asked)

    def _told(self, plan: Plan, order: ChannelOrder) -> TakeIn:
        channel_id = self._scene.directory.channels[plan.channel]
        return TakeIn(channel_id=channel_id, order=order, cause=SIMULATOR)

    def _unreadable(self, plan: Plan) -> Quarantine:
        return Quarantine(
            channel_id=self._scene.directory.channels[plan.channel],
            source=f"message {plan.order.external_id}",
            code="payload.unreadable",
            words=WORDS,
            payload=plan.unreadable,
            external_id=plan.order.external_id,
            cause=SIMULATOR,
        )

    def _remember(self, plan: Plan, order_id: str, now_ms: int) -> None:
        pace, channel_id = self._scene.pace, self._scene.directory.channels[plan.channel]
        if plan.repeated_after_h is not None:
            due_ms = now_ms + pace.ms(plan.repeated_after_h)
            self._again.add(due_ms, Again(channel_id, plan.order))
        if plan.changed is not None:
            due_ms = now_ms + pace.ms(plan.changed.after_h)
            self._again.add(due_ms, Again(channel_id, plan.changed.order))
        if plan.cancelled_after_h is not None:
            due_ms = now_ms + pace.ms(plan.cancelled_after_h)
            self._regrets.add(due_ms, ChangeOfMind(order_id, plan.cancels_whole))
