"""The stream of news, and the numbers beside the entries of the navigation."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import get
from litestar.response import Stream as StreamResponse

from oms.http.call import Call
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import COUNT_MAX, OrdersWanted
from oms.orders.worklists.model import OrderSet
from oms.platform.transaction import Reader
from oms.web.guards import may_see
from oms.web.live.stream import News, Stream, as_event
from oms.web.pages import formats

STREAM = "live_stream"  # in the application's state


@get("/live", guards=[may_see()], include_in_schema=False)
async def live(request: Call) -> StreamResponse:
    """Server-sent events for as long as a page is looked at."""
    return StreamResponse(
        _events(request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


PAGES = (live,)


async def _events(request: Call) -> AsyncIterator[bytes]:
    state = request.scope["litestar_app"].state
    stream: Stream = state.setdefault(STREAM, None) or Stream(request.services.uow)
    state[STREAM] = stream
    yield as_event("counts", await request.read(lambda reader: counts(request, reader)))
    listening = stream.listen()
    try:
        async for news in listening:
            if not news:
                yield b": nothing new\n\n"
                continue
            yield as_event("changed", [News(each.type, each.entity) for each in news])
            yield as_event("counts", await request.read(lambda reader: counts(request, reader)))
    finally:
        await listening.aclose()


def counts(request: Call, reader: Reader) -> dict[str, Any]:
    """What waits at each place, as text; places where nothing waits are left out."""
    fmt = formats(request)
    permissions, reach = request.caller.permissions, request.caller.reach.channels
    asked = {
        "/orders": ("orders:read", OrderSet.ATTENTION),
        "/pick": ("fulfilment:read", OrderSet.TO_PICK),
        "/pack": ("fulfilment:read", OrderSet.TO_PACK),
    }
    told = {}
    for url, (permission, among) in asked.items():
        if permission in permissions:
            found = listing.count(reader, OrdersWanted(among=among, channel_ids=reach))
            text = fmt.number(min(found, COUNT_MAX))
            told[url] = (text + "+" if found > COUNT_MAX else text) if found else None
    return {url: text for url, text in told.items() if text}
