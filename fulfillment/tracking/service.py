"""Take in carriers' scans and move parcels and units accordingly."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from fulfillment import store as floor
from fulfillment.events import ParcelTracked
from fulfillment.machine import PARCEL, ParcelState
from fulfillment.model import Parcel
from fulfillment.tracking import store
from fulfillment.tracking.model import Report, Step, steps
from oms.kernel.errors import NotFound, OMSError
from oms.orders import service as orders
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


class Tracked(msgspec.Struct, frozen=True):
    """What a report led to; `is_news` is False when the same scan was known."""

    parcel_id: str
    order_id: str
    state: ParcelState
    is_news: bool


def track(tx: Transaction, reports: Sequence[Report]) -> list[Tracked | OMSError]:
    """Keep scans and carry out what they mean; the same scan again changes nothing."""
    return in_rounds(reports, lambda r: r.event.tracking_number, lambda batch: _track(tx, batch))


def _track(tx: Transaction, reports: Sequence[Report]) -> list[Tracked | OMSError]:
    by_number = floor.parcels_tracked(tx, [r.event.tracking_number for r in reports])
    locked = floor.lock_parcels(tx, [parcel.id for parcel in by_number.values()])
    parcels = {number: locked[parcel.id] for number, parcel in by_number.items()}
    known = store.known_scans(
        tx, [(p.id, r.event.external_id) for r in reports if (p := parcels.get(_number(r)))]
    )
    last = store.last_scan_ms(tx, list(locked))
    news = [
        (parcel, report)
        for report in reports
        if (parcel := parcels.get(_number(report)))
        and (parcel.id, report.event.external_id) not in known
    ]
    store.add_scans(tx, [(parcel.id, report.event) for parcel, report in news])
    moved = _carry_out(tx, [(p, r, steps(p.state, r.event, last.get(p.id, 0))) for p, r in news])
    for parcel, report in news:
        event = ParcelTracked(
            entity=parcel.id,
            order_id=parcel.order_id,
            status=report.event.status,
            words=report.event.words,
            at_ms=report.event.at_ms,
        )
        tx.emit(event, report.cause)
    is_news = {parcel.id for parcel, _ in news}
    return [_answer(report, parcels, moved, is_news) for report in reports]


def _carry_out(
    tx: Transaction, work: Sequence[tuple[Parcel, Report, tuple[Step, ...]]]
) -> dict[str, Parcel]:
    """Move units and parcels step by step; nearly always there is one step or none."""
    moved: dict[str, Parcel] = {}
    for depth in range(max((len(todo) for *_, todo in work), default=0)):
        now = [(p, report, todo[depth]) for p, report, todo in work if len(todo) > depth]
        slices: dict[str, list[Slice]] = defaultdict(list)
        for piece in orders.lock_slices(tx, SliceKey.PARCEL, [p.id for p, *_ in now]):
            slices[piece.parcel_id].append(piece)
        moves = [
            LineMove(slice_id=piece.id, name=step.units_move, quantity=piece.quantity)
            for parcel, _, step in now
            for piece in slices[parcel.id]
            if piece.state == step.units_in
        ]
        refused = orders.move(tx, moves, now[0][1].cause).refused
        for parcel, _, step in now:
            if parcel.order_id not in refused:
                current = moved.get(parcel.id, parcel)
                state = PARCEL.after(current.state, step.parcel_move)
                moved[parcel.id] = msgspec.structs.replace(current, state=state)
    floor.save_parcels(tx, list(moved.values()))
    return moved


def _answer(
    report: Report,
    parcels: dict[str, Parcel],
    moved: dict[str, Parcel],
    is_news: set[str],
) -> Tracked | OMSError:
    parcel = parcels.get(_number(report))
    if parcel is None:
        return NotFound(
            "parcel.not_found",
            f"No parcel has the tracking number '{_number(report)}'.",
            "Check the number, or wait until its label is known here.",
        )
    state = moved.get(parcel.id, parcel).state
    return Tracked(parcel.id, parcel.order_id, state, parcel.id in is_news)


def _number(report: Report) -> str:
    return report.event.tracking_number
