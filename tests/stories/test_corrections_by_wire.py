"""What was done can be undone by programs, as far as nothing has left the house, and money asked
for again; and only by those who reach it.
"""

from typing import Any

import pytest

from oms.platform.security.callers import Reach
from tests.stories.storefront import Storefront


@pytest.fixture
def shop(storefront: Storefront) -> Storefront:
    return storefront.furnish()


def packed(shop: Storefront) -> tuple[str, str, str]:
    """Ids of an order of 2 mugs, its fulfilment order and the box they are packed in."""
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    (asked,) = shop.post(f"/fulfilment-orders/release/{order_id}")
    shop.post(f"/fulfilment-orders/{asked['id']}/pick", {})
    (box,) = shop.post(f"/fulfilment-orders/{asked['id']}/pack", {})
    return order_id, asked["id"], box["id"]


def states(shop: Storefront, order_id: str) -> dict[str, int]:
    (line,) = shop.get(f"/orders/{order_id}")["lines"]
    return {each["state"]: each["quantity"] for each in line["slices"]}


def test_a_box_is_opened_again_and_its_units_go_back_to_the_shelf(shop: Storefront) -> None:
    order_id, work_id, box_id = packed(shop)
    shop.post(f"/fulfilment-orders/{work_id}/labels", {})
    shop.eventually(lambda: shop.get(f"/parcels/{box_id}")["state"] == "labelled")

    labelled = shop.owner.post(f"/parcels/{box_id}/unpack")
    assert labelled.status_code == 409
    bare = shop.post(f"/parcels/{box_id}/void-label")
    assert (bare["state"], bare["trackingNumber"]) == ("packed", "")
    assert shop.post(f"/parcels/{box_id}/unpack")["state"] == "unpacked"
    assert states(shop, order_id) == {"picked": 2}
    assert shop.post(f"/fulfilment-orders/{work_id}/unpick", {})["moved"] == 2

    assert states(shop, order_id) == {"released": 2}
    assert shop.get("/ledger/check")["holds"]


def test_a_shipment_that_never_left_is_undone_with_its_invoice(shop: Storefront) -> None:
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    (left,) = shop.post(f"/orders/{order_id}/fulfil")["shipments"]
    shop.eventually(lambda: shop.get("/invoices", orderId=order_id)["items"])
    path = f"/shipments/{left['id']}/undo"

    undone = shop.post(path, {"reason": "the van was full"})

    assert [each["quantity"] for each in undone["lines"]] == [2]
    assert states(shop, order_id) == {"packed": 2}
    (shown,) = shop.get(f"/orders/{order_id}/shipments")
    assert (left["undoneAt"], shown["undoneAt"] is None) == (None, False)
    shop.eventually(lambda: len(shop.get("/invoices", orderId=order_id)["items"]) == 2)
    assert shop.owner.post(path, json={"reason": "again"}).json()["type"] == "shipment.undone"
    assert shop.get("/ledger/check")["holds"]


def test_only_those_who_reach_a_box_see_it_and_open_it(shop: Storefront) -> None:
    _, work_id, box_id = packed(shop)
    elsewhere = (Reach(nodes=("nod_other",)), Reach(channels=("chn_other",)))

    for key in (shop.client("merchant", reach=reach) for reach in elsewhere):
        for method, path in (
            ("GET", f"/fulfilment-orders/{work_id}"),
            ("POST", f"/fulfilment-orders/{work_id}/unpick"),
            ("GET", f"/parcels/{box_id}"),
            ("GET", f"/parcels/{box_id}/slip.pdf"),
            ("POST", f"/parcels/{box_id}/unpack"),
        ):
            body = b"{}" if path.endswith("unpick") else b""
            assert key.request(method, path, content=body).status_code == 404, path
        assert key.get("/system/set-aside").status_code == 403
    assert key.get("/fulfilment-orders").status_code == 403
    assert shop.get(f"/parcels/{box_id}")["state"] == "packed"


def test_money_is_asked_for_again_where_it_is_owed_alone(shop: Storefront) -> None:
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    shop.post(f"/orders/{order_id}/fulfil")
    (invoice,) = shop.eventually(lambda: shop.get("/invoices", orderId=order_id)["items"])
    (payment,) = shop.get(f"/orders/{order_id}/payments")
    calls = (f"/invoices/{invoice['id']}/capture", f"/payments/{payment['id']}/authorise")

    def answers(key: Any) -> list[tuple[int, str]]:
        told = [key.post(path) for path in calls]
        return [(each.status_code, each.json()["type"]) for each in told]

    assert answers(shop.owner) == [
        (409, "invoice.nothing_owed"),
        (409, "payment.move_not_allowed"),
    ]
    nowhere = shop.client("accountant", reach=Reach(channels=("chn_other",)))
    assert [status for status, _ in answers(nowhere)] == [404, 404]
    assert [status for status, _ in answers(shop.client("agent"))] == [403, 403]
