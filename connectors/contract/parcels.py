"""What carriers are asked and what they answer: rates, labels, tracking.

Weights are in grams, lengths in millimetres, money in minor units, time in UTC milliseconds.
"""

from enum import StrEnum

import msgspec

from oms.kernel.address import Address


class TrackingStatus(StrEnum):
    """Where a parcel is, in one vocabulary for every carrier."""

    INFO_RECEIVED = "info_received"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"
    DAMAGED = "damaged"
    EXCEPTION = "exception"


class LabelFormat(StrEnum):
    """How a label is drawn."""

    PDF = "pdf"
    PNG = "png"
    ZPL = "zpl"


class ParcelContent(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What lies in a parcel, as customs and carriers want to know it."""

    sku: str
    quantity: int
    title: str = ""
    value_minor: int = 0
    tariff_code: str = ""
    origin_country: str = ""


class ParcelToShip(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One box. Measures of 0 are not known; `reference` is ours and is printed (SSCC)."""

    reference: str
    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    content: tuple[ParcelContent, ...] = ()


class RateRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would it cost, and how long would it take? `currency` is that of content values."""

    ship_from: Address
    ship_to: Address
    parcels: tuple[ParcelToShip, ...]
    ship_at_ms: int
    currency: str
    cod_amount_minor: int = 0
    insured_minor: int = 0
    service: str = ""


class CarrierQuote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One service and its price for all parcels together; `deliver_by_ms` None: not said."""

    carrier: str
    service: str
    title: str
    amount_minor: int
    currency: str
    deliver_by_ms: int | None = None
    extra: dict[str, str] = {}


class LabelRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Buy labels, one a parcel. The same `idempotency_key` again gives the same labels."""

    idempotency_key: str
    order_number: str
    service: str
    ship_from: Address
    ship_to: Address
    parcels: tuple[ParcelToShip, ...]
    ship_at_ms: int
    currency: str
    format: LabelFormat = LabelFormat.PDF
    cod_amount_minor: int = 0
    insured_minor: int = 0


class Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bought label: `document` is ready to print. `external_id` is what voiding it needs."""

    external_id: str
    parcel_reference: str
    carrier: str
    service: str
    tracking_number: str
    amount_minor: int
    currency: str
    format: LabelFormat
    document: bytes
    tracking_url: str = ""
    extra: dict[str, str] = {}


class VoidLabelRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Take a label back before the parcel travels. Voiding a voided label is fine."""

    idempotency_key: str
    label_external_id: str
    tracking_number: str


class VoidedLabel(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A label that can no longer be used; `refunded_minor` None: the carrier decides later."""

    label_external_id: str
    refunded_minor: int | None = None


class TrackingEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One scan. `external_id` names it so that hearing it twice does no harm."""

    external_id: str
    tracking_number: str
    status: TrackingStatus
    at_ms: int
    words: str = ""
    place: str = ""
    carrier_code: str = ""
    extra: dict[str, str] = {}
