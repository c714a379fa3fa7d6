"""Work for the floor's screens, made over the API: orders that stand where a test wants them."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec
from playwright.sync_api import Page

from tests.browser.conftest import Shop

NODE: Final = "nod_jkt"
SAME_SITE: Final = {"Sec-Fetch-Site": "same-origin"}
ADDRESS: Final = {
    "country": "ID",
    "name": "Kartika Halim",
    "line1": "Jl. Cakung Raya 118",
    "city": "Jakarta",
    "postalCode": "13910",
    "phone": "+62 812 5550 4410",
    "at": {"latitude": -6.18, "longitude": 106.94},
}
SCREENS_KEEP: Final = {"floor.prints": "off", "floor.cart": "16"}
"""Headless browsers fall over when a frame prints; a bench without a printer prints nothing."""


class Tote(msgspec.Struct, frozen=True):
    """A fulfilment order at `NODE` and its units by SKU."""

    id: str
    number: str
    order_id: str
    units: dict[str, int]


class Floor:
    """The demo's floor over the API."""

    def __init__(self, shop: Shop) -> None:
        self._http = httpx.Client(
            base_url=f"{shop.url}/api/v1",
            headers={"Authorization": f"Bearer {shop.keys['owner']}"},
            timeout=30,
        )
        self.items = {each["sku"]: each for each in self._all_items()}

    def close(self) -> None:
        self._http.close()

    def barcode(self, sku: str) -> str:
        """The item's code as a scanner reads it: thirteen digits."""
        return str(self.items[sku]["barcodes"][0]["barcode"]).removeprefix("0")

    def name(self, sku: str) -> str:
        return str(self.items[sku]["name"])

    def released(self, **units: int) -> Tote:
        """An order of so many units by SKU (`_` for `-`), handed to the floor at `NODE`."""
        wanted = {sku.replace("_", "-"): count for sku, count in units.items()}
        self._stock(wanted)
        order = self._told("POST", "/orders", self._order(wanted))
        found = self._told("POST", f"/fulfilment-orders/release/{order['orderId']}", {})
        [work] = [each for each in found if each["nodeId"] == NODE]
        return Tote(work["id"], work["number"], work["orderId"], wanted)

    def picked(self, **units: int) -> Tote:
        """The same with everything off the shelf."""
        tote = self.released(**units)
        self._told("POST", f"/fulfilment-orders/{tote.id}/pick", {})
        return tote

    def labelled(self, **units: int) -> dict[str, Any]:
        """The same, packed and labelled: its box."""
        tote = self.picked(**units)
        self._told("POST", f"/fulfilment-orders/{tote.id}/pack", {})
        self._told("POST", f"/fulfilment-orders/{tote.id}/labels", {})
        while True:
            [box] = self.boxes(tote)
            if box["trackingNumber"]:
                return box

    def pick(self, tote: Tote, barcode: str) -> None:
        """Somebody else takes a unit."""
        self._told("POST", f"/fulfilment-orders/{tote.id}/pick", {"scans": [{"barcode": barcode}]})

    def states(self, tote: Tote) -> dict[str, int]:
        """The order's units by state."""
        found: dict[str, int] = {}
        for line in self._told("GET", f"/orders/{tote.order_id}")["lines"]:
            for units in line["slices"]:
                found[units["state"]] = found.get(units["state"], 0) + units["quantity"]
        return found

    def boxes(self, tote: Tote) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._told("GET", f"/orders/{tote.order_id}/parcels")
        return found

    def _stock(self, wanted: Mapping[str, int]) -> None:
        lines = [
            {"itemId": self.items[sku]["id"], "units": count + 40} for sku, count in wanted.items()
        ]
        receipt = {"nodeId": NODE, "currency": "IDR", "lines": lines}
        self._told("POST", "/stock/receipts", {"receipts": [receipt]})

    def _order(self, wanted: Mapping[str, int]) -> dict[str, Any]:
        channel = next(each for each in self._told("GET", "/channels") if each["code"] == "till")
        return {
            "channelId": channel["id"],
            "id": uuid4().hex,
            "currency": channel["currency"],
            "shipTo": ADDRESS,
            "lines": [
                {
                    "sku": sku,
                    "gtin": self.barcode(sku),
                    "quantity": count,
                    "unitPriceMinor": 1_000_000,
                }
                for sku, count in wanted.items()
            ],
        }

    def _all_items(self) -> list[dict[str, Any]]:
        found: dict[str, Any] = self._told("GET", "/items?limit=200")
        items: list[dict[str, Any]] = found["items"]
        return items

    def _told(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()


def scan(page: Page, code: str) -> None:
    """What a scanner types: a burst of keys and Enter, wherever the focus is."""
    page.keyboard.type(code, delay=8)
    page.keyboard.press("Enter")


def stand_at(page: Page, node_id: str = NODE) -> None:
    """This browser works at a node from now on."""
    answer = page.request.post(
        "/floor/node",
        form={"node": node_id, "to": "/pick"},
        headers=SAME_SITE,
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()


def screen(page: Page, path: str) -> dict[str, Any]:
    """A floor screen at `NODE`; its facts, where it has some."""
    stand_at(page)
    page.goto(path)
    for key, value in SCREENS_KEEP.items():
        page.evaluate("([k, v]) => localStorage.setItem(k, v)", [key, value])
    page.goto(path)
    island = page.locator("#floor")
    facts: dict[str, Any] = json.loads(island.text_content() or "{}") if island.count() else {}
    return facts


def walk(page: Page, *totes: Tote) -> None:
    """Start picking exactly these totes, whatever else waits at the node."""
    facts = screen(page, "/pick")
    wanted = [each for each in facts["lists"] if each["id"] in {tote.id for tote in totes}]
    assert len(wanted) == len(totes), "the totes are not among those to pick"
    snapshot = {
        "node": NODE,
        "ids": [each["id"] for each in wanted],
        "lists": wanted,
        "at": facts["at"],
        "skipped": [],
        "started": facts["at"],
        "picked": 0,
        "shorts": 0,
        "undo": [],
        "serials": [],
        "isRunning": True,
    }
    page.evaluate(
        "([key, walk]) => localStorage.setItem(key, JSON.stringify(walk))",
        [f"floor.walk.{facts['user']}", snapshot],
    )
    page.goto("/pick")
    page.get_by_role("button", name=re.compile("Go on picking|Lanjut mengambil")).click()
