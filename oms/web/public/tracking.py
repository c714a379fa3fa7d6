"""The status page behind a signed link: found, put into the customer's language, written."""

from pathlib import Path
from typing import Any, Final, Protocol, cast

import jinja2
from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from config.settings import Settings
from fulfillment import queries as floor
from oms.catalog import queries as catalog
from oms.kernel.errors import Invalid, NotFound
from oms.orders import queries as orders
from oms.orders.facts import OrderFacts
from oms.orders.status import LINK_PURPOSE
from oms.orders.store import SliceKey
from oms.payments import queries as payments
from oms.platform.localise import language_of
from oms.platform.security.links import Links
from oms.platform.transaction import Reader, UnitOfWork
from oms.web.public.status import Facts, Reading, StatusPage, status_page
from oms.web.public.words import WORDS

FOLDER: Final = Path(__file__).parent
STYLE: Final = (FOLDER / "static" / "status.css").read_bytes()
LOCALES: Final = {"en": "en_GB", "id": "id_ID"}
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",  # the address is the secret
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_templates: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Site(Protocol):
    """What the page stands on, put together by `oms.bootstrap`."""

    @property
    def settings(self) -> Settings: ...

    @property
    def uow(self) -> UnitOfWork: ...

    @property
    def links(self) -> Links: ...


@get("/track/{token:str}", sync_to_thread=True, include_in_schema=False)
def track(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """An order's status, for whoever has the link."""
    site = cast("Site", request.app.state.services)
    language = _asked_language(request)
    try:
        order_id = site.links.open(LINK_PURPOSE, token, site.uow.clock())
        with site.uow.read() as reader:
            facts, shop, time_zone = _look_up(reader, order_id)
    except NotFound as reason:
        return _gone(site, language, reason)
    language = _language_of(facts.order) or language
    reading = Reading(WORDS[language], LOCALES[language], time_zone)
    return _page(shop or site.settings.brand.name, language, status_page(facts, reading))


@get("/track/assets/status.css", sync_to_thread=False, include_in_schema=False)
def style() -> Response[bytes]:
    """How the page looks."""
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(STYLE, media_type=MediaType.CSS, headers=headers)


PAGES: Final = (track, style)
"""For everybody: the signature in the link is what lets in."""


def _look_up(reader: Reader, order_id: str) -> tuple[Facts, str, str]:
    """What is shown of the order, and its channel's name and time zone."""
    found = orders.orders_for(reader, [order_id])
    if not found:
        raise NotFound("link.unknown", "The order of this link is not here any more.")
    parcels = floor.parcels_of(reader, [order_id])
    facts = Facts(
        order=found[0],
        slices=orders.slices_of(reader, SliceKey.ORDER, [order_id]),
        parcels=parcels,
        scans=floor.scans_of(reader, [each.id for each in parcels]),
        refunds=payments.refunds_of(reader, order_id),
    )
    channel = catalog.channel(reader, found[0].channel_id)
    return facts, channel.name, channel.time_zone


def _page(shop: str, language: str, page: StatusPage) -> Response[str]:
    template = _templates.get_template("status.html")
    text = template.render(shop=shop, language=language, words=WORDS[language], page=page)
    return Response(text, media_type=MediaType.HTML, headers=_HEADERS)


def _gone(site: Site, language: str, reason: NotFound) -> Response[str]:
    words = WORDS[language]
    text = _templates.get_template("gone.html").render(
        shop=site.settings.brand.name,
        language=language,
        title=words.gone_title,
        sentence=words.expired if reason.code == "link.expired" else words.unknown,
    )
    status = 410 if reason.code == "link.expired" else 404
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)


def _language_of(order: OrderFacts) -> str:
    """The language the customer ordered in, if there are words for it."""
    try:
        language = language_of(order.locale) if order.locale else ""
    except Invalid:
        return ""
    return language if language in WORDS else ""


def _asked_language(request: Request[Any, Any, Any]) -> str:
    """The first language of the browser that there are words for."""
    for choice in request.headers.get("accept-language", "").split(","):
        language = choice.partition(";")[0].strip().lower().partition("-")[0]
        if language in WORDS:
            return language
    return "en"
