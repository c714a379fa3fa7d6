"""Change-sets: what channels want changed on orders we have, to apply or to decline."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody, QueryParameter

from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, OrderId, Page, page, place_of
from oms.http.reach import expect_order
from oms.http.views import Input, Note, View, view, views
from oms.kernel.ids import expect_prefix
from oms.orders.changes import queries, service, store
from oms.orders.changes.machine import ChangeState
from oms.orders.changes.model import ApplyChange, ChangeSet, DeclineChange
from oms.orders.changes.queries import ChangePage

State = Annotated[ChangeState, QueryParameter(name="state")]


class ChangeView(View, frozen=True, kw_only=True):
    """What a channel told anew about an order, and where it differs, in words."""

    id: str
    order_id: str
    state: ChangeState
    differences: tuple[str, ...]
    at: datetime


class DeclineInput(Input, frozen=True, kw_only=True):
    """Why the order stays as it is."""

    reason: Note = ""


class ChangeSets(Controller):
    path = "/change-sets"
    tags = ("orders",)

    @get(guards=[may("orders:read")], sync_to_thread=True)
    def all(
        self,
        request: Call,
        in_state: State = ChangeState.PROPOSED,
        order_id: OrderId = "",
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> Page[ChangeView]:
        """What waits for a decision (or was decided), oldest first."""
        after = place_of(cursor, tuple[str])
        wanted = ChangePage(
            state=in_state,
            order_id=order_id,
            channel_ids=request.caller.reach.channels,
            after=after[0] if after else "",
            count=limit,
        )
        with request.reading() as reader:
            found = queries.change_sets(reader, wanted)
        return page(views(ChangeView, found), limit, found[-1].id if found else "")

    @post("/{change_id:str}/apply", guards=[may("orders:write")], status_code=200)
    async def apply(self, request: Call, change_id: FromPath[str]) -> ChangeView:
        """Make the order what its channel told last, as far as its units still allow."""
        command = ApplyChange(change_id=await _in_reach(request, change_id), cause=request.cause)
        return view(ChangeView, await request.submit(service.apply, command, ChangeSet))

    @post("/{change_id:str}/decline", guards=[may("orders:write")], status_code=200)
    async def decline(
        self, request: Call, change_id: FromPath[str], data: JSONBody[DeclineInput]
    ) -> ChangeView:
        """Leave the order as it is."""
        id_ = await _in_reach(request, change_id)
        command = DeclineChange(change_id=id_, reason=data.reason, cause=request.cause)
        return view(ChangeView, await request.submit(service.decline, command, ChangeSet))


async def _in_reach(request: Call, change_id: str) -> str:
    id_ = expect_prefix(change_id, "chs")
    if request.caller.reach.channels is not None:
        await sync_to_thread(_look_up, request, id_)
    return id_


def _look_up(request: Call, change_id: str) -> None:
    with request.reading() as reader:
        found = store.changes_by_id(reader, [change_id])
        if change_id in found:  # what does not exist, the service says better
            expect_order(request, reader, found[change_id].order_id)
