"""Failures as pages and fragments: what is wrong, what was not changed, what to do."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect

from oms.http.call import Call
from oms.kernel.errors import OMSError
from oms.web.guards import NotSignedIn
from oms.web.pages import is_partial, page
from oms.web.translations import N_

_SAFE: Final = ("GET", "HEAD")

log = structlog.get_logger(__name__)

_TITLES: Final = {
    401: N_("Please sign in"),
    403: N_("This is not for you to do"),
    404: N_("There is nothing here"),
    405: N_("This cannot be done here"),
    409: N_("It was refused"),
    412: N_("It was changed meanwhile"),
    422: N_("Something is not right yet"),
    429: N_("Too much at once"),
    500: N_("A mistake of ours"),
    503: N_("Not available at the moment"),
}


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A failure as it is shown. `is_unchanged`: something was asked to change and was not."""

    status: int
    title: str
    sentence: str
    remedy: str = ""
    code: str = ""
    request_id: str = ""
    is_unchanged: bool = False
    fields: dict[str, str] = {}


def trouble(error: OMSError, request: Request[Any, Any, Any]) -> Trouble:
    """What to show of an expected failure."""
    return Trouble(
        status=error.status,
        title=_TITLES.get(error.status, _TITLES[409]),
        sentence=error.sentence,
        remedy=error.remedy,
        code=error.code,
        is_unchanged=request.method not in _SAFE,
        fields=dict(error.fields),
    )


def from_oms_error(request: Request[Any, Any, Any], error: OMSError) -> Response[Any]:
    return _answer(_call(request), trouble(error, request))


def from_nobody(request: Request[Any, Any, Any], error: NotSignedIn) -> Response[Any]:
    """A page leads to where one signs in and back; a script is told, and asks in place."""
    if is_partial(_call(request)) or request.method not in _SAFE:
        return _answer(_call(request), trouble(error, request))
    target = request.scope["path"]
    if query := request.scope["query_string"].decode("latin-1"):
        target += f"?{query}"
    return Redirect(f"/sign-in?to={quote(target, safe='')}", status_code=303)


def from_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    return _answer(_call(request), refused_by_framework(request, error))


def from_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    return _answer(_call(request), noted(request, error))


def refused_by_framework(request: Request[Any, Any, Any], error: HTTPException) -> Trouble:
    """What to show of what the framework refuses."""
    status = 422 if isinstance(error, ValidationException) else error.status_code
    sentence = error.detail if status == 422 else N_("The address may be mistyped or out of date.")
    return Trouble(
        status=status,
        title=_TITLES.get(status, _TITLES[409]),
        sentence=sentence,
        is_unchanged=request.method not in _SAFE,
    )


def noted(request: Request[Any, Any, Any], error: Exception) -> Trouble:
    """Our mistake: said loudly in the log, without detail to who meets it."""
    log.error("web.bug", method=request.method, path=request.scope["path"], exc_info=error)
    return Trouble(
        status=500,
        title=_TITLES[500],
        sentence=N_("Something went wrong on our side; it has been noted."),
        remedy=N_("Try again. If it happens again, tell us the number below."),
        request_id=request.scope["state"].get("request_id", ""),
        is_unchanged=request.method not in _SAFE,
    )


HANDLERS: Final[dict[Any, Any]] = {
    NotSignedIn: from_nobody,
    OMSError: from_oms_error,
    HTTPException: from_http,
    Exception: from_bug,
}


def _answer(request: Call, shown: Trouble) -> Response[Any]:
    """A page of its own, or a toast beside what is on the screen: that stays as it was."""
    if not is_partial(request):
        return page(request, "problem.html", status=shown.status, trouble=shown)
    answer = page(request, "problem_toast.html", status=shown.status, trouble=shown)
    answer.headers |= {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}
    return answer


def _call(request: Request[Any, Any, Any]) -> Call:
    return Call(request.scope, request.receive)
