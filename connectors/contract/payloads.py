"""What a platform sent, before anybody understood it, and what became of what we sent."""

import msgspec


class Payload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing as received, to be stored first and understood later.

    `topic` says what it is about in the connector's own words (``orders/create``); `external_id`
    names the message (not the order), so that receiving it twice is seen.
    """

    external_id: str
    topic: str
    body: bytes
    content_type: str = "application/json"
    at_ms: int | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a pull. `cursor` is opaque and continues after this page; kept with its rows."""

    payloads: tuple[Payload, ...]
    cursor: str
    has_more: bool


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A call from the platform. `headers` have lower-case names, `body` is what was signed."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    received_at_ms: int


class Told(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the platform said to one of the things told it together.

    `key` is that thing's own (a listing's id, a notice's key). `code` is empty when it was taken
    and the platform's reason when it was refused.
    """

    key: str
    code: str = ""
    words: str = ""


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call to a platform; `idempotent` calls may be repeated by whoever carries them."""

    method: str
    url: str
    headers: dict[str, str] = {}
    body: bytes = b""
    timeout_s: float = 30.0
    idempotent: bool = False


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a call. `headers` have lower-case names."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
