"""The two transactions of shipping in one go; between them carriers sell labels."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from fulfillment import store
from fulfillment.express.model import (
    Bench,
    Depart,
    Fulfil,
    Fulfilled,
    Prepared,
    half_done,
    refuse_held,
)
from fulfillment.labels import queries as labels_read
from fulfillment.labels import service as labels
from fulfillment.labels.model import Consignment
from fulfillment.machine import ParcelState
from fulfillment.model import Fulfilment, Parcel, Pile, moves_for
from fulfillment.packing.model import weight_g
from fulfillment.packing.service import ClosedBox, closed_parcels, weights_of
from fulfillment.releasing.model import work_to_release
from fulfillment.releasing.service import node_kinds, numbered, record, requested, slices_by_order
from fulfillment.shipping.model import ON_THE_DOCK, Shipped, inside, shippable
from fulfillment.shipping.service import departure, record_shipments
from fulfillment.work.service import Job, close_finished
from oms.kernel.errors import OMSError, Refused
from oms.kernel.events import Cause
from oms.orders import queries as orders_read
from oms.orders import service as orders
from oms.orders.machine import HoldStage
from oms.orders.model import Hold, Slice
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


class _Floor(msgspec.Struct, frozen=True):
    """Everything about some orders, locked; boxes are those on the dock."""

    slices: Mapping[str, Sequence[Slice]]
    fulfilments: Mapping[str, Sequence[Fulfilment]]
    boxes: Mapping[str, Sequence[Parcel]]
    release_holds: Mapping[str, Sequence[Hold]]
    ship_holds: Mapping[str, Sequence[Hold]]


def prepare(tx: Transaction, commands: Sequence[Fulfil]) -> list[Prepared | OMSError]:
    """Release, pick and pack what is allocated, and take up what is half done: closed boxes."""
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _prepare(tx, batch))


def ship(tx: Transaction, commands: Sequence[Depart]) -> list[Fulfilled | OMSError]:
    """Put bought labels on and let all closed boxes of the orders leave, or none of an order's.

    Labels are kept even where the departure is refused: they are bought.
    """
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _ship(tx, batch))


def _prepare(tx: Transaction, commands: Sequence[Fulfil]) -> list[Prepared | OMSError]:
    floor = _locked(tx, [command.order_id for command in commands])
    kinds = node_kinds(tx)
    benches: dict[str, list[Bench]] = {}
    refused: dict[str, OMSError] = {}
    for command in commands:
        try:
            benches[command.order_id] = _benches(tx, floor, command.order_id, kinds)
        except OMSError as refusal:
            refused[command.order_id] = refusal
    causes = {command.order_id: command.cause for command in commands}
    moves = [move for own in benches.values() for bench in own for move in bench.moves()]
    refused |= orders.move(tx, moves, causes).refused
    kept = [each for id_, own in benches.items() if id_ not in refused for each in own]
    new = iter(numbered(tx, [bench.fulfilment for bench in kept if bench.is_new]))
    kept = [replace(bench, fulfilment=next(new)) if bench.is_new else bench for bench in kept]
    record(tx, [bench.fulfilment for bench in kept if bench.is_new], causes)
    boxes = {id_: list(floor.boxes.get(id_, ())) for id_ in benches if id_ not in refused}
    for parcel in closed_parcels(tx, _closed(tx, kept, causes)):
        boxes[parcel.order_id].append(parcel)
    wanted = _consignments(tx, floor, [box for own in boxes.values() for box in own])
    asked: dict[str, list[Fulfilment]] = defaultdict(list)
    for bench in kept:
        if not bench.is_ours:
            asked[bench.fulfilment.order_id].append(bench.fulfilment)
    return [
        refused.get(id_) or Prepared(id_, tuple(boxes[id_]), tuple(wanted[id_]), tuple(asked[id_]))
        for id_ in (command.order_id for command in commands)
    ]


def _locked(tx: Transaction, order_ids: Sequence[str]) -> _Floor:
    """What there is of these orders; what no unit hints at is not looked for."""
    slices = slices_by_order(tx, order_ids)
    begun = {id_ for id_, own in slices.items() if any(units.fulfilment_id for units in own)}
    fulfilments: dict[str, list[Fulfilment]] = defaultdict(list)
    boxes: dict[str, list[Parcel]] = defaultdict(list)
    if begun:
        for each in store.lock_fulfilments_of(tx, begun):
            fulfilments[each.order_id].append(each)
        for box in store.lock_parcels_of_orders(tx, begun):
            if box.state in ON_THE_DOCK:
                boxes[box.order_id].append(box)
    return _Floor(
        slices=slices,
        fulfilments=fulfilments,
        boxes=boxes,
        release_holds=orders_read.holds_at(tx, slices, HoldStage.RELEASE),
        ship_holds=orders_read.holds_at(tx, slices, HoldStage.SHIP),
    )


def _benches(
    tx: Transaction, floor: _Floor, order_id: str, kinds: Mapping[str, str]
) -> list[Bench]:
    """What is to be worked on, or `Refused` when there is nothing, and no box to ship either."""
    slices = floor.slices.get(order_id, ())
    own = {each.id: each for each in floor.fulfilments.get(order_id, ())}
    benches = [
        Bench(own[id_], False, tx.new_id("par"), tuple(units))
        for id_, units in half_done(own.values(), slices).items()
    ]
    try:
        work = work_to_release(slices, floor.release_holds.get(order_id, ()))
    except Refused:
        if not benches and not floor.boxes.get(order_id):
            raise
        work = {}
    for node_id, units in sorted(work.items()):
        new = requested(tx, order_id, node_id, kinds.get(node_id, ""))
        benches.append(Bench(new, True, tx.new_id("par"), tuple(units)))
    return benches


def _closed(
    tx: Transaction, benches: Iterable[Bench], causes: Mapping[str, Cause]
) -> list[ClosedBox]:
    ours = [bench for bench in benches if bench.is_ours]
    slices = [units for bench in ours for units in bench.slices]
    item_of = {units.id: units.item_id for units in slices}
    weights = weights_of(tx, slices)
    return [
        ClosedBox(
            parcel_id=bench.parcel_id,
            fulfilment=bench.fulfilment,
            moves=bench.packing_moves(),
            weight_g=weight_g(bench.packing_moves(), item_of, weights),
            cause=causes[bench.fulfilment.order_id],
        )
        for bench in ours
    ]


def _consignments(
    tx: Transaction, floor: _Floor, boxes: Iterable[Parcel]
) -> dict[str, list[Consignment]]:
    """What to buy for boxes without a label, by order; none where a hold stops the shipping."""
    bare = [
        box
        for box in boxes
        if box.state is ParcelState.PACKED and not floor.ship_holds.get(box.order_id)
    ]
    wanted: dict[str, list[Consignment]] = defaultdict(list)
    order_of = {box.fulfilment_id: box.order_id for box in bare}
    for each in labels_read.consignments(tx, bare) if bare else ():
        wanted[order_of[each.fulfilment_id]].append(each)
    return wanted


def _ship(tx: Transaction, commands: Sequence[Depart]) -> list[Fulfilled | OMSError]:
    ids = [command.order_id for command in commands]
    slices = slices_by_order(tx, ids)
    bought = [replace(label, cause=c.cause) for c in commands for label in c.labels]
    labels.settle_labels(tx, bought)
    fulfilments = {each.id: each for each in store.lock_fulfilments_of(tx, ids)}
    boxes: dict[str, dict[str, list[Parcel]]] = defaultdict(lambda: defaultdict(list))
    for box in store.lock_parcels_of_orders(tx, ids):
        if box.state in ON_THE_DOCK:
            boxes[box.order_id][box.fulfilment_id].append(box)
    holds = orders_read.holds_at(tx, slices, HoldStage.SHIP)
    jobs: dict[str, list[Job]] = {}
    refused: dict[str, OMSError] = {}
    for command in commands:
        id_ = command.order_id
        try:
            refuse_held(slices.get(id_, ()), holds.get(id_, ()))
            shippable([box for own in boxes[id_].values() for box in own], ())
            jobs[id_] = [
                _leaving(fulfilments[fulfilment_id], slices[id_], own, command)
                for fulfilment_id, own in boxes[id_].items()
            ]
        except OMSError as refusal:
            refused[id_] = refusal
    causes = {command.order_id: command.cause for command in commands}
    moves = [move for own in jobs.values() for job in own for move in job.moves]
    refused |= orders.move(tx, moves, causes).refused
    left = [job for id_, own in jobs.items() if id_ not in refused for job in own]
    of_jobs = {id_: each for own in boxes.values() for id_, each in own.items()}
    shipped = record_shipments(tx, [departure(job, of_jobs) for job in left])
    close_finished(tx, left)
    shipments: dict[str, list[Shipped]] = defaultdict(list)
    for each in shipped.values():
        shipments[each.order_id].append(each)
    return [refused.get(id_) or Fulfilled(id_, tuple(shipments[id_])) for id_ in ids]


def _leaving(
    fulfilment: Fulfilment, slices: Sequence[Slice], boxes: Sequence[Parcel], command: Depart
) -> Job:
    own = [units for units in slices if units.fulfilment_id == fulfilment.id]
    moves = moves_for("ship", Pile(inside(own, boxes)), ())
    return Job(fulfilment, own, moves, command.cause)
