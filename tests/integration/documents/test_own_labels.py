"""From a price list to a scanned print: a label nobody else draws is drawn here."""

import asyncio
from importlib.resources import files
from pathlib import Path

from connectors.carriers.rate_table.connector import RateTableCarrier, rate_table
from connectors.contract.parcels import LabelRequest, ParcelToShip
from fulfillment.documents.labels import label_facts, label_pdf
from oms.kernel.address import Address
from oms.kernel.barcodes import make_sscc
from tests.integration.documents.prints import page_texts, scanned


def test_labels_of_a_price_list_print_and_scan(tmp_path: Path) -> None:
    text = (files("config") / "carriers" / "nusantara.toml").read_text(encoding="utf-8")
    ssccs = [make_sscc(0, "8990000", serial) for serial in (1, 2, 3)]
    request = LabelRequest(
        idempotency_key="ful_1",
        order_number="SO-000123",
        service="REG",
        ship_from=Address(country="ID", name="Rumah Batik Nusa", postal_code="13910"),
        ship_to=Address(country="ID", name="Kartika Halim", city="Denpasar", postal_code="80113"),
        parcels=tuple(ParcelToShip(reference=sscc, weight_g=900) for sscc in ssccs),
        ship_at_ms=1_795_262_400_000,
        currency="IDR",
    )

    bought = asyncio.run(RateTableCarrier(rate_table(text, "nusantara")).buy_labels(request))
    pdf = label_pdf(label_facts(request, bought, "id_ID"))

    assert all(label.document == b"" for label in bought)
    assert all("DPS 80" in text for text in page_texts(pdf))
    assert scanned(pdf, tmp_path) == [
        {label.tracking_number, f"00{sscc}"} for label, sscc in zip(bought, ssccs, strict=True)
    ]
