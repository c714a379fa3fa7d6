"""Work for the floor's screens, made over the API: orders that stand where a test wants them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec
from playwright.sync_api import Page

from oms.platform.security import keys
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


class Tote(msgspec.Struct, frozen=True):
    """A fulfilment order at `NODE` and its units by SKU."""

    id: str
    number: str
    order_id: str
    units: dict[str, int]


class Floor:
    """The demo's floor over the API."""

    def __init__(self, shop: Shop) -> None:
        arguments = shop.process.args
        folder = Path(arguments[arguments.index("--data") + 1])
        access = json.loads((folder / "demo-access.json").read_text())
        [owner] = [each for each in access if each["role"] == "owner"]
        token = keys.token(owner["key_id"], owner["key_secret"])
        self._http = httpx.Client(
            base_url=f"{shop.url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        self.items = {each["sku"]: each for each in self._all_items()}

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
    form = {"node": node_id, "to": "/pick"}
    answer = page.request.post("/floor/node", form=form, headers=SAME_SITE, max_redirects=0)
    assert answer.status == 303, answer.text()
