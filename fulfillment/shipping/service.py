"""Departures over a list: labelled boxes leave as shipments, and shipments are undone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from fulfillment import model, store
from fulfillment.events import ShipmentShipped
from fulfillment.machine import PARCEL, ParcelState
from fulfillment.model import Fulfilment, Parcel, Pile
from fulfillment.packing.service import SSCC_COUNTER, sscc
from fulfillment.shipping import store as departures
from fulfillment.shipping.model import (
    BoxBack,
    Departure,
    Ship,
    ShipmentRecord,
    Shipped,
    ToldBy,
    Undoing,
    Unship,
    Unshipped,
    by_line,
    by_parcel,
    inside,
    refuse_undoing,
    reopened,
    shippable,
)
from fulfillment.tracking import service as tracking
from fulfillment.work.service import (
    Job,
    answered,
    carry_out_on,
    close_finished,
    done,
    fulfilment_of,
    slices_by_fulfilment,
)
from oms.kernel.errors import OMSError
from oms.orders import service as orders
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


def ship(tx: Transaction, commands: Sequence[Ship]) -> list[Shipped | OMSError]:
    """Labelled boxes leave; invoices, cost of goods and captures follow from the event."""
    return in_rounds(commands, fulfilment_of, lambda batch: _ship(tx, batch))


def unship(tx: Transaction, commands: Sequence[Unship]) -> list[Unshipped | OMSError]:
    """Shipments that never left are undone, as long as no carrier has seen a box of theirs.

    Our own boxes stand on the dock again, with their labels; a node's units are asked for again.
    """
    return in_rounds(commands, lambda c: c.shipment_id, lambda batch: _unship(tx, batch))


def send_boxes_back(tx: Transaction, boxes: Sequence[BoxBack]) -> list[Parcel]:
    """Write boxes with refused goods that are on their way: they are tracked, but sell nothing."""
    serials = tx.next_numbers(SSCC_COUNTER, len(boxes)) if boxes else range(0)
    parcels = [
        Parcel(
            id=box.parcel_id,
            fulfilment_id="",
            order_id=box.order_id,
            node_id=box.node_id,
            sscc=sscc(serial),
            state=ParcelState.SHIPPED,
            weight_g=box.weight_g,
            created_at_ms=tx.now_ms,
            carrier=box.carrier,
            service=box.service,
            tracking_number=box.tracking_number,
        )
        for box, serial in zip(boxes, serials, strict=True)
    ]
    store.add_parcels(tx, parcels)
    return parcels


def record_shipments(tx: Transaction, leaving: Sequence[Departure]) -> dict[str, Shipped]:
    """Write one shipment for each departure whose units were moved; by fulfilment order."""
    numbers = tx.next_numbers("shipment", len(leaving)) if leaving else range(0)
    shipped = {
        departure.fulfilment.id: _shipped(tx, departure, f"SH-{number:06d}")
        for number, departure in zip(numbers, leaving, strict=True)
    }
    departures.add_shipments(tx, [_record(each, shipped[each.fulfilment.id]) for each in leaving])
    departures.add_lines(
        tx,
        [
            (shipped[each.fulfilment.id].shipment_id, parcel_id, units)
            for each in leaving
            for parcel_id, units in by_parcel(each.slices)
        ],
    )
    boxes = [
        (_left(box, shipped[each.fulfilment.id].shipment_id), each.cause)
        for each in leaving
        for box in each.boxes
    ]
    store.save_parcels(tx, [box for box, _ in boxes])
    for each in leaving:
        tx.emit_first(_told(each, shipped[each.fulfilment.id]), each.cause)
    tracking.catch_up(tx, boxes)
    return shipped


def _ship(tx: Transaction, commands: Sequence[Ship]) -> list[Shipped | OMSError]:
    ids = [command.fulfilment_id for command in commands]
    slices = slices_by_fulfilment(tx, ids)
    parcels: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in store.lock_parcels_of(tx, ids):
        parcels[parcel.fulfilment_id].append(parcel)
    leaving: dict[str, list[Parcel]] = {}

    def plan(command: Ship, fulfilment: Fulfilment, own: Sequence[Slice]) -> list[LineMove]:
        leaving[fulfilment.id] = shippable(parcels[fulfilment.id], command.parcel_ids)
        return model.moves_for("ship", Pile(inside(own, leaving[fulfilment.id])), ())

    jobs = carry_out_on(tx, slices, commands, plan)
    shipped = record_shipments(tx, [departure(job, leaving) for job in done(jobs)])
    close_finished(tx, done(jobs))
    return [job if isinstance(job, OMSError) else shipped[job.fulfilment.id] for job in jobs]


def departure(job: Job, boxes: Mapping[str, Sequence[Parcel]]) -> Departure:
    leaving = boxes[job.fulfilment.id]
    return Departure(
        fulfilment=job.fulfilment,
        slices=inside(job.slices, leaving),
        boxes=leaving,
        told_by=ToldBy.DOCK,
        cause=job.cause,
    )


def _left(box: Parcel, shipment_id: str) -> Parcel:
    return replace(box, state=PARCEL.after(box.state, "ship"), shipment_id=shipment_id)


def _shipped(tx: Transaction, leaving: Departure, number: str) -> Shipped:
    return Shipped(
        shipment_id=tx.new_id("shp"),
        number=number,
        fulfilment_id=leaving.fulfilment.id,
        order_id=leaving.fulfilment.order_id,
        parcel_ids=tuple(box.id for box in leaving.boxes),
        lines=by_line(leaving.slices),
        shipped_at_ms=tx.now_ms,
    )


def _record(leaving: Departure, shipped: Shipped) -> ShipmentRecord:
    return ShipmentRecord(
        id=shipped.shipment_id,
        number=shipped.number,
        fulfilment_id=shipped.fulfilment_id,
        order_id=shipped.order_id,
        node_id=leaving.fulfilment.node_id,
        told_by=leaving.told_by,
        shipped_at_ms=shipped.shipped_at_ms,
    )


def _told(leaving: Departure, shipped: Shipped) -> ShipmentShipped:
    return ShipmentShipped(
        entity=shipped.shipment_id,
        order_id=shipped.order_id,
        node_id=leaving.fulfilment.node_id,
        number=shipped.number,
        lines=shipped.lines,
        shipped_at_ms=shipped.shipped_at_ms,
    )


def _unship(tx: Transaction, commands: Sequence[Unship]) -> list[Unshipped | OMSError]:
    ids = [command.shipment_id for command in commands]
    found = departures.shipments(tx, ids)
    slices = _left_with(tx, {each.order_id for each in found.values()})
    found = departures.shipments(tx, ids)  # again, now that nobody else can undo them
    fulfilments = store.lock_fulfilments(tx, {each.fulfilment_id for each in found.values()})
    boxes: dict[str, list[Parcel]] = defaultdict(list)
    for box in store.lock_parcels_in(tx, ids):
        boxes[box.shipment_id].append(box)
    seen = tracking.seen_by_carriers(tx, [box.id for own in boxes.values() for box in own])
    undoing: list[Undoing | OMSError] = []
    for command in commands:
        try:
            record = found.get(command.shipment_id)
            if record is None:
                raise model.unknown("shipment", command.shipment_id)
            own = boxes[record.id]
            units = [piece for box in own for piece in slices.get(box.id, ())]
            refuse_undoing(record, own, units, seen)
            fulfilment = reopened(fulfilments[record.fulfilment_id])
        except OMSError as refusal:
            undoing.append(refusal)
        else:
            undoing.append(Undoing(record, fulfilment, own, units, command))
    return _undo(tx, undoing)


def _left_with(tx: Transaction, order_ids: Collection[str]) -> dict[str, list[Slice]]:
    """Units of these orders by the box they are in, the orders locked."""
    inside_of: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.ORDER, order_ids):
        inside_of[units.parcel_id].append(units)
    return inside_of


def _undo(tx: Transaction, undoing: Sequence[Undoing | OMSError]) -> list[Unshipped | OMSError]:
    planned = [each for each in undoing if isinstance(each, Undoing)]

    def move(batch: Sequence[Undoing]) -> list[Undoing | OMSError]:
        causes = {each.record.order_id: each.command.cause for each in batch}
        refused = orders.move(tx, [move for each in batch for move in each.moves()], causes).refused
        return [refused.get(each.record.order_id) or each for each in batch]

    moved = in_rounds(planned, lambda each: each.record.order_id, move)
    undone = [each for each in moved if isinstance(each, Undoing)]
    departures.set_undone(tx, [each.record.id for each in undone])
    store.save_parcels(tx, [box for each in undone for box in each.boxes_after()])
    store.set_states(tx, [each.fulfilment for each in undone])
    for each in undone:
        tx.emit(each.told(), each.command.cause)
        tx.emit(answered(each.fulfilment), each.command.cause)
    answers = iter(moved)
    return [each if isinstance(each, OMSError) else _unshipped(next(answers)) for each in undoing]


def _unshipped(each: Undoing | OMSError) -> Unshipped | OMSError:
    if isinstance(each, OMSError):
        return each
    return Unshipped(each.record.id, each.record.order_id, by_line(each.slices))
