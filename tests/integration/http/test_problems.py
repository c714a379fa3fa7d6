"""Whatever goes wrong, the answer is a problem that says what it is and what to do."""

from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from oms.kernel.errors import Unavailable
from oms.platform.database import NOTHING_CHANGED
from tests.integration.http.conftest import Site


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["requestId"] == answer.headers["x-request-id"]
    return body


def test_a_refusal_keeps_its_code_words_remedy_and_fields(client: httpx.Client) -> None:
    answer = client.post("/say", json={"words": "no"})

    told = problem(answer)
    told.pop("requestId")
    assert told == {
        "type": "test.no",
        "title": "Refused",
        "status": 409,
        "detail": "The rules say no.",
        "instance": "/say",
        "remedy": "Say something else.",
        "fields": {"/words": "no"},
    }
    assert "retry-after" not in answer.headers


def test_what_may_work_later_says_when(client: httpx.Client) -> None:
    answer = client.post("/say", json={"words": "busy"})

    assert (problem(answer)["type"], answer.status_code) == ("test.busy", 429)
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        (b"{", 400, None),
        (b"\xff", 400, None),
        (b"", 422, {"": "A JSON body is needed"}),
        (b"[]", 422, {"": "Expected `object`, got `array`"}),
        (b"{}", 422, {"/words": "Object missing required field `words`"}),
        (b'{"words": ""}', 422, {"/words": "Expected `str` of length >= 1"}),
        (b'{"words": 3}', 422, {"/words": "Expected `str`, got `int`"}),
        (b'{"words": "a", "wrods": 1}', 422, {"/wrods": "Object contains unknown field `wrods`"}),
        (
            b'{"words": "a", "lines": [{"quantity": 1}, {"quantity": "1"}]}',
            422,
            {"/lines/1/quantity": "Expected `int`, got `str`"},
        ),
        (
            b'{"words": "a", "lines": [{"quantity": 1}, {}]}',
            422,
            {"/lines/1/quantity": "Object missing required field `quantity`"},
        ),
    ],
)
def test_a_wrong_body_is_pointed_at(
    client: httpx.Client, body: bytes, status: int, fields: dict[str, str] | None
) -> None:
    answer = client.post("/say", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    assert problem(answer).get("fields") == fields


def test_a_wrong_parameter_is_named(client: httpx.Client) -> None:
    answer = client.get("/api/v1/events", params={"limit": "many", "after": "-1"})

    assert answer.status_code == 422
    assert set(problem(answer)["fields"]) == {"limit", "after"}


def test_an_unknown_path_and_a_wrong_method_are_problems_too(client: httpx.Client) -> None:
    nowhere = client.get("/api/v1/nowhere")
    wrong = client.delete("/say")

    assert problem(nowhere)["detail"] == "There is nothing at /api/v1/nowhere."
    assert problem(wrong)["detail"] == "DELETE is not possible at /say."
    assert set(wrong.headers["allow"].split(", ")) == {"POST", "OPTIONS"}


def test_a_mistake_of_ours_tells_us_everything_and_them_nothing(client: httpx.Client) -> None:
    logged: list[MutableMapping[str, Any]]
    with capture_logs() as logged:
        answer = client.post("/say", json={"words": "bug"})

    assert answer.status_code == 500
    assert "swordfish" not in answer.text
    assert problem(answer)["type"] == "internal"
    bugs = [entry for entry in logged if entry["event"] == "http.bug"]
    assert [repr(entry["exc_info"]) for entry in bugs] == ["ZeroDivisionError('swordfish')"]


@pytest.mark.parametrize("size", [10_001, 1_000_000])
def test_a_body_that_is_too_large_is_refused(client: httpx.Client, size: int) -> None:
    whole = client.post("/say", content=b" " * size, headers={"Content-Type": "application/json"})

    assert whole.status_code == 413
    assert problem(whole)["title"] == "Too large"


def test_a_body_of_unknown_length_is_cut_where_it_becomes_too_large(client: httpx.Client) -> None:
    answer = client.post("/say", content=(b" " * 1000 for _ in range(50)))

    assert answer.status_code == 413


def test_a_request_id_is_made_or_kept_if_it_is_one(client: httpx.Client) -> None:
    made = client.get("/health").headers["x-request-id"]
    kept = client.get("/health", headers={"X-Request-Id": "shop-17"}).headers["x-request-id"]
    odd = client.get("/health", headers={"X-Request-Id": "a b<c>"}).headers["x-request-id"]

    assert made.startswith("req_")
    assert kept == "shop-17"
    assert odd.startswith("req_")


def test_the_answer_of_a_database_that_is_away_says_so(site: Site, client: httpx.Client) -> None:
    client.get("/said/chn_1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site.services.uow, "read", _away)
        answer = client.get("/said/chn_1")

    assert answer.status_code == 503
    assert problem(answer)["type"] == "database.unavailable"
    assert answer.headers["retry-after"] == "1"


def _away() -> None:
    raise Unavailable(NOTHING_CHANGED, "The database does not answer.")
