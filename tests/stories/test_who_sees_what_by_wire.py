"""Customers by what one knows of them; keys for some channels and nodes; pages that are full."""

import pytest

from oms.platform.security.callers import Reach
from tests.stories.storefront import LEEDS, LEEDS_AT, Storefront


@pytest.fixture
def shop(storefront: Storefront) -> Storefront:
    """A second channel and a second node beside the furnished ones."""
    storefront.furnish()
    other = {"code": "fair", "name": "Fair", "currency": "GBP", "country": "GB"}
    (channel,) = storefront.kept("/channels", {"channels": [other]})
    far = {"code": "FAR", "name": "Far", "address": LEEDS | {"at": LEEDS_AT}, "priority": 900}
    (node,) = storefront.kept("/nodes", {"nodes": [far]})
    storefront.ids |= {"fair": channel["id"], "far": node["id"]}
    return storefront


def bo(shop: Storefront, id_: str) -> dict[str, object]:
    customer = {"id": "b9", "email": "bo@example.org", "phone": "020 7946 0018", "name": "Bo Ek"}
    return shop.order(id_, customer=customer, channelId=shop.ids["fair"])


def test_a_customer_is_found_by_what_one_knows_of_them(shop: Storefront) -> None:
    shop.post("/orders", shop.order("W1"))
    order_id = shop.post("/orders", bo(shop, "F1"))["orderId"]
    everybody = shop.get("/customers", limit=1)
    rest = shop.get("/customers", limit=1, cursor=everybody["next"])
    names = [each["name"] for each in (*everybody["items"], *rest["items"])]
    assert names == ["Bo Ek", "Ada Lovelace"]
    id_ = everybody["items"][0]["id"]

    for query in (
        {"q": "bo ek"},
        {"q": "BO@"},
        {"email": "Bo@Example.org"},
        {"phone": "+442079460018"},
        {"phone": "020 7946 0018", "country": "GB"},
    ):
        assert [each["id"] for each in shop.get("/customers", **query)["items"]] == [id_], query
    assert shop.get("/customers", q="100%")["items"] == []
    whole = shop.get(f"/customers/{id_}")
    assert whole["customer"]["email"] == "bo@example.org"
    assert {each["kind"] for each in whole["identities"]} == {"channel", "email", "phone"}
    orders = shop.get(f"/customers/{id_}/orders")
    assert ([each["id"] for each in orders["items"]], orders["count"]) == ([order_id], 1)


def test_a_number_nobody_can_dial_and_a_customer_nobody_knows_are_told_so(
    shop: Storefront,
) -> None:
    number = shop.owner.get("/customers", params={"phone": "12"})
    nobody = shop.owner.get("/customers/cus_nobody")

    assert (number.status_code, number.json()["type"]) == (422, "customer.phone")
    assert (nobody.status_code, nobody.json()["type"]) == (404, "customer.not_found")
    assert shop.client("floor").get("/customers").status_code == 403


def test_a_key_of_one_channel_sees_its_customers_alone(shop: Storefront) -> None:
    shop.post("/orders", shop.order("W1"))
    shop.post("/orders", bo(shop, "F1"))
    theirs, ours = (each["id"] for each in shop.get("/customers")["items"])
    key = shop.client("agent", reach=Reach(channels=(shop.ids["channel"],)))

    assert key.get("/customers").status_code == 403
    assert key.get(f"/customers/{ours}").status_code == 200
    assert key.get(f"/customers/{theirs}").status_code == 404
    assert key.get(f"/customers/{theirs}/orders").status_code == 404


def test_pages_within_reach_are_full(shop: Storefront) -> None:
    for number in range(2):
        for order in (shop.order(f"W{number}", 1), bo(shop, f"F{number}")):
            order_id = shop.post("/orders", order | {"lines": shop.order("x", 1)["lines"]})
            shop.post(f"/orders/{order_id['orderId']}/fulfil")
    shop.eventually(lambda: len(shop.get("/invoices")["items"]) == 4)
    key = shop.client("accountant", reach=Reach(channels=(shop.ids["channel"],)))

    page = key.get("/invoices", params={"limit": 2}).json()

    assert {each["channelId"] for each in page["items"]} == {shop.ids["channel"]}
    assert len(page["items"]) == 2
    nobody = shop.client("accountant", reach=Reach(channels=()))
    assert nobody.get("/invoices").json()["items"] == []


def test_a_key_of_one_node_works_on_its_own_floor_alone(shop: Storefront) -> None:
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    reach = Reach(nodes=(shop.ids["far"],))
    far = shop.client("merchant", reach=reach)
    assert far.post(f"/orders/{order_id}/fulfil").status_code == 404
    assert far.post(f"/fulfilment-orders/release/{order_id}").status_code == 404
    (asked,) = shop.post(f"/fulfilment-orders/release/{order_id}")

    queue = far.get("/fulfilment-orders").json()
    own = shop.client("floor", reach=Reach(nodes=(shop.ids["node"],)))
    assert queue["items"] == []
    assert [each["id"] for each in own.get("/fulfilment-orders").json()["items"]] == [asked["id"]]
    mugs = {"itemId": shop.ids["mug"]}
    seen = [key.get("/availability", params=mugs).json()["items"][0] for key in (own, far)]
    assert [[at["nodeId"] for at in each["nodes"]] for each in seen] == [[shop.ids["node"]], []]
    shop.post(f"/orders/{order_id}/fulfil")
    (box,) = shop.get(f"/orders/{order_id}/parcels")
    lost = {
        "id": "s1",
        "trackingNumber": box["trackingNumber"],
        "status": "lost",
        "at": "2026-01-02T10:00:00Z",
    }
    assert far.post("/tracking", json={"scans": [lost]}).status_code == 404
    assert own.post("/tracking", json={"scans": [lost]}).json()[0]["isNews"]
