"""Steps on fulfilment orders over a list: lock what they are about, plan each alone, move together.

It knows no step by itself; picking, packing, shipping and the handshake bring their plans.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from fulfillment import model, store
from fulfillment.events import FulfilmentAnswered
from fulfillment.machine import FULFILMENT, FulfilmentState
from fulfillment.model import Fulfilment
from oms.kernel.errors import OMSError
from oms.kernel.events import Cause
from oms.orders import service as orders
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


class OnFulfilment(Protocol):
    """A command about one fulfilment order."""

    @property
    def fulfilment_id(self) -> str: ...

    @property
    def cause(self) -> Cause: ...


class Job(msgspec.Struct, frozen=True):
    """What a command would do: its fulfilment order, all units of that, and the moves."""

    fulfilment: Fulfilment
    slices: Sequence[Slice]
    moves: Sequence[LineMove]
    cause: Cause

    def left_on_the_floor(self) -> bool:
        """Whether a unit is still to be worked on when each slice has made its last move."""
        gone: dict[int, int] = defaultdict(int)
        for move in self.moves:
            if move.name in LEAVES_THE_FLOOR:
                gone[move.slice_id] += move.quantity
        return any(
            units.state in model.ON_THE_FLOOR and units.quantity > gone[units.id]
            for units in self.slices
        )


class Progress(msgspec.Struct, frozen=True):
    """What a step did: how many units moved."""

    fulfilment_id: str
    order_id: str
    moved: int


LEAVES_THE_FLOOR = frozenset(
    {
        *("ship", "ship_direct", "short_pick", "node_reject", "recall"),
        *("cancel_released", "cancel_picked", "cancel_packed"),
    }
)
"""Moves after which units are no longer their fulfilment order's to work on."""

C = TypeVar("C", bound=OnFulfilment)
Slices = Mapping[str, Sequence[Slice]]
"""Units by their fulfilment order."""
Plan = Callable[[C, Fulfilment, Sequence[Slice]], Sequence[LineMove]]
"""The moves a command wants on an accepted fulfilment order with these units, or a refusal."""


def fulfilment_of(command: OnFulfilment) -> str:
    return command.fulfilment_id


def carry_out(tx: Transaction, commands: Sequence[C], plan: Plan[C]) -> list[Job | OMSError]:
    """Do what is planned; each fulfilment order comes once. A refusal leaves no trace."""
    slices = slices_by_fulfilment(tx, [command.fulfilment_id for command in commands])
    return carry_out_on(tx, slices, commands, plan)


def carry_out_on(
    tx: Transaction, slices: Slices, commands: Sequence[C], plan: Plan[C]
) -> list[Job | OMSError]:
    """The same on units that are locked and read already."""
    known = store.lock_fulfilments(tx, [command.fulfilment_id for command in commands])
    planned: list[Job | OMSError] = []
    for command in commands:
        try:
            fulfilment = known.get(command.fulfilment_id)
            if fulfilment is None:
                raise model.unknown("fulfilment", command.fulfilment_id)
            model.require_open(fulfilment)
            own = slices.get(fulfilment.id, ())
            planned.append(Job(fulfilment, own, plan(command, fulfilment, own), command.cause))
        except OMSError as refusal:
            planned.append(refusal)
    return move_units(tx, planned)


def progress(tx: Transaction, commands: Sequence[C], plan: Plan[C]) -> list[Progress | OMSError]:
    """Do what is planned, in rounds; answered with how many units moved."""

    def work(batch: Sequence[C]) -> list[Progress | OMSError]:
        return [job if isinstance(job, OMSError) else made(job) for job in step(tx, batch, plan)]

    return in_rounds(commands, fulfilment_of, work)


def step(tx: Transaction, commands: Sequence[C], plan: Plan[C]) -> list[Job | OMSError]:
    """Do what is planned; a fulfilment order that has no work left after it is closed."""
    jobs = carry_out(tx, commands, plan)
    close_finished(tx, done(jobs))
    return jobs


def move_units(tx: Transaction, jobs: Sequence[Job | OMSError]) -> list[Job | OMSError]:
    """Move the units of jobs. An order's moves are made or refused together, so fulfilment orders
    of the same order take turns: a hold on one does not stop the other.
    """

    def move(batch: Sequence[Job]) -> list[Job | OMSError]:
        causes = {job.fulfilment.order_id: job.cause for job in batch}
        refused = orders.move(tx, [move for job in batch for move in job.moves], causes).refused
        return [refused.get(job.fulfilment.order_id) or job for job in batch]

    moved = iter(in_rounds(done(jobs), lambda job: job.fulfilment.order_id, move))
    return [job if isinstance(job, OMSError) else next(moved) for job in jobs]


def close_finished(tx: Transaction, jobs: Sequence[Job]) -> None:
    """A fulfilment order with no unit left to work on is done."""
    closed = {
        job.fulfilment.id: msgspec.structs.replace(
            job.fulfilment, state=FULFILMENT.after(job.fulfilment.state, "close")
        )
        for job in jobs
        if job.fulfilment.state is FulfilmentState.ACCEPTED and not job.left_on_the_floor()
    }
    store.set_states(tx, closed.values())
    for job in jobs:
        if job.fulfilment.id in closed:
            tx.emit(answered(closed[job.fulfilment.id]), job.cause)


def slices_by_fulfilment(tx: Transaction, ids: Iterable[str]) -> dict[str, list[Slice]]:
    """The units of these fulfilment orders, their orders locked."""
    slices: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.FULFILMENT, ids):
        slices[units.fulfilment_id].append(units)
    return slices


def answered(fulfilment: Fulfilment) -> FulfilmentAnswered:
    return FulfilmentAnswered(
        entity=fulfilment.id,
        order_id=fulfilment.order_id,
        state=fulfilment.state,
        reason=fulfilment.reason,
    )


def done(jobs: Iterable[Job | OMSError]) -> list[Job]:
    return [job for job in jobs if isinstance(job, Job)]


def made(job: Job) -> Progress:
    moved = sum(move.quantity for move in job.moves)
    return Progress(job.fulfilment.id, job.fulfilment.order_id, moved)
