"""What the floor says to carriers: buy these labels, take this one back.

Carriers are given by the code their labels carry; nothing here opens a connection by itself.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from msgspec.structs import replace

from connectors.contract.capabilities import BuysLabels, QuotesRates, VoidsLabels
from connectors.contract.parcels import (
    CarrierQuote,
    Label,
    LabelRequest,
    RateRequest,
    VoidedLabel,
    VoidLabelRequest,
)
from fulfillment import store
from fulfillment.events import LabelRequested, LabelVoidRequested
from fulfillment.labels import queries, service
from fulfillment.labels.model import Consignment, LabelOf, best_offer
from fulfillment.machine import ParcelState
from oms.kernel.errors import NotFound, OMSError, Refused
from oms.kernel.events import Recorded
from oms.platform.dispatch import because_of
from oms.platform.transaction import Transaction, UnitOfWork

Carriers: TypeAlias = Mapping[str, BuysLabels]
"""Carriers by code, in the order in which they are asked."""

Bought: TypeAlias = tuple[LabelOf, ...]


class BuyLabels:
    """Effect on `label.requested`: buys labels for the boxes that still need one."""

    def __init__(self, uow: UnitOfWork, carriers: Carriers) -> None:
        self._uow, self._carriers = uow, carriers

    async def do(self, event: Recorded[LabelRequested]) -> Bought:
        wanted = await asyncio.to_thread(self._wanted, event.event)
        return tuple(chain.from_iterable([await buy(self._carriers, each) for each in wanted]))

    def settle(self, tx: Transaction, event: Recorded[LabelRequested], result: Bought) -> None:
        cause = because_of(event)
        service.settle_labels(tx, [replace(each, cause=cause) for each in result])

    def _wanted(self, event: LabelRequested) -> list[Consignment]:
        with self._uow.read() as reader:
            parcels = store.parcels(reader, event.parcel_ids).values()
            bare = [parcel for parcel in parcels if parcel.state is ParcelState.PACKED]
            found = queries.consignments(reader, bare) if bare else []
        return [
            replace(
                each,
                carrier=event.carrier,
                request=replace(each.request, service=event.service),
            )
            for each in found
        ]


class VoidLabels:
    """Effect on `label.void_requested`: gives labels back to their carriers."""

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers

    async def do(self, event: Recorded[LabelVoidRequested]) -> VoidedLabel:
        told = event.event
        carrier: object = self._carriers.get(told.carrier)
        if not isinstance(carrier, VoidsLabels):
            raise Refused(
                "label.cannot_be_voided",
                f"Labels of '{told.carrier}' cannot be given back by this system.",
                "Ask the carrier for the money.",
            )
        return await carrier.void_label(
            VoidLabelRequest(
                idempotency_key=f"void:{event.number}",
                label_external_id=told.label_id,
                tracking_number=told.tracking_number,
            )
        )

    def settle(
        self, tx: Transaction, event: Recorded[LabelVoidRequested], result: VoidedLabel
    ) -> None:
        service.settle_voided(tx, event.event, result.refunded_minor, because_of(event))


async def buy(carriers: Carriers, wanted: Consignment) -> Bought:
    """Labels for one consignment, all or none, from the carrier whose offer suits best.

    Raises what the carrier raises, and `Refused` when nobody serves the address.
    """
    code, request = await _chosen(carriers, wanted)
    labels = await carriers[code].buy_labels(request)
    return _of_parcels(wanted, labels)


async def buy_each(carriers: Carriers, wanted: Sequence[Consignment]) -> list[Bought | OMSError]:
    """The same for many; what one carrier refuses does not stop the others."""
    answers: list[Bought | OMSError] = []
    for each in wanted:
        try:
            answers.append(await buy(carriers, each))
        except OMSError as refusal:
            answers.append(refusal)
    return answers


async def offers(carriers: Carriers, wanted: Consignment) -> list[tuple[str, CarrierQuote]]:
    """What carriers offer for a consignment (the one it names, or all), each with its code."""
    asked = [_known(carriers, wanted.carrier)] if wanted.carrier else list(carriers)
    quotes: list[tuple[str, CarrierQuote]] = []
    for code in asked:
        carrier = carriers[code]
        if isinstance(carrier, QuotesRates):
            found = await carrier.quote_rates(_question(wanted.request))
            quotes += [(code, quote) for quote in found]
    return quotes


async def _chosen(carriers: Carriers, wanted: Consignment) -> tuple[str, LabelRequest]:
    """The carrier to buy from and the request with its service filled in."""
    if wanted.carrier and wanted.request.service:
        return _known(carriers, wanted.carrier), wanted.request
    offered = await offers(carriers, wanted)
    best = best_offer([quote for _, quote in offered], wanted)
    code = next(code for code, quote in offered if quote == best)
    return code, replace(wanted.request, service=best.service)


def _known(carriers: Carriers, code: str) -> str:
    if code not in carriers:
        known = ", ".join(carriers) or "none yet"
        raise NotFound(
            "carrier.not_found", f"There is no carrier '{code}'.", f"Carriers there are: {known}."
        )
    return code


def _question(request: LabelRequest) -> RateRequest:
    return RateRequest(
        ship_from=request.ship_from,
        ship_to=request.ship_to,
        parcels=request.parcels,
        ship_at_ms=request.ship_at_ms,
        currency=request.currency,
        cod_amount_minor=request.cod_amount_minor,
        insured_minor=request.insured_minor,
        service=request.service,
    )


def _of_parcels(wanted: Consignment, labels: Sequence[Label]) -> Bought:
    """Labels by parcel; the first box carries the cash to collect."""
    cash = [wanted.request.cod_amount_minor] + [0] * (len(labels) - 1)
    return tuple(
        LabelOf(parcel_id, label, collect_minor)
        for parcel_id, label, collect_minor in zip(wanted.parcel_ids, labels, cash, strict=True)
    )
