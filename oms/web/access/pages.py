"""Signing in, also in place of an expired session; signing out; choosing a language."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.response import Redirect

from oms.http.call import Call
from oms.kernel.errors import Invalid, OMSError
from oms.platform.security import sessions, users
from oms.platform.security.users import User
from oms.platform.transaction import UnitOfWork
from oms.web.forms import posted
from oms.web.guards import COOKIE, NotSignedIn, expect_same_site, may_see, signed_in
from oms.web.navigation import first_url
from oms.web.pages import is_partial, page
from oms.web.translations import LOCALES

SIGN_INS_PER_MINUTE: Final = 30  # from one address, right or wrong
_LIMIT: Final = RateLimitConfig(("minute", SIGN_INS_PER_MINUTE))

IN_PLACE: Final = "in-place"
"""Sent as `HX-Sign-In` by the dialog that a page shows when its session has ended."""


@get("/sign-in", include_in_schema=False)
async def sign_in_page(request: Call) -> Response[Any]:
    """The form; who is signed in already goes on to where they were going."""
    target = _target(request.query_params.get("to", ""))
    try:
        user = await signed_in(request)
    except NotSignedIn:
        return page(request, "access/sign_in.html", to=target, email="", refusal=None)
    return Redirect(target or first_url(user.as_caller()), status_code=303)


@post("/sign-in", include_in_schema=False, status_code=200, middleware=[_LIMIT.middleware])
async def sign_in(request: Call) -> Response[Any]:
    """Try address and password. The dialog of a page gets 204, everybody else their first page."""
    expect_same_site(request)
    form = await posted(request)
    email, target = form.text("email"), _target(form.text("to", 2_000))
    uow = request.services.uow
    try:
        user, token = await sync_to_thread(_begin, uow, email, form.text("password", 1_000))
    except OMSError as refusal:
        facts = {"to": target, "email": email, "refusal": refusal}
        template = "access/sign_in_again.html" if _is_in_place(request) else "access/sign_in.html"
        return page(request, template, status=refusal.status, **facts)
    cookie = _cookie(request, token, int(sessions.LIFE_MS / 1_000))
    if _is_in_place(request):
        return Response(b"", status_code=204, cookies=[cookie])
    where = target or first_url(user.as_caller())
    return Redirect(where, status_code=303, cookies=[cookie])


@post("/sign-out", include_in_schema=False, status_code=200)
async def sign_out(request: Call) -> Response[Any]:
    """End the session here; other browsers stay signed in."""
    expect_same_site(request)
    token = request.cookies.get(COOKIE, "")
    await sync_to_thread(_end, request.services.uow, token)
    return Redirect("/sign-in", status_code=303, cookies=[_cookie(request, "", 0)])


@get("/account", include_in_schema=False, guards=[may_see()], sync_to_thread=False)
def account(request: Call) -> Response[Any]:
    """Who one is here, what one may do, and how one reads."""
    return page(request, "access/account.html", languages=LOCALES)


@post("/account/language", include_in_schema=False, guards=[may_see()], status_code=200)
async def choose_language(request: Call) -> Response[Any]:
    """Read everything in another language from now on."""
    form = await posted(request)
    language = form.text("language")
    if language not in LOCALES:
        raise Invalid(
            "account.language",
            f"There are no words for the language '{language[:20]}'.",
            f"Choose one of: {', '.join(LOCALES)}.",
            {"language": "unknown"},
        )
    await sync_to_thread(_speak, request.services.uow, request.caller.actor, language)
    return Redirect(_target(form.text("to", 2_000)) or "/account", status_code=303)


@get("/", include_in_schema=False, guards=[may_see()], sync_to_thread=False)
def home(request: Call) -> Response[Any]:
    """Everybody begins where their work is."""
    return Redirect(first_url(request.caller), status_code=303)


PUBLIC: Final = frozenset({"/sign-in", "/sign-out"})
PAGES: Final = (sign_in_page, sign_in, sign_out, account, choose_language, home)


def _begin(uow: UnitOfWork, email: str, password: str) -> tuple[User, str]:
    user = users.verify(uow, email, password)
    with uow.begin() as tx:
        return user, sessions.begin(tx, user.id)


def _end(uow: UnitOfWork, token: str) -> None:
    with uow.begin() as tx:
        sessions.end(tx, token)


def _speak(uow: UnitOfWork, user_id: str, language: str) -> None:
    with uow.begin() as tx:
        users.set_language(tx, user_id, language)


def _is_in_place(request: Call) -> bool:
    return is_partial(request) and request.headers.get("hx-sign-in") == IN_PLACE


def _target(text: str) -> str:
    """A place within this site, or ""; `//elsewhere` would be another one."""
    parts: Sequence[str] = text.split("/", 2)
    is_own = text.startswith("/") and len(parts) > 1 and parts[1] != "" and "\\" not in text
    return text if is_own and text.isprintable() else ""


def _cookie(request: Call, token: str, age_s: int) -> Cookie:
    is_secure = request.services.settings.public_url.startswith("https://")
    return Cookie(
        COOKIE, value=token, max_age=age_s, httponly=True, secure=is_secure, samesite="lax"
    )
