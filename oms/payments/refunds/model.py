"""How much goes back through what, and what an answer makes of a refund. Asks no gateway."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from connectors.contract.tenders import GatewayOutcome
from oms.kernel.errors import Refused
from oms.payments.machine import REFUND, RefundState
from oms.payments.model import Answer, Capture, Payment, Refund, Tender


def split_refund(captures: Iterable[Capture], amount_minor: int) -> list[tuple[Capture, int]]:
    """How much to give back through which capture: the payment with most left first.

    `Refused` when more is asked for than was captured and not yet given back.
    """
    captures = list(captures)
    left_of: dict[str, int] = {}
    for capture in captures:
        left = left_of.get(capture.payment_id, 0) + capture.refundable_minor
        left_of[capture.payment_id] = left
    refundable = sum(left_of.values())
    if amount_minor > refundable:
        raise Refused(
            "refund.more_than_captured",
            f"{amount_minor} shall be given back, {refundable} was captured and not yet given "
            "back (minor units).",
            "Refund at most that, or pay the rest by hand with tender 'manual'.",
        )
    parts, left = [], amount_minor
    for capture in sorted(captures, key=lambda each: _largest_first(each, left_of)):
        part = min(left, capture.refundable_minor)
        if part > 0:
            parts.append((capture, part))
            left -= part
    return parts


def refunded(refund: Refund, answer: Answer, at_ms: int) -> Refund:
    """The refund after an answer. What did not go back keeps it `failed` until a person decides."""
    noted = replace(refund, code=answer.code, words=answer.words)
    if answer.outcome is GatewayOutcome.PENDING:
        return replace(noted, state=REFUND.after(refund.state, "doubt"))
    went = 0
    if answer.outcome is GatewayOutcome.DONE:
        went = max(0, min(answer.amount_minor, refund.missing_minor))
    is_whole = went == refund.missing_minor
    return replace(
        noted,
        state=REFUND.after(refund.state, "succeed" if is_whole else "fail"),
        refunded_minor=refund.refunded_minor + went,
        external_ref=answer.reference or refund.external_ref,
        settled_at_ms=at_ms,
    )


def refund_state(payment: Payment | None) -> RefundState:
    """How a refund starts: by the gateway, told to the channel, or waiting for a person."""
    if payment is not None and payment.gateway:
        return RefundState.REQUESTED
    if payment is not None and payment.tender == Tender.PAID_ON_CHANNEL:
        return RefundState.SUCCEEDED
    return RefundState.PAYABLE


def claim_refund(payment: Payment, capture: Capture, amount_minor: int) -> tuple[Payment, Capture]:
    """Both with this much spoken for: it stays so until it went back, however often that fails."""
    return (
        replace(payment, refunding_minor=payment.refunding_minor + amount_minor),
        replace(capture, refunding_minor=capture.refunding_minor + amount_minor),
    )


def give_back(payment: Payment, capture: Capture, amount_minor: int) -> tuple[Payment, Capture]:
    """Both after this much of what was spoken for went back."""
    return (
        replace(
            payment,
            refunding_minor=payment.refunding_minor - amount_minor,
            refunded_minor=payment.refunded_minor + amount_minor,
        ),
        replace(
            capture,
            refunding_minor=capture.refunding_minor - amount_minor,
            refunded_minor=capture.refunded_minor + amount_minor,
        ),
    )


def _largest_first(capture: Capture, left_of: Mapping[str, int]) -> tuple[int, str, int, str]:
    payment_id = capture.payment_id
    return -left_of[payment_id], payment_id, -capture.refundable_minor, capture.id
