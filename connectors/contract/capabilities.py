"""What a connector can do, one small protocol each. The system asks for these, not for platforms.

A connector declares in its manifest exactly what it implements. Whatever talks to the outside is
async; understanding what came is sync and pure. All raise the five errors of
`connectors.contract.errors` and nothing else, and do the same thing once when asked twice.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from connectors.contract.files import FileOutcome, FileSource
from connectors.contract.messages import (
    ChannelCancel,
    ChannelMessage,
    RefundNotice,
    ShipmentNotice,
    StockLevel,
)
from connectors.contract.parcels import (
    CarrierQuote,
    Label,
    LabelRequest,
    RateRequest,
    TrackingEvent,
    VoidedLabel,
    VoidLabelRequest,
)
from connectors.contract.payloads import HttpResponse, Page, Payload, Told, WebhookRequest
from connectors.contract.tenders import (
    AuthoriseRequest,
    AuthoriseResult,
    CaptureRequest,
    CaptureResult,
    RefundRequest,
    RefundResult,
    VoidRequest,
    VoidResult,
)


class Understands(Protocol):
    """Common to all that receive: what was stored raw is understood later, by a pure function."""

    def understand(self, payload: Payload) -> Sequence[ChannelMessage]:
        """The messages in `payload` (none: of no interest to us), or `Unreadable`."""
        ...


@runtime_checkable
class PullsOrders(Understands, Protocol):
    """Orders are fetched page by page."""

    async def pull_orders(self, cursor: str) -> Page:
        """The page after `cursor` ('' = from the beginning), oldest change first."""
        ...

    async def pull_order(self, external_id: str) -> Payload | None:
        """One order by its id, for repairs; None if the platform does not know it."""
        ...


@runtime_checkable
class PullsReturns(Understands, Protocol):
    """Returns are fetched page by page."""

    async def pull_returns(self, cursor: str) -> Page: ...


@runtime_checkable
class PullsListings(Understands, Protocol):
    """What is sold on the channel is fetched page by page."""

    async def pull_listings(self, cursor: str) -> Page: ...


@runtime_checkable
class ReceivesWebhooks(Understands, Protocol):
    """The platform calls us. Both are fast: the answer leaves before the meaning is looked for."""

    def verify(self, request: WebhookRequest) -> Payload:
        """The payload if the signature over the raw body is good, else `AuthFailed`."""
        ...

    def answer(self, request: WebhookRequest) -> HttpResponse:
        """What the platform wants to hear once the payload is stored."""
        ...


@runtime_checkable
class ReadsFiles(Protocol):
    """Orders and returns come in files."""

    def read_file(self, source: FileSource, start: str = "") -> Iterator[FileOutcome]:
        """Read on after `start` (a cursor of an earlier outcome of the same file), in file order.

        Needs little memory whatever the file's size. A file that cannot be read at all (columns
        missing, another encoding, changed since `start`) raises `Unreadable` before any outcome.
        """
        ...


@runtime_checkable
class AcknowledgesOrders(Protocol):
    """The platform wants to hear that an order arrived."""

    async def acknowledge(self, order_external_ids: Sequence[str]) -> Sequence[Told]: ...


@runtime_checkable
class CancelsOrders(Protocol):
    """We can cancel an order or some of its units on the platform."""

    async def cancel(self, cancels: Sequence[ChannelCancel]) -> Sequence[Told]: ...


@runtime_checkable
class PushesStock(Protocol):
    """The platform learns what it may sell; only the newest level of a listing matters."""

    async def push_stock(self, levels: Sequence[StockLevel]) -> Sequence[Told]: ...


@runtime_checkable
class PushesShipments(Protocol):
    """The platform learns what left, with tracking."""

    async def push_shipments(self, notices: Sequence[ShipmentNotice]) -> Sequence[Told]: ...


@runtime_checkable
class Refunds(Protocol):
    """Money goes back to the buyer through the platform."""

    async def refund(self, notices: Sequence[RefundNotice]) -> Sequence[Told]: ...


@runtime_checkable
class QuotesRates(Protocol):
    """A carrier says what it would cost."""

    async def quote_rates(self, request: RateRequest) -> Sequence[CarrierQuote]:
        """Services that serve this, cheapest first; empty if none does."""
        ...


@runtime_checkable
class BuysLabels(Protocol):
    """A carrier sells labels."""

    async def buy_labels(self, request: LabelRequest) -> Sequence[Label]:
        """One label a parcel, in the order of the parcels: all or none."""
        ...


@runtime_checkable
class VoidsLabels(Protocol):
    """A carrier takes labels back."""

    async def void_label(self, request: VoidLabelRequest) -> VoidedLabel: ...


@runtime_checkable
class Tracks(Protocol):
    """A carrier says where parcels are."""

    async def track(self, tracking_numbers: Sequence[str]) -> Sequence[TrackingEvent]:
        """All scans known so far; order and repeats do not matter."""
        ...


@runtime_checkable
class Authorises(Protocol):
    """A gateway claims money."""

    async def authorise(self, request: AuthoriseRequest) -> AuthoriseResult: ...


@runtime_checkable
class Captures(Protocol):
    """A gateway takes claimed money."""

    async def capture(self, request: CaptureRequest) -> CaptureResult: ...


@runtime_checkable
class Voids(Protocol):
    """A gateway releases claimed money."""

    async def void(self, request: VoidRequest) -> VoidResult: ...


@runtime_checkable
class RefundsPayments(Protocol):
    """A gateway gives taken money back."""

    async def refund_payment(self, request: RefundRequest) -> RefundResult: ...


class Capability(StrEnum):
    """The names under which manifests declare what a connector can do."""

    PULLS_ORDERS = "pulls_orders"
    PULLS_RETURNS = "pulls_returns"
    PULLS_LISTINGS = "pulls_listings"
    RECEIVES_WEBHOOKS = "receives_webhooks"
    READS_FILES = "reads_files"
    ACKNOWLEDGES_ORDERS = "acknowledges_orders"
    CANCELS_ORDERS = "cancels_orders"
    PUSHES_STOCK = "pushes_stock"
    PUSHES_SHIPMENTS = "pushes_shipments"
    REFUNDS = "refunds"
    QUOTES_RATES = "quotes_rates"
    BUYS_LABELS = "buys_labels"
    VOIDS_LABELS = "voids_labels"
    TRACKS = "tracks"
    AUTHORISES = "authorises"
    CAPTURES = "captures"
    VOIDS = "voids"
    REFUNDS_PAYMENTS = "refunds_payments"


# fmt: off
PROTOCOLS: Final[dict[Capability, type]] = {
    Capability.PULLS_ORDERS:         PullsOrders,
    Capability.PULLS_RETURNS:        PullsReturns,
    Capability.PULLS_LISTINGS:       PullsListings,
    Capability.RECEIVES_WEBHOOKS:    ReceivesWebhooks,
    Capability.READS_FILES:          ReadsFiles,
    Capability.ACKNOWLEDGES_ORDERS:  AcknowledgesOrders,
    Capability.CANCELS_ORDERS:       CancelsOrders,
    Capability.PUSHES_STOCK:         PushesStock,
    Capability.PUSHES_SHIPMENTS:     PushesShipments,
    Capability.REFUNDS:              Refunds,
    Capability.QUOTES_RATES:         QuotesRates,
    Capability.BUYS_LABELS:          BuysLabels,
    Capability.VOIDS_LABELS:         VoidsLabels,
    Capability.TRACKS:               Tracks,
    Capability.AUTHORISES:           Authorises,
    Capability.CAPTURES:             Captures,
    Capability.VOIDS:                Voids,
    Capability.REFUNDS_PAYMENTS:     RefundsPayments,
}
# fmt: on


def implemented(connector: object) -> frozenset[Capability]:
    """What `connector` really has the methods for; the laws compare it with what is declared."""
    return frozenset(
        name for name, protocol in PROTOCOLS.items() if isinstance(connector, protocol)
    )
