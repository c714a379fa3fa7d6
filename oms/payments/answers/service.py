"""Answers of gateways written down, over a list: rows, books, events. Said twice is said once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from oms.kernel.clock import MINUTE_MS
from oms.kernel.events import Event
from oms.ledger import journal
from oms.payments import model, queries, store
from oms.payments.answers.model import (
    OPEN_CAPTURES,
    OPEN_REFUNDS,
    Call,
    Intent,
    Operation,
    authorise_call,
    capture_call,
    is_unanswered,
    refund_call,
    void_call,
)
from oms.payments.events import (
    AnswersMissing,
    CaptureDeclined,
    PaymentAuthorised,
    PaymentDeclined,
    PaymentVoided,
    RefundFailed,
)
from oms.payments.machine import CaptureState, PaymentState, RefundState
from oms.payments.model import Answer, Capture, Payment, Refund
from oms.payments.refunds.model import give_back, refunded
from oms.payments.refunds.service import paid_entry, succeeded_event
from oms.payments.service import captured_event, received_entry
from oms.platform.transaction import Reader, Transaction

IN_DOUBT_AFTER_MS: Final = 10 * MINUTE_MS  # longer than the outbox needs for its first tries
SWEEP_MAX: Final = 100  # a gateway that was away must not be flooded when it is back
SWEEP: Final = "payments"  # one stream: what missed one sweep is in the next

Answers = Mapping[Intent, Answer]
Decide = Callable[[Payment, Answer], tuple[Payment, Event | None] | None]
"""The payment after an answer and what to tell of it; None when nothing was waited for."""


def call_for(reader: Reader, intent: Intent) -> Call | None:
    """What to ask the gateway; None when the answer is known. `Stale` when another comes first."""
    match intent.operation:
        case Operation.AUTHORISE:
            return authorise_call(store.payments(reader, [intent.subject_id])[intent.subject_id])
        case Operation.VOID:
            return void_call(store.payments(reader, [intent.subject_id])[intent.subject_id])
        case Operation.CAPTURE:
            capture = store.captures(reader, [intent.subject_id])[intent.subject_id]
            payment = store.payments(reader, [capture.payment_id])[capture.payment_id]
            return capture_call(payment, capture)
        case Operation.REFUND:
            refund = store.refunds(reader, [intent.subject_id])[intent.subject_id]
            taken = refund.capture_id or ""
            return refund_call(refund, store.captures(reader, [taken])[taken])


def look_for_doubt(tx: Transaction) -> int:
    """Tell when wishes have had no answer for long; answers how many are looked at next.

    A job: asking is an effect on what it tells, as nothing may wait for a gateway here.
    """
    found = len(queries.in_doubt(tx, tx.now_ms - IN_DOUBT_AFTER_MS, SWEEP_MAX))
    if found:
        tx.emit(AnswersMissing(entity=SWEEP))
    return found


def settle(tx: Transaction, answers: Answers) -> None:
    """Write answers down. What was answered before stays as it is."""
    _settle_payments(tx, _about(answers, Operation.AUTHORISE), _authorised)
    _settle_captures(tx, _about(answers, Operation.CAPTURE))
    _settle_payments(tx, _about(answers, Operation.VOID), _voided)
    _settle_refunds(tx, _about(answers, Operation.REFUND))


def _about(answers: Answers, operation: Operation) -> dict[str, Answer]:
    return {
        intent.subject_id: answer
        for intent, answer in answers.items()
        if intent.operation is operation
    }


def _settle_payments(tx: Transaction, answers: Mapping[str, Answer], decide: Decide) -> None:
    decided = [
        decision
        for payment in store.lock_payments(tx, answers).values()
        if (decision := decide(payment, answers[payment.id])) is not None
    ]
    store.save_payments(tx, [payment for payment, _ in decided])
    for _, event in decided:
        if event is not None:
            tx.emit(event)


def _authorised(payment: Payment, answer: Answer) -> tuple[Payment, Event | None] | None:
    if not is_unanswered(payment):
        return None
    after = model.authorised(payment, answer)
    return after, _authorisation_event(after)


def _voided(payment: Payment, answer: Answer) -> tuple[Payment, Event | None] | None:
    if payment.state is not PaymentState.VOIDING:
        return None
    after = model.voided(payment, answer)
    return after, _void_event(payment, after)


def _settle_captures(tx: Transaction, answers: Mapping[str, Answer]) -> None:
    payments = _lock_payments_behind(tx, store.captures(tx, answers).values())
    pairs: list[tuple[Payment, Capture]] = []
    for capture in store.captures(tx, answers).values():
        if capture.state not in OPEN_CAPTURES:
            continue
        answer = answers[capture.id]
        payment, after = model.captured(
            payments[capture.payment_id], capture, answer, at_ms=tx.now_ms
        )
        payments[payment.id] = payment
        pairs.append((payment, after))
        if after.captured_minor:
            tx.emit(captured_event(payment, after))
        if after.state is not CaptureState.IN_DOUBT and after.captured_minor < after.amount_minor:
            tx.emit(_capture_declined(payment, after))
    captures = [capture for _, capture in pairs]
    store.save_payments(tx, {payment.id: payments[payment.id] for payment, _ in pairs}.values())
    store.save_captures(tx, captures)
    journal.post(tx, [received_entry(payment, capture) for payment, capture in pairs])


def _settle_refunds(tx: Transaction, answers: Mapping[str, Answer]) -> None:
    named = store.refunds(tx, answers).values()
    payments = _lock_payments_behind(tx, named)
    captures = store.captures(tx, [each.capture_id for each in named if each.capture_id])
    changed, touched, entries = [], [], []
    for refund in store.lock_refunds(tx, answers).values():
        if refund.state not in OPEN_REFUNDS:
            continue
        after = refunded(refund, answers[refund.id], tx.now_ms)
        went = after.refunded_minor - refund.refunded_minor
        payment, capture = payments[refund.payment_id or ""], captures[refund.capture_id or ""]
        payment, capture = give_back(payment, capture, went)
        payments[payment.id], captures[capture.id] = payment, capture
        touched.append((payment.id, capture.id))
        changed.append(after)
        entries.append(paid_entry(after, went))
        event = _refund_event(after)
        if event is not None:
            tx.emit(event)
    store.save_payments(tx, [payments[each] for each in dict.fromkeys(p for p, _ in touched)])
    store.save_captures(tx, [captures[each] for each in dict.fromkeys(c for _, c in touched)])
    store.save_refunds(tx, changed)
    journal.post(tx, entries)


def _lock_payments_behind(tx: Transaction, rows: Iterable[Capture | Refund]) -> dict[str, Payment]:
    return store.lock_payments(tx, [row.payment_id for row in rows if row.payment_id])


def _authorisation_event(after: Payment) -> Event | None:
    if after.external_ref:
        return PaymentAuthorised(
            entity=after.id,
            order_id=after.order_id,
            amount_minor=after.authorised_minor,
            currency=after.currency,
        )
    if is_unanswered(after):
        return None
    return PaymentDeclined(
        entity=after.id,
        order_id=after.order_id,
        amount_minor=after.amount_minor,
        currency=after.currency,
        code=after.code,
        words=after.words,
    )


def _void_event(before: Payment, after: Payment) -> Event | None:
    if after.state not in (PaymentState.VOIDED, PaymentState.CAPTURED):
        return None
    return PaymentVoided(
        entity=after.id,
        order_id=after.order_id,
        released_minor=before.authorised_minor - after.captured_minor,
        currency=after.currency,
    )


def _capture_declined(payment: Payment, capture: Capture) -> CaptureDeclined:
    return CaptureDeclined(
        entity=payment.id,
        order_id=capture.order_id,
        capture_id=capture.id,
        missing_minor=capture.amount_minor - capture.captured_minor,
        currency=payment.currency,
        code=capture.code,
        words=capture.words,
        document_id=capture.document_id,
    )


def _refund_event(refund: Refund) -> Event | None:
    if refund.state is RefundState.SUCCEEDED:
        return succeeded_event(refund)
    if refund.state is RefundState.FAILED:
        return RefundFailed(
            entity=refund.id,
            order_id=refund.order_id or "",
            payment_id=refund.payment_id or "",
            missing_minor=refund.missing_minor,
            currency=refund.currency,
            code=refund.code,
            words=refund.words,
        )
    return None
