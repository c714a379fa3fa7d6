"""The feed of events: everything that happened, in order, from a number on."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Limit
from oms.http.views import View
from oms.kernel.clock import to_datetime
from oms.platform import audit
from oms.platform.audit import Told

AfterNumber = Annotated[
    int, QueryParameter(ge=0, description="The `number` of the last event you have; 0 for all")
]
Types = Annotated[
    list[str] | None, QueryParameter(name="type", description="Only these, such as order.placed")
]


class EventView(View, frozen=True, kw_only=True):
    """A fact. `number` grows in the order of commits: who remembers the last one misses none.

    `sequence` counts within the entity. `body` is the fact as kept, in its own words.
    """

    number: int
    entity: str
    sequence: int
    type: str
    at: datetime
    actor: str
    request_id: str
    because_of: int | None
    body: msgspec.Raw


class EventPage(View, frozen=True, kw_only=True):
    """Events after a number. `last` is where to go on from, also when nothing is new."""

    items: list[EventView]
    last: int
    has_more: bool


class EventFeed(Controller):
    path = "/events"
    tags = ("events",)
    guards = (may("events:read"),)

    @get(sync_to_thread=True)
    def after(
        self, request: Call, after: AfterNumber = 0, types: Types = None, limit: Limit = LIMIT_USUAL
    ) -> EventPage:
        """Follow the feed: ask again with `after` = `last` of the answer before."""
        request.caller.expect_everywhere()
        with request.reading() as reader:
            return _page(audit.after(reader, after, limit, types or ()), after, limit)

    @get("/of/{entity:str}", sync_to_thread=True)
    def of_entity(
        self,
        request: Call,
        entity: FromPath[str],
        after: AfterNumber = 0,
        limit: Limit = LIMIT_USUAL,
    ) -> EventPage:
        """What happened to one order, item, return …; here `after` is a `sequence`."""
        request.caller.expect_everywhere()
        with request.reading() as reader:
            told = audit.of_entity(reader, entity, after, limit)
        last = told[-1].sequence if told else after
        return EventPage(items=_views(told), last=last, has_more=len(told) == limit)

    @get("/by/{actor:str}", sync_to_thread=True)
    def by_actor(
        self,
        request: Call,
        actor: FromPath[str],
        after: AfterNumber = 0,
        limit: Limit = LIMIT_USUAL,
    ) -> EventPage:
        """What one person or program did."""
        request.caller.expect_everywhere()
        with request.reading() as reader:
            return _page(audit.of_actor(reader, actor, after, limit), after, limit)


def _page(told: list[Told], after: int, limit: int) -> EventPage:
    last = told[-1].number if told else after
    return EventPage(items=_views(told), last=last, has_more=len(told) == limit)


def _views(told: list[Told]) -> list[EventView]:
    return [
        EventView(
            number=event.number,
            entity=event.entity,
            sequence=event.sequence,
            type=event.type,
            at=to_datetime(event.at_ms),
            actor=event.cause.actor,
            request_id=event.cause.request_id,
            because_of=event.cause.event_number,
            body=event.body,
        )
        for event in told
    ]
