"""The office: books the cash couriers collected, and decides what nobody decided for too long."""

from collections.abc import Mapping
from itertools import islice
from typing import TypeVar

from fulfillment import queries as floor_read
from fulfillment.machine import ParcelState
from oms.orders import queries as orders_read
from oms.orders.changes.model import ApplyChange, DeclineChange
from oms.orders.changes.service import apply, decline
from oms.orders.holds.model import ReleaseHold
from oms.orders.holds.service import release_holds
from oms.orders.naming.model import MapLine
from oms.orders.naming.service import map_lines
from oms.orders.quarantine.model import Dismiss
from oms.orders.quarantine.service import dismiss
from oms.payments.model import ReceivePayment
from oms.payments.service import receive
from oms.simulator.cards import Card
from oms.simulator.scene import SIMULATOR, Scene

K = TypeVar("K", bound=Card)


class Office:
    """Does what is left over. Some of it stays for the people who look at the demo."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._habits = scene.world.habits.office
        self._by_title = {
            title: scene.directory.items[ware.sku]
            for ware in scene.world.assortment.wares
            for title in (ware.name, ware.english)
        }

    def work(self, now_ms: int) -> None:
        """Everything that waits long enough, or of which there is too much."""
        self._book_cash(now_ms)
        self._name_unknown(now_ms)
        self._decide_changes(now_ms)
        self._release_held(now_ms)
        self._dismiss_unreadable(now_ms)

    def _book_cash(self, now_ms: int) -> None:
        """What couriers took at the door, parcel by parcel, some hours after the delivery."""
        board, hours = self._scene.board, self._scene.world.habits.hours.cash_from_carrier
        due = self._scene.due(list(board.cash.values()), "cash_from_carrier", hours, now_ms)
        if not due:
            return
        with self._scene.doors.reading() as reader:
            parcels = floor_read.parcels_of(reader, [card.id for card in due])
        cards = {card.id: card for card in due}
        work = [
            (
                cards[parcel.order_id],
                ReceivePayment(
                    order_id=parcel.order_id,
                    amount_minor=parcel.collect_minor,
                    currency=self._scene.world.merchant.currency,
                    reference=f"COD {parcel.tracking_number}",
                    cause=SIMULATOR,
                ),
            )
            for parcel in parcels
            if parcel.state is ParcelState.DELIVERED and parcel.collect_minor
        ]
        self._scene.act(receive, work, "cash_from_carrier", now_ms)
        for card in due:
            board.cash.pop(card.id, None)

    def _name_unknown(self, now_ms: int) -> None:
        """What a listing sells that nobody told us of can be seen from its title."""
        most = self._habits.unknown_listings_max
        due = self._too_many(self._scene.board.unknown, most, now_ms)
        if not due:
            return
        with self._scene.doors.reading() as reader:
            orders = orders_read.orders_for(reader, [card.id for card in due])
        titles = {line.id: line.title for order in orders for line in order.lines}
        work = [
            (
                card,
                MapLine(line_id=line_id, item_id=self._by_title[titles[line_id]], cause=SIMULATOR),
            )
            for card in due
            for line_id in card.unknown_lines.values()
        ]
        self._scene.act(map_lines, work, "look_into", now_ms)

    def _decide_changes(self, now_ms: int) -> None:
        """Follow the channel, or stay with what it said first if it is too late to follow."""
        due = self._too_many(self._scene.board.changes, self._habits.changes_max, now_ms)
        good = [card for card in due if self._follows(card)]
        bad = [card for card in due if not self._follows(card)]
        applied = [(card, ApplyChange(change_id=card.id, cause=SIMULATOR)) for card in good]
        self._scene.act(apply, applied, "look_into", now_ms)
        declined = [
            (card, DeclineChange(change_id=card.id, reason="too late", cause=SIMULATOR))
            for card in bad
        ]
        self._scene.act(decline, declined, "look_into", now_ms)

    def _follows(self, card: Card) -> bool:
        return not card.refusals and self._scene.draw("apply", card) < self._habits.apply_share

    def _release_held(self, now_ms: int) -> None:
        """The channel's sum was wrong, the goods are right."""
        work = [
            (card, ReleaseHold(hold_id=hold_id, cause=SIMULATOR))
            for card in self._too_many(self._scene.board.held, self._habits.holds_max, now_ms)
            for hold_id in sorted(card.held_by)
        ]
        self._scene.act(release_holds, work, "look_into", now_ms)

    def _dismiss_unreadable(self, now_ms: int) -> None:
        quarantined = self._scene.board.quarantined
        work = [
            (card, Dismiss(quarantine_id=card.id, reason="told again by mail", cause=SIMULATOR))
            for card in self._too_many(quarantined, self._habits.quarantine_max, now_ms)
        ]
        self._scene.act(dismiss, work, "look_into", now_ms)

    def _too_many(self, pile: Mapping[str, K], most: int, now_ms: int) -> list[K]:
        """The oldest of a pile that is too high, each when somebody had time to look into it."""
        surplus = list(islice(pile.values(), max(0, len(pile) - most)))
        return self._scene.due(
            surplus, "look_into", self._scene.world.habits.hours.look_into, now_ms
        )
