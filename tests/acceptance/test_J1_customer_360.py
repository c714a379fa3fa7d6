"""J1: one page tells a customer's orders, money and returns."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Shop, Visit, browser, running_shop, visit

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow]
__all__ = ["browser", "visit"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("customers"), 8_990 + os.getpid() % 9) as opened:
        yield opened


def test_orders_money_returns_and_addresses_stand_on_one_page(visit: Visit) -> None:
    page = visit("/returns?view=all", "merchant")
    number = page.locator("a.main-link").first.inner_text()
    page.locator("a.main-link").first.click()
    page.get_by_role("link", name="Everything about them").click()

    expect(page.locator(".numbers").first).to_contain_text("Ordered")
    expect(page.locator(".numbers").first).to_contain_text("Paid")
    expect(page.locator("#orders tbody tr")).not_to_have_count(0)
    expect(page.locator("#orders .pill").first).to_be_visible()
    expect(page.get_by_role("link", name=number)).to_be_visible()
    expect(page.locator(".addresses li")).not_to_have_count(0)
    expect(page.locator(".people li")).not_to_have_count(0)
