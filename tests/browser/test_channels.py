"""Channels: whether orders come in, names are mapped, and payloads mended or dismissed."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("id", 390)])
def test_channels_are_accessible(visit: Visit, language: str, width: int, theme: str) -> None:
    page = visit("/channels", "merchant", width=width, language=language, theme=theme)
    expect_accessible(page)
    _open_troubled(page)
    expect_accessible(page)
    page.locator(".reasons a").first.click()
    expect(page.locator("textarea")).to_be_visible()
    expect_accessible(page)


def test_channels_fit_and_are_light(visit: Visit) -> None:
    page = visit("/channels", "merchant")
    expect_fits(page)
    expect_light(page, "/channels")
    _open_troubled(page)
    expect_fits(page)
    page.locator(".reasons a").first.click()
    expect(page.locator("textarea")).to_be_visible()
    expect_fits(page)


def test_a_name_is_mapped_and_its_orders_go_on(visit: Visit) -> None:
    page = visit("/channels", "merchant")
    row = page.locator("tbody tr:has(.warn)").first
    row.locator("a.main-link").click()
    wanting = page.locator(".wanting li")
    before = wanting.count()
    first = wanting.first
    name = first.locator("b").inner_text()
    first.locator("[name=sku]").fill("BMB-001")
    first.get_by_role("button").click()
    expect(page.locator(".banner.ok")).to_be_visible()
    still = page.locator(".wanting b", has_text=re.compile(f"^{re.escape(name)}$"))
    for _ in range(30):  # orders are freed a moment after the name is known
        if not still.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(still).to_have_count(0)
    assert page.locator(".wanting li").count() < before


def test_an_unknown_sku_is_refused_in_words(visit: Visit) -> None:
    page = visit("/channels", "merchant")
    page.locator("tbody tr:has(.warn) a.main-link").first.click()
    first = page.locator(".wanting li").first
    first.locator("[name=sku]").fill("NO-SUCH-THING")
    first.get_by_role("button").click()
    expect(page.get_by_text("Nothing was changed.")).to_be_visible()


def test_a_payload_is_mended_compared_and_dismissed(visit: Visit) -> None:
    page = visit("/channels", "merchant")
    _open_troubled(page)
    page.locator(".reasons a").first.click()
    box = page.locator("textarea")
    came = box.input_value()
    box.fill(came + "\n<b>hostile & mended</b>")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".changes .new").last).to_contain_text("<b>hostile & mended</b>")

    page.get_by_role("button", name="Save and try again").click()
    expect(page.locator(".banner.bad")).to_be_visible()

    page.get_by_role("button", name="It is no order of ours").click()
    page.locator("#dismiss-why").fill("A test of theirs")
    page.locator("#dismiss button.main").click()
    expect(page).to_have_url(re.compile("/channels/chn_"))
    page.get_by_role("link", name="Dismissed").click()
    expect(page.locator(".reasons a")).not_to_have_count(0)


def test_channels_are_not_for_everybody(visit: Visit) -> None:
    page = visit("/orders", "agent")
    answer = page.request.get("/channels")
    assert answer.status == 403
    assert "This is not for you to do" in answer.text()


def _open_troubled(page: Page) -> None:
    page.locator("tbody tr:has(.bad) a.main-link").first.click()
    expect(page.locator(".reasons")).to_be_visible()
