"""A packing slip says what lies in the box, and nothing a gift should not say."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from fulfillment.documents.slips import SlipFacts, SlipLine, packing_slip_pdf
from oms.kernel.address import Address
from oms.kernel.errors import Invalid
from tests.integration.documents.prints import A5_POINTS, page_sizes, page_texts, scanned

SELLER = Address(
    country="ID",
    name="Rumah Batik Nusa",
    line1="Gudang Cakung",
    city="Jakarta",
    postal_code="13910",
)
KARTIKA = Address(
    country="ID", name="Kartika Halim", line1="Jl. Wijaya 118", city="Denpasar", postal_code="80113"
)
SLIP = SlipFacts(
    seller=SELLER,
    order_number="SO-000123",
    ordered_at_ms=1_795_262_400_000,
    to=KARTIKA,
    lines=(
        SlipLine("BTK-MEGA-M", "Kemeja Batik Megamendung", 2, "Ukuran M"),
        SlipLine("SRG-PKL-01", "Sarung Pekalongan", 1),
    ),
    carrier="Jalur Nusantara Reguler",
    tracking_number="JNR30000000001236",
    time_zone="Asia/Jakarta",
    locale="id_ID",
)


def test_a_slip_lists_what_is_in_this_parcel_and_what_follows() -> None:
    slip = replace(
        SLIP,
        to_follow=(SlipLine("SCF-SILK-9", "Selendang sutra", 1, "Perkiraan tiba 28 November"),),
        parcel_number=1,
        parcel_count=2,
    )
    pdf = packing_slip_pdf([slip])

    assert page_sizes(pdf) == [A5_POINTS]
    [text] = page_texts(pdf)
    for words in (
        "Daftar isi paket",
        "21 November 2026",
        "Kartika Halim",
        "2 BTK-MEGA-M Kemeja Batik Megamendung Ukuran M",
        "3 UNIT",
        "DIKIRIM TERPISAH",
        "Perkiraan tiba 28 November",
        "1/2",
        "Halaman 1 dari 1",
    ):
        assert words in text


def test_the_order_and_the_way_back_scan(tmp_path: Path) -> None:
    link = "https://batiknusa.example/r/k3J9xQ"

    [codes] = scanned(packing_slip_pdf([replace(SLIP, return_url=link)]), tmp_path)

    assert codes == {"SO-000123", link}


def test_a_gift_carries_its_message() -> None:
    [text] = page_texts(packing_slip_pdf([replace(SLIP, gift_message="Selamat ulang tahun!")]))

    assert "PESAN UNTUK ANDA Selamat ulang tahun!" in text


def test_each_slip_of_a_document_counts_its_own_pages() -> None:
    many = tuple(SlipLine(f"SKU-{n:04d}", f"Teacup {n}", n) for n in range(1, 121))

    texts = page_texts(packing_slip_pdf([SLIP, replace(SLIP, lines=many, locale="en_GB"), SLIP]))

    assert len(texts) == 7
    assert "Halaman 1 dari 1" in texts[0]
    assert "Page 1 of 5" in texts[1]
    assert "Page 5 of 5" in texts[5]
    assert "Halaman 1 dari 1" in texts[-1]
    assert all("QTY IN THIS PARCEL" in text for text in texts[1:-1])


def test_a_slip_in_a_language_without_words_speaks_english() -> None:
    [text] = page_texts(packing_slip_pdf([replace(SLIP, locale="fr_FR")]))

    assert "Packing slip" in text
    assert "21 novembre 2026" in text


@pytest.mark.parametrize("title", ["张伟 茶杯", "x" * 5_000, "😀", "\ud800\x00"])
def test_no_title_breaks_a_slip(title: str) -> None:
    texts = page_texts(packing_slip_pdf([replace(SLIP, lines=(SlipLine("S" * 99, title, 1),))]))

    assert "Halaman 1 dari" in texts[0]


def test_the_same_slip_is_the_same_bytes() -> None:
    assert packing_slip_pdf([SLIP]) == packing_slip_pdf([SLIP])


@pytest.mark.parametrize(
    ("slips", "code"),
    [
        ([], "slip.count"),
        ([replace(SLIP, order_number="é")], "barcode.cannot_carry"),
        (
            [replace(SLIP, return_url="https://x.example/" + "x" * 4_000)],
            "slip.return_url_too_long",
        ),
    ],
)
def test_a_slip_that_cannot_be_printed_is_refused_in_words(
    slips: list[SlipFacts], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        packing_slip_pdf(slips)
    assert refusal.value.code == code
