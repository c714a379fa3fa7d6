"""Customers found from any scrap, and everything about one on a page."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1440), ("id", "dark", 390)]
)
def test_the_pages_of_customers_are_accessible_and_fit(
    visit: Visit, language: str, theme: str, width: int
) -> None:
    page = visit("/customers", "agent", width=width, language=language, theme=theme)
    expect_accessible(page)
    page.locator("a.main-link").first.click()
    expect(page.locator(".people")).to_be_visible()
    expect_accessible(page)
    expect_fits(page)
    page.goto("/customers?q=nobody-is-called-this")
    expect_accessible(page)


def test_a_customer_is_found_by_name_mail_phone_and_order_number(visit: Visit) -> None:
    page = visit("/customers", "agent")
    row = page.locator("[data-row]:has(td a)").first
    name = row.locator("a.main-link").inner_text()
    order = row.locator("td a").first.inner_text()
    page.locator("a.main-link", has_text=name).first.click()
    known = page.locator(".people li > span:first-of-type").all_inner_texts()
    path = urlsplit(page.url).path

    for scrap in [name, order, *(each for each in known if "@" in each or each.startswith("+"))]:
        page.goto("/customers")
        page.keyboard.press("/")
        page.keyboard.type(scrap)
        expect(page.locator(f"a.main-link[href='{path}']")).to_be_visible()
        expect(page.locator("[data-list-search]")).to_be_focused()


def test_who_may_not_see_customers_is_told_so(visit: Visit) -> None:
    page = visit("/customers", "floor")
    expect(page.get_by_role("heading", level=1)).to_have_text("This is not for you to do")


def test_the_list_of_customers_is_light(visit: Visit) -> None:
    expect_light(visit("/customers", "agent"), "/customers")
