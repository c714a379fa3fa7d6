"""A rush over HTTP: every unit is sold once, everybody gets an answer, and nobody gets a 500."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.services.databases import Databases
from tests.stories.storefront import Storefront, migrate, serve

UNITS = 100
ATTEMPTS = 400


async def _rush(shop: Storefront, at_once: int) -> Counter[int]:
    limits = httpx.Limits(max_connections=at_once)
    headers = dict(shop.owner.headers)
    door = asyncio.Semaphore(at_once)

    async def buy(client: httpx.AsyncClient, number: int) -> int:
        body = shop.order(f"R{at_once}-{number}", 1, shortage="refuse")
        async with door:
            return (await client.post("/orders", json=body)).status_code

    url = str(shop.owner.base_url)
    async with httpx.AsyncClient(
        base_url=url, headers=headers, limits=limits, timeout=60
    ) as client:
        codes = await asyncio.gather(*(buy(client, number) for number in range(ATTEMPTS)))
    return Counter(codes)


@pytest.mark.parametrize("at_once", [16, 64])
def test_exactly_what_is_there_is_sold(storefront: Storefront, at_once: int) -> None:
    shop = storefront.furnish(units=UNITS)

    codes = asyncio.run(_rush(shop, at_once))

    assert codes == {201: UNITS, 409: ATTEMPTS - UNITS}
    (mugs,) = shop.get("/availability", itemId=shop.ids["mug"])["items"]
    assert (mugs["available"], mugs["nodes"][0]["reserved"]) == (0, UNITS)
    assert shop.get("/ledger/check")["holds"]


def test_too_many_at_once_are_asked_to_come_back(databases: Databases, tmp_path: Path) -> None:
    url = databases.copy_of("migrated", migrate)
    with serve(url, tmp_path, OMS_HTTP_REQUESTS_MAX="4") as shop:
        shop.furnish(units=UNITS)
        codes = asyncio.run(_rush(shop, 64))
    databases.drop(url)

    assert set(codes) <= {201, 409, 429}
    assert codes[429] > 0
    assert 0 < codes[201] <= UNITS
