"""Links that work without signing in: for one thing, one purpose, until a moment."""

import base64
import hmac
import re
from hashlib import sha256
from typing import Final

from oms.kernel.errors import NotFound
from oms.platform.secrets import Secrets

_SIGNATURE_BYTES: Final = 16  # 128 bits cannot be guessed, and the link stays short
_SUBJECT: Final = re.compile(r"[A-Za-z0-9_:-]{1,100}")


class Links:
    """Signs and opens. The signature covers purpose, subject and end; nothing in it is secret."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def sign(self, purpose: str, subject: str, until_ms: int) -> str:
        """A token for a link: `subject` (an id) may be used for `purpose` until a moment."""
        if not _SUBJECT.fullmatch(subject):
            raise ValueError(f"{subject!r} is no subject of a link")
        key = self._secrets.derived(_key_name(purpose))[0]
        signed = f"{subject}.{until_ms // 1000:x}"
        return f"{signed}.{_signature(key, signed)}"

    def open(self, purpose: str, token: str, now_ms: int) -> str:
        """The subject of a token; `NotFound` if it was changed, is for another purpose, or over."""
        signed, _, signature = token.rpartition(".")
        keys = self._secrets.derived(_key_name(purpose))
        if not any(_is_by(key, signed, signature) for key in keys):
            raise NotFound(
                "link.unknown",
                "This link is not one of ours.",
                "Open it exactly as it was sent, or ask for a new one.",
            )
        subject, _, until = signed.rpartition(".")
        if int(until, 16) * 1000 <= now_ms:
            raise NotFound("link.expired", "This link is no longer valid.", "Ask for a new one.")
        return subject


def _key_name(purpose: str) -> str:
    return f"link: {purpose}"


def _is_by(key: bytes, signed: str, signature: str) -> bool:
    return hmac.compare_digest(_signature(key, signed).encode(), signature.encode())


def _signature(key: bytes, signed: str) -> str:
    digest = hmac.digest(key, signed.encode(), sha256)[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
