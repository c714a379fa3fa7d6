"""What the system says about itself: health, figures, feed, what waits for a person, its API."""

import threading
from collections.abc import Sequence

import httpx
import pytest
import schemathesis

from oms.http.views import View, view
from oms.kernel.events import Cause
from oms.platform import gate as gate_module
from oms.platform import outbox
from oms.platform.event_log import outbox_table
from oms.platform.outbox import Row
from oms.platform.transaction import Transaction
from tests.integration.http.conftest import Site
from tests.integration.http.echo import Say, say


def test_a_process_is_ready_when_its_database_is(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/health").json() == {"status": "alive", "reason": ""}
    assert client.get("/ready").json() == {"status": "ready", "reason": ""}

    with site.services.uow.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'former'")

    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "The database is not migrated: run 'oms migrate'."


def test_the_feed_goes_on_after_the_last_number(client: httpx.Client) -> None:
    for words in ("a", "b", "c"):
        client.post("/say", json={"words": words})

    first = client.get("/api/v1/events", params={"limit": 2, "type": "test.said"}).json()
    both = {"after": first["last"], "type": ["test.said", "test.other"]}
    rest = client.get("/api/v1/events", params=both).json()
    none = client.get("/api/v1/events", params={"after": rest["last"]}).json()

    assert [event["body"]["words"] for event in first["items"] + rest["items"]] == ["a", "b", "c"]
    assert (first["hasMore"], rest["hasMore"]) == (True, False)
    assert none == {"items": [], "last": rest["last"], "hasMore": False}
    assert first["items"][0]["type"] == "test.said"
    assert first["items"][0]["actor"].startswith("key_")


def test_the_feed_can_be_asked_about_one_thing_or_one_actor(
    site: Site, client: httpx.Client
) -> None:
    spoken = client.post("/say", json={"words": "a"}).json()
    with site.services.uow.begin(Cause("usr_1")) as tx:
        say(tx, [Say("b", Cause("usr_1"))])

    of_it = client.get(f"/api/v1/events/of/{spoken['id']}").json()
    by_user = client.get("/api/v1/events/by/usr_1").json()

    assert [event["body"]["words"] for event in of_it["items"]] == ["a"]
    assert [event["body"]["words"] for event in by_user["items"]] == ["b"]


def test_figures_are_for_those_who_may_see_the_system(site: Site, client: httpx.Client) -> None:
    client.post("/say", json={"words": "a"})

    figures = client.get("/metrics")

    assert site.client().get("/metrics").status_code == 401
    assert figures.headers["content-type"].startswith("text/plain")
    route = 'oms_http_request_seconds_count{method="POST",route="/say",status="201"}'
    assert route in figures.text
    assert 'oms_command_seconds_count{command="say",outcome="done"}' in figures.text


@pytest.fixture
def two_set_aside(site: Site) -> None:
    with site.services.uow.begin() as tx:
        say(tx, [Say("a"), Say("b")])
    with site.services.uow.begin() as tx:
        numbers = [
            row[0]
            for row in tx.connection.exec_driver_sql(
                "SELECT number FROM event WHERE type = 'test.said' ORDER BY 1"
            )
        ]
        tx.insert(
            outbox_table,
            [
                {"subscriber": "ear", "event_number": number, "entity": "x", "due_at_ms": 0}
                for number in numbers
            ],
        )
        for number in numbers:
            outbox.set_aside(tx, Row("ear", number), "no line")


def test_what_waits_for_a_person_is_shown_and_decided_on(
    client: httpx.Client, two_set_aside: None
) -> None:
    one = client.get("/api/v1/system/set-aside", params={"limit": 1}).json()
    two = client.get("/api/v1/system/set-aside", params={"limit": 1, "cursor": one["next"]}).json()
    first, second = one["items"][0], two["items"][0]
    assert (first["subscriber"], first["lastError"]) == ("ear", "no line")
    assert second["eventNumber"] > first["eventNumber"]

    def decide(what: str, item: dict[str, object]) -> dict[str, int]:
        work = [{"subscriber": item["subscriber"], "eventNumber": item["eventNumber"]}]
        body: dict[str, int] = client.post(
            f"/api/v1/system/set-aside/{what}", json={"work": work}
        ).json()
        return body

    assert decide("retry", first) == {"count": 1}
    assert decide("dismiss", second) == {"count": 1}
    assert decide("dismiss", second) == {"count": 0}
    status = client.get("/api/v1/system").json()
    assert status["subscribers"][0]["subscriber"] == "ear"
    assert (status["subscribers"][0]["waiting"], status["subscribers"][0]["setAside"]) == (1, 0)
    assert client.get("/api/v1/system/set-aside").json() == {"items": [], "next": None}


@pytest.mark.parametrize("cursor", ["no cursor", "bm9uc2Vuc2U", "é"])
def test_a_cursor_that_is_none_is_refused(client: httpx.Client, cursor: str) -> None:
    answer = client.get("/api/v1/system/set-aside", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["type"]) == (422, "page.cursor")


def test_the_api_is_described_for_programs_and_people(site: Site) -> None:
    described = site.client().get("/api/v1/openapi.json").json()
    page = site.client().get("/api/v1/docs")

    issue = described["paths"]["/api/v1/keys"]["post"]
    assert issue["security"] == [{"apiKey": []}]
    assert [each["name"] for each in issue["parameters"]] == ["Idempotency-Key"]
    assert "default" in issue["responses"]
    assert "Permission: `keys:write`." in issue["description"]
    assert "SetAsideViewPage" in described["components"]["schemas"]
    assert "/metrics" not in described["paths"]
    assert page.headers["content-type"].startswith("text/html")
    assert "/api/v1/keys/{key_id}" in page.text
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_the_description_is_valid_openapi(site: Site) -> None:
    described = site.client().get("/api/v1/openapi.json").json()

    schemathesis.openapi.from_dict(described).validate()


def test_figures_show_what_waits_in_the_database(client: httpx.Client, two_set_aside: None) -> None:
    figures = client.get("/metrics").text

    assert 'oms_outbox_set_aside_rows{subscriber="ear"} 2.0' in figures
    assert 'oms_outbox_rows{subscriber="ear"} 0.0' in figures


def test_too_many_requests_at_once_are_asked_to_come_back(site: Site, client: httpx.Client) -> None:
    """Requests wait behind a closed door until the twenty that may be served are there."""
    held, is_open = threading.Event(), threading.Event()

    def door(_: Transaction, commands: Sequence[str]) -> Sequence[str]:
        held.set()
        assert is_open.wait(20)
        return commands

    client.get("/said/chn_1")
    site.services.gate.submit(door, "closed")
    assert held.wait(10)
    waiting = [
        threading.Thread(
            target=client.post, args=("/say",), kwargs={"json": {"words": "a"}, "timeout": 30}
        )
        for _ in range(20)
    ]
    for thread in waiting:
        thread.start()
    while site.services.gate.depth() < 20:
        waiting[0].join(0.01)

    refused = site.client().get("/health")

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["type"] == "http.too_many_requests"
    is_open.set()
    for thread in waiting:
        thread.join(20)
    assert site.client().get("/health").status_code == 200


def test_a_full_gate_answers_429(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module, "QUEUE_MAX", 0)

    answer = client.post("/say", json={"words": "a"})

    assert (answer.status_code, answer.json()["type"]) == (429, "gate.full")
    assert answer.headers["retry-after"] == "1"


class Inner(View, frozen=True, kw_only=True):
    """A view within a view."""

    words: str


class Outer(View, frozen=True, kw_only=True):
    """A view with every kind of field that there is."""

    one: Inner
    maybe: Inner | None
    many: list[Inner]
    fixed: tuple[Inner, ...]
    named: dict[str, Inner]
    plain: list[int]


def test_views_are_made_from_values_of_the_same_shape() -> None:
    class Source:
        one = Say("1")
        maybe = None
        many = (Say("2"), Say("3"))
        fixed = (Say("4"),)
        named = {"five": Say("5")}  # noqa: RUF012 - a value like any other here
        plain = [6]  # noqa: RUF012 - as above

    assert view(Outer, Source()) == Outer(
        one=Inner(words="1"),
        maybe=None,
        many=[Inner(words="2"), Inner(words="3")],
        fixed=(Inner(words="4"),),
        named={"five": Inner(words="5")},
        plain=[6],
    )
