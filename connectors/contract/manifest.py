"""A connector's own account of itself: what it is, can do, needs to be told, and how it is made."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from connectors.contract.capabilities import Capability
from connectors.contract.payloads import HttpRequest, HttpResponse
from oms.kernel.clock import Clock

MASKED: Final = "********"

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")

S = TypeVar("S", bound=msgspec.Struct)


class ConnectorKind(StrEnum):
    """What sort of platform it speaks to; also the name of its folder's parent."""

    WEBSHOP = "webshop"
    MARKETPLACE = "marketplace"
    POS = "pos"
    CALLCENTER = "callcenter"
    EMAIL = "email"
    EDI = "edi"
    LOGISTICS = "logistics"
    CARRIER = "carrier"
    PAYMENT = "payment"
    ACCOUNTING = "accounting"
    NOTIFICATION = "notification"


class QualityLevel(StrEnum):
    """How far a connector has been tried."""

    DRAFT = "draft"
    SAMPLES = "tested against official samples"
    LIVE = "tested against a live peer"


class RateLimit(msgspec.Struct, frozen=True, gc=False):
    """At most `calls` in any `per_s` seconds, for one account over all workers."""

    calls: int
    per_s: float


class Http(Protocol):
    """Carries calls to a platform. Given to connectors, never made by them.

    Raises `Transient` where no whole answer came; every answer that came is returned.
    """

    async def send(self, request: HttpRequest) -> HttpResponse: ...


class Surroundings(msgspec.Struct, frozen=True):
    """What a connector is given to live in."""

    http: Http
    clock: Clock


class Manifest(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """Registered under the entry point group ``oms.connectors`` by the name `key`.

    `settings` is the struct that `build` takes and the configuration form shows; `secrets` are
    the names of its fields that are encrypted at rest and never shown again.
    """

    key: str
    label: str
    kind: ConnectorKind
    capabilities: frozenset[Capability]
    settings: type[S]
    build: Callable[[S, Surroundings], object]
    docs: str
    secrets: tuple[str, ...] = ()
    quality: QualityLevel = QualityLevel.DRAFT
    api_version: str = ""
    rate_limits: tuple[RateLimit, ...] = ()

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"'{self.key}' is no key: small letters, digits and _, letter first")
        if not self.capabilities:
            raise ValueError(f"{self.key} declares no capability")
        unknown = set(self.secrets) - set(self.settings.__struct_fields__)
        if unknown:
            raise ValueError(f"{self.key}: secrets {sorted(unknown)} are no settings")


def shown(manifest: Manifest[S], settings: S) -> dict[str, object]:
    """Settings as people and logs may see them: set secrets are masked, empty ones empty."""
    fields: dict[str, object] = msgspec.to_builtins(settings)
    return {
        name: MASKED if name in manifest.secrets and value else value
        for name, value in fields.items()
    }
