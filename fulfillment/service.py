"""Work on the floor up to the closed box: release, pick, report short, pack."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import msgspec

from config import fulfilment as policy
from fulfillment import model, store
from fulfillment.events import CountNeeded, FulfilmentRequested, ParcelPacked
from fulfillment.machine import FulfilmentState, ParcelState
from fulfillment.model import Fulfilment, Pack, Parcel, Pick, Release, ReportShort
from oms.catalog import queries as catalog
from oms.inventory import service as inventory
from oms.kernel.barcodes import make_sscc
from oms.kernel.errors import NotFound, OMSError, Refused
from oms.kernel.events import Cause
from oms.ledger import journal, posting
from oms.orders import service as orders
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction

SSCC_COUNTER: Final = "sscc"


class OnFulfilment(Protocol):
    """A command about one fulfilment order."""

    @property
    def fulfilment_id(self) -> str: ...

    @property
    def cause(self) -> Cause: ...


C = TypeVar("C", bound=OnFulfilment)


class Released(msgspec.Struct, frozen=True):
    """The fulfilment orders a release made."""

    order_id: str
    fulfilments: tuple[Fulfilment, ...]


class Progress(msgspec.Struct, frozen=True):
    """What a step on the floor did: which units moved, and what is left to do in that state."""

    fulfilment_id: str
    order_id: str
    moved: int


class Packed(msgspec.Struct, frozen=True):
    """The boxes that were closed."""

    fulfilment_id: str
    order_id: str
    parcels: tuple[Parcel, ...]


class Job(msgspec.Struct):
    """A command with what it is about, or why it cannot be done."""

    fulfilment: Fulfilment | None = None
    slices: list[Slice] = []
    moves: list[LineMove] = []
    refusal: OMSError | None = None

    @property
    def order_id(self) -> str:
        return self.fulfilment.order_id if self.fulfilment else ""


def release(tx: Transaction, commands: Sequence[Release]) -> list[Released | OMSError]:
    """Turn what is allocated into one fulfilment order per node and hand it out."""
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _release(tx, batch))


def _release(tx: Transaction, commands: Sequence[Release]) -> list[Released | OMSError]:
    slices: dict[str, list[Slice]] = defaultdict(list)
    for piece in orders.lock_slices(tx, SliceKey.ORDER, [c.order_id for c in commands]):
        slices[piece.order_id].append(piece)
    kinds = {node.id: node.kind for node in inventory.nodes(tx)}
    made: dict[str, list[Fulfilment]] = defaultdict(list)
    refused: dict[str, OMSError] = {}
    moves: list[LineMove] = []
    for command in commands:
        try:
            work = model.work_to_release(slices[command.order_id])
        except Refused as refusal:
            refused[command.order_id] = refusal
            continue
        for node_id in sorted(work):
            fulfilment = _new_fulfilment(tx, command.order_id, node_id, kinds.get(node_id, ""))
            made[command.order_id].append(fulfilment)
            moves += [
                LineMove(
                    slice_id=piece.id,
                    name="release",
                    quantity=piece.quantity,
                    fulfilment_id=fulfilment.id,
                )
                for piece in work[node_id]
            ]
    refused |= orders.move(tx, moves).refused
    kept = [f for c in commands if c.order_id not in refused for f in made[c.order_id]]
    numbered = _numbered(tx, kept)
    by_order: dict[str, list[Fulfilment]] = defaultdict(list)
    for fulfilment in numbered:
        by_order[fulfilment.order_id].append(fulfilment)
    store.add_fulfilments(tx, numbered)
    causes = {command.order_id: command.cause for command in commands}
    for f in numbered:
        event = FulfilmentRequested(
            entity=f.id, number=f.number, order_id=f.order_id, node_id=f.node_id
        )
        tx.emit_first(event, causes[f.order_id])
    return [
        refused.get(c.order_id) or Released(c.order_id, tuple(by_order[c.order_id]))
        for c in commands
    ]


def pick(tx: Transaction, commands: Sequence[Pick]) -> list[Progress | OMSError]:
    """Units leave the shelf for the cart."""

    def plan(command: Pick, job: Job) -> list[LineMove]:
        released = [piece for piece in job.slices if piece.state == LineState.RELEASED]
        return model.moves_for("pick", released, command.units)

    return in_rounds(commands, _fulfilment_id, lambda batch: _progress(tx, batch, plan))


def report_short(tx: Transaction, commands: Sequence[ReportShort]) -> list[Progress | OMSError]:
    """Units were not found: they leave the books, the order is sourced again, a count is due."""

    def plan(command: ReportShort, job: Job) -> list[LineMove]:
        released = [piece for piece in job.slices if piece.state == LineState.RELEASED]
        return model.moves_for("short_pick", released, command.units)

    def work(batch: Sequence[ReportShort]) -> list[Progress | OMSError]:
        results = _progress(tx, batch, plan)
        done = [c for c, r in zip(batch, results, strict=True) if not isinstance(r, OMSError)]
        _write_off(tx, done)
        return results

    return in_rounds(commands, _fulfilment_id, work)


def pack(tx: Transaction, commands: Sequence[Pack]) -> list[Packed | OMSError]:
    """Picked units go into boxes; each box gets its SSCC."""
    return in_rounds(commands, _fulfilment_id, lambda batch: _pack(tx, batch))


def _pack(tx: Transaction, commands: Sequence[Pack]) -> list[Packed | OMSError]:
    boxes: dict[str, list[tuple[model.Box, str, list[LineMove]]]] = defaultdict(list)

    def plan(command: Pack, job: Job) -> list[LineMove]:
        picked = [piece for piece in job.slices if piece.state == LineState.PICKED]
        contents = model.box_contents(picked, command.boxes)
        for box, inside in zip(command.boxes or (model.Box(),), contents, strict=True):
            parcel_id = tx.new_id("par")
            moves = [msgspec.structs.replace(move, parcel_id=parcel_id) for move in inside]
            boxes[command.fulfilment_id].append((box, parcel_id, moves))
        return [move for *_, moves in boxes[command.fulfilment_id] for move in moves]

    jobs = carry_out(tx, commands, plan)
    done = [(c, job) for c, job in zip(commands, jobs, strict=True) if not job.refusal]
    parcels = _new_parcels(tx, [(job, boxes[c.fulfilment_id]) for c, job in done])
    store.add_parcels(tx, [parcel for made in parcels.values() for parcel in made])
    for command, _ in done:
        for parcel in parcels[command.fulfilment_id]:
            event = ParcelPacked(
                entity=parcel.id,
                order_id=parcel.order_id,
                fulfilment_id=parcel.fulfilment_id,
                sscc=parcel.sscc,
                weight_g=parcel.weight_g,
            )
            tx.emit_first(event, command.cause)
    return [
        job.refusal or Packed(c.fulfilment_id, job.order_id, tuple(parcels[c.fulfilment_id]))
        for c, job in zip(commands, jobs, strict=True)
    ]


def carry_out(
    tx: Transaction, commands: Sequence[C], plan: Callable[[C, Job], list[LineMove]]
) -> list[Job]:
    """Read what the commands are about, plan each alone, move what was planned."""
    ids = [command.fulfilment_id for command in commands]
    known = store.lock_fulfilments(tx, ids)
    slices: dict[str, list[Slice]] = defaultdict(list)
    for piece in orders.lock_slices(tx, SliceKey.FULFILMENT, ids):
        slices[piece.fulfilment_id].append(piece)
    jobs = []
    for command in commands:
        job = Job(known.get(command.fulfilment_id), slices[command.fulfilment_id])
        try:
            if job.fulfilment is None:
                raise unknown("fulfilment", command.fulfilment_id)
            model.require_open(job.fulfilment)
            job.moves = plan(command, job)
        except OMSError as refusal:
            job.refusal = refusal
        jobs.append(job)
    moves = [move for job in jobs if not job.refusal for move in job.moves]
    refused = orders.move(tx, moves, commands[0].cause).refused
    for job in jobs:
        if job.refusal is None and job.fulfilment is not None:
            job.refusal = refused.get(job.fulfilment.order_id)
    return jobs


def _progress(
    tx: Transaction, commands: Sequence[C], plan: Callable[[C, Job], list[LineMove]]
) -> list[Progress | OMSError]:
    return [
        job.refusal
        or Progress(c.fulfilment_id, job.order_id, sum(move.quantity for move in job.moves))
        for c, job in zip(commands, carry_out(tx, commands, plan), strict=True)
    ]


def _new_fulfilment(tx: Transaction, order_id: str, node_id: str, kind: str) -> Fulfilment:
    external = kind in model.EXTERNAL_KINDS
    return Fulfilment(
        id=tx.new_id("ful"),
        number="",
        order_id=order_id,
        node_id=node_id,
        state=FulfilmentState.REQUESTED if external else FulfilmentState.ACCEPTED,
        created_at_ms=tx.now_ms,
    )


def _numbered(tx: Transaction, new: Sequence[Fulfilment]) -> list[Fulfilment]:
    numbers = tx.next_numbers("fulfilment", len(new)) if new else range(0)
    return [
        msgspec.structs.replace(fulfilment, number=f"FO-{number:06d}")
        for fulfilment, number in zip(new, numbers, strict=True)
    ]


def _new_parcels(
    tx: Transaction,
    packed: Sequence[tuple[Job, list[tuple[model.Box, str, list[LineMove]]]]],
) -> dict[str, list[Parcel]]:
    item_of = {piece.id: piece.item_id for job, _ in packed for piece in job.slices}
    weights = catalog.weights(tx, sorted(set(item_of.values())))
    count = sum(len(boxes) for _, boxes in packed)
    serials = iter(tx.next_numbers(SSCC_COUNTER, count) if count else ())
    parcels: dict[str, list[Parcel]] = defaultdict(list)
    for job, boxes in packed:
        for box, parcel_id, moves in boxes if job.fulfilment else ():
            parcel = Parcel(
                id=parcel_id,
                fulfilment_id=job.fulfilment.id,
                order_id=job.fulfilment.order_id,
                node_id=job.fulfilment.node_id,
                sscc=make_sscc(policy.SSCC_EXTENSION, policy.GS1_PREFIX, next(serials)),
                state=ParcelState.PACKED,
                weight_g=box.weight_g or model.shared_weight(moves, item_of, weights),
                created_at_ms=tx.now_ms,
            )
            parcels[job.fulfilment.id].append(parcel)
    return parcels


def _write_off(tx: Transaction, commands: Sequence[ReportShort]) -> None:
    """Units nobody can find leave the books at their average cost."""
    units = [each for command in commands for each in command.units]
    if not units:
        return
    nodes = {f.id: f.node_id for f in store.fulfilments(tx, _ids(commands)).values()}
    costs = inventory.take_cost(tx, [(each.item_id, each.quantity) for each in units])
    currency = inventory.cost_currency(tx)
    owners = [command for command in commands for _ in command.units]
    entries = []
    for command, each, cost in zip(owners, units, costs, strict=True):
        node_id = nodes[command.fulfilment_id]
        entries.append(
            posting.entry("stock_lost", {"cost": cost}, currency, document_id=command.fulfilment_id)
        )
        event = CountNeeded(
            entity=node_id, item_id=each.item_id, missing=each.quantity, reason=command.reason
        )
        tx.emit(event, command.cause)
    journal.post(tx, entries)


def unknown(kind: str, id_: str) -> NotFound:
    return NotFound(f"{kind}.not_found", f"There is no {kind} '{id_}'.", "Check the id.")


def _ids(commands: Sequence[C]) -> list[str]:
    return [command.fulfilment_id for command in commands]


def _fulfilment_id(command: C) -> str:
    return command.fulfilment_id
