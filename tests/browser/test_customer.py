"""A customer's page in every state an order can be in, and a return asked for by its link alone."""

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser import customers
from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Shop, Visit

STATES = (
    *("placed", "allocated", "in_fulfilment", "partly_in_fulfilment", "shipped", "partly_shipped"),
    *("delivered", "partly_delivered", "lost", "cancelled", "returning", "returned"),
)
MARKUP = "<img src=x onerror=alert(1)> & <b>Ada</b> \u202eadA\u202c 👩🏽‍🚀"

FormFields = dict[str, str | float | bool]
LONGEST = 2_000  # longer ones are refused at the door


@pytest.fixture(scope="module")
def links(shop: Shop) -> dict[str, str]:
    """A customer's page for every status that orders of the shop have."""
    return {status: customers.link(shop, id_) for status, id_ in customers.by_status(shop).items()}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_state_is_accessible_and_fits(
    visit: Visit, links: dict[str, str], language: str, theme: str
) -> None:
    page = visit("/static/none", width=390, language=language, theme=theme)
    seen = [status for status in STATES if status in links]
    assert len(seen) >= 6, f"the shop has only {sorted(links)}"
    is_usual = (language, theme) in (("en", "light"), ("id", "dark"))
    for status in seen if is_usual else ("shipped", "delivered"):
        page.goto(f"{links[status]}?lang={language}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.locator("html").get_attribute("lang") == language
        expect_accessible(page)
        expect_fits(page)


def test_a_page_is_light(visit: Visit, shop: Shop) -> None:
    expect_light(visit(shop.customer_path, width=390), shop.customer_path)


def test_what_is_on_its_way_says_when_it_comes_and_its_waybill_is_copied(
    visit: Visit, links: dict[str, str]
) -> None:
    page = visit(f"{links['shipped']}?lang=en", width=390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    expect(page.get_by_role("heading", level=1)).to_contain_text("Arrives")
    expect(page.locator(".beneath")).to_contain_text("between 09:00 and 17:00")
    expect(page.locator('.way [aria-current="step"]')).to_contain_text("On its way")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#waybill-1").inner_text()


def test_the_language_is_switched_and_stays(visit: Visit, links: dict[str, str]) -> None:
    page = visit(f"{links['delivered']}?lang=en", width=390)

    page.get_by_role("link", name="Bahasa Indonesia").click()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator(".kicker")).to_have_text("Pesanan Anda sudah sampai")
    page.get_by_role("link", name="Kembalikan barang").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kembalikan barang")
    assert page.locator('link[rel="alternate"][hreflang="en"]').count() == 1


def test_a_return_takes_four_taps_and_no_number(visit: Visit, shop: Shop) -> None:
    page = visit(customers.link(shop, _delivered(shop)[0]) + "?lang=en", width=390)

    page.get_by_role("link", name="Return something").click()
    expect_accessible(page)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("radio", name="It came damaged").check()
    expect_accessible(page)
    page.get_by_role("button", name="Ask for the return").click()

    asked = page.locator(".asked")
    expect(asked).to_contain_text("Approved: send it back")
    expect(asked).to_contain_text("It came damaged")
    expect(asked.locator(".code svg")).to_be_visible()
    number = asked.locator(".code figcaption").inner_text()
    expect(asked.get_by_role("heading")).to_have_text(f"Return {number}")
    expect_accessible(page)
    expect_fits(page)

    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("link", name=re.compile("Order")).first.click()
    expect(page.get_by_text(number).first).to_be_visible()


def test_the_same_wish_sent_twice_is_one_return(visit: Visit, shop: Shop) -> None:
    order_id = _delivered(shop)[1]
    path = customers.link(shop, order_id) + "/return"
    page, other = visit(path + "?lang=en"), visit(path + "?lang=en")
    form = _filled(page)

    for _ in range(2):
        answer = page.request.post(path, form=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.ok, answer.text()
    for each in other.get_by_role("checkbox").all():
        each.check()
    other.get_by_role("radio").first.check()
    other.get_by_role("button", name="Ask for the return").click()

    expect(other.get_by_role("heading", level=1)).to_have_text("It was refused")
    expect(other.get_by_text("Nothing was changed.")).to_be_visible()
    expect_accessible(other)
    assert len(customers.get(shop, "/returns", orderId=order_id)["items"]) == 1


def test_a_wish_from_another_site_is_refused(visit: Visit, shop: Shop) -> None:
    path = customers.link(shop, _delivered(shop)[2]) + "/return"
    page = visit(path + "?lang=en")

    answer = page.request.post(path, form=_filled(page), headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status == 403
    assert "was not asked for by a page of ours" in answer.text()
    page.reload()
    expect(page.locator(".asked")).to_have_count(0)


def test_what_is_not_there_yet_cannot_go_back(visit: Visit, links: dict[str, str]) -> None:
    page = visit(f"{links['shipped']}/return?lang=en", width=390)

    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing can go back now")
    expect(page.get_by_text("Come again when the parcel is there.")).to_be_visible()
    expect_accessible(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_link_that_is_over_or_altered_opens_nothing(visit: Visit, shop: Shop, theme: str) -> None:
    ids = list(customers.by_status(shop).values())
    page = visit(customers.link(shop, ids[0], days=-1), theme=theme)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is over")
    expect_accessible(page)

    altered = customers.link(shop, ids[0]).replace(ids[0], ids[1])
    for path in (altered, f"{altered}/return", f"{altered}/ground.svg", "/track/x"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("This link does not open")
    expect_accessible(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_text_stays_text(visit: Visit, shop: Shop, width: int) -> None:
    order_id = _hostile_order(shop)
    asked: list[str] = []

    def hear(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page = visit(customers.link(shop, order_id) + "?lang=en", width=width)
    page.on("dialog", hear)
    page.reload()

    expect(page.locator(".items")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("main img, main b b").count() == 0
    expect_fits(page)
    expect_accessible(page)
    assert not asked


def test_hostile_text_stays_text_on_the_desk(visit: Visit, shop: Shop) -> None:
    order_id = _hostile_order(shop)
    page = visit(f"/orders/{order_id}", "owner")

    expect(page.locator(".lines")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("main img").count() == 0
    expect_fits(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/orders?view=all&q=onerror")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/orders?view=all")
    expect(page.locator("[data-row]").first).to_contain_text("<img src=x")
    expect_fits(page)


def _delivered(shop: Shop) -> list[str]:
    """Orders of which nothing went back yet."""
    return [each["id"] for each in customers.orders(shop) if each["status"] == "delivered"]


def _filled(page: Page) -> FormFields:
    key = page.locator('.ask [name="_key"]').get_attribute("value") or ""
    line = page.locator('[name="line"]').first.get_attribute("value") or ""
    return {"_key": key, "line": line, f"count-{line}": "1", "reason": "I changed my mind"}


def _hostile_order(shop: Shop) -> str:
    channel = customers.get(shop, "/channels")[0]
    sku = customers.get(shop, "/items", limit=1)["items"][0]["sku"]
    line = {"sku": sku, "quantity": 1, "unitPriceMinor": 100_000, "title": MARKUP * 9}
    order = {
        "channelId": channel["id"],
        "id": "hostile",
        "currency": channel["currency"],
        "shipTo": {"country": "ID", "name": MARKUP, "line1": MARKUP, "city": MARKUP},
        "customer": {"id": "hostile", "name": MARKUP},
        "lines": [line, line | {"title": "W" * LONGEST}],
    }
    return str(customers.post(shop, "/orders", order)["orderId"])
