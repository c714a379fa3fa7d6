"""The status page behind a signed link."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from oms.http.call import Call
from oms.kernel.errors import NotFound
from oms.orders.status import LINK_PURPOSE
from oms.platform.transaction import Reader
from oms.web.pictures.ground import as_file
from oms.web.public.facts import Facts, facts_of
from oms.web.public.route import frame_of, route_of
from oms.web.public.status import status_page
from oms.web.public.writing import customer_page, no_page, reading_of


@get("/track/{token:str}", sync_to_thread=True, include_in_schema=False)
def track(request: Call, token: FromPath[str]) -> Response[Any]:
    """An order's status, for whoever has the link."""
    try:
        with request.reading() as reader:
            facts = opened(request, reader, token)
    except NotFound as reason:
        return no_page(request, reason)
    reading = reading_of(request, facts)
    page = status_page(facts, reading)
    route = route_of(facts, reading, f"/track/{token}/ground.svg")
    return customer_page(request, "public/status.html", facts, page=page, route=route)


@get("/track/{token:str}/ground.svg", sync_to_thread=True, include_in_schema=False)
def base_map(request: Call, token: FromPath[str]) -> Response[Any]:
    """The land under the route. It hangs on the link, so that nobody has us draw the world."""
    with request.reading() as reader:
        frame = frame_of(opened(request, reader, token))
    if frame is None:
        raise NotFound("link.no_map", "There is no map of this order.")
    headers = {"Cache-Control": "private, max-age=604800"}
    return Response(as_file(frame), media_type="image/svg+xml", headers=headers)


def opened(request: Call, reader: Reader, token: str) -> Facts:
    """What the link is about; `NotFound` when it was altered, is over, or its order is gone."""
    order_id = request.services.links.open(LINK_PURPOSE, token, request.services.uow.clock())
    return facts_of(reader, order_id)
