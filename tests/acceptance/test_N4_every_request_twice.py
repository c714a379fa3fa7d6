"""N4: a key on every write: a story with every request sent twice ends in the same state."""

from pathlib import Path
from typing import Any

import pytest

from tests.services.databases import Databases
from tests.stories.storefront import Storefront, migrate, serve
from tests.stories.test_an_orders_way import live_through

Books = dict[tuple[str, str], tuple[int, int]]


def test_a_story_told_twice_ends_as_if_told_once(databases: Databases, tmp_path: Path) -> None:
    once = _ends(databases, tmp_path / "once", is_twice=False)
    twice = _ends(databases, tmp_path / "twice", is_twice=True)

    assert twice == once


@pytest.mark.parametrize("again", [{"quantity": 3}, {"id": "W2"}])
def test_a_key_is_for_one_request_only(
    databases: Databases, tmp_path: Path, again: dict[str, Any]
) -> None:
    url = databases.copy_of("migrated", migrate)
    with serve(url, tmp_path) as shop:
        shop.furnish()
        key = {"Idempotency-Key": "first"}
        first = shop.owner.post("/orders", json=shop.order("W1"), headers=key)
        other = shop.order(again.get("id", "W1"), again.get("quantity", 2))
        refused = shop.owner.post("/orders", json=other, headers=key)
        same = shop.owner.post("/orders", json=shop.order("W1"), headers=key)

        assert refused.status_code == 409
        assert refused.json()["type"] == "idempotency.key_reused"
        assert (same.status_code, same.json()) == (first.status_code, first.json())
        assert len(shop.get("/orders")["items"]) == 1
    databases.drop(url)


def _ends(databases: Databases, folder: Path, *, is_twice: bool) -> dict[str, Any]:
    url = databases.copy_of("migrated", migrate)
    with serve(url, folder) as shop:
        shop.twice = is_twice
        shop.furnish()
        live_through(shop)
        ends = _state(shop)
    databases.drop(url)
    return ends


def _state(shop: Storefront) -> dict[str, Any]:
    """Everything that can be seen, without ids and moments, once nothing is left to do."""
    shop.eventually(lambda: not any(s["waiting"] for s in shop.get("/system")["subscribers"]))
    (order,) = shop.get("/orders")["items"]
    assert shop.get("/ledger/check")["holds"]
    return {
        "order": {name: order[name] for name in ("number", "status", "units", "totalMinor")},
        "stock": [
            {name: each[name] for name in ("onHand", "reserved", "available")}
            for name in ("mug", "jug")
            for each in shop.get("/availability", itemId=shop.ids[name])["items"][0]["nodes"]
        ],
        "documents": sorted(
            (each["number"], each["totalMinor"]) for each in shop.get("/invoices")["items"]
        ),
        "returns": [each["number"] for each in shop.get("/returns")["items"]],
        "books": shop.get("/ledger/trial-balance"),
        # Sorted: what follows from facts follows in its own time.
        "events": sorted(each["type"] for each in shop.get("/events", limit=500)["items"]),
    }
