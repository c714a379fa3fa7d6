"""What a gateway is asked, made from rows: pure, so that effect and sweeper ask the same thing."""

from enum import StrEnum
from typing import Final

import msgspec

from oms.kernel.errors import Stale
from oms.payments.machine import CaptureState, PaymentState, RefundState
from oms.payments.model import Capture, Payment, Refund

OPEN_CAPTURES: Final = (CaptureState.REQUESTED, CaptureState.IN_DOUBT)
OPEN_REFUNDS: Final = (RefundState.REQUESTED, RefundState.IN_DOUBT)


class Operation(StrEnum):
    """What a gateway can be asked to do."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class Intent(msgspec.Struct, frozen=True, gc=False):
    """A wish written down: `subject_id` is the payment, the capture or the refund."""

    operation: Operation
    subject_id: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a gateway.

    `key` names the wish for ever, not the attempt: however often it is sent, money moves once.
    `reference` is the gateway's name for what came before (the token, authorisation or capture);
    empty when there is nothing to ask about.
    """

    intent: Intent
    gateway: str
    key: str
    amount_minor: int
    currency: str
    reference: str
    order_number: str = ""
    reason: str = ""


def is_unanswered(payment: Payment) -> bool:
    """Whether the authorisation of this payment was asked for and not answered."""
    waits = payment.state in (PaymentState.AUTHORISING, PaymentState.VOIDING)
    return waits and not payment.external_ref


def authorise_call(payment: Payment) -> Call | None:
    """None when it was answered already."""
    if not is_unanswered(payment):
        return None
    return Call(
        intent=Intent(Operation.AUTHORISE, payment.id),
        gateway=payment.gateway,
        key=f"{payment.id}-{payment.attempt}",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        reference=payment.token,
        order_number=payment.order_number,
    )


def capture_call(payment: Payment, capture: Capture) -> Call | None:
    """None when it was answered already; `Stale` while the authorisation is not."""
    if capture.state not in OPEN_CAPTURES:
        return None
    _expect_answered(payment)
    is_authorised = payment.state is PaymentState.AUTHORISED
    return Call(
        intent=Intent(Operation.CAPTURE, capture.id),
        gateway=payment.gateway,
        key=capture.id,
        amount_minor=capture.amount_minor,
        currency=payment.currency,
        reference=payment.external_ref if is_authorised else "",
        order_number=payment.order_number,
    )


def void_call(payment: Payment) -> Call | None:
    """None when it was answered already; `Stale` while the authorisation is not."""
    if payment.state is not PaymentState.VOIDING:
        return None
    _expect_answered(payment)
    return Call(
        intent=Intent(Operation.VOID, payment.id),
        gateway=payment.gateway,
        key=f"{payment.id}-void-{payment.asked_at_ms}",
        amount_minor=0,
        currency=payment.currency,
        reference=payment.external_ref,
    )


def refund_call(refund: Refund, capture: Capture) -> Call | None:
    """None when it was answered already."""
    if refund.state not in OPEN_REFUNDS:
        return None
    return Call(
        intent=Intent(Operation.REFUND, refund.id),
        gateway=refund.gateway,
        key=f"{refund.id}-{refund.attempt}",
        amount_minor=refund.missing_minor,
        currency=refund.currency,
        reference=capture.external_ref,
        reason=refund.reason,
    )


def _expect_answered(payment: Payment) -> None:
    if is_unanswered(payment):
        raise Stale(
            "payment.authorisation_unanswered",
            "The gateway has not said yet whether this payment is authorised.",
            "It is tried again by itself.",
        )
