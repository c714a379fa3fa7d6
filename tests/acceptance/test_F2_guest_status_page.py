"""F2: a status page by signed link; without the link nobody learns anything.

That it is accessible in every state is tested in a browser: tests/browser/test_customer.py.
"""

import re
from collections.abc import Iterator

import httpx
import pytest

from oms.kernel.clock import DAY_MS
from oms.orders.status import LINK_PURPOSE
from oms.platform.clock import now_ms
from oms.platform.secrets import Secrets
from oms.platform.security.links import Links
from tests.services.databases import Databases
from tests.stories.storefront import Storefront, migrate, serve

KEY = "s" * 32  # what the storefront signs with
OTHER_KEY = "t" * 32


@pytest.fixture
def shop(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storefront]:
    url = databases.copy_of("storefront", migrate)
    with serve(url, tmp_path_factory.mktemp("shop")) as made:
        yield made.furnish()
    databases.drop(url)


def token(order_id: str, days: int = 1, key: str = KEY, purpose: str = LINK_PURPOSE) -> str:
    return Links(Secrets(key)).sign(purpose, order_id, now_ms() + days * DAY_MS)


def opened(shop: Storefront, path: str) -> httpx.Response:
    return httpx.get(f"{shop.url}/track/{path}", headers={"Accept-Language": "en"})


def test_a_guest_follows_an_order_with_the_link_and_nothing_else(shop: Storefront) -> None:
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]

    page = opened(shop, token(order_id))

    assert page.status_code == 200
    assert "What you ordered" in page.text
    assert shop.get(f"/orders/{order_id}")["number"] in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers
    for secret in ("Lovelace", "Stonegate", "YO1 7HH", "ada@example.com"):
        assert secret not in page.text


def test_without_the_link_every_order_looks_like_none(shop: Storefront) -> None:
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    own = token(order_id)
    tried = [
        *("x", order_id, f"{order_id}.1.", own[:-1], own[:-1] + ("A" if own[-1] != "A" else "B")),
        own.replace(order_id, f"{order_id[:-1]}0"),
        token(order_id, key=OTHER_KEY),
        token(order_id, purpose="something else"),
        token("ord_00000000000000000000000000", key=OTHER_KEY),
    ]

    answers = [opened(shop, each + tail) for each in tried for tail in ("", "/return")]

    assert {each.status_code for each in answers} == {404}
    bodies = {re.sub(r"/track/[^\"?]+", "", each.text) for each in answers}
    assert len(bodies) == 1, "an answer tells more than the others"


def test_a_link_ends(shop: Storefront) -> None:
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]

    for tail in ("", "/return"):
        page = opened(shop, token(order_id, days=-1) + tail)
        assert page.status_code == 410
        assert "SO-" not in page.text
        assert "Ask the shop for a new one." in page.text
