"""What programs meet: lists that go on, batches with a bad order, words for mistakes, reach."""

import pytest

from oms.platform.security.callers import Reach
from tests.stories.storefront import Storefront


def test_a_batch_with_one_bad_order_takes_the_others(storefront: Storefront) -> None:
    shop = storefront.furnish()
    bad = shop.order("W2", 1_000, shortage="refuse")
    orders = [shop.order("W1"), bad, shop.order("W1"), shop.order("W3")]

    answers = shop.post("/orders/batch", {"orders": orders})

    assert [each.get("outcome", "") for each in answers] == ["new", "", "same", "new"]
    assert answers[1]["problem"]["status"] == 409
    assert answers[1]["problem"]["remedy"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"currency": "gbp"}, "/currency"),
        ({"lines": [{"sku": "MUG", "quantity": 0, "unitPriceMinor": 1}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "MUG", "quantity": "2", "unitPriceMinor": 1}]}, "/lines/0/quantity"),
        ({"colour": "red"}, "/colour"),
        ({"placedAt": "2026-01-01T00:00:00"}, "/placedAt"),
        ({"shipTo": {"country": "Great Britain"}}, "/shipTo/country"),
    ],
)
def test_bad_input_is_told_where_it_is(
    storefront: Storefront, change: dict[str, object], place: str
) -> None:
    shop = storefront.furnish(units=0)

    refused = shop.owner.post("/orders", json=shop.order("W1") | change)

    assert refused.status_code == 422
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert place in refused.json()["fields"]
    assert shop.get("/orders")["items"] == []


def test_a_list_goes_on_where_it_stopped_while_orders_come_in(storefront: Storefront) -> None:
    shop = storefront.furnish()
    shop.post("/orders/batch", {"orders": [shop.order(f"W{n}") for n in range(5)]})

    first = shop.get("/orders", limit=2)
    shop.post("/orders", shop.order("late"))
    second = shop.get("/orders", limit=2, cursor=first["next"])
    third = shop.get("/orders", limit=2, cursor=second["next"])

    seen = [row["externalId"] for page in (first, second, third) for row in page["items"]]
    assert sorted(seen) == [f"W{n}" for n in range(5)]
    assert (first["count"], second["count"], third["next"]) == (5, None, None)


def test_an_order_is_found_by_what_a_person_knows_of_it(storefront: Storefront) -> None:
    shop = storefront.furnish()
    placed = shop.post("/orders", shop.order("Shop-77"))
    jug = [{"sku": "JUG", "quantity": 1, "unitPriceMinor": 900}]
    shop.post("/orders", shop.order("Shop-78", lines=jug, payments=[]))

    for query in (
        {"q": placed["number"]},
        {"q": placed["number"].lower()},
        {"q": "shop-77"},
        {"q": "MUG"},
        {"sku": "MUG"},
        {"itemId": shop.ids["mug"]},
        {"channelId": shop.ids["channel"], "sku": "MUG", "state": "allocated"},
    ):
        found = shop.get("/orders", **query)
        assert [row["id"] for row in found["items"]] == [placed["orderId"]], query
    assert len(shop.get("/orders", q="lovelace")["items"]) == 2
    assert shop.get("/orders", q="100%")["items"] == []
    assert shop.get("/orders", state="shipped")["items"] == []
    assert shop.get("/orders", placedFrom="2100-01-01T00:00:00Z")["items"] == []


def test_a_key_reaches_its_own_channels_and_nodes_only(storefront: Storefront) -> None:
    shop = storefront.furnish()
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    nowhere = shop.client("merchant", reach=Reach(channels=("chn_other",), nodes=("nod_other",)))

    assert nowhere.get("/orders").json()["items"] == []
    for method, path in (
        ("GET", f"/orders/{order_id}"),
        ("GET", f"/orders/{order_id}/events"),
        ("POST", f"/orders/{order_id}/fulfil"),
        ("POST", f"/orders/{order_id}/source"),
        ("GET", f"/nodes/{shop.ids['node']}"),
        ("GET", f"/channels/{shop.ids['channel']}"),
    ):
        assert nowhere.request(method, path).status_code == 404, path
    cancel = nowhere.post(f"/orders/{order_id}/cancel", json={})
    place = nowhere.post("/orders", json=shop.order("W2"))
    assert (cancel.status_code, place.status_code) == (404, 404)
    assert shop.get(f"/orders/{order_id}")["status"] == "allocated"


