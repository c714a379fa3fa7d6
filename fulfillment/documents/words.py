"""The fixed words on labels and slips, in the languages printed. A new language is a new row."""

from typing import Final

import msgspec

from oms.platform.localise import in_language


class LabelWords(msgspec.Struct, frozen=True, kw_only=True):
    """Words on a parcel label."""

    to: str
    sender: str
    order: str
    parcel: str
    collect: str


class SlipWords(msgspec.Struct, frozen=True, kw_only=True):
    """Words on a packing slip. `page` has places for the number and the count."""

    title: str
    order: str
    ordered: str
    ship_to: str
    parcel: str
    service: str
    tracking: str
    item: str
    quantity: str
    in_this_parcel: str
    to_follow: str
    units: str
    gift: str
    returns: str
    page: str


_LABEL: Final = {
    "en": LabelWords(to="TO", sender="FROM", order="Order", parcel="PARCEL", collect="COD"),
    "id": LabelWords(to="KEPADA", sender="DARI", order="Pesanan", parcel="PAKET", collect="COD"),
}

_SLIP: Final = {
    "en": SlipWords(
        title="Packing slip",
        order="Order",
        ordered="Ordered",
        ship_to="Ship to",
        parcel="Parcel",
        service="Sent with",
        tracking="Tracking",
        item="Item",
        quantity="Qty",
        in_this_parcel="In this parcel",
        to_follow="Follows separately",
        units="units",
        gift="A message for you",
        returns="Something not right? Scan to return or exchange.",
        page="Page {page} of {count}",
    ),
    "id": SlipWords(
        title="Daftar isi paket",
        order="Pesanan",
        ordered="Dipesan",
        ship_to="Dikirim ke",
        parcel="Paket",
        service="Dikirim dengan",
        tracking="Nomor resi",
        item="Barang",
        quantity="Jml",
        in_this_parcel="Isi paket ini",
        to_follow="Dikirim terpisah",
        units="unit",
        gift="Pesan untuk Anda",
        returns="Ada yang kurang pas? Pindai untuk retur atau tukar.",
        page="Halaman {page} dari {count}",
    ),
}


def label_words(locale: str) -> LabelWords:
    return in_language(_LABEL, locale)


def slip_words(locale: str) -> SlipWords:
    return in_language(_SLIP, locale)
