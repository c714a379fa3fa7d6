"""Parcels on their way: scans that come twice, late or out of order, and deliveries at last."""

from collections.abc import Sequence
from typing import Final

import msgspec

from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment.tracking.model import Report
from fulfillment.tracking.service import track
from oms.kernel.address import Address, Coordinates, distance_km
from oms.kernel.clock import SECOND_MS
from oms.orders import queries as orders_read
from oms.simulator.cards import ParcelCard
from oms.simulator.chances import drawn_for, lognormal
from oms.simulator.scene import SIMULATOR, Scene
from oms.simulator.world import DemoNode, World

LATE_FACTOR: Final = 2.5
HOURS_A_DAY: Final = 24.0
UNKNOWN_KM: Final = 500.0
SCANS_AT_ONCE_MAX: Final = 200  # of one look: the next look is soon

_S = TrackingStatus


class Leg(msgspec.Struct, frozen=True):
    """One scan of a journey, so many hours after the parcel left."""

    after_h: float
    status: TrackingStatus
    words: str
    place: str


class Carriers:
    """Whoever carries parcels."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._nodes = {
            scene.directory.nodes[node.code]: node for node in scene.world.merchant.nodes
        }

    def work(self, now_ms: int) -> None:
        """Tell every scan that is due."""
        parcels = self._scene.board.parcels.values()
        on_the_way = [card for card in parcels if card.is_shipped and card.tracking_number]
        self._find_out_where(on_the_way)
        due = [card for card in on_the_way if self._due_ms(card) <= now_ms][:SCANS_AT_ONCE_MAX]
        work = [(card, self._report(card, now_ms)) for card in due]
        told = self._scene.act(track, work, "scan", now_ms)
        twice = self._scene.world.habits.lies.scan_twice
        again = {
            card.id for card, _ in told if self._scene.draw(f"twice{card.scans}", card) < twice
        }
        self._scene.doors.do(track, [report for card, report in work if card.id in again])

    def _find_out_where(self, cards: Sequence[ParcelCard]) -> None:
        unknown = [card for card in cards if card.to is None]
        if not unknown:
            return
        with self._scene.doors.reading() as reader:
            found = orders_read.orders_for(reader, {card.order_id for card in unknown})
        ship_to = {order.id: order.ship_to for order in found}
        for card in unknown:
            card.to = ship_to.get(card.order_id, Address(country=""))

    def _due_ms(self, card: ParcelCard) -> int:
        due_ms = card.due_ms.get("scan")
        if due_ms is None:
            legs = self._legs(card)
            at = min(card.scans, len(legs) - 1)
            before_h = legs[at - 1].after_h if at else 0.0
            pace = self._scene.pace
            since_ms = max(card.since_ms + pace.ms(before_h), self._scene.started_ms)
            due_ms = since_ms + pace.ms(max(0.0, legs[at].after_h - before_h))
            card.due_ms["scan"] = due_ms
        return due_ms

    def _report(self, card: ParcelCard, now_ms: int) -> Report:
        legs = self._legs(card)
        at = min(card.scans, len(legs) - 1)
        number = card.tracking_number
        is_overtaken = at > 0 and legs[at].after_h < legs[at - 1].after_h
        event = TrackingEvent(
            external_id=f"{number}-{card.scans}",
            tracking_number=number,
            status=legs[at].status,
            at_ms=now_ms - SECOND_MS if is_overtaken else now_ms,
            words=legs[at].words,
            place=legs[at].place,
        )
        return Report(event=event, cause=SIMULATOR)

    def _legs(self, card: ParcelCard) -> Sequence[Leg]:
        return journey(self._scene.world, self._scene.seed, self._nodes[card.node_id], card)


def journey(world: World, seed: int, node: DemoNode, card: ParcelCard) -> list[Leg]:
    """The scans of a parcel in the order in which they will be told."""
    rng = drawn_for(seed, "journey", card.name)
    lies = world.habits.lies
    to = card.to or Address(country="")
    here, there = node.city, to.city or "?"
    hours = transit_hours(world, seed, node, card)
    is_late, fails, is_swapped = (
        rng.random() < share for share in (lies.late, lies.attempt_fails, lies.scan_out_of_order)
    )
    end = rng.random()
    if is_late:
        hours *= LATE_FACTOR
    legs = [
        Leg(hours * 0.03, _S.ACCEPTED, "Diterima di gerai / accepted", here),
        Leg(hours * 0.25, _S.IN_TRANSIT, "Berangkat dari kota asal / departed", here),
        Leg(hours * 0.7, _S.IN_TRANSIT, "Tiba di kota tujuan / arrived", there),
    ]
    if is_swapped:
        legs[1], legs[2] = legs[2], legs[1]
    if is_late:
        legs.append(Leg(hours * 0.8, _S.EXCEPTION, "Tertunda cuaca / delayed by weather", there))
    if end < lies.lost:
        return [*legs, Leg(hours * 1.5, _S.LOST, "Tidak ditemukan / not found", there)]
    legs.append(Leg(hours * 0.93, _S.OUT_FOR_DELIVERY, "Dibawa kurir / out for delivery", there))
    if end < lies.lost + lies.refused:
        refused = Leg(hours, _S.RETURNED_TO_SENDER, "Ditolak penerima / refused", there)
        return [*legs, refused]
    if fails:
        legs.append(Leg(hours * 0.97, _S.ATTEMPTED, "Penerima tidak ada / nobody home", there))
        hours *= 1.2
    return [*legs, Leg(hours, _S.DELIVERED, "Diterima / delivered", there)]


def transit_hours(world: World, seed: int, node: DemoNode, card: ParcelCard) -> float:
    """How long the way takes: lognormal around the median of its distance."""
    at = card.to.at if card.to else None
    origin = Coordinates(node.latitude, node.longitude)
    km = distance_km(origin, at) if at else UNKNOWN_KM
    transit = world.habits.transit
    _, median, p95 = next(row for row in transit.days if km <= row[0])
    rng = drawn_for(seed, "transit", card.name)
    return lognormal(rng, median, p95) * transit.scale * HOURS_A_DAY
