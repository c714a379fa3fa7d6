"""Links to an order's public status page, to send to its customer."""

from datetime import datetime
from typing import Annotated, Final

from litestar import post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from oms.http.call import Call
from oms.http.guards import may
from oms.http.reach import expect_order
from oms.http.views import Input, View
from oms.kernel.clock import DAY_MS, to_datetime
from oms.orders.status import LINK_PURPOSE

DAYS_USUAL: Final = 90  # longer than any delivery and return takes
DAYS_MAX: Final = 366


class LinkInput(Input, frozen=True, kw_only=True):
    """For how many days the link shall open."""

    days: Annotated[int, Meta(ge=1, le=DAYS_MAX)] = DAYS_USUAL


class LinkView(View, frozen=True, kw_only=True):
    """An address that shows the order to whoever has it, until it expires."""

    url: str
    expires_at: datetime


@post(
    "/orders/{order_id:str}/status-link",
    guards=[may("orders:read")],
    status_code=200,
    tags=["orders"],
)
async def status_link(
    request: Call, order_id: FromPath[str], data: JSONBody[LinkInput]
) -> LinkView:
    """Sign a link to the order's status page. Nothing is kept, so it can be done any time."""
    await sync_to_thread(_look_up, request, order_id)
    services = request.services
    # To the next whole day: whoever asks again gets the same link.
    until_ms = (services.uow.clock() // DAY_MS + 1 + data.days) * DAY_MS
    http = services.settings.http
    site = http.public_url.rstrip("/") or f"http://{http.host}:{http.port}"
    token = services.links.sign(LINK_PURPOSE, order_id, until_ms)
    return LinkView(url=f"{site}/track/{token}", expires_at=to_datetime(until_ms))


def _look_up(request: Call, order_id: str) -> None:
    with request.reading() as reader:
        expect_order(request, reader, order_id)
