"""Writing through the gate, once for each `Idempotency-Key`: a repeat gets the first answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request

from oms.kernel.errors import Invalid, OMSError
from oms.platform.gate import Gate, Handler
from oms.platform.idempotency import Key, Remembered, request_hash
from oms.platform.transaction import Transaction

C = TypeVar("C")
R = TypeVar("R")

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
GIVEN_KEY: Final = "idempotency_key"  # in the request's state: where a form brought the key
KEY_LENGTH_MAX: Final = 200
_REPLAYED: Final = (REPLAYED.lower().encode(), b"true")


async def submit(
    request: Request[Any, Any, Any], gate: Gate, work: tuple[Handler[C, R], C], answer: type[R]
) -> R:
    """The answer to one command, now or as it was given before. Raises `OMSError`."""
    handler, command = work
    key = await _key(request)
    told = await asyncio.wrap_future(gate.submit(handler, command, key))
    return _again(request, told, answer) if isinstance(told, Remembered) else told


async def submit_all(
    request: Request[Any, Any, Any],
    gate: Gate,
    work: tuple[Handler[C, R], Sequence[C]],
    answer: type[R],
) -> list[R | OMSError]:
    """The answers to many commands; each is remembered by itself under the request's key."""
    handler, commands = work
    key = await _key(request)
    keys = _numbered(key, len(commands)) if key else ()
    waiting = [asyncio.wrap_future(each) for each in gate.submit_all(handler, commands, keys)]
    answers: list[R | OMSError] = []
    for told in await asyncio.gather(*waiting, return_exceptions=True):
        if isinstance(told, Remembered):
            answers.append(_again(request, told, answer))
        elif isinstance(told, BaseException) and not isinstance(told, OMSError):
            raise told
        else:
            answers.append(told)
    return answers


async def once(
    request: Request[Any, Any, Any], gate: Gate, work: Callable[[], Awaitable[R]], answer: type[R]
) -> R:
    """The same for work that takes several transactions and so must be safe to go on with.

    Its answer is remembered when all of it is done: killed half-way, a repeat does the rest.
    """
    key = await _key(request)
    if key is None:
        return await work()
    try:
        told = await asyncio.wrap_future(gate.submit(_unknown, None, key))
    except _NotYetKnown:
        done = await work()
        told = await asyncio.wrap_future(gate.submit(_as_told, done, key))
    return _again(request, told, answer) if isinstance(told, Remembered) else told


def was_replayed(request: Request[Any, Any, Any]) -> bool:
    """Whether this request was answered from memory; it then carries the header `REPLAYED`."""
    return _REPLAYED in request.scope["state"].get("headers", ())


class _NotYetKnown(OMSError):
    """The key is new. A failure is not remembered, so asking leaves no trace."""


def _unknown(_: Transaction, commands: Sequence[None]) -> list[Any | OMSError]:
    return [_NotYetKnown("idempotency.not_yet_known", "Not answered yet.") for _ in commands]


def _as_told(_: Transaction, answers: Sequence[R]) -> list[R | OMSError]:
    return list(answers)


async def _key(request: Request[Any, Any, Any]) -> Key | None:
    name = request.headers.get(HEADER, request.scope["state"].get(GIVEN_KEY))
    if name is None:
        return None
    if not 0 < len(name) <= KEY_LENGTH_MAX or not name.isprintable():
        raise Invalid(
            "idempotency.bad_key",
            f"An {HEADER} has 1 to {KEY_LENGTH_MAX} printable characters.",
            "Send a new UUID for each new request.",
            {HEADER: "length"},
        )
    scope = request.scope
    target = f"{scope['method']} {scope['path']}?".encode() + scope["query_string"]
    return Key(request.user.actor, name, request_hash(target, await request.body()))


def _numbered(key: Key, count: int) -> list[Key]:
    return [msgspec.structs.replace(key, key=f"{key.key}#{number}") for number in range(count)]


def _again(request: Request[Any, Any, Any], told: Remembered, answer: type[R]) -> R:
    if not was_replayed(request):
        request.scope["state"].setdefault("headers", []).append(_REPLAYED)
    return msgspec.json.decode(told.body, type=answer)
