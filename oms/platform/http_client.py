"""The one way out to other people's servers. Its transport is given, so tests need no network."""

import asyncio
import time
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx
import structlog

from connectors.contract.errors import Rejected, Transient
from connectors.contract.payloads import HttpRequest, HttpResponse

ANSWER_MAX_BYTES: Final = 64 * 1024 * 1024  # a page of orders is a thousandth of that
CONNECT_S: Final = 10.0
_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20)
_AGENT: Final = "oms"

log = structlog.get_logger(__name__)


class HttpClient:
    """Carries calls as `connectors.contract.manifest.Http` asks, keeping connections open per loop.

    Raises `Transient` where no whole answer came; every answer that came is returned, whatever its
    status. Redirects are answers: nobody is sent where they did not ask to go.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            WeakKeyDictionary()
        )

    async def send(self, request: HttpRequest) -> HttpResponse:
        try:
            return await self._send(request)
        except Transient:
            if not request.idempotent:
                raise
            # Most often a kept connection that the other side had closed: a new one will do.
            return await self._send(request)

    async def close(self) -> None:
        """Close the connections of the running loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _send(self, request: HttpRequest) -> HttpResponse:
        host = urlsplit(request.url).hostname or "the address given"
        began_s = time.perf_counter()
        try:
            async with asyncio.timeout(request.timeout_s):
                answer = await self._converse(request, host)
        except (TimeoutError, httpx.TimeoutException):
            # The cause is left out of all of these: its text may hold a credential.
            raise Transient(
                "http.timeout", f"{host} did not answer within {request.timeout_s:g} s."
            ) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Rejected(
                "http.address", f"The address of {host} is not one of the web."
            ) from None
        except httpx.RequestError as error:
            kind = type(error).__name__
            raise Transient(
                "http.no_answer", f"No whole answer came from {host}: {kind}."
            ) from None
        log.debug(
            "http.sent",
            method=request.method,
            host=host,
            status=answer.status,
            ms=round((time.perf_counter() - began_s) * 1000),
        )
        return answer

    async def _converse(self, request: HttpRequest, host: str) -> HttpResponse:
        client = self._client()
        prepared = client.build_request(
            request.method, request.url, headers=request.headers, content=request.body
        )
        response = await client.send(prepared, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > ANSWER_MAX_BYTES:
                    raise Transient("http.too_long", f"The answer of {host} has no end.")
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(status=response.status_code, headers=headers, body=bytes(body))

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = httpx.AsyncClient(
                transport=self._transport,
                timeout=httpx.Timeout(None, connect=CONNECT_S),
                limits=_LIMITS,
                headers={"User-Agent": _AGENT},
                follow_redirects=False,
                trust_env=self._transport is None,
            )
            self._clients[loop] = client
        return client
