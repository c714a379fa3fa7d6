"""Payments, captures and refunds as values, and every decision about amounts. Asks no gateway."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from connectors.contract.messages import PaymentTerms
from connectors.contract.tenders import GatewayOutcome
from oms.kernel.errors import NotFound
from oms.kernel.events import SYSTEM, Cause
from oms.orders.events import OrderPlaced, PaymentNote
from oms.payments.machine import CAPTURE, PAYMENT, CaptureState, PaymentState, RefundState

DEFAULT_GATEWAY: Final = "test_gateway"


class Tender(StrEnum):
    """Means of payment, as the books tell them apart."""

    PAID_ON_CHANNEL = "paid_on_channel"
    CARD = "card"
    COD = "cod"
    BANK_TRANSFER = "bank_transfer"
    MANUAL = "manual"


TENDER_OF: Final[Mapping[PaymentTerms, Tender]] = {
    PaymentTerms.PAID_ON_CHANNEL: Tender.PAID_ON_CHANNEL,
    PaymentTerms.CAPTURE_ON_SHIP: Tender.CARD,
    PaymentTerms.COD: Tender.COD,
    PaymentTerms.INVOICE: Tender.BANK_TRANSFER,
}


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One means of payment on one order; see `tables.payment` for the amounts."""

    id: str
    order_id: str
    position: int
    order_number: str
    channel_id: str
    tender: str
    means: str
    gateway: str
    token: str
    state: PaymentState
    currency: str
    amount_minor: int
    authorised_minor: int = 0
    capturing_minor: int = 0
    captured_minor: int = 0
    refunding_minor: int = 0
    refunded_minor: int = 0
    external_ref: str = ""
    expires_at_ms: int | None = None
    attempt: int = 1
    code: str = ""
    words: str = ""
    created_at_ms: int
    asked_at_ms: int

    @property
    def capturable_minor(self) -> int:
        """What may still be asked for; an unanswered authorisation counts as granted."""
        claimed = {
            PaymentState.AUTHORISING: self.amount_minor,
            PaymentState.AUTHORISED: self.authorised_minor,
        }
        free = claimed.get(self.state, 0) - self.captured_minor - self.capturing_minor
        return free if self.gateway else 0


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """One taking of money; `document_id` is the invoice it is for."""

    id: str
    payment_id: str
    order_id: str
    document_id: str
    state: CaptureState
    amount_minor: int
    captured_minor: int = 0
    refunding_minor: int = 0
    refunded_minor: int = 0
    external_ref: str = ""
    code: str = ""
    words: str = ""
    asked_at_ms: int
    settled_at_ms: int | None = None

    @property
    def refundable_minor(self) -> int:
        return self.captured_minor - self.refunded_minor - self.refunding_minor

    @property
    def promised_minor(self) -> int:
        """What it brings: what it brought, or what is still asked for."""
        is_open = self.state in (CaptureState.REQUESTED, CaptureState.IN_DOUBT)
        return self.amount_minor if is_open else self.captured_minor


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """One giving back. Without a payment it is paid by hand."""

    id: str
    order_id: str | None
    payment_id: str | None
    capture_id: str | None
    return_id: str
    credit_note_id: str
    tender: str
    gateway: str
    state: RefundState
    currency: str
    amount_minor: int
    refunded_minor: int = 0
    reason: str = ""
    external_ref: str = ""
    attempt: int = 1
    code: str = ""
    words: str = ""
    requested_at_ms: int
    asked_at_ms: int
    settled_at_ms: int | None = None

    @property
    def missing_minor(self) -> int:
        return self.amount_minor - self.refunded_minor


class OrderMoney(msgspec.Struct, frozen=True, gc=False):
    """Of one order: money taken, and how much of it is neither given back nor about to be."""

    captured_minor: int = 0
    refundable_minor: int = 0


class RequestCapture(msgspec.Struct, frozen=True, kw_only=True):
    """Take what is due for an invoice from what the order's payments allow to take."""

    order_id: str
    amount_minor: int
    currency: str
    document_id: str
    cause: Cause = SYSTEM


class CaptureAsked(msgspec.Struct, frozen=True):
    """What was asked of gateways, and what no payment covers."""

    requested_minor: int
    uncovered_minor: int


class RequestRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Give money back: through the order's payments, or by hand (`Tender.MANUAL`)."""

    order_id: str | None
    amount_minor: int
    currency: str
    return_id: str = ""
    credit_note_id: str = ""
    tender: str = ""
    reason: str = ""
    cause: Cause = SYSTEM


class ReceivePayment(msgspec.Struct, frozen=True, kw_only=True):
    """Money came in for an order without a gateway: cash from a carrier, a bank transfer.

    The same `reference` on the same order again is the same money.
    """

    order_id: str
    amount_minor: int
    currency: str
    reference: str
    cause: Cause = SYSTEM


class AskAgain(msgspec.Struct, frozen=True, kw_only=True):
    """A person lets a gateway be asked once more for a declined authorisation."""

    payment_id: str
    cause: Cause = SYSTEM


class SettleRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person decides about one refund; `reference` is the proof of paying by hand."""

    refund_id: str
    reference: str = ""
    cause: Cause = SYSTEM


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway said, in the same words for every operation."""

    outcome: GatewayOutcome
    reference: str = ""
    amount_minor: int = 0
    expires_at_ms: int | None = None
    code: str = ""
    words: str = ""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as an order's channel announced it."""

    tender: Tender
    means: str
    reference: str
    amount_minor: int
    state: PaymentState


