"""Open work as told by the events: what waits where, and since when. Pure; forgets what is done.

It listens like any integration, so it also knows what people did by hand or through the API.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import singledispatchmethod
from typing import Final

import msgspec

from connectors.contract.messages import PaymentTerms
from connectors.contract.parcels import TrackingStatus
from fulfillment.events import FulfilmentAnswered, FulfilmentRequested, LabelBought, ParcelTracked
from fulfillment.machine import FulfilmentState
from oms.kernel.events import Event, wire_name
from oms.orders.events import (
    HoldPlaced,
    HoldReleased,
    LinesMoved,
    MovedUnits,
    OrderChanged,
    OrderChangeDeclined,
    OrderChangeProposed,
    OrderPlaced,
    PayloadQuarantined,
    QuarantineDismissed,
    QuarantineResolved,
)
from oms.orders.machine import HoldStage
from oms.payments.events import PaymentCaptured
from oms.simulator.cards import (
    Card,
    DeliveredCard,
    FloorCard,
    OrderCard,
    ParcelCard,
    ReturnCard,
    outside_tracking_number,
)
from returns.events import (
    ReturnClosed,
    ReturnDecided,
    ReturnInspected,
    ReturnLost,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
    ReturnSent,
    ReturnSentBack,
)
from returns.machine import ReturnState

ORDERS_MAX: Final = 20_000  # the oldest are forgotten beyond that: people finish them, or nobody

Heard = (
    OrderPlaced
    | HoldPlaced
    | HoldReleased
    | OrderChangeProposed
    | OrderChanged
    | OrderChangeDeclined
    | PayloadQuarantined
    | QuarantineResolved
    | QuarantineDismissed
    | LinesMoved
    | FulfilmentRequested
    | FulfilmentAnswered
    | LabelBought
    | ParcelTracked
    | PaymentCaptured
    | ReturnRequested
    | ReturnDecided
    | ReturnSent
    | ReturnLost
    | ReturnReceived
    | ReturnInspected
    | ReturnRefused
    | ReturnSentBack
    | ReturnClosed
)
TYPES: Final[tuple[str, ...]] = tuple(wire_name(each) for each in Heard.__args__)

_COME_TO_THE_SHELF: Final = frozenset({"allocate", "supply_arrived", "recall"})
_LEAVE_THE_SHELF: Final = frozenset({"release", "deallocate", "cancel_allocated"})
_COME_TO_THE_LIST: Final = frozenset({"release", "unpick", "unship_direct"})
_LEAVE_THE_LIST: Final = frozenset(
    {"pick", "short_pick", "node_reject", "recall", "cancel_released", "ship_direct"}
)
_COME_TO_THE_CART: Final = frozenset({"pick", "unpack"})
_LEAVE_THE_CART: Final = frozenset({"pack", "unpick", "cancel_picked"})
_SHIPS: Final = frozenset({"ship", "ship_direct", "send_back"})
_JOURNEY_ENDS: Final = frozenset(
    {TrackingStatus.DELIVERED, TrackingStatus.LOST, TrackingStatus.RETURNED_TO_SENDER}
)
_CLOSED: Final = frozenset(
    {FulfilmentState.REJECTED, FulfilmentState.CANCELLED, FulfilmentState.CLOSED}
)


_MAKE_BOXES: Final[Mapping[str, Callable[[MovedUnits], str]]] = {
    "pack": lambda _: "",
    "ship_direct": lambda moved: outside_tracking_number(moved.fulfilment_id),
    "send_back": lambda moved: outside_tracking_number(moved.return_id),
}
"""Moves after which units are in a new box, and the tracking number it has from the start."""


class Board:
    """What waits. `hear` every event once, oldest first."""

    def __init__(self) -> None:
        self.last_number = 0
        self.orders: dict[str, OrderCard] = {}
        self.to_release: dict[str, OrderCard] = {}
        self.unknown: dict[str, OrderCard] = {}
        self.held: dict[str, OrderCard] = {}
        self.changes: dict[str, Card] = {}
        self.quarantined: dict[str, Card] = {}
        self.floor: dict[str, FloorCard] = {}
        self.parcels: dict[str, ParcelCard] = {}
        self.delivered: dict[str, DeliveredCard] = {}
        self.cash: dict[str, DeliveredCard] = {}
        self.returns: dict[str, ReturnCard] = {}
        self.turned_down: dict[str, ReturnCard] = {}
        self.refused: dict[str, Card] = {}
        self.told: Counter[str] = Counter()
        """How often each fact was told, with `parcel.shipped` and `parcel.delivered` beside."""

    def hear(self, number: int, at_ms: int, event: Heard) -> None:
        """Take one event in; what is known already is passed over."""
        if number > self.last_number:
            self.last_number = number
            self.told[wire_name(type(event))] += 1
            self._take(event, at_ms)

    @singledispatchmethod
    def _take(self, event: Event, at_ms: int) -> None:
        raise TypeError(f"nobody here listens to {type(event).__name__} ({at_ms})")

    @_take.register
    def _placed(self, event: OrderPlaced, at_ms: int) -> None:
        if len(self.orders) >= ORDERS_MAX:
            oldest = next(iter(self.orders))
            for cards in (self.orders, self.to_release, self.unknown, self.held):
                cards.pop(oldest, None)
        self.orders[event.entity] = OrderCard(
            id=event.entity,
            name=event.number,
            order_id=event.entity,
            since_ms=at_ms,
            channel_id=event.channel_id,
            payment_terms=event.payment_terms,
        )

    @_take.register
    def _hold_placed(self, event: HoldPlaced, at_ms: int) -> None:
        order = self.orders.get(event.entity)
        if order is None:
            return
        if event.reason == "unknown_listing":
            order.unknown_lines[event.hold_id] = event.line_id
            self.unknown[order.id] = order
        if event.stage == HoldStage.RELEASE:
            order.held_by.add(event.hold_id)
            self.held[order.id] = order
        order.changed(at_ms)

    @_take.register
    def _hold_released(self, event: HoldReleased, at_ms: int) -> None:
        order = self.orders.get(event.entity)
        if order is not None:
            order.held_by.discard(event.hold_id)
            if not order.held_by:
                self.held.pop(order.id, None)
            order.unknown_lines.pop(event.hold_id, None)
            if not order.unknown_lines:
                self.unknown.pop(order.id, None)
            order.changed(at_ms)

    @_take.register
    def _change_proposed(self, event: OrderChangeProposed, at_ms: int) -> None:
        order = self.orders.get(event.entity)
        name = f"{order.name if order else event.entity}/{len(self.changes)}"
        self.changes[event.change_id] = Card(
            id=event.change_id, name=name, order_id=event.entity, since_ms=at_ms
        )

    @_take.register
    def _change_decided(self, event: OrderChanged | OrderChangeDeclined, at_ms: int) -> None:  # noqa: ARG002 - one shape for all
        self.changes.pop(event.change_id, None)

    @_take.register
    def _quarantined(self, event: PayloadQuarantined, at_ms: int) -> None:
        self.quarantined[event.entity] = Card(
            id=event.entity, name=event.source, order_id="", since_ms=at_ms
        )

    @_take.register
    def _let_out(self, event: QuarantineResolved | QuarantineDismissed, at_ms: int) -> None:  # noqa: ARG002 - one shape for all
        self.quarantined.pop(event.entity, None)

    @_take.register
    def _lines_moved(self, event: LinesMoved, at_ms: int) -> None:
        for moved in event.moves:
            self._order_moved(event.entity, moved, at_ms)
            if moved.fulfilment_id:
                self._floor_moved(event.entity, moved, at_ms)
            if moved.parcel_id:
                self._parcel_moved(event.entity, moved, at_ms)
        for fulfilment_id in {moved.fulfilment_id for moved in event.moves}:
            floor = self.floor.get(fulfilment_id)
            if floor is not None and floor.is_done:
                del self.floor[fulfilment_id]

    def _order_moved(self, order_id: str, moved: MovedUnits, at_ms: int) -> None:
        order = self.orders.get(order_id)
        if order is None:
            return
        if moved.name in _COME_TO_THE_SHELF:
            order.allocated += moved.quantity
            order.changed(at_ms)
            self.to_release[order.id] = order
        elif moved.name in _LEAVE_THE_SHELF:
            order.allocated = max(0, order.allocated - moved.quantity)
            order.changed(at_ms)
            if not order.allocated:
                self.to_release.pop(order.id, None)
        elif moved.name == "deliver":
            self._something_delivered(order, at_ms)
        elif moved.name == "refuse" and not moved.return_id:
            card = Card(id=order.id, name=order.name, order_id=order.id, since_ms=at_ms)
            self.refused.setdefault(order.id, card)
        elif moved.name == "receive_return":
            self.refused.pop(order.id, None)

    def _something_delivered(self, order: OrderCard, at_ms: int) -> None:
        card = DeliveredCard(
            id=order.id,
            name=order.name,
            order_id=order.id,
            since_ms=at_ms,
            channel_id=order.channel_id,
        )
        self.delivered.setdefault(order.id, card)
        if order.payment_terms == PaymentTerms.COD:
            self.cash.setdefault(order.id, msgspec.structs.replace(card, due_ms={}))

    def _floor_moved(self, order_id: str, moved: MovedUnits, at_ms: int) -> None:
        floor = self.floor.get(moved.fulfilment_id)
        if floor is None:
            if moved.name not in _COME_TO_THE_LIST:
                return
            floor = self.floor[moved.fulfilment_id] = FloorCard(
                id=moved.fulfilment_id,
                name=moved.fulfilment_id,
                order_id=order_id,
                since_ms=at_ms,
                node_id=moved.node_id,
            )
        if moved.name in _COME_TO_THE_LIST:
            floor.to_pick[moved.item_id] += moved.quantity
        elif moved.name in _LEAVE_THE_LIST:
            floor.to_pick[moved.item_id] -= moved.quantity
            floor.to_pick = +floor.to_pick
        if moved.name in _COME_TO_THE_CART:
            floor.on_cart += moved.quantity
        elif moved.name in _LEAVE_THE_CART:
            floor.on_cart = max(0, floor.on_cart - moved.quantity)
        floor.changed(at_ms)

    def _parcel_moved(self, order_id: str, moved: MovedUnits, at_ms: int) -> None:
        floor = self.floor.get(moved.fulfilment_id)
        if moved.name in _MAKE_BOXES and moved.parcel_id not in self.parcels:
            self.parcels[moved.parcel_id] = ParcelCard(
                id=moved.parcel_id,
                name=f"{floor.name}/{len(floor.boxes)}" if floor else moved.parcel_id,
                order_id=order_id,
                since_ms=at_ms,
                fulfilment_id=moved.fulfilment_id,
                node_id=moved.node_id,
                tracking_number=_MAKE_BOXES[moved.name](moved),
            )
            if floor is not None and moved.name == "pack":
                floor.boxes.add(moved.parcel_id)
                floor.unlabelled.add(moved.parcel_id)
        if moved.name in _SHIPS:
            parcel = self.parcels.get(moved.parcel_id)
            if parcel is not None and not parcel.is_shipped:
                parcel.is_shipped = True
                parcel.changed(at_ms)
                self.told["parcel.shipped"] += 1
            if floor is not None:
                floor.boxes.discard(moved.parcel_id)
                floor.unlabelled.discard(moved.parcel_id)

    @_take.register
    def _requested(self, event: FulfilmentRequested, at_ms: int) -> None:
        floor = self.floor.get(event.entity)
        if floor is not None:
            floor.name, floor.node_id = event.number, event.node_id
            floor.changed(at_ms)

    @_take.register
    def _answered(self, event: FulfilmentAnswered, at_ms: int) -> None:
        floor = self.floor.get(event.entity)
        if floor is not None and event.state not in _CLOSED:
            floor.is_accepted = event.state == FulfilmentState.ACCEPTED
            floor.is_cancel_asked = event.state == FulfilmentState.CANCEL_REQUESTED
            floor.changed(at_ms)
        elif event.state in _CLOSED:
            self.floor.pop(event.entity, None)

    @_take.register
    def _labelled(self, event: LabelBought, at_ms: int) -> None:
        parcel = self.parcels.get(event.entity)
        if parcel is None:
            return
        parcel.tracking_number = event.tracking_number
        parcel.changed(at_ms)
        floor = self.floor.get(parcel.fulfilment_id)
        if floor is not None:
            floor.unlabelled.discard(parcel.id)
            floor.changed(at_ms)

    @_take.register
    def _tracked(self, event: ParcelTracked, at_ms: int) -> None:  # noqa: ARG002 - one shape for all
        parcel = self.parcels.get(event.entity)
        if parcel is None:
            return
        parcel.scans += 1
        parcel.due_ms.clear()
        if event.status == TrackingStatus.DELIVERED:
            self.told["parcel.delivered"] += 1
        if event.status in _JOURNEY_ENDS:
            del self.parcels[parcel.id]

    @_take.register
    def _captured(self, event: PaymentCaptured, at_ms: int) -> None:  # noqa: ARG002 - one shape for all
        self.cash.pop(event.order_id, None)

    @_take.register
    def _return_requested(self, event: ReturnRequested, at_ms: int) -> None:
        if event.order_id:
            self.delivered.pop(event.order_id, None)
        if event.state == ReturnState.AUTHORISED:
            self.returns[event.entity] = ReturnCard(
                id=event.entity,
                name=event.number,
                order_id=event.order_id or "",
                since_ms=at_ms,
            )

    @_take.register
    def _return_decided(self, event: ReturnDecided, at_ms: int) -> None:
        if event.state == ReturnState.AUTHORISED:
            self.returns[event.entity] = ReturnCard(
                id=event.entity, name=event.entity, order_id=event.order_id or "", since_ms=at_ms
            )
        else:
            self.returns.pop(event.entity, None)

    @_take.register
    def _return_sent(self, event: ReturnSent, at_ms: int) -> None:
        card = self.returns.get(event.entity)
        if card is not None:
            card.is_sent = True
            card.changed(at_ms)

    @_take.register
    def _return_received(self, event: ReturnReceived, at_ms: int) -> None:
        card = self.returns.get(event.entity)
        if card is not None:
            card.node_id, card.is_judged = event.node_id, False
            card.changed(at_ms)

    @_take.register
    def _return_inspected(self, event: ReturnInspected, at_ms: int) -> None:
        card = self.returns.get(event.entity)
        if card is not None:
            card.is_judged = True
            card.changed(at_ms)

    @_take.register
    def _return_refused(self, event: ReturnRefused, at_ms: int) -> None:
        card = self.returns.get(event.entity)
        if card is not None:
            card.is_judged = True
            card.turned_down[event.return_line_id] = event.units
            card.changed(at_ms)
            self.turned_down[card.id] = card

    @_take.register
    def _return_sent_back(self, event: ReturnSentBack, at_ms: int) -> None:  # noqa: ARG002 - one shape for all
        self.turned_down.pop(event.entity, None)

    @_take.register
    def _return_over(self, event: ReturnClosed | ReturnLost, at_ms: int) -> None:  # noqa: ARG002 - one shape for all
        self.returns.pop(event.entity, None)
