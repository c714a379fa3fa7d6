"""How the system is: alive, ready, its figures, what lags, and what waits for a person."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, MediaType, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from msgspec import Meta

from oms.http import openapi
from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, Page, page, place_of
from oms.http.views import Input, View, views
from oms.kernel.clock import to_datetime
from oms.kernel.errors import Unavailable
from oms.platform import backlog, inbox, jobs, metrics
from oms.platform.backlog import Decision, SetAside
from oms.platform.gate import QUEUE_MAX
from oms.platform.outbox import Row

_NOTHING_FOREIGN: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"
}


class Health(View, frozen=True, kw_only=True):
    """Whether this process can serve, and if not, why."""

    status: str
    reason: str = ""


class SubscriberView(View, frozen=True, kw_only=True):
    """How far a subscriber of events is behind."""

    subscriber: str
    waiting: int
    set_aside: int
    lag_ms: int


class JobView(View, frozen=True, kw_only=True):
    """A periodic job: when it ran and runs, and why it failed."""

    name: str
    due_at: datetime
    last_at: datetime | None
    failures: int
    last_error: str


class SystemView(View, frozen=True, kw_only=True):
    """What waits, and where."""

    gate_waiting: int
    inbox_unhandled: int
    subscribers: list[SubscriberView]
    jobs: list[JobView]


class SetAsideView(View, frozen=True, kw_only=True):
    """An event that a subscriber could not take, with the words of its last failure."""

    subscriber: str
    event_number: int
    entity: str
    event_type: str
    attempts: int
    at: datetime
    last_error: str


class WorkInput(Input, frozen=True, kw_only=True):
    """Which event, for which subscriber."""

    subscriber: str
    event_number: int


class DecisionInput(Input, frozen=True, kw_only=True):
    """What a person decided on."""

    work: Annotated[list[WorkInput], Meta(min_length=1, max_length=500)]


class Decided(View, frozen=True, kw_only=True):
    """How many of them were indeed set aside."""

    count: int


@get("/health", sync_to_thread=False)
def health() -> Health:
    """Alive. Says nothing about the database: a process need not die because that is away."""
    return Health(status="alive")


@get("/ready", sync_to_thread=True)
def ready(request: Call) -> Response[Health]:
    """Ready for requests: the database answers and fits this code, and the gate has room."""
    reason = _reason_not_ready(request)
    status = HTTP_503_SERVICE_UNAVAILABLE if reason else HTTP_200_OK
    body = Health(status="not ready" if reason else "ready", reason=reason)
    return Response(body, status_code=status)


@get("/metrics", guards=[may("system:read")], sync_to_thread=True, include_in_schema=False)
def figures(request: Call) -> Response[bytes]:
    """Figures for Prometheus."""
    with request.reading() as reader:
        metrics.outbox(backlog.depths(reader))
    return Response(metrics.render(), media_type=metrics.CONTENT_TYPE)


@get("/openapi.json", include_in_schema=False, sync_to_thread=True)
def openapi_json(request: Call) -> Response[bytes]:
    """The API described for programs."""
    body = msgspec.json.encode(request.app.state.described())
    return Response(body, media_type="application/vnd.oai.openapi+json")


@get("/docs", include_in_schema=False, sync_to_thread=True)
def docs(request: Call) -> Response[str]:
    """The API described for people."""
    if not request.services.settings.http.docs:
        raise NotFoundException
    page = openapi.page(request.app.state.described())
    return Response(page, media_type=MediaType.HTML, headers=_NOTHING_FOREIGN)


class System(Controller):
    path = "/system"
    tags = ("system",)

    @get(guards=[may("system:read")], sync_to_thread=True)
    def status(self, request: Call) -> SystemView:
        """Queues, lags and jobs."""
        with request.reading() as reader:
            return SystemView(
                gate_waiting=request.services.gate.depth(),
                inbox_unhandled=inbox.unhandled(reader),
                subscribers=views(SubscriberView, backlog.depths(reader)),
                jobs=views(JobView, jobs.states(reader)),
            )

    @get("/set-aside", guards=[may("system:read")], sync_to_thread=True)
    def set_aside(
        self, request: Call, cursor: Cursor = None, limit: Limit = LIMIT_USUAL
    ) -> Page[SetAsideView]:
        """What was tried to the end and waits for a person."""
        request.caller.expect_everywhere()
        after = place_of(cursor, tuple[str, int])
        with request.reading() as reader:
            found = backlog.set_aside(reader, Row(*after) if after else None, limit)
        last = (found[-1].row.subscriber, found[-1].row.event_number) if found else ()
        return page([_set_aside_view(each) for each in found], limit, *last)

    @post("/set-aside/retry", guards=[may("system:write")], status_code=HTTP_200_OK)
    async def retry(self, request: Call, data: JSONBody[DecisionInput]) -> Decided:
        """Try again now, as if never tried."""
        request.caller.expect_everywhere()
        count = await request.submit(backlog.retry, _decision(request, data), int)
        return Decided(count=count)

    @post("/set-aside/dismiss", guards=[may("system:write")], status_code=HTTP_200_OK)
    async def dismiss(self, request: Call, data: JSONBody[DecisionInput]) -> Decided:
        """Drop what a person has dealt with otherwise."""
        request.caller.expect_everywhere()
        count = await request.submit(backlog.dismiss, _decision(request, data), int)
        return Decided(count=count)


def _decision(request: Call, data: DecisionInput) -> Decision:
    rows = tuple(Row(each.subscriber, each.event_number) for each in data.work)
    return Decision(rows, request.cause)


def _reason_not_ready(request: Call) -> str:
    services = request.services
    if not services.gate.is_working():
        return "The gate has stopped."
    if services.gate.depth() >= QUEUE_MAX:
        return "More changes wait than can be taken."
    try:
        return "" if services.is_migrated() else "The database is not migrated: run 'oms migrate'."
    except Unavailable as error:
        return error.sentence


def _set_aside_view(each: SetAside) -> SetAsideView:
    return SetAsideView(
        subscriber=each.row.subscriber,
        event_number=each.row.event_number,
        entity=each.entity,
        event_type=each.event_type,
        attempts=each.attempts,
        at=to_datetime(each.at_ms),
        last_error=each.last_error,
    )
