"""One family of expected failures. The class says what a caller can do, the code which it was."""

from collections.abc import Mapping
from typing import ClassVar


class OMSError(Exception):
    """An expected failure, told in words.

    `code` is stable and for programs (``order.not_found``), `sentence` says what is wrong,
    `remedy` what to do now, `fields` maps a place in the input to what is wrong there.
    """

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(
        self, code: str, sentence: str, remedy: str = "", fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.fields = dict(fields or {})


class NotFound(OMSError):
    """What was named does not exist, or not for this caller."""

    status = 404


class Refused(OMSError):
    """The rules say no: repeating the same request will not help."""

    status = 409


class Stale(OMSError):
    """Somebody was faster: read again and repeat."""

    status = 409
    retryable = True


class Invalid(OMSError):
    """The input itself is wrong: see `fields`."""

    status = 422


class Denied(OMSError):
    """The caller is known and may not do this."""

    status = 403


class Unauthenticated(OMSError):
    """The caller has not shown who they are."""

    status = 401


class Overloaded(OMSError):
    """Too much at once: wait and repeat."""

    status = 429
    retryable = True


class Unavailable(OMSError):
    """Something we stand on (database, disk) is away: nothing was changed, repeat later."""

    status = 503
    retryable = True
