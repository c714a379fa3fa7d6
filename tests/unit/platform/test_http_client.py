"""The way out: whole answers come back whatever they say, everything else is `Transient`."""

import asyncio
from collections.abc import Callable, Coroutine

import httpx
import pytest

from connectors.contract.errors import Rejected, Transient
from connectors.contract.payloads import HttpRequest, HttpResponse
from oms.platform import http_client
from oms.platform.http_client import HttpClient

SECRET = "token=verysecret123"
REQUEST = HttpRequest(method="POST", url=f"https://shop.example/orders?{SECRET}", body=b"{}")

Answer = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


def send(answer: Answer, request: HttpRequest = REQUEST) -> HttpResponse:
    return asyncio.run(HttpClient(httpx.MockTransport(answer)).send(request))


def test_an_answer_comes_back_as_it_is() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.content) == ("POST", b"{}")
        return httpx.Response(503, headers={"Retry-After": "7"}, content=b"busy")

    assert send(answer) == HttpResponse(
        status=503, headers={"retry-after": "7", "content-length": "4"}, body=b"busy"
    )


def test_nobody_is_sent_where_they_did_not_ask_to_go() -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "http://169.254.169.254/"})

    assert send(answer).status == 302


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.ReadTimeout("slow"), "http.timeout"),
        (httpx.ConnectError(f"no route to https://shop.example/?{SECRET}"), "http.no_answer"),
        (httpx.RemoteProtocolError("cut off"), "http.no_answer"),
    ],
)
def test_no_whole_answer_is_transient_and_keeps_secrets(error: Exception, code: str) -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(Transient) as caught:
        send(answer)

    assert caught.value.code == code
    assert "shop.example" in caught.value.sentence
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_answer_that_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "ANSWER_MAX_BYTES", 10)

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"x" * 11)

    with pytest.raises(Transient, match="has no end"):
        send(answer)


def test_a_call_takes_no_longer_than_it_may() -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    request = HttpRequest(method="GET", url="https://shop.example/", timeout_s=0.01)

    with pytest.raises(Transient, match=r"did not answer within 0\.01 s"):
        send(answer, request)


def test_only_a_call_that_may_be_repeated_is_repeated() -> None:
    calls: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        if len(calls) == 1:
            raise httpx.RemoteProtocolError("the kept connection was closed")
        return httpx.Response(200)

    again = HttpRequest(method="GET", url="https://shop.example/", idempotent=True)

    assert send(answer, again).status == 200
    calls.clear()
    with pytest.raises(Transient):
        send(answer)


def test_an_address_that_is_none_is_refused_for_good() -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.UnsupportedProtocol("gopher")

    with pytest.raises(Rejected):
        send(answer, HttpRequest(method="GET", url="gopher://shop.example/"))


def test_each_loop_has_connections_of_its_own() -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200)

    client = HttpClient(httpx.MockTransport(answer))

    async def once() -> int:
        status = (await client.send(REQUEST)).status
        await client.close()
        return status

    assert [asyncio.run(once()) for _ in range(2)] == [200, 200]
