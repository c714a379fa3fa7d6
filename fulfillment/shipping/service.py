"""Labels and departures: a box gets its label, labelled boxes leave as a shipment."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from connectors.contract.parcels import Label
from fulfillment import model, store
from fulfillment.events import FulfilmentAnswered, LabelBought, ShipmentShipped, ShippedLine
from fulfillment.machine import FULFILMENT, PARCEL, FulfilmentState, ParcelState
from fulfillment.model import Fulfilment, Parcel, Ship
from fulfillment.service import Job, carry_out, unknown
from oms.kernel.errors import OMSError
from oms.orders import service as orders
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction

_ON_THE_DOCK: Final = frozenset({ParcelState.PACKED, ParcelState.LABELLED})
_FLOOR_STATES: Final = frozenset({LineState.RELEASED, LineState.PICKED, LineState.PACKED})


class Shipped(msgspec.Struct, frozen=True):
    """What left together."""

    shipment_id: str
    number: str
    fulfilment_id: str
    order_id: str
    parcel_ids: tuple[str, ...]
    lines: tuple[ShippedLine, ...]
    shipped_at_ms: int


class LabelOf(msgspec.Struct, frozen=True):
    """A bought label and the parcel it is for."""

    parcel_id: str
    label: Label


def settle_labels(tx: Transaction, bought: Sequence[LabelOf]) -> list[Parcel | OMSError]:
    """Keep what a carrier sold. A label for a box that is already labelled changes nothing."""
    parcels = store.lock_parcels(tx, [each.parcel_id for each in bought])
    results: list[Parcel | OMSError] = []
    changed, kept = [], []
    for each in bought:
        parcel = parcels.get(each.parcel_id)
        if parcel is None:
            results.append(unknown("parcel", each.parcel_id))
        elif parcel.state != ParcelState.PACKED:
            results.append(parcel)
        else:
            labelled = _labelled(parcel, each.label)
            parcels[parcel.id] = labelled
            changed.append(labelled)
            kept.append((parcel.id, each.label))
            results.append(labelled)
            tx.emit(_label_bought(labelled))
    store.save_parcels(tx, changed)
    store.keep_documents(tx, kept)
    return results


def ship(tx: Transaction, commands: Sequence[Ship]) -> list[Shipped | OMSError]:
    """Labelled boxes leave; invoices, cost of goods and captures follow from the event."""
    return in_rounds(commands, lambda c: c.fulfilment_id, lambda batch: _ship(tx, batch))


def _ship(tx: Transaction, commands: Sequence[Ship]) -> list[Shipped | OMSError]:
    parcels: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in store.parcels_of(tx, [c.fulfilment_id for c in commands]):
        parcels[parcel.fulfilment_id].append(parcel)
    leaving: dict[str, list[Parcel]] = {}

    def plan(command: Ship, job: Job) -> list[LineMove]:
        ready = model.shippable(
            [p for p in parcels[command.fulfilment_id] if p.state in _ON_THE_DOCK],
            command.parcel_ids,
        )
        leaving[command.fulfilment_id] = ready
        ids = {parcel.id for parcel in ready}
        packed = [
            piece
            for piece in job.slices
            if piece.state == LineState.PACKED and piece.parcel_id in ids
        ]
        return model.moves_for("ship", packed, ())

    jobs = carry_out(tx, commands, plan)
    done = [(c, job, leaving[c.fulfilment_id]) for c, job in _accepted(commands, jobs)]
    shipped = record_shipments(
        tx, [(c, f, _left(job, boxes), boxes) for c, job, boxes in done if (f := job.fulfilment)]
    )
    close_finished(tx, [job.fulfilment for _, job, _ in done if job.fulfilment])
    return [job.refusal or shipped[c.fulfilment_id] for c, job in zip(commands, jobs, strict=True)]


def _accepted(commands: Sequence[Ship], jobs: Sequence[Job]) -> list[tuple[Ship, Job]]:
    return [(c, job) for c, job in zip(commands, jobs, strict=True) if not job.refusal]


def _left(job: Job, boxes: Sequence[Parcel]) -> list[Slice]:
    ids = {box.id for box in boxes}
    return [p for p in job.slices if p.state == LineState.PACKED and p.parcel_id in ids]


def record_shipments(
    tx: Transaction, leaving: Sequence[tuple[Ship, Fulfilment, list[Slice], list[Parcel]]]
) -> dict[str, Shipped]:
    """Write one shipment for each fulfilment order whose slices just left; answers by its id."""
    numbers = tx.next_numbers("shipment", len(leaving)) if leaving else range(0)
    shipped: dict[str, Shipped] = {}
    rows, lines, parcels = [], [], []
    for number, (command, fulfilment, slices, boxes) in zip(numbers, leaving, strict=True):
        shipment_id = tx.new_id("shp")
        contents = _merged(slices)
        shipped[fulfilment.id] = done = Shipped(
            shipment_id,
            f"SH-{number:06d}",
            fulfilment.id,
            fulfilment.order_id,
            tuple(box.id for box in boxes),
            tuple(_by_line(slices)),
            tx.now_ms,
        )
        rows.append(
            {
                "id": shipment_id,
                "number": done.number,
                "order_id": fulfilment.order_id,
                "node_id": fulfilment.node_id,
                "shipped_at_ms": tx.now_ms,
            }
        )
        lines += [(shipment_id, parcel_id, units) for parcel_id, units in contents]
        parcels += [
            msgspec.structs.replace(
                box, state=PARCEL.after(box.state, "ship"), shipment_id=shipment_id
            )
            for box in boxes
        ]
        event = ShipmentShipped(
            entity=shipment_id,
            order_id=fulfilment.order_id,
            node_id=fulfilment.node_id,
            number=done.number,
            lines=done.lines,
            shipped_at_ms=tx.now_ms,
        )
        tx.emit_first(event, command.cause)
    store.add_shipments(tx, rows)
    store.add_shipment_lines(tx, lines)
    store.save_parcels(tx, parcels)
    return shipped


def close_finished(tx: Transaction, fulfilments: Sequence[Fulfilment]) -> None:
    """A fulfilment order with no unit left on the floor is done."""
    ids = [fulfilment.id for fulfilment in fulfilments]
    busy = {
        piece.fulfilment_id
        for piece in orders.lock_slices(tx, SliceKey.FULFILMENT, ids)
        if piece.state in _FLOOR_STATES
    }
    closed = [
        msgspec.structs.replace(f, state=FULFILMENT.after(f.state, "close"))
        for f in fulfilments
        if f.id not in busy and f.state == FulfilmentState.ACCEPTED
    ]
    store.set_states(tx, closed)
    for fulfilment in closed:
        tx.emit(
            FulfilmentAnswered(
                entity=fulfilment.id, order_id=fulfilment.order_id, state=fulfilment.state
            )
        )


def _merged(slices: Sequence[Slice]) -> list[tuple[str, ShippedLine]]:
    """Units by (parcel, line, item)."""
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for piece in slices:
        counts[piece.parcel_id, piece.line_id, piece.item_id] += piece.quantity
    return [(parcel, ShippedLine(line, item, n)) for (parcel, line, item), n in counts.items()]


def _by_line(slices: Sequence[Slice]) -> list[ShippedLine]:
    """Units by (line, item), whatever box they are in."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for piece in slices:
        counts[piece.line_id, piece.item_id] += piece.quantity
    return [ShippedLine(line, item, n) for (line, item), n in counts.items()]


def _labelled(parcel: Parcel, label: Label) -> Parcel:
    return msgspec.structs.replace(
        parcel,
        state=PARCEL.after(parcel.state, "label"),
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        label_id=label.external_id,
        label_cost_minor=label.amount_minor,
        label_currency=label.currency,
    )


def _label_bought(parcel: Parcel) -> LabelBought:
    return LabelBought(
        entity=parcel.id,
        order_id=parcel.order_id,
        carrier=parcel.carrier,
        service=parcel.service,
        tracking_number=parcel.tracking_number,
        cost_minor=parcel.label_cost_minor,
        currency=parcel.label_currency,
    )
