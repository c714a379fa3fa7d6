"""A customer opens the link to their order: words, parcels and refunds, and nothing else."""

import re

import httpx
import pytest

from tests.stories.storefront import Storefront
from tests.stories.test_an_orders_way import deliver


def open_page(shop: Storefront, order_id: str, language: str = "") -> httpx.Response:
    link = shop.post(f"/orders/{order_id}/status-link", {})["url"]
    path = link.partition("/track/")[2]
    return httpx.get(f"{shop.url}/track/{path}", headers={"Accept-Language": language})


def test_a_customer_follows_an_order_from_receipt_to_refund(storefront: Storefront) -> None:
    shop = storefront.furnish(units=0)
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    assert "We have received your order" in open_page(shop, order_id).text
    assert "Pesanan Anda sudah kami terima" in open_page(shop, order_id, "id-ID,id;q=0.9").text

    shop.receive(100, "delivery")
    shop.eventually(lambda: shop.get(f"/orders/{order_id}")["status"] == "allocated")
    assert "will be packed soon" in open_page(shop, order_id).text
    shop.post(f"/orders/{order_id}/fulfil")
    page = open_page(shop, order_id).text
    (parcel,) = shop.get(f"/orders/{order_id}/parcels")
    assert "Your order is on its way to you" in page
    assert parcel["trackingNumber"] in page
    deliver(shop, order_id)
    assert "Your order was delivered" in open_page(shop, order_id).text
    line = shop.get(f"/orders/{order_id}")["lines"][0]["id"]
    lines = [{"lineId": line, "quantity": 1}]
    back = {"orderId": order_id, "nodeId": shop.ids["node"], "lines": lines}
    shop.post("/returns/take-back", back)
    shop.eventually(lambda: shop.get(f"/orders/{order_id}/refunds"))
    page = open_page(shop, order_id).text
    assert "We have part of your order back" in page
    assert "£6.00" in page
    assert "1 returned" in page


def test_a_page_tells_no_more_than_its_customer_knows(storefront: Storefront) -> None:
    shop = storefront.furnish()
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    shop.post(f"/orders/{order_id}/fulfil")

    page = open_page(shop, order_id)

    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    text = page.text.replace(page.url.path.rpartition("/")[2], "the link itself")
    for secret in ("Lovelace", "Stonegate", "YO1", "ada@example.com", order_id, *shop.ids.values()):
        assert secret not in text, secret
    assert "A•••" in page.text
    assert "style=" not in page.text
    assert "<script>" not in page.text
    assert "noindex" in page.headers["x-robots-tag"]
    (address,) = re.findall(r'href="(/brand/[^"]+)"', page.text)
    style = httpx.get(shop.url + address)
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_cancelled_order_says_so(storefront: Storefront, language: str) -> None:
    shop = storefront.furnish()
    customer = {"id": "c1", "name": "Ada", "locale": language}
    order_id = shop.post("/orders", shop.order("W1", customer=customer))["orderId"]
    shop.post(f"/orders/{order_id}/cancel", {})

    page = open_page(shop, order_id, "en").text

    words = {"en": "Your order was cancelled", "id": "Pesanan Anda dibatalkan"}
    assert words[language] in page
    assert f'lang="{language}"' in page


def test_an_altered_link_opens_nothing(storefront: Storefront) -> None:
    shop = storefront.furnish()
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    other_id = shop.post("/orders", shop.order("W2"))["orderId"]
    link = shop.post(f"/orders/{order_id}/status-link", {"days": 1})["url"]
    token = link.partition("/track/")[2]

    for altered in (token[:-1] + "!", token.replace(order_id, other_id), "x", f"{order_id}.1."):
        page = httpx.get(f"{shop.url}/track/{altered}")
        assert page.status_code == 404
        assert "This link does not open" in page.text
        assert page.headers["content-type"].startswith("text/html")
