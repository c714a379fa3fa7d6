"""Talks to payment gateways: authorise, capture, void, refund; and asks again what stayed in doubt.

The wish lies in the database before the question leaves, and its key never changes: a lost answer
is asked for again, and money moves once.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Final, Protocol

import msgspec
import structlog

from connectors.contract.capabilities import Authorises, Captures, RefundsPayments, Voids
from connectors.contract.errors import ConnectorError, Rejected
from connectors.contract.tenders import (
    AuthoriseRequest,
    AuthoriseResult,
    CaptureRequest,
    CaptureResult,
    GatewayOutcome,
    RefundRequest,
    RefundResult,
    VoidRequest,
    VoidResult,
)
from oms.kernel.errors import NotFound, OMSError
from oms.kernel.events import Recorded
from oms.payments import queries
from oms.payments.answers import service
from oms.payments.answers.model import Call, Intent, Operation
from oms.payments.answers.service import IN_DOUBT_AFTER_MS, SWEEP_MAX
from oms.payments.events import (
    AnswersMissing,
    AuthoriseRequested,
    CaptureRequested,
    RefundRequested,
    VoidRequested,
)
from oms.payments.model import Answer
from oms.platform.transaction import Transaction, UnitOfWork

SWEEP_LIMIT_S: Final = 20.0  # shorter than an effect may take; the rest comes with the next sweep

Request = AuthoriseRequested | CaptureRequested | VoidRequested | RefundRequested

log = structlog.get_logger(__name__)


class Gateway(Authorises, Captures, Voids, RefundsPayments, Protocol):
    """A connector that can do all four."""


class AskGateways:
    """The effect behind every request for money; `gateways` by the name payments are kept under."""

    def __init__(self, uow: UnitOfWork, gateways: Mapping[str, Gateway]) -> None:
        self._uow, self._gateways = uow, gateways

    async def do(self, event: Recorded[Request]) -> Answer | None:
        """What the gateway said; None when that was known already."""
        return await self.ask(intent_of(event.event))

    def settle(self, tx: Transaction, event: Recorded[Request], answer: Answer | None) -> None:
        if answer is not None:
            service.settle(tx, {intent_of(event.event): answer})

    async def ask(self, intent: Intent) -> Answer | None:
        """Ask about one wish. A refusal for good is an answer; what may get better is raised."""
        call = await asyncio.to_thread(self._call_for, intent)
        if call is None:
            return None
        if not call.reference and intent.operation is not Operation.AUTHORISE:
            return Answer(
                outcome=GatewayOutcome.DECLINED,
                code="not_authorised",
                words="There is no authorisation to take this from.",
            )
        try:
            return await _ask(self._gateway(call), call)
        except Rejected as refusal:
            return Answer(
                outcome=GatewayOutcome.DECLINED, code=refusal.code, words=refusal.sentence
            )

    def _call_for(self, intent: Intent) -> Call | None:
        with self._uow.read() as reader:
            return service.call_for(reader, intent)

    def _gateway(self, call: Call) -> Gateway:
        gateway = self._gateways.get(call.gateway)
        if gateway is None:
            raise NotFound(
                "payment.gateway_unknown",
                f"No gateway '{call.gateway}' is set up.",
                "Set it up under this name, then try again what was set aside.",
            )
        return gateway


class Swept(msgspec.Struct, frozen=True):
    """How a sweep went: wishes asked about again, and of these still without an answer."""

    asked: int
    still_in_doubt: int


class Sweep:
    """Effect on `payment.answers_missing`: asks again about whatever is in doubt by now."""

    newest_only = True

    def __init__(self, uow: UnitOfWork, asker: AskGateways) -> None:
        self._uow, self._asker = uow, asker

    async def do(self, event: Recorded[AnswersMissing]) -> Swept:  # noqa: ARG002 - it says all
        return await sweep(self._uow, self._asker)

    def settle(self, tx: Transaction, event: Recorded[AnswersMissing], swept: Swept) -> None:  # noqa: ARG002 - every answer is written when it comes
        log.info("payment.swept", asked=swept.asked, still_in_doubt=swept.still_in_doubt)


async def sweep(uow: UnitOfWork, asker: AskGateways) -> Swept:
    """Ask again about wishes that have had no answer for long: nothing stays in doubt.

    It and the outbox may ask about the same wish: the key is the same.
    """
    intents = await asyncio.to_thread(_in_doubt, uow)
    end_s = time.monotonic() + SWEEP_LIMIT_S
    asked = failed = 0
    for intent in intents:
        if time.monotonic() > end_s:
            break
        asked += 1
        try:
            answer = await asker.ask(intent)
        except (ConnectorError, OMSError) as error:
            log.warning("payment.in_doubt", subject=intent.subject_id, reason=error.sentence)
            failed += 1
            continue
        if answer is None or answer.outcome is GatewayOutcome.PENDING:
            failed += answer is not None
            continue
        await asyncio.to_thread(_settle, uow, intent, answer)
    return Swept(asked, failed)


def intent_of(event: Request) -> Intent:
    """What an event asks a gateway for."""
    match event:
        case AuthoriseRequested():
            return Intent(Operation.AUTHORISE, event.entity)
        case CaptureRequested():
            return Intent(Operation.CAPTURE, event.capture_id)
        case VoidRequested():
            return Intent(Operation.VOID, event.entity)
        case RefundRequested():
            return Intent(Operation.REFUND, event.entity)


def _in_doubt(uow: UnitOfWork) -> list[Intent]:
    with uow.read() as reader:
        return queries.in_doubt(reader, reader.now_ms - IN_DOUBT_AFTER_MS, SWEEP_MAX)


def _settle(uow: UnitOfWork, intent: Intent, answer: Answer) -> None:
    with uow.begin() as tx:
        service.settle(tx, {intent: answer})


async def _ask(gateway: Gateway, call: Call) -> Answer:
    match call.intent.operation:
        case Operation.AUTHORISE:
            return _authorised(
                await gateway.authorise(
                    AuthoriseRequest(
                        idempotency_key=call.key,
                        amount_minor=call.amount_minor,
                        currency=call.currency,
                        token=call.reference,
                        order_number=call.order_number,
                    )
                )
            )
        case Operation.CAPTURE:
            return _captured(
                await gateway.capture(
                    CaptureRequest(
                        idempotency_key=call.key,
                        authorisation=call.reference,
                        amount_minor=call.amount_minor,
                        currency=call.currency,
                        order_number=call.order_number,
                    )
                )
            )
        case Operation.VOID:
            request = VoidRequest(idempotency_key=call.key, authorisation=call.reference)
            return _voided(await gateway.void(request))
        case Operation.REFUND:
            return _refunded(
                await gateway.refund_payment(
                    RefundRequest(
                        idempotency_key=call.key,
                        capture=call.reference,
                        amount_minor=call.amount_minor,
                        currency=call.currency,
                        reason=call.reason,
                    )
                )
            )


def _authorised(result: AuthoriseResult) -> Answer:
    return Answer(
        outcome=result.outcome,
        reference=result.authorisation,
        amount_minor=result.amount_minor,
        expires_at_ms=result.expires_at_ms,
        code=result.code,
        words=result.words,
    )


def _captured(result: CaptureResult) -> Answer:
    return Answer(
        outcome=result.outcome,
        reference=result.capture,
        amount_minor=result.amount_minor,
        code=result.code,
        words=result.words,
    )


def _voided(result: VoidResult) -> Answer:
    return Answer(
        outcome=result.outcome,
        amount_minor=result.released_minor,
        code=result.code,
        words=result.words,
    )


def _refunded(result: RefundResult) -> Answer:
    return Answer(
        outcome=result.outcome,
        reference=result.refund,
        amount_minor=result.amount_minor,
        code=result.code,
        words=result.words,
    )
