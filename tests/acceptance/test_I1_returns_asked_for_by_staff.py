"""I1: a return is asked for by the policy; our own people make one for an order, by keys alone."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Shop, Visit, browser, running_shop, visit
from tests.browser.goods_back import ANNOUNCED, OPEN, delivered_order

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow]
__all__ = ["browser", "visit"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("returns"), 8_900 + os.getpid() % 90) as opened:
        yield opened


def test_staff_make_a_return_for_an_order_by_keys_alone(visit: Visit) -> None:
    page = visit("/returns", "agent")
    delivered_order(page)
    expect(page.locator(".sub")).to_contain_text("after delivery")
    page.locator(f"{ANNOUNCED} input.units").first.focus()

    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_url(OPEN)

    expect(page.locator(".head .pill")).to_have_text("Expected")
    expect(page.locator(".desk")).to_contain_text("of 30 after delivery")


def test_nothing_can_be_asked_back_that_nobody_has(visit: Visit) -> None:
    page = visit("/orders?view=to-release", "agent")
    order = str(page.locator("a.main-link").first.get_attribute("href")).rpartition("/")[2]

    page.goto(f"/returns/new?order={order}")

    expect(page.locator(".empty")).to_contain_text("so nothing can come back")
