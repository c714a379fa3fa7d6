"""The outermost layer, before the framework: bounds, request ids, figures and the request log.

It looks at no body and knows no route; it must stay cheap, because every request pays for it.
"""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import msgspec
import structlog

from config.settings import HttpSettings, LogSettings
from oms.http.problems import MEDIA_TYPE, RETRY_AFTER_S, Problem
from oms.kernel.ids import new_id
from oms.platform import logging, metrics

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

_METHODS: Final = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
_NO_ROUTE: Final = "none"  # so that paths nobody serves do not become labels
_REQUEST_ID: Final = re.compile(rb"[\w.:-]{1,64}")
_TOO_MANY: Final = msgspec.json.encode(
    Problem(
        type="http.too_many_requests",
        title="Too much at once",
        status=429,
        detail="More requests are being served than this process takes at a time.",
        remedy="Repeat in a second.",
    )
)

_NO_SNIFFING: Final = (b"x-content-type-options", b"nosniff")

log = structlog.get_logger(__name__)


class Edge:
    """Wraps the application. Every HTTP request gets an id, which the answer carries too."""

    def __init__(self, app: App, http: HttpSettings, log_settings: LogSettings) -> None:
        self.app = app
        self._requests_max = http.requests_max
        self._log = log_settings
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._requests >= self._requests_max:
            await _refuse(send)
        else:
            self._requests += 1
            try:
                await self._serve(scope, receive, send)
            finally:
                self._requests -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began_s = time.perf_counter()
        request_id = _request_id(scope)
        added = [(b"x-request-id", request_id.encode()), _NO_SNIFFING]
        # Beside the server's own state, because that dict is shared by all requests.
        scope["state"] = {**scope.get("state", {}), "request_id": request_id, "headers": added}
        logging.bind(request_id=request_id)
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self.app(scope, receive, send_on)
        self._note(scope, status, time.perf_counter() - began_s)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        metrics.http_request(method, scope.get("path_template") or _NO_ROUTE, status, seconds)
        wanted, ms = self._log.requests, seconds * 1000
        if wanted == "all" or (wanted == "slow" and (ms >= self._log.slow_ms or status >= 500)):
            log.info("http.request", method=method, path=scope["path"], status=status, ms=round(ms))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return new_id("req", time.time_ns() // 1_000_000)


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(_TOO_MANY)).encode()),
        (b"retry-after", RETRY_AFTER_S.encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_MANY})
