"""The label of a box, bought while the packer waits: sold, or refused with what else there is."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from connectors.contract.parcels import CarrierQuote
from fulfillment import effects
from fulfillment.labels import queries, service
from fulfillment.labels.model import Consignment, LabelOf, best_offer
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from fulfillment.packing import queries as packing
from oms.http.call import Call
from oms.kernel.errors import OMSError
from oms.platform.transaction import Reader

OFFERS_MAX: Final = 4  # more than a person at a bench compares


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier would do, and whether it is there when the customer was told."""

    carrier: str
    service: str
    title: str
    amount_minor: int
    currency: str
    deliver_by_ms: int | None
    is_timely: bool


class Service(msgspec.Struct, frozen=True):
    """A carrier and its service, chosen by a person; both "" where what suits best is taken."""

    carrier: str = ""
    service: str = ""


class Labelling(msgspec.Struct, frozen=True, kw_only=True):
    """The boxes of a fulfilment order after their label was asked for.

    With `refusal` the carrier did not sell; `offers` are what else there is, the best first.
    """

    boxes: tuple[Parcel, ...]
    refusal: OMSError | None = None
    offers: tuple[Offer, ...] = ()


async def label(request: Call, fulfilment_id: str, chosen: Service) -> Labelling:
    """Buy labels for the closed boxes that have none. Repeated, it goes on where it ended."""
    boxes = await request.read(lambda reader: on_dock(reader, fulfilment_id))
    bare = [box for box in boxes if box.state is ParcelState.PACKED]
    if not bare:
        return Labelling(boxes=tuple(boxes))
    wanted = await request.read(lambda reader: queries.consignments(reader, bare))
    services = request.services
    for each in wanted:
        asked = replace(
            each,
            carrier=chosen.carrier,
            request=replace(each.request, service=chosen.service),
        )
        try:
            bought = await effects.buy(services.carriers, asked)
        except OMSError as refusal:
            others = await offers(request, each, without=chosen)
            return Labelling(boxes=tuple(boxes), refusal=refusal, offers=others)
        await _keep(request, [replace(each, cause=request.cause) for each in bought])
    boxes = await request.read(lambda reader: on_dock(reader, fulfilment_id))
    return Labelling(boxes=tuple(boxes))


async def offers(
    request: Call, wanted: Consignment, without: Service | None = None
) -> tuple[Offer, ...]:
    """What carriers offer, the one that would be taken first, then by price.

    Offers in another currency than the order's count only when there are no others.
    """
    found = await effects.offers(request.services.carriers, wanted)
    refused = without or Service()
    left = [
        (code, quote)
        for code, quote in found
        if (code, quote.service) != (refused.carrier, refused.service)
    ]
    left = [each for each in left if each[1].currency == wanted.request.currency] or left
    if not left:
        return ()
    best = best_offer([quote for _, quote in left], wanted)
    left.sort(key=lambda each: (each[1] != best, each[1].amount_minor, each[1].service))
    return tuple(_offer(code, quote, wanted) for code, quote in left[:OFFERS_MAX])


def on_dock(reader: Reader, fulfilment_id: str) -> list[Parcel]:
    """The closed boxes of a fulfilment order, those that left too."""
    return packing.boxes_of(reader, [fulfilment_id])


async def _keep(request: Call, bought: Sequence[LabelOf]) -> None:
    gate = request.services.gate
    kept = gate.submit_all(service.settle_labels, list(bought))
    await asyncio.gather(*map(asyncio.wrap_future, kept))


def _offer(code: str, quote: CarrierQuote, wanted: Consignment) -> Offer:
    by = wanted.deadline_ms
    return Offer(
        carrier=code,
        service=quote.service,
        title=quote.title,
        amount_minor=quote.amount_minor,
        currency=quote.currency,
        deliver_by_ms=quote.deliver_by_ms,
        is_timely=by is None or quote.deliver_by_ms is None or quote.deliver_by_ms <= by,
    )
