"""Handlers for tests: they place what they are sent as the next controllers will place orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from oms.http.call import Call
from oms.http.etags import expect_match, expected_version, tagged
from oms.http.guards import may
from oms.http.views import Input, Name, Units, View, view
from oms.kernel.errors import OMSError, Overloaded, Refused
from oms.kernel.events import SYSTEM, Cause, Event
from oms.platform import audit
from oms.platform.transaction import Transaction


class Said(Event, frozen=True, kw_only=True, tag="test.said"):
    """Somebody said something."""

    words: str


class Say(msgspec.Struct, frozen=True):
    """A command."""

    words: str
    cause: Cause = SYSTEM


class Spoken(msgspec.Struct, frozen=True):
    """What a command answers."""

    id: str
    words: str
    said_at_ms: int


def say(tx: Transaction, commands: Sequence[Say]) -> list[Spoken | OMSError]:
    """A service: `no` is refused, `busy` too for now, `bug` is one."""
    return [_say(tx, command) for command in commands]


def _say(tx: Transaction, command: Say) -> Spoken | OMSError:
    if command.words == "no":
        return Refused("test.no", "The rules say no.", "Say something else.", {"words": "no"})
    if command.words == "busy":
        return Overloaded("test.busy", "Not now.")
    if command.words == "bug":
        raise ZeroDivisionError("swordfish")
    spoken = Spoken(tx.new_id("say"), command.words, tx.now_ms)
    tx.emit_first(Said(entity=spoken.id, words=command.words), command.cause)
    return spoken


class LineInput(Input, frozen=True, kw_only=True):
    """A part of what is sent."""

    quantity: Units


class SayInput(Input, frozen=True, kw_only=True):
    """What is sent."""

    words: Name
    lines: list[LineInput] = msgspec.field(default_factory=list)


class SayAllInput(Input, frozen=True, kw_only=True):
    """Many at once."""

    items: Annotated[list[SayInput], Meta(min_length=1, max_length=100)]


class SpokenView(View, frozen=True, kw_only=True):
    """What is shown."""

    id: str
    words: str
    said_at: datetime


class OutcomeView(View, frozen=True, kw_only=True):
    """What became of one of many."""

    id: str | None
    problem: str | None


class VersionView(View, frozen=True, kw_only=True):
    """Something with a version."""

    version: int


@post("/say", guards=[may("orders:write")])
async def say_one(request: Call, data: JSONBody[SayInput]) -> SpokenView:
    """One command."""
    return view(SpokenView, await request.submit(say, Say(data.words, request.cause), Spoken))


@post("/say-all", guards=[may("orders:write")])
async def say_all(request: Call, data: JSONBody[SayAllInput]) -> list[OutcomeView]:
    """Many commands."""
    commands = [Say(each.words, request.cause) for each in data.items]
    return [
        OutcomeView(id=None, problem=each.code)
        if isinstance(each, OMSError)
        else OutcomeView(id=each.id, problem=None)
        for each in await request.submit_all(say, commands, Spoken)
    ]


@get("/said/{channel_id:str}", guards=[may("orders:read")], sync_to_thread=True)
def said(request: Call, channel_id: FromPath[str]) -> int:
    """How much was said; only for those who reach the channel."""
    request.caller.expect_channel(channel_id)
    with request.reading() as reader:
        return len(audit.after(reader, 0, 1000, ["test.said"]))


@get("/thing", guards=[may("orders:read")], sync_to_thread=False)
def thing(request: Call) -> Response[VersionView | None]:
    """Something at version 7."""
    return tagged(request, VersionView(version=7), 7)


@put("/thing", guards=[may("orders:write")], sync_to_thread=False)
def change_thing(request: Call) -> VersionView:
    """The same, changed by those who know it."""
    expect_match(expected_version(request), 7)
    return VersionView(version=8)


PAGES = (say_one, say_all, said, thing, change_thing)
