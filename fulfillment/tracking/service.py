"""Take in carriers' scans and move parcels and units accordingly."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from fulfillment import store as floor
from fulfillment.events import ParcelTracked
from fulfillment.machine import PARCEL, ParcelState
from fulfillment.model import Parcel, in_state
from fulfillment.tracking import store
from fulfillment.tracking.model import SEEN, Report, Step, check, steps
from oms.kernel.errors import NotFound, OMSError
from oms.kernel.events import Cause
from oms.orders import service as orders
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.transaction import Reader, Transaction


class Tracked(msgspec.Struct, frozen=True):
    """What a report led to; `is_news` is False when the same scan was known."""

    parcel_id: str
    order_id: str
    state: ParcelState
    is_news: bool


class Travel(msgspec.Struct, frozen=True):
    """A parcel, what scans make it do, and who said so."""

    parcel: Parcel
    steps: tuple[Step, ...]
    cause: Cause


def track(tx: Transaction, reports: Sequence[Report]) -> list[Tracked | OMSError]:
    """Keep scans and carry out what they mean; the same scan again changes nothing.

    Scans of a box that has not left yet are kept and count when it does.
    """
    named = _named(tx, reports)
    ids = {parcel.id for parcel in named if isinstance(parcel, Parcel)}
    slices = _contents(tx, ids)
    parcels = floor.lock_parcels(tx, ids)
    news = _keep_news(tx, reports, named)
    newest = store.newest(tx, (parcel_id for parcel_id, _ in news.values()))
    causes = {parcel_id: report.cause for parcel_id, report in news.values()}
    travels = [
        Travel(parcels[each], steps(parcels[each].state, newest[each]), cause)
        for each, cause in causes.items()
    ]
    parcels |= _carry_out(tx, travels, slices)
    for parcel_id, report in news.values():
        tx.emit(_tracked(parcels[parcel_id], report), report.cause)
    return [
        parcel
        if isinstance(parcel, OMSError)
        else Tracked(parcel.id, parcel.order_id, parcels[parcel.id].state, position in news)
        for position, parcel in enumerate(named)
    ]


def catch_up(tx: Transaction, shipped: Sequence[tuple[Parcel, Cause]]) -> None:
    """Carry out what was scanned of boxes before we knew that they had left."""
    newest = store.newest(tx, [parcel.id for parcel, _ in shipped])
    travels = [
        Travel(parcel, steps(parcel.state, newest[parcel.id]), cause)
        for parcel, cause in shipped
        if parcel.id in newest
    ]
    if travels:
        _carry_out(tx, travels, _contents(tx, [travel.parcel.id for travel in travels]))


def seen_by_carriers(reader: Reader, parcel_ids: Iterable[str]) -> set[str]:
    """Those parcels of which a carrier has said that it has, or had, them in hand."""
    newest = store.newest(reader, parcel_ids)
    return {parcel_id for parcel_id, statuses in newest.items() if SEEN & statuses.keys()}


def _named(tx: Transaction, reports: Sequence[Report]) -> list[Parcel | OMSError]:
    """The parcel each report is about: of those with its number the youngest."""
    found: dict[tuple[str, str], Parcel] = {}
    numbers = {report.event.tracking_number for report in reports}
    for parcel in floor.parcels_tracked(tx, numbers - {""}):
        found[parcel.tracking_number, ""] = found[parcel.tracking_number, parcel.carrier] = parcel
    return [_parcel_of(report, found) for report in reports]


def _parcel_of(report: Report, found: Mapping[tuple[str, str], Parcel]) -> Parcel | OMSError:
    try:
        check(report)
    except OMSError as refusal:
        return refusal
    number = report.event.tracking_number
    parcel = found.get((number, report.carrier))
    if parcel is None:
        return NotFound(
            "parcel.not_found",
            f"No parcel has the tracking number '{number}'.",
            "Check the number, or wait until its label is known here.",
        )
    return parcel


def _keep_news(
    tx: Transaction, reports: Sequence[Report], named: Sequence[Parcel | OMSError]
) -> dict[int, tuple[str, Report]]:
    """Write the scans that are new; (parcel id, report) by position in the list."""
    keys = {
        position: (parcel.id, report.event.external_id)
        for position, (parcel, report) in enumerate(zip(named, reports, strict=True))
        if isinstance(parcel, Parcel)
    }
    known = store.known_scans(tx, sorted(set(keys.values())))
    news: dict[int, tuple[str, Report]] = {}
    for position, key in keys.items():
        if key not in known:
            known.add(key)
            news[position] = (key[0], reports[position])
    store.add_scans(tx, [(parcel_id, report.event) for parcel_id, report in news.values()])
    return news


def _contents(tx: Transaction, parcel_ids: Iterable[str]) -> dict[str, list[Slice]]:
    """The units of these parcels, their orders locked."""
    slices: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.PARCEL, parcel_ids):
        slices[units.parcel_id].append(units)
    return slices


def _carry_out(
    tx: Transaction, travels: Sequence[Travel], slices: Mapping[str, Sequence[Slice]]
) -> dict[str, Parcel]:
    """Let parcels and the units that are still with them make their steps; the parcels after it."""
    on_the_way = [travel for travel in travels if travel.steps]
    moves = [
        LineMove(units.id, step.units_move, units.quantity)
        for travel in on_the_way
        for units in in_state(slices.get(travel.parcel.id, ()), travel.steps[0].units_in)
        for step in travel.steps
    ]
    causes = {travel.parcel.order_id: travel.cause for travel in on_the_way}
    refused = orders.move(tx, moves, causes).refused
    moved = {
        travel.parcel.id: _after(travel)
        for travel in on_the_way
        if travel.parcel.order_id not in refused
    }
    floor.save_parcels(tx, moved.values())
    return moved


def _after(travel: Travel) -> Parcel:
    state = travel.parcel.state
    for step in travel.steps:
        state = PARCEL.after(state, step.parcel_move)
    return replace(travel.parcel, state=state)


def _tracked(parcel: Parcel, report: Report) -> ParcelTracked:
    return ParcelTracked(
        entity=parcel.id,
        order_id=parcel.order_id,
        status=report.event.status,
        words=report.event.words,
        at_ms=report.event.at_ms,
    )