def test_who_may_not_is_told_so(storefront: Storefront) -> None:
    shop = storefront.furnish(units=0)

    assert shop.client().post("/orders", json={}).status_code == 401
    refused = shop.client("floor").post("/orders", json=shop.order("W1"))
    assert refused.status_code == 403
    assert "orders:write" in refused.json()["detail"]
    unknown = shop.owner.get("/orders/ord_nothing")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "order.not_found")
    assert shop.owner.get("/orders/cus_nothing").status_code == 404


def test_the_feed_goes_on_from_the_last_event_heard(storefront: Storefront) -> None:
    shop = storefront.furnish()
    before = shop.get("/events", limit=500)["last"]
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]

    heard = shop.get("/events", after=before, limit=1)
    rest = shop.get("/events", after=heard["last"])

    numbers = [each["number"] for page in (heard, rest) for each in page["items"]]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > before
    facts = {each["type"] for page in (heard, rest) for each in page["items"]}
    assert "order.placed" in facts
    assert order_id in {each["entity"] for page in (heard, rest) for each in page["items"]}


def test_a_moment_without_an_offset_is_refused(storefront: Storefront) -> None:
    shop = storefront.furnish(units=0)

    for query in ("orders?placedFrom=2026-01-01T00:00:00", "availability?itemId=i&at=2026-01-01"):
        refused = shop.owner.get(f"/{query}")
        assert refused.status_code == 422, query


def test_an_unchanged_item_is_not_sent_again(storefront: Storefront) -> None:
    shop = storefront.furnish(units=0)
    path = f"/items/{shop.ids['mug']}"

    tag = shop.owner.get(path).headers["etag"]

    assert shop.owner.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_units_are_kept_aside_for_a_checkout_and_used_by_its_order(storefront: Storefront) -> None:
    shop = storefront.furnish(units=3)
    mugs = [{"itemId": shop.ids["mug"], "units": 3}]
    wanted = {"channelId": shop.ids["channel"], "lines": mugs}
    held = shop.post("/reservations", wanted)

    assert shop.get("/availability", itemId=shop.ids["mug"])["items"][0]["available"] == 0
    refused = shop.owner.post("/reservations", json=wanted)
    assert (refused.status_code, refused.json()["type"]) == (409, "stock.insufficient")
    order = shop.order("W1", 3, reservationId=held["id"], shortage="refuse")
    assert shop.post("/orders", order)["units"] == {"allocated": 3}
    assert shop.get(f"/reservations/{held['id']}")["state"] == "used"


def test_what_is_wrong_in_a_list_is_told_beside_what_was_kept(storefront: Storefront) -> None:
    shop = storefront.furnish(units=0)
    good, bad = {"sku": "CUP", "name": "Cup"}, {"sku": "BOX", "name": "Box", "kind": "bundle"}

    kept, refused = shop.send("PUT", "/items", {"items": [good, bad]})

    assert kept["kept"]["sku"] == "CUP"
    assert "/parts" in refused["problem"]["fields"]
    assert [each["sku"] for each in shop.get("/items", q="cup")["items"]] == ["CUP"]


def test_what_a_channel_wants_changed_is_decided_by_somebody(storefront: Storefront) -> None:
    shop = storefront.furnish()
    order_id = shop.post("/orders", shop.order("W1"))["orderId"]
    told = shop.post("/orders", shop.order("W1", 1))
    assert (told["outcome"], told["orderId"]) == ("changed", order_id)

    (change,) = shop.get("/change-sets", orderId=order_id)["items"]
    assert any("quantity" in words for words in change["differences"])
    assert shop.post(f"/change-sets/{change['id']}/apply")["state"] == "applied"

    assert shop.get("/change-sets")["items"] == []
    slices = shop.get(f"/orders/{order_id}")["lines"][0]["slices"]
    wanted = sum(each["quantity"] for each in slices if each["state"] != "cancelled")
    assert wanted == 1
