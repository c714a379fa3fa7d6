"""An order's way over HTTP: placed, fulfilled, followed, invoiced, taken back, refunded, proven."""

from typing import Any

from tests.stories.storefront import Storefront


def test_an_order_goes_its_whole_way_and_the_books_prove_it(storefront: Storefront) -> None:
    shop = storefront.furnish()
    order_id = live_through(shop)

    order = shop.get(f"/orders/{order_id}")
    assert order["status"] == "returned"
    assert shop.get("/availability", itemId=shop.ids["mug"])["items"][0]["available"] == 100
    proof = shop.get("/ledger/check")
    assert proof["holds"], [each for each in proof["checks"] if not each["holds"]]
    sums = shop.get("/ledger/trial-balance")
    assert sum(each["debitMinor"] for each in sums) == sum(each["creditMinor"] for each in sums)


def live_through(shop: Storefront) -> str:
    """Placed in one call, shipped in a second, back and refunded in a third."""
    placed = shop.post("/orders", shop.order("W1"))
    assert placed["outcome"] == "new"
    assert placed["units"] == {"allocated": 2}
    order_id: str = placed["orderId"]
    shipped = shop.post(f"/orders/{order_id}/fulfil")
    assert [line["quantity"] for line in shipped["shipments"][0]["lines"]] == [2]
    deliver(shop, order_id)
    invoice = shop.eventually(lambda: shop.get("/invoices", orderId=order_id)["items"])[0]
    assert (invoice["number"], invoice["totalMinor"]) == ("INV-000001", 1200)
    printed = shop.owner.get(f"/invoices/{invoice['id']}/document.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    line = shop.get(f"/orders/{order_id}")["lines"][0]
    back = {
        "orderId": order_id,
        "nodeId": shop.ids["node"],
        "lines": [{"lineId": line["id"], "quantity": 2, "reason": "too blue"}],
    }
    assert shop.post("/returns/take-back", back)["state"] == "closed"
    refund = shop.eventually(lambda: shop.get(f"/orders/{order_id}/refunds"))[0]
    assert (refund["amountMinor"], refund["state"]) == (1200, "succeeded")
    return order_id


def deliver(shop: Storefront, order_id: str) -> None:
    """The carrier says that the one parcel arrived."""
    (parcel,) = shop.get(f"/orders/{order_id}/parcels")
    for number, status in enumerate(("in_transit", "delivered")):
        scan: dict[str, Any] = {
            "id": f"{parcel['id']}-{number}",
            "trackingNumber": parcel["trackingNumber"],
            "status": status,
            "at": f"2026-01-0{number + 1}T10:00:00Z",
        }
        (told,) = shop.post("/tracking", {"scans": [scan]})
        assert told["isNews"], told
    assert shop.get(f"/orders/{order_id}")["status"] == "delivered"
