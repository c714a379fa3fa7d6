"""Writing a page: template, reader's language, headers; whole, or only the part that was asked for.

One handler serves both: a request by a script that wants to fill the element `results` gets the
template's block `results` alone, from the same facts.
"""

import gzip
import re
import time
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, cast
from uuid import uuid4

import jinja2
from litestar import MediaType, Response

from oms.http.call import Call
from oms.platform.security.callers import Caller
from oms.platform.security.roles import ROLES, expect_permission
from oms.platform.security.users import User
from oms.web.assets import assets
from oms.web.formats import Formats
from oms.web.navigation import entries
from oms.web.orders.rows import HOLD_WORDS
from oms.web.translations import LOCALES, language_among, translations

FOLDER: Final = Path(__file__).parent / "templates"
FULL: Final = "layout/full.html"
PARTIAL: Final = "layout/partial.html"
FORM_KEY: Final = "_key"
VISITOR: Final = "visitor"  # in the request's state: who signed in
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"
    ),
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
    "Vary": "Accept-Encoding, HX-Request-Type, HX-Target",
}
ZIPPED_FROM: Final = 1_000  # characters; less than that fits into a packet anyway
ZIP_LEVEL: Final = 4  # higher ones take twice as long for a few bytes
_HTML: Final = "text/html; charset=utf-8"
_TARGET: Final = re.compile(r"#([a-z][a-z0-9_-]*)$")


def page(request: Call, template: str, *, status: int = 200, **facts: Any) -> Response[Any]:
    """A page or, when a script asks for one of its blocks, that block."""
    began_s = time.perf_counter()
    language = language_of(request)
    environment = environment_for(language)
    is_part = is_partial(request)
    context = {
        **facts,
        "layout": PARTIAL if is_part else FULL,
        "language": language,
        "visitor": visitor(request),
        "brand": request.services.settings.brand.name,
        "fmt": formats(request),
        "url": request.scope["path"],
        "may": partial(_may, request),
        "navigation": [] if is_part else entries(request),
    }
    text = _text(environment.get_template(template), context, _wanted_block(request))
    took_ms = (time.perf_counter() - began_s) * 1_000
    headers = {**HEADERS, "Server-Timing": f"tpl;dur={took_ms:.1f}"}
    return written(request, text, headers, status)


def written(request: Call, text: str, headers: dict[str, str], status: int = 200) -> Response[Any]:
    """The HTML as it is sent, made small where that pays."""
    if "gzip" not in request.headers.get("accept-encoding", "") or len(text) < ZIPPED_FROM:
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)
    zipped = gzip.compress(text.encode(), ZIP_LEVEL, mtime=0)
    headers["Content-Encoding"] = "gzip"
    return Response(zipped, status_code=status, media_type=_HTML, headers=headers)


def is_partial(request: Call) -> bool:
    """Whether a script asks, which will put the answer into a page that is there already."""
    return request.headers.get("hx-request-type") == "partial"


def visitor(request: Call) -> User | None:
    """Who signed in, once a guard has looked."""
    return request.scope["state"].get(VISITOR)


def language_of(request: Call) -> str:
    """The language asked for in the address, else the visitor's own, else the browser's."""
    asked = request.query_params.get("lang", "")
    if asked in LOCALES:
        return str(asked)
    person = visitor(request)
    if person is not None and person.language in LOCALES:
        return person.language
    return language_among(request.headers.get("accept-language", "").split(","))


def formats(request: Call) -> Formats:
    """How this reader is written to, as of now."""
    language = language_of(request)
    services = request.services
    zone = services.settings.seller.time_zone
    return Formats(LOCALES[language], zone, translations(language), services.uow.clock())


@cache
def environment_for(language: str) -> jinja2.Environment:
    """Templates in one language. What they may call everywhere: `ui` (components), `static`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    install = cast("Any", environment).install_gettext_translations  # added by the extension
    install(translations(language), newstyle=True)
    environment.globals |= {
        "static": assets().url,
        "build": assets().build,
        "new_key": lambda: uuid4().hex,
        "FORM_KEY": FORM_KEY,
        "HOLD_WORDS": HOLD_WORDS,
    }
    words = translations(language)
    environment.filters |= {
        "initials": lambda name: "".join(part[0] for part in name.split()[:2]).upper(),
        "role_word": lambda role: words.gettext(ROLES[role].label) if role in ROLES else role,
    }
    environment.globals["ui"] = environment.get_template("ui.html").module
    return environment


def _may(request: Call, permission: str) -> bool:
    caller = request.scope.get("user")
    return isinstance(caller, Caller) and expect_permission(permission) in caller.permissions


def _text(template: jinja2.Template, context: dict[str, Any], block: str) -> str:
    if block in template.blocks:
        return "".join(template.blocks[block](template.new_context(context)))
    return template.render(context)


def _wanted_block(request: Call) -> str:
    found = _TARGET.search(request.headers.get("hx-target", ""))
    return found[1].replace("-", "_") if found and is_partial(request) else ""
