"""The office books the cash couriers collected, and cancels what nobody can name for too long."""

from fulfillment import queries as floor_read
from fulfillment.machine import ParcelState
from oms.orders.cancels.model import Cancel, LineQuantity
from oms.orders.cancels.service import cancel
from oms.payments.model import ReceivePayment
from oms.payments.service import receive
from oms.simulator.scene import SIMULATOR, Scene


class Office:
    """Does what is left over when goods have moved."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def work(self, now_ms: int) -> None:
        self._book_cash(now_ms)
        self._clear_unknown(now_ms)

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

    def _clear_unknown(self, now_ms: int) -> None:
        """Some are left for people to try; of more than those the oldest are cancelled."""
        hours = self._scene.world.habits.hours.map_listing
        waiting = [card for card in self._scene.board.orders.values() if card.unknown_lines]
        most = self._scene.world.habits.office.unknown_listings_max
        due = self._scene.due(waiting[: max(0, len(waiting) - most)], "unknown", hours, now_ms)
        work = [
            (
                card,
                Cancel(
                    order_id=card.id,
                    lines=tuple(LineQuantity(line_id) for line_id in card.unknown_lines.values()),
                    reason="we do not sell this",
                    cause=SIMULATOR,
                ),
            )
            for card in due
        ]
        for card, _ in self._scene.act(cancel, work, "unknown", now_ms):
            card.unknown_lines.clear()
