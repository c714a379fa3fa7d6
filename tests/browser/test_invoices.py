"""What an accountant looks at daily, every figure with a way to its source."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1440), ("id", "dark", 390)]
)
def test_every_page_of_the_accountant_is_accessible_and_fits(
    visit: Visit, language: str, theme: str, width: int
) -> None:
    page = visit("/invoices", "accountant", width=width, language=language, theme=theme)
    expect_accessible(page)
    page.locator("a.main-link").first.click()
    page.wait_for_url(re.compile("/invoices/inv_"))
    expect_accessible(page)
    expect_fits(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/invoices/books")
    expect_accessible(page)
    expect_fits(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.locator("a[href*='/books/account']").first.click()
    expect(page.locator("tbody tr")).not_to_have_count(0)
    expect_accessible(page)


def test_a_document_is_found_by_number_and_order_and_printed(visit: Visit) -> None:
    page = visit("/invoices?view=invoices", "accountant")
    row = page.locator("[data-row]").first
    number = row.locator("a.main-link").inner_text()
    order = row.locator("td").nth(1).inner_text()

    page.keyboard.press("/")
    page.keyboard.type(order)
    expect(page.locator("[data-row]").first).to_contain_text(order)
    page.goto(f"/invoices?q={number}")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("a.main-link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)

    printed = page.request.get(page.url + ".pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body().startswith(b"%PDF")


def test_every_account_leads_to_what_was_posted_and_on_to_its_document(visit: Visit) -> None:
    page = visit("/invoices/books", "accountant")
    expect(page.get_by_text("Debits and credits in IDR are equal.")).to_be_visible()
    page.get_by_role("link", name="Receivable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Assets:Receivable")
    page.locator("td a[href*='/invoices/inv_']").first.click()
    expect(page.get_by_text("In the journal").first).to_be_visible()


def test_a_month_is_summed(visit: Visit) -> None:
    page = visit("/invoices", "accountant")
    expect(page.locator("dl.facts")).to_have_count(0)
    page.locator("summary", has_text="Month").click()
    page.locator("label:has(input[name=month])").nth(1).click()
    expect(page.locator("dl.facts").first).to_contain_text("net Rp")


def test_the_books_are_not_for_everybody(visit: Visit) -> None:
    page = visit("/invoices", "returns")
    expect(page.get_by_role("heading", level=1)).to_have_text("This is not for you to do")


def test_the_list_of_documents_is_light(visit: Visit) -> None:
    expect_light(visit("/invoices", "accountant"), "/invoices")
