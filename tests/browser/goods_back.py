"""How tests make returns: of orders that were delivered, by the pages people use."""

import re

from playwright.sync_api import Page

OPEN = re.compile("/returns/ret_")


_looked_at: set[tuple[str, int]] = set()
"""Orders given away or too small, by how many lines were wanted: nobody looks at them twice."""


def delivered_order(page: Page, lines: int = 1) -> str:
    """The id of an order with so many lines at its customer; the page for its return is open."""
    desk = "/orders?view=all"
    while desk:
        page.goto(desk)
        found = page.locator("tr:has(.pill:text-is('Delivered')) a.main-link")
        ids = [str(each.get_attribute("href")).rpartition("/")[2] for each in found.all()]
        older = page.locator("a[rel=next]")
        desk = str(older.get_attribute("href")) if older.count() else ""
        for order_id in ids:
            if (order_id, lines) in _looked_at:
                continue
            _looked_at.add((order_id, lines))
            page.goto(f"/returns/new?order={order_id}")
            if page.locator(f"{ANNOUNCED} input.units").count() >= lines:
                return order_id
    raise AssertionError(f"no order of the demo has {lines} lines to send back")


ANNOUNCED = "form[action='/returns/new']"


def make_return(page: Page, lines: int = 1, reason: str = "") -> str:
    """A return of one unit of each of so many lines; answers its number, its desk is open."""
    delivered_order(page, lines)
    units = page.locator(f"{ANNOUNCED} input.units")
    for position in range(units.count()):
        units.nth(position).fill("1" if position < lines else "0")
    page.get_by_label("Why").fill(reason)
    page.keyboard.press("Enter")
    page.wait_for_url(OPEN)
    return page.get_by_role("heading", level=1).inner_text()


def scan(page: Page, code: str) -> None:
    """As a scanner types: fast, and with Enter behind."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
