"""All pages, and which of them are for everybody."""

from typing import Any, Final

from litestar import Router

from oms.web import assets, problems
from oms.web.access import pages as access_pages
from oms.web.channels import pages as channels
from oms.web.customers import pages as customers
from oms.web.floor import pages as floor
from oms.web.imports import pages as imports
from oms.web.invoices import pages as invoices
from oms.web.live import pages as live
from oms.web.orders.desk import OrderDesk
from oms.web.orders.order import OrderPage
from oms.web.public import routes as public
from oms.web.returns_desk import pages as returns_desk
from oms.web.search import pages as search
from oms.web.settings import pages as settings
from oms.web.stock import pages as stock
from oms.web.today import pages as today

PUBLIC: Final = frozenset({"/static/{build:str}/{path:path}"}) | access_pages.PUBLIC | public.PUBLIC
"""What needs no sign-in: nothing of it can be guessed, or there is nothing to see."""


def pages() -> list[Any]:
    """The handlers of all pages, their failures shown as pages."""
    guarded = Router(
        "/",
        route_handlers=[
            *access_pages.PAGES,
            *live.PAGES,
            *search.PAGES,
            *today.PAGES,
            *floor.PAGES,
            *channels.PAGES,
            *imports.PAGES,
            *settings.PAGES,
            *stock.PAGES,
            OrderDesk,
            OrderPage,
            *returns_desk.PAGES,
            *invoices.PAGES,
            *customers.PAGES,
        ],
        exception_handlers=problems.HANDLERS,
    )
    return [assets.static_file, public.router(), guarded]
