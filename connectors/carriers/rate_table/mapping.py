"""Prices in the contract's words: quotes, labels, tracking numbers. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from connectors.carriers.rate_table.rates import Price, route_code
from connectors.carriers.rate_table.wire import RateTable
from connectors.contract.errors import Rejected
from connectors.contract.parcels import (
    CarrierQuote,
    Label,
    LabelFormat,
    LabelRequest,
    RateRequest,
)
from oms.kernel import barcodes
from oms.kernel.errors import Invalid

SERIAL_DIGITS: Final = 12  # the longest serial an SSCC can hold: with a company prefix of 4 digits
_LABEL_ID: Final = re.compile(r"([A-Z]{2,4}[0-9]{14})/([0-9]{1,16})")


def question(request: LabelRequest) -> RateRequest:
    """What a label costs is asked as a quote is, so that both always agree."""
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


def quote(table: RateTable, price: Price) -> CarrierQuote:
    return CarrierQuote(
        carrier=table.carrier,
        service=price.service.code,
        title=f"{table.title} {price.service.title}",
        amount_minor=price.amount_minor,
        currency=table.currency,
        deliver_by_ms=price.deliver_by_ms,
        extra={"lane": price.lane, "billed_g": str(price.billed_g)},
    )


def cheapest_first(quotes: Sequence[CarrierQuote]) -> list[CarrierQuote]:
    """By price, then by speed, then by name, so that equal questions have equal answers."""
    return sorted(quotes, key=lambda each: (each.amount_minor, each.deliver_by_ms, each.service))


def labels(table: RateTable, price: Price, request: LabelRequest) -> list[Label]:
    """One label a parcel. `document` is empty: this carrier draws none, the system prints its own.

    `extra` has what its print needs: the sort code, if there is one, and the service's title.
    """
    extra = {"service_title": price.service.title, "carrier_title": table.title}
    code = route_code(table, request.ship_to)
    if code:
        extra["route_code"] = code
    bought = []
    for parcel, amount_minor in zip(request.parcels, price.parcels_minor, strict=True):
        number = tracking_number(table.tracking_prefix, parcel.reference)
        bought.append(
            Label(
                external_id=f"{number}/{amount_minor}",
                parcel_reference=parcel.reference,
                carrier=table.carrier,
                service=price.service.code,
                tracking_number=number,
                amount_minor=amount_minor,
                currency=table.currency,
                format=LabelFormat.PDF,
                document=b"",
                tracking_url=table.tracking_url.replace("{number}", number),
                extra=extra,
            )
        )
    return bought


def tracking_number(prefix: str, reference: str) -> str:
    """``JNR`` and 14 digits: the SSCC's extension digit and serial, and a check digit of their own.

    A serial is never used twice, so neither is the number; the same parcel always gets the same.
    """
    try:
        sscc = barcodes.sscc(reference)
    except Invalid as refusal:
        raise Rejected(
            "reference_not_sscc",
            f"Parcels of this carrier are numbered by their SSCC. {refusal.sentence}",
            "Close the box with an SSCC before its label is bought.",
        ) from None
    body = sscc[:-1]
    return prefix + barcodes.with_check_digit(body[0] + body[-SERIAL_DIGITS:])


def amount_of(label_external_id: str) -> int:
    """What the label cost, told by its id; `Rejected` when it is no label of this carrier."""
    found = _LABEL_ID.fullmatch(label_external_id)
    if found is None:
        raise Rejected(
            "label_unknown",
            f"'{label_external_id[:60]}' is not a label of this carrier.",
            "Give the id the label was bought with.",
        )
    return int(found[2])
