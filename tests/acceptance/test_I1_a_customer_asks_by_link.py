"""I1: a customer asks for a return by their link; window, quantity and delivery decide."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.services.databases import Databases
from tests.stories.storefront import Storefront, migrate, serve
from tests.stories.test_an_orders_way import deliver

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
REASON = "It came damaged"


@pytest.fixture
def shop(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storefront]:
    url = databases.copy_of("storefront", migrate)
    with serve(url, tmp_path_factory.mktemp("shop")) as made:
        yield made.furnish()
    databases.drop(url)


def shipped(shop: Storefront, quantity: int = 2) -> str:
    order_id: str = shop.post("/orders", shop.order("W1", quantity))["orderId"]
    shop.eventually(lambda: shop.get(f"/orders/{order_id}")["status"] == "allocated")
    shop.post(f"/orders/{order_id}/fulfil")
    return order_id


def delivered_now(shop: Storefront, order_id: str) -> None:
    (parcel,) = shop.get(f"/orders/{order_id}/parcels")
    scan = {
        "id": "at-the-door",
        "trackingNumber": parcel["trackingNumber"],
        "status": "delivered",
        "at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
    }
    shop.post("/tracking", {"scans": [scan]})


def page_of(shop: Storefront, order_id: str) -> str:
    link: str = shop.post(f"/orders/{order_id}/status-link", {})["url"]
    return f"{shop.url}/track/{link.partition('/track/')[2]}/return"


def returns_of(shop: Storefront, order_id: str) -> list[Any]:
    return list(shop.get("/returns", orderId=order_id)["items"])


def ask(url: str, **changes: str) -> httpx.Response:
    form = {"_key": "one wish", "line": "0", "count-0": "1", "reason": REASON} | changes
    return httpx.post(url, data=form, headers=SAME_SITE, follow_redirects=True)


def test_a_wish_inside_the_window_is_approved_with_its_number(shop: Storefront) -> None:
    order_id = shipped(shop)
    delivered_now(shop, order_id)
    url = page_of(shop, order_id)
    assert "What goes back?" in httpx.get(url).text

    page = ask(url).text

    (asked,) = returns_of(shop, order_id)
    assert asked["state"] == "authorised"
    assert asked["number"] in page
    assert "Approved: send it back" in page
    assert "<svg" in page
    assert REASON in page
    (line,) = shop.get(f"/returns/{asked['id']}")["lines"]
    assert (line["expected"], line["reason"]) == (1, REASON)


def test_the_same_wish_twice_is_one_return_and_more_than_there_is_none(shop: Storefront) -> None:
    order_id = shipped(shop)
    delivered_now(shop, order_id)
    url = page_of(shop, order_id)

    assert ask(url).status_code == ask(url).status_code == 200
    refused = ask(url, _key="another wish", **{"count-0": "2"})

    assert refused.status_code == 409
    assert "Nothing was changed." in refused.text
    assert len(returns_of(shop, order_id)) == 1


def test_after_the_window_it_is_too_late_and_the_page_says_until_when(shop: Storefront) -> None:
    order_id = shipped(shop)
    deliver(shop, order_id)  # in January
    url = page_of(shop, order_id)

    page = httpx.get(url).text
    refused = ask(url)

    assert re.search(r"Returns could be asked for until \w+ 1 February\.", page)
    assert refused.status_code == 409
    assert "days after delivery" in refused.text
    assert returns_of(shop, order_id) == []


def test_what_was_not_delivered_cannot_go_back(shop: Storefront) -> None:
    order_id = shipped(shop)
    url = page_of(shop, order_id)

    assert "Only what you have received can go back." in httpx.get(url).text
    assert ask(url).status_code == 409
    assert ask(url, line="7").status_code == 422
    assert ask(url, reason="because").status_code == 422
    assert ask(url, line="").status_code == 422
    assert ask(url, **{"count-0": "-1"}).status_code == 422
    assert returns_of(shop, order_id) == []


def test_another_site_cannot_ask(shop: Storefront) -> None:
    order_id = shipped(shop)
    delivered_now(shop, order_id)
    form = {"_key": "theirs", "line": "0", "count-0": "1", "reason": REASON}

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
        answer = httpx.post(page_of(shop, order_id), data=form, headers=headers)
        assert answer.status_code == 403

    assert returns_of(shop, order_id) == []
