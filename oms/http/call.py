"""One request to the API: who calls, what they send, and the way to read and to change things."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from oms.http import idempotent
from oms.http.services import Services
from oms.kernel.errors import OMSError
from oms.kernel.events import Cause
from oms.platform.gate import Handler
from oms.platform.security.callers import Caller
from oms.platform.transaction import Reader

C = TypeVar("C")
R = TypeVar("R")
T = TypeVar("T")


class Call(Request[Caller, None, State]):
    """A request as our controllers see it: they ask for `request: Call`."""

    @property
    def services(self) -> Services:
        return cast("Services", self.scope["litestar_app"].state.services)

    @property
    def caller(self) -> Caller:
        """Who calls, once a guard has let them in."""
        return cast("Caller", self.scope["user"])

    @property
    def cause(self) -> Cause:
        """What is written beside everything that comes of this call: give it to commands."""
        return Cause(self.caller.actor, self.scope["state"].get("request_id", ""))

    def reading(self) -> AbstractContextManager[Reader]:
        """A connection to look with. For sync handlers (`sync_to_thread=True`)."""
        return self.services.uow.read()

    async def read(self, look: Callable[[Reader], T]) -> T:
        """What `look` finds: for handlers that await and therefore cannot use `reading`."""
        return await sync_to_thread(self._look, look)

    @property
    def was_replayed(self) -> bool:
        """Whether `submit` found an answer given before to the same `Idempotency-Key`."""
        return idempotent.was_replayed(self)

    async def submit(self, handler: Handler[C, R], command: C, answer: type[R]) -> R:
        """Have one command done through the gate, once for each `Idempotency-Key`.

        `answer` is the type of what the handler answers, to read again what it answered before.
        Raises the `OMSError` it answers with.
        """
        return await idempotent.submit(self, self.services.gate, (handler, command), answer)

    async def submit_all(
        self, handler: Handler[C, R], commands: Sequence[C], answer: type[R]
    ) -> list[R | OMSError]:
        """Have many commands done; each succeeds or fails for itself, in their order."""
        return await idempotent.submit_all(self, self.services.gate, (handler, commands), answer)

    async def once(self, work: Callable[[], Awaitable[R]], answer: type[R]) -> R:
        """Have work of several transactions done, remembered when all of it is."""
        return await idempotent.once(self, self.services.gate, work, answer)

    def _look(self, look: Callable[[Reader], T]) -> T:
        with self.reading() as reader:
            return look(reader)

    async def json(self) -> Any:
        """The body as the type that the handler asks for as `data`.

        One strict pass over the bytes, where the framework would build dicts first and then accept
        a "3" for a 3.
        """
        handler = cast("BaseRouteHandler", self.scope["route_handler"])
        return _decoder(handler)(await self.body())


@cache
def _decoder(handler: BaseRouteHandler) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(handler.parsed_fn_signature.parameters["data"].annotation).decode
