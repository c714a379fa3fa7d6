"""Versions as ETags: what is unchanged is not sent again, what has changed is not overwritten."""

from typing import Any, Final, TypeVar

from litestar import Request, Response
from litestar.status_codes import HTTP_200_OK, HTTP_304_NOT_MODIFIED

from oms.kernel.errors import Invalid, OMSError

IF_MATCH: Final = "If-Match"

T = TypeVar("T")


class ChangedMeanwhile(OMSError):
    """The caller decided on a version that is no longer the present one."""

    status = 412


def tagged(request: Request[Any, Any, Any], body: T, version: int) -> Response[T | None]:
    """An answer with the ETag of a version; 304 without a body if the caller has that version."""
    tag = f'"{version}"'
    known = (each.strip() for each in request.headers.get("if-none-match", "").split(","))
    if tag in known:
        return Response(None, status_code=HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    return Response(body, status_code=HTTP_200_OK, headers={"ETag": tag})


def expected_version(request: Request[Any, Any, Any]) -> int | None:
    """The version that `If-Match` asks for; None where the caller does not care."""
    text = request.headers.get(IF_MATCH, "*").strip()
    if text == "*":
        return None
    number = text.removeprefix("W/").strip('"')
    if not number.isdecimal():
        raise Invalid(
            "request.if_match",
            f"'{text[:40]}' is not an ETag of ours.",
            "Send the ETag exactly as it came, or leave If-Match out.",
            {IF_MATCH: "unknown"},
        )
    return int(number)


def expect_match(expected: int | None, present: int) -> None:
    """`ChangedMeanwhile` unless the present version is the expected one, or any will do."""
    if expected is not None and expected != present:
        raise ChangedMeanwhile(
            "request.changed_meanwhile",
            f"It is now at version {present}, and you decided on version {expected}.",
            "Read it again, decide again, and send the new ETag.",
        )
