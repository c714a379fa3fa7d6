"""A file goes in beside the other work, and every row of it is accounted for."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit

HEAD = (
    "Order,Date,Currency,E-mail,Ship to,Street,City,Postcode,Country,Kind,SKU,Item,Qty,Price,"
    "Off,VAT %\n"
)
ROWS = (
    "UP-1,2026-11-21 09:30,IDR,a@ex.eu,Ada L.,Ring 1,Berlin,10115,Germany,item,BMB-001,Mug,2,"
    '"12,50",,19\n'
    'UP-1,,,,,,,,,postage,DHL,Parcel,1,"4,90",,19\n'
    "UP-2,2026-11-21 09:41,IDR,,Bo,Rue X 2,Paris,75001,France,item,BMB-002,Tea,many,"
    '"1,50",,19\n'
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("id", 390)])
def test_imports_are_accessible(visit: Visit, language: str, width: int, theme: str) -> None:
    page = visit("/imports", "merchant", width=width, language=language, theme=theme)
    expect_accessible(page)


def test_imports_fit_and_are_light(visit: Visit) -> None:
    page = visit("/imports", "merchant")
    expect_fits(page)
    expect_light(page, "/imports")


def test_every_row_of_a_file_is_accounted_for(visit: Visit, tmp_path: Path) -> None:
    page = visit("/imports", "merchant")
    _upload(page, _file(tmp_path, "orders of today.csv", HEAD + ROWS))
    run = page.locator(".run", has_text="orders_of_today.csv")
    expect(run).to_contain_text("Done", timeout=20_000)
    expect(run.locator(".sum")).to_have_text(
        "3 rows = 1 of orders + 0 of returns + 1 services and charges + 1 in quarantine"
    )
    expect_accessible(page)
    run.get_by_role("link", name="See the quarantine").click()
    expect(page.locator(".reasons a", has_text="orders_of_today.csv:4")).to_have_count(1)

    page.goto("/imports")
    _upload(page, _file(tmp_path, "orders of today.csv", HEAD + ROWS))
    expect(page.locator(".run").first).to_contain_text("0 new, 1 known", timeout=20_000)


def test_a_file_of_another_kind_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    page = visit("/imports", "merchant")
    _upload(page, _file(tmp_path, "photo.png", "x"))
    expect(page.get_by_text("is not a file that can be read")).to_be_visible()

    page.goto("/imports")
    _upload(page, _file(tmp_path, "strange.csv", "Apples;Pears\n1;2\n"))
    expect(page.locator(".banner.bad")).to_contain_text("strange.csv", timeout=20_000)


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _upload(page: Page, path: Path) -> None:
    page.locator("[name=file]").set_input_files(path)
    page.locator("[name=mapping]").select_option("example_orders")
    page.get_by_role("button", name="Import", exact=True).click()
