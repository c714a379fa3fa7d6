"""I1: a return is asked for by the policy; our own people make one for an order, by keys alone."""

import pytest
from playwright.sync_api import expect

from tests.acceptance.screens import browser, shop
from tests.browser.conftest import Visit, visit
from tests.browser.goods_back import ANNOUNCED, OPEN, delivered_order

__all__ = ["browser", "shop", "visit"]

pytestmark = [pytest.mark.pages, pytest.mark.xdist_group("browser")]


def test_staff_make_a_return_for_an_order_by_keys_alone(visit: Visit) -> None:
    page = visit("/returns", "agent")
    delivered_order(page)
    expect(page.locator(".sub")).to_contain_text("after delivery")
    page.locator(f"{ANNOUNCED} input.units").first.focus()

    page.keyboard.press("Control+a")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_url(OPEN)

    expect(page.locator(".head .pill")).to_have_text("Expected")
    expect(page.locator(".desk")).to_contain_text("of 30 after delivery")


def test_nothing_is_asked_back_twice(visit: Visit) -> None:
    page = visit("/returns", "agent")
    order_id = delivered_order(page)
    units = page.locator(f"{ANNOUNCED} input.units")
    for position in range(units.count()):
        units.nth(position).fill(units.nth(position).get_attribute("max") or "0")
    page.keyboard.press("Enter")
    page.wait_for_url(OPEN)

    page.goto(f"/returns/new?order={order_id}")

    expect(page.locator(ANNOUNCED)).to_have_count(0)
    expect(page.locator(".banner").first).to_contain_text("is open for this order already")
