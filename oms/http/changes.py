"""Change-sets: what channels want changed on orders we have."""

from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, OrderId, Page, page, place_of
from oms.http.views import View, views
from oms.orders.changes import queries
from oms.orders.changes.machine import ChangeState
from oms.orders.changes.queries import ChangePage

State = Annotated[ChangeState, QueryParameter(name="state")]


class ChangeView(View, frozen=True, kw_only=True):
    """What a channel told anew about an order, and where it differs, in words."""

    id: str
    order_id: str
    state: ChangeState
    differences: tuple[str, ...]
    at: datetime


@get("/change-sets", guards=[may("orders:read")], sync_to_thread=True, tags=["orders"])
def change_sets(
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
