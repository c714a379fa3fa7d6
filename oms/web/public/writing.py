"""Writing a customer's page: their language, the merchant's colours, and nothing that leads on."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from config.settings import Brand
from oms.http.call import Call
from oms.kernel.errors import Invalid, NotFound, OMSError
from oms.platform.localise import language_of as language_of_locale
from oms.web import problems
from oms.web.pages import HEADERS, environment_for, written
from oms.web.problems import Trouble
from oms.web.public import brand
from oms.web.public.facts import Facts
from oms.web.public.reading import Reading
from oms.web.translations import LOCALES, N_, language_among

_HEADERS: Final = {
    **HEADERS,
    "Referrer-Policy": "no-referrer",  # the address is the secret
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Help(msgspec.Struct, frozen=True):
    """A way to ask the shop."""

    icon: str
    words: str
    url: str


def customer_page(request: Call, template: str, facts: Facts, **more: Any) -> Response[Any]:
    """A page about an order, in the language asked for, else that of the order or the browser."""
    reading = reading_of(request, facts)
    settings = request.services.settings
    number = (facts.order.external_number or facts.order.number)[:40]
    return _page(
        request,
        (reading.language, template),
        {
            "shop": settings.brand.name,
            "fmt": reading.fmt,
            "number": number,
            "helps": helps(settings.brand, number, reading),
            **more,
        },
    )


def reading_of(request: Call, facts: Facts) -> Reading:
    """How whoever has the link reads."""
    language = _asked(request) or _ordered_in(facts) or _browsers(request)
    return Reading(language, facts.time_zone, facts.now_ms)


def no_page(request: Call, reason: NotFound) -> Response[Any]:
    """What a link shows that does not open: whether it is over, and nothing about any order."""
    is_over = reason.code == "link.expired"
    facts = {"is_over": is_over, "shop": request.services.settings.brand.name}
    language = _asked(request) or _browsers(request)
    return _page(request, (language, "public/gone.html"), facts, 410 if is_over else 404)


def helps(brand: Brand, number: str, reading: Reading) -> list[Help]:
    """The ways to ask that the shop has named, the order's number filled in."""
    found = []
    if brand.phone:
        digits = "".join(filter(str.isdigit, brand.phone))
        words = reading.say(N_("Question about order %(number)s"), number=number)
        url = f"https://wa.me/{digits}?text={quote(words)}"
        found.append(Help("message-square", reading.say(N_("Ask by WhatsApp")), url))
    if brand.email:
        for icon, topic in _TOPICS if not found else _TOPICS[:1]:
            subject = reading.say(N_("Order %(number)s"), number=number)
            url = f"mailto:{brand.email}?subject={quote(f'{subject}: {reading.say(topic)}')}"
            found.append(Help(icon, reading.say(topic), url))
    return found


_TOPICS: Final = (
    ("mail", N_("Ask by e-mail")),
    ("package", N_("The parcel has not come")),
    ("triangle-alert", N_("Something is damaged or wrong")),
)


def _page(
    request: Call, which: tuple[str, str], facts: Mapping[str, Any], status: int = 200
) -> Response[Any]:
    language, template = which
    text = (
        environment_for(language)
        .get_template(template)
        .render(
            language=language,
            languages=tuple(LOCALES),
            path=request.scope["path"],
            asked=f"?lang={language}" if _asked(request) else "",
            brand_style=brand.url(request),
            **facts,
        )
    )
    return written(request, text, dict(_HEADERS), status)


def _asked(request: Call) -> str:
    language = request.query_params.get("lang", "")
    return str(language) if language in LOCALES else ""


def _ordered_in(facts: Facts) -> str:
    """The language the customer ordered in, if there are words for it."""
    try:
        language = language_of_locale(facts.order.locale) if facts.order.locale else ""
    except Invalid:
        return ""
    return language if language in LOCALES else ""


def _browsers(request: Call) -> str:
    return language_among(request.headers.get("accept-language", "").split(","))


def _refused(request: Request[Any, Any, Any], error: OMSError) -> Response[Any]:
    if isinstance(error, NotFound) and error.code.startswith("link."):
        return no_page(_call(request), error)
    return _trouble(_call(request), problems.trouble(error, request))


def _not_served(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    return _trouble(_call(request), problems.refused_by_framework(request, error))


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    return _trouble(_call(request), problems.noted(request, error))


def _trouble(request: Call, shown: Trouble) -> Response[Any]:
    language = _asked(request) or _browsers(request)
    facts = {"trouble": shown, "shop": request.services.settings.brand.name}
    return _page(request, (language, "public/problem.html"), facts, shown.status)


def _call(request: Request[Any, Any, Any]) -> Call:
    return Call(request.scope, request.receive)


HANDLERS: Final[dict[Any, Any]] = {OMSError: _refused, HTTPException: _not_served, Exception: _bug}
