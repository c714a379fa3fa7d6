"""What browser tests of customers' pages stand on: links to orders in every state, and orders."""

import time
from typing import Any

import httpx

from config.settings import load
from oms.kernel.clock import DAY_MS
from oms.orders.status import LINK_PURPOSE
from oms.platform.secrets import open_secrets
from oms.platform.security.links import Links
from tests.browser.conftest import Shop

ORDERS_MAX = 500  # more than the shop has


def link(shop: Shop, order_id: str, days: float = 30) -> str:
    """The path of an order's page, valid for so many days; less than 0: it is over."""
    secrets = open_secrets(load(environment={}).secret, shop.folder)
    until_ms = int(time.time() * 1000 + days * DAY_MS)
    return f"/track/{Links(secrets).sign(LINK_PURPOSE, order_id, until_ms)}"


def orders(shop: Shop) -> list[Any]:
    """Every order of the shop, as the API tells it."""
    return list(get(shop, "/orders", limit=ORDERS_MAX)["items"])


def by_status(shop: Shop) -> dict[str, str]:
    """One order's id for every status there is."""
    return {each["status"]: each["id"] for each in orders(shop)}


def post(shop: Shop, path: str, body: object) -> Any:
    """A call to the API that must succeed."""
    with _client(shop) as client:
        answer = client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()


def get(shop: Shop, path: str, **query: Any) -> Any:
    with _client(shop) as client:
        answer = client.get(path, params=query)
        assert answer.is_success, answer.text
        return answer.json()


def _client(shop: Shop) -> httpx.Client:
    headers = {"Authorization": f"Bearer {shop.keys['owner']}"}
    return httpx.Client(base_url=f"{shop.url}/api/v1", headers=headers, timeout=30)
