"""What happened on a device, as commands: each once, however often it is sent, and each alone.

A device judges scans by itself and may have been away for an hour; the server has the last word.
"""

import asyncio
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from fulfillment.model import Units
from fulfillment.picking import service as picking
from fulfillment.picking.model import Pick, PickScans, ReportShort, Scan, Unpick
from oms.http.call import Call
from oms.http.reach import fulfilment_in_reach
from oms.kernel.errors import OMSError
from oms.platform.gate import Handler
from oms.platform.idempotency import Key, request_hash
from oms.web.translations import N_

EVENTS_MAX: Final = 100
WALK_MAX: Final = 100
_PATH: Final = b"floor event"

Text = Annotated[str, Meta(max_length=200)]
Count = Annotated[int, Meta(ge=1, le=100_000)]


class Kind(StrEnum):
    """What a picker did: a barcode read, an item taken by its SKU, put back, or not found."""

    SCAN = "scan"
    PICK = "pick"
    UNPICK = "unpick"
    SHORT = "short"


class Short(StrEnum):
    """Why units are not there."""

    EMPTY = "empty"
    FEWER = "fewer"
    DAMAGED = "damaged"
    OTHER = "other"


SHORT_REASONS: Final = {
    Short.EMPTY: N_("Place is empty"),
    Short.FEWER: N_("Fewer than needed"),
    Short.DAMAGED: N_("Damaged"),
    Short.OTHER: N_("A different item is there"),
}


class FloorEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened on a device. `id` is its own name for it, drawn once."""

    id: Annotated[str, Meta(min_length=8, max_length=64, pattern="^[A-Za-z0-9-]+$")]
    kind: Kind
    fulfilment: Text
    item: Text = ""
    code: Text = ""
    count: Count = 1
    reason: Short = Short.EMPTY
    at: int = 0


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """Events in the order in which they happened, and the fulfilment orders being walked."""

    events: Annotated[tuple[FloorEvent, ...], Meta(max_length=EVENTS_MAX)] = ()
    walk: Annotated[tuple[Text, ...], Meta(max_length=WALK_MAX)] = ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event; `code` is "" when it was carried out."""

    id: str
    code: str = ""
    sentence: str = ""
    remedy: str = ""


Work = tuple[Handler[Any, Any], Any]


async def carry_out(request: Call, events: Sequence[FloorEvent]) -> list[Told]:
    """One answer for each event, in their order; a refusal stops none of the others."""
    told: dict[int, Told] = {}
    ready: list[tuple[int, FloorEvent, Work]] = []
    for position, event in enumerate(events):
        try:
            await fulfilment_in_reach(request, event.fulfilment)
            ready.append((position, event, _work(event, request)))
        except OMSError as refusal:
            told[position] = _refused(event, refusal)
    for run in _runs(ready):
        answers = await _submit(request, run)
        for (position, event, _), answer in zip(run, answers, strict=True):
            told[position] = _refused(event, answer) if answer else Told(id=event.id)
    return [told[position] for position in range(len(events))]


def _runs(ready: Sequence[tuple[int, FloorEvent, Work]]) -> Iterator[list[Any]]:
    """Neighbours of one kind go together; the next kind waits, so that order is kept."""
    for _, run in groupby(ready, key=lambda each: each[1].kind):
        yield list(run)


async def _submit(
    request: Call, run: Sequence[tuple[int, FloorEvent, Work]]
) -> list[OMSError | None]:
    gate = request.services.gate
    keys = [_key(request, event) for _, event, _ in run]
    handler = run[0][2][0]
    waiting = gate.submit_all(handler, [work[1] for _, _, work in run], keys)
    answers: list[OMSError | None] = []
    futures = [asyncio.wrap_future(each) for each in waiting]
    for answer in await asyncio.gather(*futures, return_exceptions=True):
        if isinstance(answer, BaseException) and not isinstance(answer, OMSError):
            raise answer
        answers.append(answer if isinstance(answer, OMSError) else None)
    return answers


def _key(request: Call, event: FloorEvent) -> Key:
    body = msgspec.json.encode(msgspec.structs.replace(event, at=0))
    return Key(request.caller.actor, event.id, request_hash(_PATH, body))


def _work(event: FloorEvent, request: Call) -> Work:
    cause = request.cause
    units = (Units(event.item, event.count),)
    match event.kind:
        case Kind.SCAN:
            scans = (Scan(event.code, event.count),)
            command = PickScans(fulfilment_id=event.fulfilment, scans=scans, cause=cause)
            return picking.pick_scanned, command
        case Kind.PICK:
            return picking.pick, Pick(fulfilment_id=event.fulfilment, units=units, cause=cause)
        case Kind.UNPICK:
            return picking.unpick, Unpick(fulfilment_id=event.fulfilment, units=units, cause=cause)
        case Kind.SHORT:
            short = ReportShort(
                fulfilment_id=event.fulfilment,
                units=units,
                reason=event.reason.value,
                cause=cause,
            )
            return picking.report_short, short


def _refused(event: FloorEvent, refusal: OMSError) -> Told:
    return Told(id=event.id, code=refusal.code, sentence=refusal.sentence, remedy=refusal.remedy)
