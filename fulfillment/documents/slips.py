"""The packing slip in the box: what is in this parcel, what follows, how to send something back.

Shows no prices, so that it may lie in a gift.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import segno

from fulfillment.documents.words import SlipWords, slip_words
from oms.kernel.address import Address
from oms.kernel.errors import Invalid
from oms.platform import barcode_svg
from oms.platform.localise import (
    address_lines,
    addressee,
    date_text,
    language_of,
    number_text,
)
from oms.platform.pdf import Picture, Template

SLIPS_MAX: Final = 1_000
_TEMPLATE: Final = Template(Path(__file__).with_name("slip.typ"))


class SlipLine(msgspec.Struct, frozen=True):
    """One item in the parcel or still to come; `detail` is a variant, lot or serial in words."""

    sku: str
    title: str
    quantity: int
    detail: str = ""


class SlipFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All a packing slip shows. `ordered_at_ms` is shown as a day in `time_zone`.

    `return_url` becomes a QR code; `note` is the merchant's own closing sentence.
    """

    seller: Address
    order_number: str
    ordered_at_ms: int
    to: Address
    lines: tuple[SlipLine, ...]
    to_follow: tuple[SlipLine, ...] = ()
    carrier: str = ""
    tracking_number: str = ""
    parcel_number: int = 1
    parcel_count: int = 1
    gift_message: str = ""
    note: str = ""
    return_url: str = ""
    time_zone: str = "UTC"
    locale: str = "en_GB"


def packing_slip_pdf(slips: Sequence[SlipFacts]) -> bytes:
    """One PDF of A5 pages, each slip starting its own and counting its own.

    `Invalid` when there is no slip, too many, or an order number without bars.
    """
    if not 0 < len(slips) <= SLIPS_MAX:
        raise Invalid(
            "slip.count",
            f"{len(slips)} packing slips were asked for; one document takes 1 to {SLIPS_MAX}.",
            "Print them in parts.",
        )
    pictures: dict[str, Picture] = {}
    return _TEMPLATE.pdf([_slip(slip, pictures) for slip in slips], pictures)


class _Line(msgspec.Struct, frozen=True):
    sku: str
    title: str
    detail: str
    quantity: str


class _Slip(msgspec.Struct, frozen=True):
    words: SlipWords
    language: str
    seller: str
    seller_address: tuple[str, ...]
    order: str
    day: str
    name: str
    address: tuple[str, ...]
    parcel: str
    carrier: str
    tracking: str
    units: str
    lines: list[_Line]
    to_follow: list[_Line]
    gift_message: str
    note: str
    return_url: str


def _slip(slip: SlipFacts, pictures: dict[str, Picture]) -> _Slip:
    words = slip_words(slip.locale)
    pictures[slip.order_number] = barcode_svg.code128(slip.order_number)
    if slip.return_url:
        pictures[slip.return_url] = _qr(slip.return_url)
    units = sum(line.quantity for line in slip.lines)
    return _Slip(
        words=words,
        language=language_of(slip.locale),
        seller=addressee(slip.seller),
        seller_address=address_lines(slip.seller, slip.to.country),
        order=slip.order_number,
        day=date_text(slip.ordered_at_ms, slip.time_zone, slip.locale),
        name=addressee(slip.to),
        address=address_lines(slip.to, slip.seller.country),
        parcel=f"{slip.parcel_number}/{slip.parcel_count}" if slip.parcel_count > 1 else "",
        carrier=slip.carrier,
        tracking=slip.tracking_number,
        units=f"{number_text(units, slip.locale)} {words.units}",
        lines=_lines(slip.lines, slip.locale),
        to_follow=_lines(slip.to_follow, slip.locale),
        gift_message=slip.gift_message,
        note=slip.note,
        return_url=slip.return_url,
    )


def _lines(lines: Sequence[SlipLine], locale: str) -> list[_Line]:
    return [
        _Line(line.sku, line.title, line.detail, number_text(line.quantity, locale))
        for line in lines
    ]


def _qr(url: str) -> Picture:
    try:
        code = segno.make_qr(url, error="m")
    except segno.DataOverflowError:
        raise Invalid(
            "slip.return_url_too_long",
            f"A return address of {len(url)} characters fits into no QR code.",
            "Use a shorter link.",
        ) from None
    return Picture(code.svg_inline(border=0, unit=None), int(code.symbol_size(border=0)[0]))
