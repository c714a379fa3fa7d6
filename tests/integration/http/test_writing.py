"""Writing over HTTP: once for each key, many at once, with the caller's name beside it."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from oms.platform import audit
from tests.integration.http.conftest import Site
from tests.services.databases import Databases

KEY = {"Idempotency-Key": "key-1"}


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Both kinds in turn."""
    kind: Databases = request.getfixturevalue(f"{request.param}_databases")
    return kind


def said(site: Site) -> list[str]:
    with site.services.uow.read() as reader:
        return [str(event.body) for event in audit.after(reader, 0, 1000, ["test.said"])]


def test_what_is_written_is_shown(client: httpx.Client) -> None:
    answer = client.post("/say", json={"words": "hello"})

    assert answer.status_code == 201
    body = answer.json()
    assert body["words"] == "hello"
    assert body["saidAt"].endswith("Z")
    assert set(body) == {"id", "words", "saidAt"}


def test_the_same_request_again_is_answered_the_same_and_done_once(
    site: Site, client: httpx.Client
) -> None:
    first = client.post("/say", json={"words": "hello"}, headers=KEY)
    again = client.post("/say", json={"words": "hello"}, headers=KEY)

    assert again.json() == first.json()
    assert again.status_code == first.status_code
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(said(site)) == 1


def test_a_key_is_for_one_request_of_one_caller(site: Site, client: httpx.Client) -> None:
    client.post("/say", json={"words": "hello"}, headers=KEY)

    other_body = client.post("/say", json={"words": "bye"}, headers=KEY)
    other_path = client.post("/say-all", json={"items": [{"words": "hello"}]}, headers=KEY)
    other_caller = site.client("owner").post("/say", json={"words": "bye"}, headers=KEY)

    assert other_body.status_code == 409
    assert other_body.json()["type"] == "idempotency.key_reused"
    assert (other_path.status_code, other_caller.status_code) == (201, 201)


def test_a_refused_request_may_be_sent_again(client: httpx.Client) -> None:
    answers = [client.post("/say", json={"words": "busy"}, headers=KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [429, 429]
    assert "idempotency-replayed" not in answers[1].headers


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused(client: httpx.Client, key: str) -> None:
    answer = client.post("/say", json={"words": "hello"}, headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert answer.json()["type"] == "idempotency.bad_key"


def test_requests_at_the_same_time_with_one_key_are_one(site: Site, client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda _: client.post("/say", json={"words": "hello"}, headers=KEY), range(8)
            )
        )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(said(site)) == 1


def test_of_many_each_succeeds_or_fails_for_itself(site: Site, client: httpx.Client) -> None:
    items = [{"words": "a"}, {"words": "no"}, {"words": "b"}]

    first = client.post("/say-all", json={"items": items}, headers=KEY).json()
    again = client.post("/say-all", json={"items": items}, headers=KEY)

    assert [each["problem"] for each in first] == [None, "test.no", None]
    assert again.json() == first
    assert again.headers["idempotency-replayed"] == "true"
    assert len(said(site)) == 2


def test_the_caller_and_the_request_are_written_beside_what_happened(
    site: Site, client: httpx.Client
) -> None:
    answer = client.post("/say", json={"words": "hello"}, headers={"X-Request-Id": "shop-17"})

    with site.services.uow.read() as reader:
        (event,) = audit.of_entity(reader, answer.json()["id"], 0, 10)
    assert event.cause.actor.startswith("key_")
    assert event.cause.request_id == "shop-17"


def test_who_has_the_present_version_need_not_get_it_again(client: httpx.Client) -> None:
    first = client.get("/thing")
    again = client.get("/thing", headers={"If-None-Match": f'"6", {first.headers["etag"]}'})

    assert (first.status_code, first.json()) == (200, {"version": 7})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"] == '"7"'


def test_who_decided_on_an_old_version_is_told(client: httpx.Client) -> None:
    def change(tag: str | None) -> httpx.Response:
        return client.put("/thing", headers={} if tag is None else {"If-Match": tag})

    assert [change(tag).status_code for tag in (None, "*", '"7"', 'W/"7"')] == [200] * 4
    assert change('"6"').status_code == 412
    assert change('"6"').json()["type"] == "request.changed_meanwhile"
    assert change("seven").status_code == 422
