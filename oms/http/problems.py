"""Every failure as an RFC 9457 problem: what it is, in words, and what to do about it."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from oms.kernel.errors import OMSError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = "1"

_TITLES: Final = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "Refused",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Wrong kind of content",
    422: "Something in the request is wrong",
    429: "Too much at once",
    500: "A mistake of ours",
    502: "The other side failed",
    503: "Not available at the moment",
}
_AT_PLACE: Final = re.compile(r"^(?P<words>.*) - at `(?:key in )?\$(?P<path>.*)`$", re.DOTALL)
_OUR_NAME: Final = re.compile(r"[a-z]+(_[a-z]+)+")
_NAMED_FIELD: Final = re.compile(r"field `(?P<field>[^`]+)`$")

log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The body of every answer from 400 on. `type` is a stable code such as ``order.not_found``.

    `fields` maps a place in the request (a JSON pointer into the body, or the name of a parameter)
    to what is wrong there; `remedy` says what to do now.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    remedy: str = ""
    fields: dict[str, str] = {}
    request_id: str = ""


def from_oms_error(request: Request[Any, Any, Any], error: OMSError) -> Response[bytes]:
    headers = {}
    if error.retryable:
        retry_after_s = getattr(error, "retry_after_s", None)
        headers["Retry-After"] = str(int(retry_after_s)) if retry_after_s else RETRY_AFTER_S
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _response(request, problem_of(error), headers)


def problem_of(error: OMSError) -> Problem:
    """An expected failure as a body, also where it is one answer of many."""
    return Problem(
        type=error.code,
        title=_TITLES.get(error.status, "Refused"),
        status=error.status,
        detail=error.sentence,
        remedy=error.remedy,
        fields={_pointer(place): words for place, words in error.fields.items()},
    )


def from_body(request: Request[Any, Any, Any], error: msgspec.DecodeError) -> Response[bytes]:
    """A body that is no JSON (400), or is not what is asked for here (422)."""
    if not isinstance(error, msgspec.ValidationError):
        problem = Problem(
            type="request.not_json",
            title=_TITLES[400],
            status=400,
            detail=f"The body is not JSON: {error}.",
            remedy="Send JSON in UTF-8.",
        )
        return _response(request, problem)
    found = _AT_PLACE.match(str(error))
    words, place = (found["words"], found["path"]) if found else (str(error), "")
    if named := _NAMED_FIELD.search(words):
        place = f"{place}.{named['field']}"
    return _response(request, _invalid({_pointer(place): words}))


def from_parameters(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Parameters that Litestar found wrong."""
    extra = error.extra if isinstance(error.extra, list) else []
    fields = {str(each.get("key", "")): str(each.get("message", "")) for each in extra}
    if "data" in fields:
        fields = {"": "A JSON body is needed"}  # the only way that `Call.json` leaves to get here
    return _response(request, _invalid(fields or {"": error.detail}))


def from_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses: an unknown path, a wrong method, a body that is too large."""
    status = error.status_code
    problem = Problem(
        type=f"http.{status}",
        title=_TITLES.get(status, "Refused"),
        status=status,
        detail=_sentence(error.detail, status, request),
        remedy="See /api/v1/docs for what there is." if status in (404, 405) else "",
    )
    return _response(request, problem, error.headers)


def from_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Anything else is our mistake: said loudly here, and without detail there."""
    log.error("http.bug", method=request.method, path=request.scope["path"], exc_info=error)
    problem = Problem(
        type="internal",
        title=_TITLES[500],
        status=500,
        detail="Something went wrong on our side; it has been noted.",
        remedy="If it happens again, tell us the requestId.",
    )
    return _response(request, problem)


HANDLERS: Final[dict[Any, Any]] = {
    OMSError: from_oms_error,
    msgspec.DecodeError: from_body,
    ValidationException: from_parameters,
    HTTPException: from_http,
    Exception: from_bug,
}


def _invalid(fields: dict[str, str]) -> Problem:
    ((place, words), *_) = fields.items()
    return Problem(
        type="request.invalid",
        title=_TITLES[422],
        status=422,
        detail=f"{words} (at {place})" if place else words,
        remedy="Correct it and send the request again.",
        fields=fields,
    )


def _response(
    request: Request[Any, Any, Any], problem: Problem, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    told = msgspec.structs.replace(
        problem,
        instance=request.scope["path"],
        request_id=request.scope["state"].get("request_id", ""),
    )
    return Response(
        msgspec.json.encode(told),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def _sentence(detail: str, status: int, request: Request[Any, Any, Any]) -> str:
    if status == 404:
        return f"There is nothing at {request.scope['path']}."
    if status == 405:
        return f"{request.method} is not possible at {request.scope['path']}."
    return detail


def _pointer(place: str) -> str:
    """`.lines[0].unit_price` or `lines.0.unit_price` as the JSON pointer `/lines/0/unitPrice`."""
    if place.startswith("/") or not place:
        return place
    parts = re.split(r"[.\[\]]+", place.strip(".[]"))
    return "/" + "/".join(_as_sent(part) for part in parts if part)


def _as_sent(name: str) -> str:
    """The name of a field as requests have it; an id stays as it is."""
    if not _OUR_NAME.fullmatch(name):
        return name.replace("~", "~0")
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
