"""J1: one page tells a customer's orders, money and returns."""

import pytest
from playwright.sync_api import expect

from tests.acceptance.screens import browser, shop
from tests.browser.conftest import Visit, visit
from tests.browser.goods_back import make_return

__all__ = ["browser", "shop", "visit"]

pytestmark = [pytest.mark.pages, pytest.mark.xdist_group("browser")]


def test_orders_money_returns_and_addresses_stand_on_one_page(visit: Visit) -> None:
    page = visit("/returns", "merchant")
    number = make_return(page)
    page.get_by_role("link", name="Everything about them").click()

    expect(page.locator(".numbers").first).to_contain_text("Ordered")
    expect(page.locator(".numbers").first).to_contain_text("Paid")
    expect(page.locator("#orders tbody tr")).not_to_have_count(0)
    expect(page.locator("#orders .pill").first).to_be_visible()
    expect(page.get_by_role("link", name=number)).to_be_visible()
    expect(page.locator(".addresses li")).not_to_have_count(0)
    expect(page.locator(".people li")).not_to_have_count(0)
