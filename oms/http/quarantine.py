"""Quarantine: what could not be understood is read, repaired, tried again or dismissed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from oms.http.call import Call
from oms.http.guards import may
from oms.http.intake import TakenView, taken_view
from oms.http.paging import LIMIT_USUAL, ChannelId, Cursor, Limit, Page, page, place_of
from oms.http.views import Input, Name, View, view, views
from oms.kernel.errors import OMSError
from oms.kernel.ids import expect_prefix
from oms.orders.intake.model import TakenIn
from oms.orders.quarantine import queries, service
from oms.orders.quarantine.machine import QuarantineState
from oms.orders.quarantine.model import Dismiss, Edit, Quarantined, Rerun
from oms.orders.quarantine.queries import QuarantinePage
from oms.platform.transaction import Transaction
from oms.sourcing import service as sourcing

State = Annotated[QuarantineState, QueryParameter(name="state")]
Code = Annotated[str, QueryParameter(description="Only what was refused for this reason")]


class QuarantinedView(View, frozen=True, kw_only=True):
    """A payload that could not be an order, with the reason. `payload` stays as it came."""

    id: str
    channel_id: str
    source: str
    external_id: str
    code: str
    words: str
    payload: str
    edited: str
    rows: int
    state: QuarantineState
    at: datetime
    order_id: str | None
    decided_at: datetime | None
    decided_by: str


class EditInput(Input, frozen=True, kw_only=True):
    """The repaired payload."""

    payload: Annotated[str, Meta(min_length=1, max_length=5_000_000)]


class DismissInput(Input, frozen=True, kw_only=True):
    """Why it is no order of ours."""

    reason: Name


class Quarantine(Controller):
    path = "/quarantine"
    tags = ("quarantine",)

    @get(guards=[may("connectors:read")], sync_to_thread=True)
    def all(
        self,
        request: Call,
        in_state: State = QuarantineState.OPEN,
        channel_id: ChannelId = "",
        code: Code = "",
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> Page[QuarantinedView]:
        """What waits for a person (or was decided), oldest first."""
        wanted = QuarantinePage(
            state=in_state,
            channel_id=channel_id,
            code=code,
            channel_ids=request.caller.reach.channels,
            after=place_of(cursor, tuple[int, str]),
            count=limit,
        )
        with request.reading() as reader:
            found = queries.payloads(reader, wanted)
        last = (found[-1].at_ms, found[-1].id) if found else ()
        return page(views(QuarantinedView, found), limit, *last)

    @get("/{quarantine_id:str}", guards=[may("connectors:read")], sync_to_thread=True)
    def one(self, request: Call, quarantine_id: FromPath[str]) -> QuarantinedView:
        """One payload."""
        return view(QuarantinedView, _look_up(request, quarantine_id))

    @put("/{quarantine_id:str}/payload", guards=[may("connectors:write")])
    async def edit(
        self, request: Call, quarantine_id: FromPath[str], data: JSONBody[EditInput]
    ) -> QuarantinedView:
        """Put a repaired payload beside what came."""
        id_ = await _in_reach(request, quarantine_id)
        command = Edit(quarantine_id=id_, payload=data.payload, cause=request.cause)
        return view(QuarantinedView, await request.submit(service.edit, command, Quarantined))

    @post("/{quarantine_id:str}/rerun", guards=[may("connectors:write")], status_code=200)
    async def rerun(self, request: Call, quarantine_id: FromPath[str]) -> TakenView:
        """Try the present payload again; what still cannot come in stays with the new reason."""
        id_ = await _in_reach(request, quarantine_id)
        command = Rerun(quarantine_id=id_, cause=request.cause)
        return taken_view(await request.submit(_rerun, command, TakenIn))

    @post("/{quarantine_id:str}/dismiss", guards=[may("connectors:write")], status_code=200)
    async def dismiss(
        self, request: Call, quarantine_id: FromPath[str], data: JSONBody[DismissInput]
    ) -> QuarantinedView:
        """Decide that it is no order of ours."""
        id_ = await _in_reach(request, quarantine_id)
        command = Dismiss(quarantine_id=id_, reason=data.reason, cause=request.cause)
        return view(QuarantinedView, await request.submit(service.dismiss, command, Quarantined))


def _rerun(tx: Transaction, commands: Sequence[Rerun]) -> list[TakenIn | OMSError]:
    """What comes in now is sourced in the same transaction, as any order."""
    return service.rerun(tx, commands, sourcing.place)


async def _in_reach(request: Call, quarantine_id: str) -> str:
    if request.caller.reach.channels is not None:
        await sync_to_thread(_look_up, request, quarantine_id)
    return expect_prefix(quarantine_id, "qua")


def _look_up(request: Call, quarantine_id: str) -> Quarantined:
    with request.reading() as reader:
        found = queries.payload(reader, expect_prefix(quarantine_id, "qua"))
    request.caller.expect_channel(found.channel_id)
    return found
