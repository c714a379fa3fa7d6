"""All pages, and which of them are for everybody."""

from typing import Any, Final

from litestar import Router

from oms.web import assets, problems
from oms.web.access import pages as access_pages
from oms.web.live import pages as live
from oms.web.orders.desk import OrderDesk
from oms.web.orders.order import OrderPage
from oms.web.public import tracking
from oms.web.search import pages as search

PUBLIC: Final = (
    frozenset({"/static/{build:str}/{path:path}", "/track/{token:str}", "/track/assets/status.css"})
    | access_pages.PUBLIC
)
"""What needs no sign-in: nothing of it can be guessed, or there is nothing to see."""


def pages() -> list[Any]:
    """The handlers of all pages, their failures shown as pages."""
    guarded = Router(
        "/",
        route_handlers=[*access_pages.PAGES, *live.PAGES, *search.PAGES, OrderDesk, OrderPage],
        exception_handlers=problems.HANDLERS,
    )
    return [assets.static_file, *tracking.PAGES, guarded]