def plan(placed: OrderPlaced) -> list[Planned]:
    """The payments a new order comes with: those its channel names, then what is still to come."""
    terms = PaymentTerms(placed.payment_terms)
    rest = placed.total_minor - sum(note.amount_minor for note in placed.payments)
    planned = [_planned(note, terms) for note in placed.payments if note.amount_minor > 0]
    is_silent = not placed.payments
    if rest > 0 and (is_silent or terms in (PaymentTerms.COD, PaymentTerms.INVOICE)):
        planned.append(_expected(rest, terms))
    return planned


def split_capture(payments: Iterable[Payment], amount_minor: int) -> list[tuple[Payment, int]]:
    """How much to take from which payment, first named first; may be less than asked for."""
    parts, left = [], amount_minor
    for payment in sorted(payments, key=lambda payment: payment.position):
        part = min(left, payment.capturable_minor)
        if part > 0:
            parts.append((payment, part))
            left -= part
    return parts


def authorised(payment: Payment, answer: Answer) -> Payment:
    """The payment after the gateway's answer to an authorisation."""
    noted = _noted(payment, answer)
    if answer.outcome is GatewayOutcome.PENDING:
        return noted
    if answer.outcome is GatewayOutcome.DECLINED or answer.amount_minor <= 0:
        return replace(noted, state=PAYMENT.after(payment.state, "decline"))
    return replace(
        noted,
        state=PAYMENT.after(payment.state, "approve"),
        authorised_minor=min(answer.amount_minor, payment.amount_minor),
        external_ref=answer.reference,
        expires_at_ms=answer.expires_at_ms,
    )


def voided(payment: Payment, answer: Answer) -> Payment:
    """The payment after the gateway's answer to a void."""
    noted = _noted(payment, answer)
    if answer.outcome is GatewayOutcome.PENDING:
        return noted
    if answer.outcome is GatewayOutcome.DECLINED:
        return replace(noted, state=PAYMENT.after(payment.state, "keep"))
    name = "close" if payment.captured_minor else "void"
    return replace(
        noted,
        state=PAYMENT.after(payment.state, name),
        authorised_minor=payment.captured_minor,
    )


def captured(
    payment: Payment, capture: Capture, answer: Answer, at_ms: int
) -> tuple[Payment, Capture]:
    """Payment and capture after the gateway's answer. A part is better than nothing."""
    noted = replace(capture, code=answer.code, words=answer.words)
    if answer.outcome is GatewayOutcome.PENDING:
        return payment, replace(noted, state=CAPTURE.after(capture.state, "doubt"))
    got = 0
    if answer.outcome is GatewayOutcome.DONE:
        got = max(0, min(answer.amount_minor, capture.amount_minor))
    settled = replace(
        noted,
        state=CAPTURE.after(capture.state, "capture" if got else "decline"),
        captured_minor=got,
        external_ref=answer.reference,
        settled_at_ms=at_ms,
    )
    taken = replace(
        payment,
        capturing_minor=payment.capturing_minor - capture.amount_minor,
        captured_minor=payment.captured_minor + got,
    )
    if not got or payment.state is not PaymentState.AUTHORISED:
        return taken, settled
    is_all = taken.captured_minor >= taken.authorised_minor
    state = PAYMENT.after(payment.state, "capture" if is_all else "capture_part")
    return replace(taken, state=state), settled


def received(payment: Payment, amount_minor: int) -> Payment:
    """The payment after money came in by itself; it may be less or more than expected."""
    total = payment.captured_minor + amount_minor
    names = {
        PaymentState.PENDING: "receive" if total >= payment.amount_minor else "receive_part",
        PaymentState.CAPTURED: "receive_more",
        PaymentState.VOIDED: "receive_late",
    }
    name = names.get(payment.state, "receive")
    return replace(payment, state=PAYMENT.after(payment.state, name), captured_minor=total)


def unknown(what: str, id_: str) -> NotFound:
    """There is no such payment or refund."""
    return NotFound(
        f"{what}.not_found", f"There is no {what} '{id_}'.", f"Look up the {what}s of its order."
    )


def _planned(note: PaymentNote, terms: PaymentTerms) -> Planned:
    claims = terms is PaymentTerms.CAPTURE_ON_SHIP
    return Planned(
        tender=Tender.CARD if claims else Tender.PAID_ON_CHANNEL,
        means=note.tender,
        reference=note.reference,
        amount_minor=note.amount_minor,
        state=PaymentState.AUTHORISING if claims else PaymentState.CAPTURED,
    )


def _expected(amount_minor: int, terms: PaymentTerms) -> Planned:
    states = {
        PaymentTerms.PAID_ON_CHANNEL: PaymentState.CAPTURED,
        PaymentTerms.CAPTURE_ON_SHIP: PaymentState.AUTHORISING,
    }
    return Planned(
        tender=TENDER_OF[terms],
        means="",
        reference="",
        amount_minor=amount_minor,
        state=states.get(terms, PaymentState.PENDING),
    )


def _noted(payment: Payment, answer: Answer) -> Payment:
    return replace(payment, code=answer.code, words=answer.words)
