"""Packing over a list: boxes are closed and get their SSCC, or are opened again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from config import fulfilment as policy
from fulfillment import model, store
from fulfillment.events import ParcelPacked, ParcelUnpacked
from fulfillment.machine import ParcelState
from fulfillment.model import Fulfilment, Parcel, in_state
from fulfillment.packing.model import Box, Pack, Packed, Unpack, box_contents, opened, weight_g
from fulfillment.work.service import Job, carry_out, fulfilment_of
from oms.catalog import queries as catalog
from oms.kernel.barcodes import make_sscc
from oms.kernel.errors import OMSError
from oms.kernel.events import Cause
from oms.orders import service as orders
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Reader, Transaction

SSCC_COUNTER: Final = "sscc"


class ClosedBox(msgspec.Struct, frozen=True):
    """A box before it is written: an id, so that units can name it, and what goes in."""

    parcel_id: str
    fulfilment: Fulfilment
    moves: Sequence[LineMove]
    weight_g: int
    cause: Cause


def pack(tx: Transaction, commands: Sequence[Pack]) -> list[Packed | OMSError]:
    """Picked units go into boxes; each box gets its SSCC."""
    return in_rounds(commands, fulfilment_of, lambda batch: _pack(tx, batch))


def unpack(tx: Transaction, commands: Sequence[Unpack]) -> list[Parcel | OMSError]:
    """Boxes are opened: their units are picked ones again, to be packed anew or put back."""
    return in_rounds(commands, lambda c: c.parcel_id, lambda batch: _unpack(tx, batch))


def closed_parcels(tx: Transaction, boxes: Sequence[ClosedBox]) -> list[Parcel]:
    """Write boxes whose units were moved and tell of them."""
    serials = tx.next_numbers(SSCC_COUNTER, len(boxes)) if boxes else range(0)
    parcels = [
        Parcel(
            id=box.parcel_id,
            fulfilment_id=box.fulfilment.id,
            order_id=box.fulfilment.order_id,
            node_id=box.fulfilment.node_id,
            sscc=sscc(serial),
            state=ParcelState.PACKED,
            weight_g=box.weight_g,
            created_at_ms=tx.now_ms,
        )
        for box, serial in zip(boxes, serials, strict=True)
    ]
    store.add_parcels(tx, parcels)
    for box, parcel in zip(boxes, parcels, strict=True):
        event = ParcelPacked(
            entity=parcel.id,
            order_id=parcel.order_id,
            fulfilment_id=parcel.fulfilment_id,
            sscc=parcel.sscc,
            weight_g=parcel.weight_g,
        )
        tx.emit_first(event, box.cause)
    return parcels


def sscc(serial: int) -> str:
    """The number of a box, from our GS1 prefix and a serial of `SSCC_COUNTER`."""
    return make_sscc(policy.SSCC_EXTENSION, policy.GS1_PREFIX, serial)


def weights_of(reader: Reader, slices: Iterable[Slice]) -> Mapping[str, int]:
    """Grams of one unit of each item in these slices."""
    return catalog.weights(reader, sorted({units.item_id for units in slices}))


def _pack(tx: Transaction, commands: Sequence[Pack]) -> list[Packed | OMSError]:
    boxes: dict[str, list[tuple[Box, list[LineMove]]]] = {}

    def plan(command: Pack, fulfilment: Fulfilment, own: Sequence[Slice]) -> list[LineMove]:
        contents = box_contents(in_state(own, LineState.PICKED), command.boxes)
        filled = []
        for box, inside in zip(command.boxes or (Box(),), contents, strict=True):
            parcel_id = tx.new_id("par")
            filled.append((box, [replace(move, parcel_id=parcel_id) for move in inside]))
        boxes[fulfilment.id] = filled
        return [move for _, moves in filled for move in moves]

    jobs = carry_out(tx, commands, plan)
    made = [
        (job, box, moves)
        for job in jobs
        if isinstance(job, Job)
        for box, moves in boxes[job.fulfilment.id]
    ]
    parcels: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in closed_parcels(tx, _closed(tx, made)):
        parcels[parcel.fulfilment_id].append(parcel)
    return [
        job if isinstance(job, OMSError) else _packed(job, parcels[job.fulfilment.id])
        for job in jobs
    ]


def _packed(job: Job, parcels: Sequence[Parcel]) -> Packed:
    return Packed(job.fulfilment.id, job.fulfilment.order_id, tuple(parcels))


def _closed(tx: Transaction, made: Sequence[tuple[Job, Box, list[LineMove]]]) -> list[ClosedBox]:
    slices = [piece for job, *_ in made for piece in job.slices]
    item_of = {piece.id: piece.item_id for piece in slices}
    weights = weights_of(tx, slices)
    return [
        ClosedBox(
            parcel_id=str(moves[0].parcel_id),
            fulfilment=job.fulfilment,
            moves=moves,
            weight_g=box.weight_g or weight_g(moves, item_of, weights),
            cause=job.cause,
        )
        for job, box, moves in made
    ]


def _unpack(tx: Transaction, commands: Sequence[Unpack]) -> list[Parcel | OMSError]:
    ids = [command.parcel_id for command in commands]
    slices: dict[str, list[Slice]] = defaultdict(list)
    for piece in orders.lock_slices(tx, SliceKey.PARCEL, ids):
        slices[piece.parcel_id].append(piece)
    known = store.lock_parcels(tx, ids)

    def work(batch: Sequence[Unpack]) -> list[Parcel | OMSError]:
        answers: dict[str, Parcel | OMSError] = {}
        moves: list[LineMove] = []
        for command in batch:
            try:
                parcel = known.get(command.parcel_id)
                if parcel is None:
                    raise model.unknown("parcel", command.parcel_id)
                answers[command.parcel_id] = opened(parcel)
            except OMSError as refusal:
                answers[command.parcel_id] = refusal
                continue
            moves += [
                LineMove(piece.id, "unpack", piece.quantity, parcel_id="")
                for piece in in_state(slices[parcel.id], LineState.PACKED)
            ]
        causes = {known[c.parcel_id].order_id: c.cause for c in batch if c.parcel_id in known}
        refused = orders.move(tx, moves, causes).refused
        return [_unless_refused(answers[command.parcel_id], refused) for command in batch]

    answers = in_rounds(commands, lambda c: _order_of(known, c), work)
    _tell_opened(tx, commands, answers)
    return answers


def _order_of(known: Mapping[str, Parcel], command: Unpack) -> str:
    parcel = known.get(command.parcel_id)
    return parcel.order_id if parcel else command.parcel_id


def _unless_refused(
    answer: Parcel | OMSError, refused: Mapping[str, OMSError]
) -> Parcel | OMSError:
    if isinstance(answer, Parcel) and answer.order_id in refused:
        return refused[answer.order_id]
    return answer


def _tell_opened(
    tx: Transaction, commands: Sequence[Unpack], answers: Sequence[Parcel | OMSError]
) -> None:
    emptied = [
        (command, parcel)
        for command, parcel in zip(commands, answers, strict=True)
        if isinstance(parcel, Parcel)
    ]
    store.save_parcels(tx, [parcel for _, parcel in emptied])
    for command, parcel in emptied:
        event = ParcelUnpacked(
            entity=parcel.id, order_id=parcel.order_id, fulfilment_id=parcel.fulfilment_id
        )
        tx.emit(event, command.cause)
