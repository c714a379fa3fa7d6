"""The handshake carried out: answers of nodes, cancellations, shipments from floors not ours."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from config import fulfilment as policy
from fulfillment import model, store
from fulfillment.events import FulfilmentAnswered
from fulfillment.handoff.model import Answer, ReportShipped, Say
from fulfillment.machine import FULFILMENT, ParcelState
from fulfillment.model import Fulfilment, Parcel, Ship
from fulfillment.service import SSCC_COUNTER, Job, carry_out, unknown
from fulfillment.shipping.service import Shipped, close_finished, record_shipments
from oms.kernel.barcodes import make_sscc
from oms.kernel.errors import OMSError
from oms.orders import service as orders
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction

# What an answer does to units that are still only asked for; other answers move no unit.
_UNITS_MOVE: Final = {
    Answer.REJECT: "node_reject",
    Answer.RECALL: "recall",
    Answer.CONFIRM_CANCEL: "cancel_released",
}


def say(tx: Transaction, commands: Sequence[Say]) -> list[Fulfilment | OMSError]:
    """Move handshakes on, and the units with them."""
    return in_rounds(commands, lambda c: c.fulfilment_id, lambda batch: _say(tx, batch))


def _say(tx: Transaction, commands: Sequence[Say]) -> list[Fulfilment | OMSError]:
    known = store.lock_fulfilments(tx, [c.fulfilment_id for c in commands])
    slices = _slices(tx, list(known))
    results: dict[str, Fulfilment | OMSError] = {}
    moves: list[LineMove] = []
    for command in commands:
        try:
            results[command.fulfilment_id] = _after(known, command)
        except OMSError as refusal:
            results[command.fulfilment_id] = refusal
            continue
        moves += _unit_moves(command, slices[command.fulfilment_id])
    refused = orders.move(tx, moves, commands[0].cause).refused
    for command in commands:
        result = results[command.fulfilment_id]
        if isinstance(result, Fulfilment) and result.order_id in refused:
            results[command.fulfilment_id] = refused[result.order_id]
    changed = [result for result in results.values() if isinstance(result, Fulfilment)]
    store.set_states(tx, changed)
    causes = {command.fulfilment_id: command.cause for command in commands}
    for f in changed:
        event = FulfilmentAnswered(entity=f.id, order_id=f.order_id, state=f.state, reason=f.reason)
        tx.emit(event, causes[f.id])
    return [results[command.fulfilment_id] for command in commands]


def report_shipped(tx: Transaction, commands: Sequence[ReportShipped]) -> list[Shipped | OMSError]:
    """A node whose floor we don't see has shipped: pick and pack are not ours to record."""
    return in_rounds(commands, lambda c: c.fulfilment_id, lambda batch: _report(tx, batch))


def _report(tx: Transaction, commands: Sequence[ReportShipped]) -> list[Shipped | OMSError]:
    parcel_ids = {command.fulfilment_id: tx.new_id("par") for command in commands}

    def plan(command: ReportShipped, job: Job) -> list[LineMove]:
        released = [piece for piece in job.slices if piece.state == LineState.RELEASED]
        parcel_id = parcel_ids[command.fulfilment_id]
        return model.moves_for("ship_direct", released, command.units, parcel_id)

    jobs = carry_out(tx, commands, plan)
    done = [(c, job) for c, job in zip(commands, jobs, strict=True) if not job.refusal]
    serials = tx.next_numbers(SSCC_COUNTER, len(done)) if done else range(0)
    leaving = []
    for (command, job), serial in zip(done, serials, strict=True):
        if job.fulfilment is None:
            continue
        box = _outside_box(tx, command, job.fulfilment, serial)
        box = msgspec.structs.replace(box, id=parcel_ids[command.fulfilment_id])
        leaving.append((Ship(fulfilment_id=command.fulfilment_id), job, box))
    store.add_parcels(tx, [box for *_, box in leaving])
    shipped = record_shipments(
        tx,
        [
            (command, job.fulfilment, _moved(job, box.id), [box])
            for command, job, box in leaving
            if job.fulfilment
        ],
    )
    close_finished(tx, [job.fulfilment for _, job, _ in leaving if job.fulfilment])
    return [job.refusal or shipped[c.fulfilment_id] for c, job in zip(commands, jobs, strict=True)]


def _after(known: dict[str, Fulfilment], command: Say) -> Fulfilment:
    fulfilment = known.get(command.fulfilment_id)
    if fulfilment is None:
        raise unknown("fulfilment", command.fulfilment_id)
    state = FULFILMENT.after(fulfilment.state, command.answer)
    return msgspec.structs.replace(fulfilment, state=state, reason=command.reason)


def _unit_moves(command: Say, slices: Sequence[Slice]) -> list[LineMove]:
    name = _UNITS_MOVE.get(command.answer)
    if name is None:
        return []
    released = [piece for piece in slices if piece.state == LineState.RELEASED]
    moves = model.moves_for(name, released, ())
    if command.answer == Answer.RECALL:
        return [msgspec.structs.replace(move, fulfilment_id="") for move in moves]
    return moves


def _slices(tx: Transaction, ids: Sequence[str]) -> dict[str, list[Slice]]:
    slices: dict[str, list[Slice]] = defaultdict(list)
    for piece in orders.lock_slices(tx, SliceKey.FULFILMENT, ids):
        slices[piece.fulfilment_id].append(piece)
    return slices


def _moved(job: Job, parcel_id: str) -> list[Slice]:
    """The units that the job's moves took, as slices in the parcel they travel in."""
    by_id = {piece.id: piece for piece in job.slices}
    return [
        msgspec.structs.replace(by_id[m.slice_id], quantity=m.quantity, parcel_id=parcel_id)
        for m in job.moves
    ]


def _outside_box(
    tx: Transaction, command: ReportShipped, fulfilment: Fulfilment, serial: int
) -> Parcel:
    return Parcel(
        id="",
        fulfilment_id=fulfilment.id,
        order_id=fulfilment.order_id,
        node_id=fulfilment.node_id,
        sscc=make_sscc(policy.SSCC_EXTENSION, policy.GS1_PREFIX, serial),
        state=ParcelState.LABELLED,
        weight_g=command.weight_g,
        created_at_ms=tx.now_ms,
        carrier=command.carrier,
        service=command.service,
        tracking_number=command.tracking_number,
    )
