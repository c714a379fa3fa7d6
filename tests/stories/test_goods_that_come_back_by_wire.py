"""What programs can do with returns: follow the box, look again, send back, abandon, compensate."""

from typing import Any

from tests.stories.storefront import Storefront


def delivered(shop: Storefront, id_: str, quantity: int = 3) -> tuple[str, str]:
    """An order of mugs that its customer has; answers its id and that of its line."""
    order_id, line_id = shipped(shop, id_, quantity)
    scan(shop, order_id, "delivered")
    return order_id, line_id


def shipped(shop: Storefront, id_: str, quantity: int = 3) -> tuple[str, str]:
    order_id = shop.post("/orders", shop.order(id_, quantity))["orderId"]
    shop.post(f"/orders/{order_id}/fulfil")
    shop.eventually(lambda: shop.get("/invoices", orderId=order_id)["items"])
    return order_id, shop.get(f"/orders/{order_id}")["lines"][0]["id"]


def scan(shop: Storefront, order_id: str, status: str) -> None:
    (box,) = shop.get(f"/orders/{order_id}/parcels")
    told = {
        "id": f"{order_id}-{status}",
        "trackingNumber": box["trackingNumber"],
        "status": status,
        "at": "2026-01-02T10:00:00Z",
    }
    (answer,) = shop.post("/tracking", {"scans": [told]})
    assert answer["isNews"], answer


def asked_back(shop: Storefront, order_id: str, line_id: str, quantity: int) -> Any:
    wanted = {"orderId": order_id, "lines": [{"lineId": line_id, "quantity": quantity}]}
    return shop.post("/returns", wanted)


def refunded(shop: Storefront, order_id: str, amount: int) -> bool:
    found = shop.get(f"/orders/{order_id}/refunds")
    return bool(sum(each["refundedMinor"] for each in found) == amount)


def states(shop: Storefront, order_id: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in shop.get(f"/orders/{order_id}")["lines"]:
        for each in line["slices"]:
            found[each["state"]] = found.get(each["state"], 0) + each["quantity"]
    return found


def test_refused_units_are_looked_at_again_sent_back_and_abandoned(storefront: Storefront) -> None:
    shop = storefront.furnish()
    shop.twice = True
    order_id, line_id = delivered(shop, "W1")
    back = asked_back(shop, order_id, line_id, 3)
    path, return_line = f"/returns/{back['id']}", back["lines"][0]["id"]
    here = {"nodeId": shop.ids["node"]}

    def units(quantity: int) -> dict[str, Any]:
        return here | {"units": [{"returnLineId": return_line, "quantity": quantity}]}

    shop.post(f"{path}/news", {"news": "sent", "words": "H-7"})
    assert states(shop, order_id) == {"return_in_transit": 3}
    arrived = [{"returnLineId": return_line, "quantity": 3}]
    shop.post(f"{path}/receive", here | {"arrived": arrived})
    worn = {"returnLineId": return_line, "quantity": 3, "grade": "C", "note": "worn"}
    shop.post(f"{path}/inspect", here | {"verdicts": [worn]})

    looked = shop.post(f"{path}/reconsider", units(1) | {"note": "only dusty"})
    assert (looked["lines"][0]["refused"], looked["lines"][0]["toInspect"]) == (2, 1)
    good = {"returnLineId": return_line, "quantity": 1, "grade": "A", "disposition": "restock"}
    shop.post(f"{path}/inspect", here | {"verdicts": [good]})
    shop.post(f"{path}/send-back", units(1) | {"carrier": "kestrel", "trackingNumber": "KST-1"})
    ended = shop.post(f"{path}/abandon", units(1) | {"disposition": "donate"})

    counts = ended["lines"][0]
    assert (counts["accepted"], counts["sentBack"], counts["abandoned"]) == (1, 1, 1)
    assert ended["state"] == "closed"
    assert states(shop, order_id) == {"return_accepted": 2, "shipped": 1}
    shop.eventually(lambda: refunded(shop, order_id, 600))
    assert shop.get(path)["charges"] == []
    assert shop.get("/ledger/check")["holds"]


def test_whatever_a_carrier_loses_the_customer_is_paid_back_once(storefront: Storefront) -> None:
    shop = storefront.furnish()
    coming, line_id = delivered(shop, "W1", 2)
    back = asked_back(shop, coming, line_id, 2)
    shop.post(f"/returns/{back['id']}/news", {"news": "sent"})
    lost = shop.post(f"/returns/{back['id']}/news", {"news": "lost", "words": "claim 12"})
    assert (lost["state"], lost["lines"][0]["notComing"]) == ("closed", 2)
    shop.eventually(lambda: refunded(shop, coming, 1_200))

    going, line_id = shipped(shop, "W2", 2)
    scan(shop, going, "lost")
    assert states(shop, going) == {"lost": 2}
    wish = {"orderId": going, "lines": [{"lineId": line_id, "quantity": 2}], "why": "lost"}
    shop.post("/returns/compensate", wish)
    again = shop.owner.post("/returns/compensate", json=wish)

    assert (again.status_code, again.json()["type"]) == (409, "compensation.not_lost")
    shop.eventually(lambda: refunded(shop, going, 1_200))
    assert shop.get("/ledger/check")["holds"]


def test_moves_with_papers_behind_them_are_not_made_by_hand(storefront: Storefront) -> None:
    shop = storefront.furnish()
    order_id, _ = shipped(shop, "W1", 2)
    (units,) = shop.get(f"/orders/{order_id}")["lines"][0]["slices"]

    def moved(name: str) -> Any:
        move = {"sliceId": units["id"], "name": name, "quantity": 2}
        return shop.owner.post(f"/orders/{order_id}/moves", json={"moves": [move]})

    refused = moved("unship")
    assert (refused.status_code, refused.json()["type"]) == (409, "move.not_by_hand")
    assert moved("deliver").json() == {"orderId": order_id, "moves": 1}
    assert states(shop, order_id) == {"delivered": 2}
