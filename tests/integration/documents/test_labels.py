"""Labels carry what couriers and scanners need, whatever names people have."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors.contract.parcels import Label, LabelFormat, LabelRequest, ParcelToShip
from fulfillment.documents.labels import LABELS_MAX, LabelFacts, label_facts, label_pdf
from oms.kernel.address import Address
from oms.kernel.barcodes import make_sscc
from oms.kernel.errors import Invalid
from oms.kernel.money import Money
from tests.integration.documents.prints import LABEL_POINTS, page_sizes, page_texts, scanned

WAREHOUSE = Address(
    country="ID",
    name="Rumah Batik Nusa",
    line1="Gudang Cakung",
    city="Jakarta",
    postal_code="13910",
)
KARTIKA = Address(
    country="ID",
    name="Kartika Halim",
    line1="Jl. Wijaya No. 118",
    city="Denpasar",
    region="Bali",
    postal_code="80113",
    phone="+62 812 4410",
)
LABEL = LabelFacts(
    carrier="Jalur Nusantara",
    service="Reguler",
    tracking_number="JNR30000000001236",
    to=KARTIKA,
    sender=WAREHOUSE,
    order_number="SO-000123",
    weight_grams=1_240,
    route_code="DPS 80",
    sscc=make_sscc(3, "8991234", 1),
    locale="id_ID",
)
LONG = Address(
    country="DE",
    name="Prof. Dr. Maximiliane-Charlotte Freifrau von und zu Hohenlohe-Waldenburg " * 3,
    company="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    line1="Straße der Völkerverständigung 1234567, Aufgang C, 17. OG links " * 3,
    line2="x" * 400,
    city="Neukirchen-Balbini bei Schwandorf an der Naab",
    postal_code="92445",
    phone="+49 170 1234567890",
)


def test_a_label_is_four_by_six_inches_and_says_everything() -> None:
    pdf = label_pdf([replace(LABEL, collect=Money(25_000_000, "IDR"), note="bangku 2")])

    assert page_sizes(pdf) == [LABEL_POINTS]
    [text] = page_texts(pdf)
    for words in (
        "Jalur Nusantara Reguler",
        "1,24 kg",
        "COD Rp 250.000",
        "DPS 80",
        "KEPADA Kartika Halim",
        "Bali 80113",
        "+62 812 4410",
        "DARI Rumah Batik Nusa",
        "JNR 3000 0000 0012 36",
        "(00) 3899 1234 0000 0000 16",
        "Pesanan SO-000123",
        "bangku 2",
    ):
        assert words in text


def test_both_barcodes_scan_from_a_203_dpi_print(tmp_path: Path) -> None:
    [codes] = scanned(label_pdf([LABEL]), tmp_path)

    assert codes == {LABEL.tracking_number, "00" + LABEL.sscc}


def test_barcodes_scan_whatever_stands_above_them(tmp_path: Path) -> None:
    labels = [
        replace(LABEL, to=LONG, sender=LONG, carrier="C" * 90, order_number="O" * 90),
        replace(LABEL, to=LONG, sscc="", route_code="R" * 70, note="n" * 90),
        replace(LABEL, tracking_number="1Z999AA10123456784", parcel_number=12, parcel_count=15),
        replace(LABEL, tracking_number="RR-" + "AZ09" * 6),
    ]

    pages = scanned(label_pdf(labels), tmp_path)

    expected = [{each.tracking_number, f"00{each.sscc}"} - {"00"} for each in labels]
    assert pages == expected


def test_each_of_three_parcels_has_its_page_and_its_number() -> None:
    parcels = [
        replace(LABEL, sscc=make_sscc(3, "8991234", n), parcel_number=n, parcel_count=3)
        for n in (1, 2, 3)
    ]

    texts = page_texts(label_pdf(parcels))

    assert len(texts) == 3
    assert all(f"PAKET {n}/3" in text for n, text in enumerate(texts, start=1))


def test_a_very_long_address_stays_on_its_page_and_loses_no_town() -> None:
    shown = replace(LONG, name=LONG.name[:90], line1=LONG.line1[:90], line2="Hinterhof " * 9)
    pdf = label_pdf([replace(LABEL, to=shown, locale="en_GB")])

    assert page_sizes(pdf) == [LABEL_POINTS]
    [text] = page_texts(pdf)
    assert "92445 NEUKIRCHEN-BALBINI" in text
    assert "GERMANY" in text
    assert "+49 170 1234567890" in text


@pytest.mark.parametrize(
    "name",
    [
        "Müller-Lüdenscheidt, Ægir Þórðarson, Żółć",
        "Nguyễn Thị Ánh",
        "Привет Иванов",
        "Ελένη Παπαδοπούλου",
        "محمد بن عبد الله",
        "יוסף כהן",
        "张伟",
        "김철수",
        "สมชาย ใจดี",
        "राम कुमार",
        "Budi 😀🚀👩‍👩‍👧",
        "\u202eesrever \x07\x00 \ud800 \ue000",
        "",
        '#set page(width: 1pt) [*_$`\\"',
    ],
)
def test_no_name_breaks_a_label(name: str) -> None:
    pdf = label_pdf([replace(LABEL, to=replace(KARTIKA, name=name))])

    assert page_sizes(pdf) == [LABEL_POINTS]
    assert "Bali 80113" in page_texts(pdf)[0]


def test_latin_names_with_accents_can_be_read() -> None:
    [text] = page_texts(
        label_pdf([replace(LABEL, to=replace(KARTIKA, name="Łukasz Müller-Çelik"))])
    )

    assert "Łukasz Müller-Çelik" in text


def test_markup_in_a_name_is_printed_and_not_obeyed() -> None:
    [text] = page_texts(label_pdf([replace(LABEL, to=replace(KARTIKA, name="#lorem(5) *bold*"))]))

    assert "#lorem(5) *bold*" in text


def test_a_label_without_sort_code_shows_the_postal_code_large() -> None:
    [text] = page_texts(label_pdf([replace(LABEL, route_code="")]))

    assert "80113 KEPADA" in text


def test_the_country_is_printed_only_when_the_parcel_crosses_a_border() -> None:
    abroad = replace(KARTIKA, country="SG", city="Singapore", region="", postal_code="018956")
    home, away = page_texts(label_pdf([LABEL, replace(LABEL, to=abroad)]))

    assert "INDONESIA" not in home
    assert "SINGAPORE 018956" in away
    assert "INDONESIA" in away  # the sender's


def test_the_same_labels_are_the_same_bytes() -> None:
    assert label_pdf([LABEL, LABEL]) == label_pdf([LABEL, LABEL])


@pytest.mark.parametrize("count", [0, LABELS_MAX + 1])
def test_no_labels_and_too_many_are_refused_in_words(count: int) -> None:
    with pytest.raises(Invalid) as refusal:
        label_pdf([LABEL] * count)
    assert refusal.value.code == "label.count"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (replace(LABEL, sscc="389912340000000017"), "barcode.sscc_check_digit"),
        (replace(LABEL, tracking_number=""), "barcode.cannot_carry"),
        (replace(LABEL, tracking_number="Paket Ä"), "barcode.cannot_carry"),
        (replace(LABEL, tracking_number="a-b" * 14), "label.barcode_too_wide"),
    ],
)
def test_a_number_that_cannot_be_printed_is_refused_in_words(broken: LabelFacts, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        label_pdf([broken])
    assert refusal.value.code == code
    assert refusal.value.remedy


def test_a_carriers_label_without_a_drawing_becomes_one_of_ours() -> None:
    ssccs = [make_sscc(3, "8991234", n) for n in (1, 2)]
    request = LabelRequest(
        idempotency_key="k",
        order_number="SO-000123",
        service="REG",
        ship_from=WAREHOUSE,
        ship_to=KARTIKA,
        parcels=tuple(ParcelToShip(reference=sscc, weight_g=700) for sscc in ssccs),
        ship_at_ms=0,
        currency="IDR",
        cod_amount_minor=9_900_000,
    )
    bought = [
        Label(
            external_id="x",
            parcel_reference=sscc,
            carrier="nusantara",
            service="REG",
            tracking_number=f"JNR{number}",
            amount_minor=0,
            currency="IDR",
            format=LabelFormat.PDF,
            document=b"",
            extra={"carrier_title": "Jalur Nusantara", "route_code": "DPS 80"},
        )
        for number, sscc in enumerate(ssccs)
    ]

    first, second = page_texts(label_pdf(label_facts(request, bought, "id_ID")))

    assert "Jalur Nusantara REG" in first
    assert "PAKET 1/2" in first
    assert "COD Rp 99.000" in first
    assert "PAKET 2/2" in second
    assert "COD" not in second
