"""The handshake carried out: answers of nodes, cancellations, shipments from floors not ours."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from fulfillment import model, store
from fulfillment.handoff.model import ReportShipped, Said, Say, direct_moves, said, shipping
from fulfillment.machine import ParcelState
from fulfillment.model import Fulfilment, Parcel
from fulfillment.packing.service import SSCC_COUNTER, sscc
from fulfillment.shipping.model import Departure, Shipped, ToldBy
from fulfillment.shipping.service import record_shipments
from fulfillment.work.service import (
    Job,
    answered,
    close_finished,
    done,
    fulfilment_of,
    move_units,
    slices_by_fulfilment,
)
from oms.kernel.errors import OMSError
from oms.orders.model import Slice
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


def say(tx: Transaction, commands: Sequence[Say]) -> list[Fulfilment | OMSError]:
    """Move handshakes on, and the units with them."""
    return in_rounds(commands, fulfilment_of, lambda batch: _say(tx, batch))


def report_shipped(tx: Transaction, commands: Sequence[ReportShipped]) -> list[Shipped | OMSError]:
    """A node whose floor we don't see has shipped: pick and pack are not ours to record."""
    return in_rounds(commands, fulfilment_of, lambda batch: _report(tx, batch))


def _say(tx: Transaction, commands: Sequence[Say]) -> list[Fulfilment | OMSError]:
    ids = [command.fulfilment_id for command in commands]
    slices = slices_by_fulfilment(tx, ids)
    known = store.lock_fulfilments(tx, ids)
    boxes: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in store.lock_parcels_of(tx, ids):
        boxes[parcel.fulfilment_id].append(parcel)
    decided: dict[str, Said] = {}
    jobs: list[Job | OMSError] = []
    for command in commands:
        id_ = command.fulfilment_id
        try:
            if id_ not in known:
                raise model.unknown("fulfilment", id_)
            decided[id_] = said(known[id_], command, slices[id_], boxes[id_])
            jobs.append(Job(known[id_], slices[id_], decided[id_].moves, command.cause))
        except OMSError as refusal:
            jobs.append(refusal)
    jobs = move_units(tx, jobs)
    agreed = [(decided[job.fulfilment.id], job.cause) for job in done(jobs)]
    store.set_states(tx, [each.fulfilment for each, _ in agreed])
    store.save_parcels(tx, [parcel for each, _ in agreed for parcel in each.opened])
    for each, cause in agreed:
        tx.emit(answered(each.fulfilment), cause)
    return [
        job if isinstance(job, OMSError) else decided[job.fulfilment.id].fulfilment for job in jobs
    ]


def _report(tx: Transaction, commands: Sequence[ReportShipped]) -> list[Shipped | OMSError]:
    ids = [command.fulfilment_id for command in commands]
    slices = slices_by_fulfilment(tx, ids)
    known = store.lock_fulfilments(tx, ids)
    parcel_ids = {id_: tx.new_id("par") for id_ in ids}
    jobs: list[Job | OMSError] = []
    for command in commands:
        id_ = command.fulfilment_id
        try:
            if id_ not in known:
                raise model.unknown("fulfilment", id_)
            fulfilment = shipping(known[id_])
            model.require_open(fulfilment)
            moves = direct_moves(command, slices[id_], parcel_ids[id_])
            jobs.append(Job(fulfilment, slices[id_], moves, command.cause))
        except OMSError as refusal:
            jobs.append(refusal)
    jobs = move_units(tx, jobs)
    agreed = [job.fulfilment for job in done(jobs)]
    store.set_states(tx, [each for each in agreed if each != known[each.id]])
    by_id = {command.fulfilment_id: command for command in commands}
    leaving = _departures(tx, [(by_id[job.fulfilment.id], job) for job in done(jobs)], parcel_ids)
    store.add_parcels(tx, [box for departure in leaving for box in departure.boxes])
    shipped = record_shipments(tx, leaving)
    close_finished(tx, done(jobs))
    return [job if isinstance(job, OMSError) else shipped[job.fulfilment.id] for job in jobs]


def _departures(
    tx: Transaction, work: Sequence[tuple[ReportShipped, Job]], parcel_ids: dict[str, str]
) -> list[Departure]:
    serials = tx.next_numbers(SSCC_COUNTER, len(work)) if work else range(0)
    return [
        Departure(
            fulfilment=job.fulfilment,
            slices=_moved(job, parcel_ids[job.fulfilment.id]),
            boxes=[_outside_box(tx, command, job, serial)],
            told_by=ToldBy.NODE,
            cause=job.cause,
        )
        for (command, job), serial in zip(work, serials, strict=True)
    ]


def _moved(job: Job, parcel_id: str) -> list[Slice]:
    """The units that the job's moves took, as slices in the parcel they travel in."""
    by_id = {piece.id: piece for piece in job.slices}
    return [
        replace(by_id[move.slice_id], quantity=move.quantity, parcel_id=parcel_id)
        for move in job.moves
    ]


def _outside_box(tx: Transaction, command: ReportShipped, job: Job, serial: int) -> Parcel:
    return Parcel(
        id=str(job.moves[0].parcel_id),
        fulfilment_id=job.fulfilment.id,
        order_id=job.fulfilment.order_id,
        node_id=job.fulfilment.node_id,
        sscc=sscc(serial),
        state=ParcelState.LABELLED,
        weight_g=command.weight_g,
        created_at_ms=tx.now_ms,
        carrier=command.carrier,
        service=command.service,
        tracking_number=command.tracking_number,
        tracking_url=command.tracking_url,
    )
