"""The 4 x 6 inch parcel label: who gets it, which way it goes, two barcodes. One page a parcel."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from connectors.contract.parcels import Label, LabelRequest
from fulfillment.documents.words import label_words
from oms.kernel import barcodes
from oms.kernel.address import Address
from oms.kernel.errors import Invalid
from oms.kernel.money import Money
from oms.platform import barcode_svg
from oms.platform.localise import (
    address_lines,
    addressee,
    language_of,
    money_text,
    weight_text,
)
from oms.platform.pdf import Picture, Template

LABELS_MAX: Final = 1_000  # a big wave; some 4 s of typesetting, so ask in parts for more
DOTS_ACROSS: Final = 812  # 4 inches at 203 dots an inch, what thermal printers have
QUIET_MODULES: Final = 10  # each side: ISO/IEC 15417
# Dots a module, widest first: 4 dots are 0.50 mm, GS1's least for SSCC; 2 dots still scan by hand.
_DOTS_A_MODULE: Final = (4, 3, 2)
_TEMPLATE: Final = Template(Path(__file__).with_name("label.typ"))


class LabelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All a label shows. `phone` in `to` is printed as given: mask it before if you must.

    `route_code` is the carrier's sort code (postal code or city when empty); `sscc` 18 digits or
    empty; `collect` the cash the courier takes at the door; `note` a few words for the bench.
    """

    carrier: str
    service: str
    tracking_number: str
    to: Address
    sender: Address
    order_number: str
    weight_grams: int
    route_code: str = ""
    sscc: str = ""
    parcel_number: int = 1
    parcel_count: int = 1
    collect: Money | None = None
    note: str = ""
    locale: str = "en_GB"


def label_pdf(labels: Sequence[LabelFacts]) -> bytes:
    """One PDF with one 4 x 6 inch page (288 x 432 pt) a label, in the order given.

    Texts too long for their place are set smaller and in the end cut, never printed over the bars.
    `Invalid` when there is no label, too many, or a number that bars or check digits refuse.
    """
    if not 0 < len(labels) <= LABELS_MAX:
        raise Invalid(
            "label.count",
            f"{len(labels)} labels were asked for; one document takes 1 to {LABELS_MAX}.",
            "Print them in parts.",
        )
    pictures: dict[str, Picture] = {}
    pages = [_page(label, pictures) for label in labels]
    return _TEMPLATE.pdf(pages, pictures)


def label_facts(request: LabelRequest, bought: Sequence[Label], locale: str) -> list[LabelFacts]:
    """What to print for labels whose carrier drew none (`document` is empty).

    `bought` are all labels of `request`, in its order. Cash is collected with the first parcel.
    """
    weights = {parcel.reference: parcel.weight_g for parcel in request.parcels}
    cash = Money(request.cod_amount_minor, request.currency) if request.cod_amount_minor else None
    return [
        LabelFacts(
            carrier=label.extra.get("carrier_title", label.carrier),
            service=label.extra.get("service_title", label.service),
            tracking_number=label.tracking_number,
            to=request.ship_to,
            sender=request.ship_from,
            order_number=request.order_number,
            weight_grams=weights[label.parcel_reference],
            route_code=label.extra.get("route_code", ""),
            sscc=label.parcel_reference if barcodes.is_sscc(label.parcel_reference) else "",
            parcel_number=number,
            parcel_count=len(bought),
            collect=cash if number == 1 else None,
            locale=locale,
        )
        for number, label in enumerate(bought, start=1)
    ]


def sscc_text(sscc: str) -> str:
    """``(00) 3899 1234 0000 0001 75``: by four, since where a prefix ends is its licence's."""
    return "(00) " + _groups(sscc)


class _Bars(msgspec.Struct, frozen=True):
    picture: str
    modules: int
    dots: int
    text: str


class _Page(msgspec.Struct, frozen=True):
    carrier: str
    service: str
    weight: str
    collect: str
    route: str
    parcel: str
    to_word: str
    name: str
    address: tuple[str, ...]
    phone: str
    from_word: str
    sender: str
    tracking: _Bars
    sscc: _Bars | None
    order: str
    note: str
    parcel_word: str
    language: str


def _page(label: LabelFacts, pictures: dict[str, Picture]) -> _Page:
    words = label_words(label.locale)
    collect = label.collect
    sender = (addressee(label.sender), *address_lines(label.sender, label.to.country))
    return _Page(
        carrier=label.carrier,
        service=label.service,
        weight=weight_text(label.weight_grams, label.locale),
        collect=f"{words.collect} {_money(collect, label.locale)}" if collect else "",
        route=label.route_code or label.to.postal_code or label.to.city,
        parcel=f"{label.parcel_number}/{label.parcel_count}" if label.parcel_count > 1 else "",
        to_word=words.to,
        name=addressee(label.to),
        address=address_lines(label.to, label.sender.country),
        phone=label.to.phone,
        from_word=words.sender,
        sender=", ".join(sender),
        tracking=_tracking(label.tracking_number, pictures),
        sscc=_sscc(label.sscc, pictures) if label.sscc else None,
        order=f"{words.order} {label.order_number}",
        note=label.note,
        parcel_word=words.parcel,
        language=language_of(label.locale),
    )


def _money(money: Money, locale: str) -> str:
    return money_text(money.amount_minor, money.currency, locale)


def _tracking(number: str, pictures: dict[str, Picture]) -> _Bars:
    picture = pictures[number] = barcode_svg.code128(number)
    return _Bars(number, picture.width, _dots(picture, number), _groups(number))


def _sscc(number: str, pictures: dict[str, Picture]) -> _Bars:
    digits = barcodes.sscc(number)
    element = f"00{digits}"
    picture = pictures[f"({element})"] = barcode_svg.gs1_128(element)
    return _Bars(f"({element})", picture.width, _dots(picture, number), sscc_text(digits))


def _dots(picture: Picture, number: str) -> int:
    """Dots a module: whole ones, because a printer smears any other width."""
    for dots in _DOTS_A_MODULE:
        if (picture.width + 2 * QUIET_MODULES) * dots <= DOTS_ACROSS:
            return dots
    raise Invalid(
        "label.barcode_too_wide",
        f"'{number}' is too long for a barcode on a 4-inch label.",
        "Ask the carrier for a shorter number, or print its own label.",
    )


def _groups(number: str) -> str:
    """Letters apart from digits, digits by four: what a person can read out on the phone."""
    if not re.fullmatch(r"[A-Za-z]*[0-9]+[A-Za-z]*", number):
        return number
    return " ".join(
        piece[at : at + 4]
        for piece in re.findall(r"[A-Za-z]+|[0-9]+", number)
        for at in range(0, len(piece), 4)
    )
