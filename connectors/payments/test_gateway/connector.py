"""The test gateway as a connector: its capabilities, settings and manifest. Talks to nobody."""

from typing import Annotated, Final

import msgspec

from connectors.contract.capabilities import Capability
from connectors.contract.manifest import ConnectorKind, Manifest, Surroundings
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
from connectors.payments.test_gateway.client import PretendGateway
from connectors.payments.test_gateway.wire import Fault, Operation
from oms.kernel.clock import DAY_MS, Clock

AUTHORISED_FOR_MS: Final = 7 * DAY_MS  # what most card schemes grant for goods


class RehearsalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`fee_basis_points` of a capture is kept by the gateway and told with it."""

    account: str = "test"
    fee_basis_points: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0


class RehearsalGateway:
    """Authorises, captures, voids and refunds pretend money.

    Faults are commanded with `command`, or by the token of an authorisation: the token
    ``test:capture=decline,refund=timeout`` lets these calls about it go wrong once per key.
    """

    def __init__(self, settings: RehearsalSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self.gateway = PretendGateway(settings.account)

    def command(self, operation: Operation, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of an operation go wrong in this way."""
        self.gateway.command(operation, fault, times)

    async def authorise(self, request: AuthoriseRequest) -> AuthoriseResult:
        answer = self.gateway.perform(Operation.AUTHORISE, request)
        return AuthoriseResult(
            outcome=answer.outcome,
            authorisation=answer.reference,
            amount_minor=answer.amount_minor,
            expires_at_ms=self._clock() + AUTHORISED_FOR_MS if answer.reference else None,
            code=answer.code,
            words=answer.words,
        )

    async def capture(self, request: CaptureRequest) -> CaptureResult:
        answer = self.gateway.perform(Operation.CAPTURE, request)
        return CaptureResult(
            outcome=answer.outcome,
            capture=answer.reference,
            amount_minor=answer.amount_minor,
            fee_minor=answer.amount_minor * self._settings.fee_basis_points // 10_000,
            code=answer.code,
            words=answer.words,
        )

    async def void(self, request: VoidRequest) -> VoidResult:
        answer = self.gateway.perform(Operation.VOID, request)
        return VoidResult(
            outcome=answer.outcome,
            released_minor=answer.amount_minor,
            code=answer.code,
            words=answer.words,
        )

    async def refund_payment(self, request: RefundRequest) -> RefundResult:
        answer = self.gateway.perform(Operation.REFUND, request)
        return RefundResult(
            outcome=answer.outcome,
            refund=answer.reference,
            amount_minor=answer.amount_minor,
            code=answer.code,
            words=answer.words,
        )


def build(settings: RehearsalSettings, surroundings: Surroundings) -> RehearsalGateway:
    return RehearsalGateway(settings, surroundings.clock)


MANIFEST: Final = Manifest(
    key="test_gateway",
    label="Test gateway (no money moves)",
    kind=ConnectorKind.PAYMENT,
    capabilities=frozenset(
        {
            Capability.AUTHORISES,
            Capability.CAPTURES,
            Capability.VOIDS,
            Capability.REFUNDS_PAYMENTS,
        }
    ),
    settings=RehearsalSettings,
    build=build,
    docs="docs/connectors.md",
)
