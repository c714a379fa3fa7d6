"""Stock: found by any name, explained, received and adjusted."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("id", 390)])
def test_stock_is_accessible(visit: Visit, language: str, width: int, theme: str) -> None:
    page = visit("/stock", "merchant", width=width, language=language, theme=theme)
    expect_accessible(page)
    page.locator("a.main-link").first.click()
    expect(page.locator("svg.bars")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    expect_accessible(page)
    page.locator("[data-open=receive]").click()
    expect_accessible(page)


def test_stock_fits_and_is_light(visit: Visit) -> None:
    page = visit("/stock", "merchant")
    expect_fits(page)
    expect_light(page, "/stock")
    page.locator("a.main-link").first.click()
    expect(page.locator("svg.bars")).to_be_visible()
    expect_fits(page)


def test_an_item_is_found_while_typing_and_pages_follow(visit: Visit) -> None:
    page = visit("/stock", "merchant")
    first = page.locator("a.main-link").first.inner_text()
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("a.main-link").first).not_to_have_text(first)
    page.locator("[data-list-search]").press_sequentially(first[:12])
    expect(page.locator("a.main-link").first).to_have_text(first)
    page.locator("[data-list-search]").fill("no such thing")
    expect(page.locator(".empty")).to_contain_text("no such thing")


def test_units_are_received_once_and_adjusted_with_a_reason(visit: Visit) -> None:
    page = visit("/stock", "merchant")
    page.locator("a.main-link").first.click()
    before = _on_hand(page)

    page.locator("[data-open=receive]").click()
    page.locator("#receive-units").fill("7")
    page.locator("#receive-cost").fill("12.50")
    page.locator("#receive button.main").click()
    expect(page.locator("tfoot td").first).to_have_text(str(before + 7))

    page.locator("[data-open=adjust]").click()
    page.locator("#adjust-units").fill("3")
    page.locator("#adjust-reason").fill("Broken <b>glass</b>")
    page.locator("#adjust button.main").click()
    expect(page.locator("tfoot td").first).to_have_text(str(before + 4))
    movements = page.locator("table:has(caption:text-is('Movements')) tbody tr")
    expect(movements.first).to_contain_text("Counting difference")
    expect(movements.nth(1)).to_contain_text("Supplier")


def test_more_than_is_there_cannot_go_missing(visit: Visit) -> None:
    page = visit("/stock", "merchant")
    page.locator("a.main-link").first.click()
    before = _on_hand(page)
    address = page.url
    page.locator("[data-open=adjust]").click()
    page.locator("#adjust-units").fill("999999")
    page.locator("#adjust-reason").fill("Gone")
    page.locator("#adjust button.main").click()
    expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    page.goto(address)
    assert _on_hand(page) == before


def test_safety_stock_lowers_what_can_be_promised(visit: Visit) -> None:
    page = visit("/stock", "merchant")
    page.locator("a.main-link").nth(7).click()
    row = page.locator("table:has(caption:text-is('By location')) tbody tr").first
    free = int(row.locator("td").nth(2).inner_text())
    page.locator("[data-open=safety]").click()
    page.locator("#safety-units").fill("2")
    page.locator("#safety button.main").click()
    expect(row.locator("td").nth(3)).to_have_text("2")
    expect(row.locator("td").nth(4)).to_have_text(str(max(0, free - 2)))


def test_who_may_only_look_finds_nothing_to_change(visit: Visit) -> None:
    page = visit("/stock", "agent")
    page.locator("a.main-link").first.click()
    expect(page.locator("svg.bars")).to_be_visible()
    expect(page.locator("[data-open=receive]")).to_have_count(0)


def _on_hand(page: Page) -> int:
    return int(page.locator("tfoot td").first.inner_text())
