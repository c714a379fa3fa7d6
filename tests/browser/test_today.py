"""Today at a glance: its pictures say what they show, and everything leads to the orders behind."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("id", 390)])
def test_today_is_accessible(visit: Visit, language: str, width: int, theme: str) -> None:
    page = visit("/today", "merchant", width=width, language=language, theme=theme)
    expect_accessible(page)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    expect_accessible(page)


def test_today_fits_and_is_light(visit: Visit) -> None:
    page = visit("/today", "merchant")
    expect_fits(page)
    expect_light(page, "/today")


def test_every_picture_has_words_and_a_table(visit: Visit) -> None:
    page = visit("/today", "merchant")

    pictures = page.locator("main svg[role=img]")
    assert pictures.count() > 6
    for picture in pictures.all():
        assert picture.get_attribute("aria-label")
    for name in ("These figures by day", "Orders leave by", "Network"):
        assert page.locator(f"table:has(caption:text-is('{name}'))").count() == 1


def test_a_reason_leads_to_its_orders(visit: Visit) -> None:
    page = visit("/today", "merchant")
    held = page.locator(".reasons a", has_text="Held")
    count = int(held.locator("b").inner_text())
    held.click()
    expect(page).to_have_url(re.compile("why=held"))
    expect(page.locator("[data-row]")).to_have_count(count)


def test_a_ribbon_leads_to_its_orders(visit: Visit) -> None:
    page = visit("/today", "merchant")
    page.locator(".flow.wide .ribbon[data-href*='channel=']").first.dispatch_event("click")
    expect(page).to_have_url(re.compile("/orders.*channel=chn_"))


def test_the_network_lies_on_its_base_map(visit: Visit) -> None:
    page = visit("/today", "merchant")
    address = page.locator(".map use").get_attribute("href") or ""
    answer = page.request.get(address.partition("#")[0])
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    assert 'id="land"' in answer.text()
    assert page.request.get("/map/x/nowhere.svg").status == 404


def test_today_is_not_for_who_may_not_read_orders(visit: Visit) -> None:
    page = visit("/today", "floor", width=390)
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect(page.get_by_text("Could not be read as an order")).to_have_count(0)
