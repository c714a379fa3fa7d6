"""The order desk by keys alone, in both languages and themes, on wide screens and on phones."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("id", 1440), ("en", 390)])
def test_every_state_of_the_desk_is_accessible(
    visit: Visit, language: str, width: int, theme: str
) -> None:
    page = visit("/orders", "merchant", width=width, language=language, theme=theme)
    expect_accessible(page)

    page.goto("/orders?view=all")
    page.locator("[data-peek]").first.click()
    expect(page.locator("#peek h2")).to_be_visible()
    expect_accessible(page)
    page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    page.keyboard.type("an")
    expect(page.locator("#found [role=option]").first).to_be_visible()
    expect_accessible(page)
    page.keyboard.press("Escape")

    page.goto("/orders?q=nobody-is-called-this")
    expect_accessible(page)


def test_an_order_is_accessible_and_fits(visit: Visit) -> None:
    page = visit("/orders?view=all", "merchant")
    expect_fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("a.main-link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("SO-")
    expect_accessible(page)
    expect_fits(page)


def test_the_desk_is_light(visit: Visit) -> None:
    expect_light(visit("/orders?view=all", "merchant"), "/orders?view=all")


def test_a_batch_is_released_by_three_keys_and_taken_back_by_one_click(visit: Visit) -> None:
    page = visit("/orders?view=to-release", "merchant")
    before = _rows(page)
    assert before, "the demo has orders to release"

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("r")

    toast = page.locator(".toast")
    expect(toast).to_contain_text("1 released to picking")
    expect(page.locator("[data-row]")).to_have_count(before - 1)

    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-row]")).to_have_count(before)


def test_an_order_is_found_from_any_scrap(visit: Visit) -> None:
    page = visit("/orders?view=all", "merchant")
    row = page.locator("[data-row]").nth(3)
    number = row.locator("a.main-link").inner_text()
    name = row.locator(".who").inner_text().split("\n")[0]

    page.keyboard.press("/")
    page.keyboard.type(name)
    expect(page.locator(f"a.main-link:text-is('{number}')")).to_be_visible()
    expect(page.locator("[data-list-search]")).to_be_focused()

    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type(number)
    expect(page.locator("#found [role=option]").first).to_contain_text(number)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/orders/ord_"))


def test_a_hold_is_seen_with_its_reason_and_released(visit: Visit) -> None:
    page = visit("/orders?view=to-release", "merchant")
    page.locator("a.main-link").first.click()
    number = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Hold").first.click()
    page.get_by_label("Why", exact=True).fill("The address <b>does not</b> add up")
    page.locator("#hold-order button.main").click()

    banner = page.locator(".banner", has_text="Held")
    expect(banner).to_contain_text("The address <b>does not</b> add up")
    expect(page.get_by_role("button", name="Release to picking")).to_be_visible()

    page.goto(f"/orders?q={number}")
    expect(page.locator(".state")).to_contain_text("The address <b>does not</b> add up")
    page.locator("a.main-link").click()
    page.get_by_role("button", name="Release the hold").click()
    expect(page.locator(".banner", has_text="Held")).to_have_count(0)


def _rows(page: Page) -> int:
    return page.locator("[data-row]").count()
