"""The five ways a conversation with a platform fails, told apart by what must happen next.

A connector raises these and nothing else. No secret gets into one: what looks like a credential is
masked when the error is made. Raise `from None` where the cause's own text may hold a credential.
"""

import re
from typing import Final

from oms.kernel.errors import OMSError

WORDS_MAX: Final = 1_000  # an error is for a person; a whole reply belongs in quarantine

_CREDENTIALS: Final = (
    # Each keeps its first group, which says what stood there, and loses the rest.
    re.compile(r"(?i)\b((?:bearer|basic)\s+)(?=\S*[\d=])[\w.~+/=-]{8,}"),
    re.compile(
        r"(?i)((?:token|secret|password|passwd|signature|hmac|authorization|api[_-]?key)"
        r"[\"']?\s*[=:]\s*[\"']?)(?!\s*(?:bearer|basic)\b)[^\s&\"',;]+"
    ),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),
)


class ConnectorError(OMSError):
    """A failed conversation with a platform. Never raised itself: one of the five below is."""

    status = 502

    def __init__(self, code: str, sentence: str, remedy: str = "") -> None:
        super().__init__(code, without_credentials(sentence), without_credentials(remedy))


class AuthFailed(ConnectorError):
    """The platform does not accept who we are: the channel pauses and a person is asked."""


class RateLimited(ConnectorError):
    """Too many calls: wait `retry_after_s` (None: the platform did not say), keep the cursor."""

    status = 429
    retryable = True

    def __init__(
        self, code: str, sentence: str, remedy: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(code, sentence, remedy)
        self.retry_after_s = retry_after_s


class Transient(ConnectorError):
    """The platform is away or answered half: try again with growing pauses, then tell a person."""

    status = 503
    retryable = True


class Rejected(ConnectorError):
    """The platform understood and said no: repeating will not help, show it to a person.

    `code` is the platform's own code where it has one.
    """

    status = 409


class Unreadable(ConnectorError):
    """What came cannot be understood: keep it in quarantine and go on with the next.

    `place` says where in the payload, in the payload's own words (``lines[2].price``).
    """

    status = 422

    def __init__(self, code: str, sentence: str, remedy: str = "", place: str = "") -> None:
        super().__init__(code, sentence, remedy)
        self.place = place
        if place:
            self.fields[place] = self.sentence


def without_credentials(words: str) -> str:
    """`words` with whatever looks like a credential masked, cut to `WORDS_MAX` characters."""
    for pattern in _CREDENTIALS:
        words = pattern.sub(r"\1[secret]", words)
    return words if len(words) <= WORDS_MAX else words[: WORDS_MAX - 1] + "…"
