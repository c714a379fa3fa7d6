"""Payments as screens, the API and accounting read them, and what must hold about them."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from oms.ledger.check import Check, from_statement
from oms.payments import store
from oms.payments.answers.model import Intent, Operation
from oms.payments.machine import CaptureState, PaymentState, RefundState
from oms.payments.model import Capture, OrderMoney, Payment, Refund, unknown
from oms.payments.tables import payment, payment_capture, refund
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

PAGE_MAX: Final = 500

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_BIG: Final = sa.BigInteger


def _sum(column: sa.ColumnElement[Any], label: str) -> sa.Label[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), _BIG).label(label)


_MONEY = (
    sa.select(
        payment.c.order_id,
        _sum(payment.c.captured_minor, "captured_minor"),
        _sum(
            payment.c.captured_minor - payment.c.refunded_minor - payment.c.refunding_minor,
            "refundable_minor",
        ),
    )
    .select_from(_WANTED.source.join(payment, payment.c.order_id == _WANTED.c.id))
    .group_by(payment.c.order_id)
)


def _unanswered(table: sa.Table, operation: sa.ColumnElement[str], states: Iterable[str]) -> Any:
    return sa.select(operation.label("operation"), table.c.id, table.c.asked_at_ms).where(
        table.c.state.in_(list(states)), table.c.asked_at_ms < sa.bindparam("before_ms")
    )


_CLAIMS = sa.case(
    (payment.c.external_ref == "", sa.literal(Operation.AUTHORISE.value)),
    else_=sa.literal(Operation.VOID.value),
)
_IN_DOUBT_UNION = sa.union_all(
    _unanswered(payment, _CLAIMS, [PaymentState.AUTHORISING, PaymentState.VOIDING]),
    _unanswered(
        payment_capture,
        sa.literal(Operation.CAPTURE.value),
        [CaptureState.REQUESTED, CaptureState.IN_DOUBT],
    ),
    _unanswered(
        refund,
        sa.literal(Operation.REFUND.value),
        [RefundState.REQUESTED, RefundState.IN_DOUBT],
    ),
).subquery("in_doubt")
_IN_DOUBT = (
    sa.select(_IN_DOUBT_UNION.c.operation, _IN_DOUBT_UNION.c.id)
    .order_by(sa.func.random())
    .limit(sa.bindparam("count"))
)
_TO_DO = (
    sa.select(refund.c.id)
    .where(
        refund.c.state.in_([RefundState.PAYABLE.value, RefundState.FAILED.value]),
        refund.c.id > sa.bindparam("after"),
    )
    .order_by(refund.c.id)
    .limit(sa.bindparam("count"))
)


def money_of(reader: Reader, order_ids: Iterable[str]) -> dict[str, OrderMoney]:
    """What was taken for these orders and may be given back; orders without payments are absent."""
    wanted = [(order_id,) for order_id in sorted(set(order_ids))]
    if not wanted:
        return {}
    rows = reader.fetch(_MONEY, _WANTED(wanted))
    return {row[0]: OrderMoney(row[1], row[2]) for row in rows}


def payments_of(reader: Reader, order_id: str) -> list[Payment]:
    """How an order is paid, in the order its channel named it."""
    found = store.payments_of(reader, [order_id])
    return sorted(found, key=lambda payment: payment.position)


def captures_of(reader: Reader, order_id: str) -> list[Capture]:
    """What was taken, or asked for, oldest first."""
    return store.captures_of(reader, [each.id for each in store.payments_of(reader, [order_id])])


def refunds_of(reader: Reader, order_id: str) -> list[Refund]:
    """What went back, or shall, oldest first."""
    return store.refunds_of(reader, [order_id])


def a_payment(reader: Reader, payment_id: str) -> Payment:
    """One payment, or `NotFound`."""
    found = store.payments(reader, [payment_id]).get(payment_id)
    if found is None:
        raise unknown("payment", payment_id)
    return found


def a_refund(reader: Reader, refund_id: str) -> Refund:
    """One refund, or `NotFound`."""
    found = store.refunds(reader, [refund_id]).get(refund_id)
    if found is None:
        raise unknown("refund", refund_id)
    return found


def refunds_to_do(reader: Reader, after: str = "", count: int = 100) -> list[Refund]:
    """Refunds a person must pay by hand or decide about, oldest first."""
    rows = reader.fetch(_TO_DO, after=after, count=min(count, PAGE_MAX))
    found = store.refunds(reader, [row.id for row in rows])
    return [found[row.id] for row in rows]


def in_doubt(reader: Reader, before_ms: int, count: int) -> list[Intent]:
    """Wishes told to gateways before a moment and not answered yet.

    In no order: where the first hundred are hopeless, the others must have their turn.
    """
    rows = reader.fetch(_IN_DOUBT, before_ms=before_ms, count=count)
    return [Intent(Operation(row.operation), row.id) for row in rows]


_OF_CAPTURES = (
    sa.select(
        payment_capture.c.payment_id,
        _sum(payment_capture.c.captured_minor, "captured_minor"),
        _sum(payment_capture.c.refunded_minor, "refunded_minor"),
        _sum(payment_capture.c.refunding_minor, "refunding_minor"),
        _sum(
            sa.case(
                (
                    payment_capture.c.state.in_(["requested", "in_doubt"]),
                    payment_capture.c.amount_minor,
                ),
                else_=0,
            ),
            "capturing_minor",
        ),
    )
    .group_by(payment_capture.c.payment_id)
    .subquery("of_captures")
)
_NAMES: Final = ("captured_minor", "refunded_minor", "refunding_minor", "capturing_minor")
_PAYMENT_DIFFERS = (
    sa.select(
        payment.c.id,
        *(payment.c[name].label(f"kept_{name}") for name in _NAMES),
        *(sa.func.coalesce(_OF_CAPTURES.c[name], 0).label(f"sum_{name}") for name in _NAMES),
    )
    .outerjoin(_OF_CAPTURES, _OF_CAPTURES.c.payment_id == payment.c.id)
    .where(
        sa.or_(*(payment.c[name] != sa.func.coalesce(_OF_CAPTURES.c[name], 0) for name in _NAMES))
    )
)
_OF_REFUNDS = (
    sa.select(
        refund.c.capture_id,
        _sum(refund.c.refunded_minor, "refunded_minor"),
        _sum(refund.c.amount_minor - refund.c.refunded_minor, "refunding_minor"),
    )
    .where(refund.c.capture_id.is_not(None))
    .group_by(refund.c.capture_id)
    .subquery("of_refunds")
)
_CAPTURE_DIFFERS = (
    sa.select(
        payment_capture.c.id,
        payment_capture.c.refunded_minor,
        payment_capture.c.refunding_minor,
        _OF_REFUNDS.c.refunded_minor.label("sum_refunded_minor"),
        _OF_REFUNDS.c.refunding_minor.label("sum_refunding_minor"),
    )
    .outerjoin(_OF_REFUNDS, _OF_REFUNDS.c.capture_id == payment_capture.c.id)
    .where(
        (payment_capture.c.refunded_minor != sa.func.coalesce(_OF_REFUNDS.c.refunded_minor, 0))
        | (payment_capture.c.refunding_minor != sa.func.coalesce(_OF_REFUNDS.c.refunding_minor, 0))
    )
)
_SUCCEEDED_IN_PART = sa.select(refund.c.id, refund.c.state, refund.c.refunded_minor).where(
    (refund.c.state == RefundState.SUCCEEDED.value)
    != (refund.c.refunded_minor == refund.c.amount_minor)
)

CAPTURED_BY_ORDER: Final = (
    sa.select(payment.c.order_id, _sum(payment.c.captured_minor, "captured_minor"))
    .group_by(payment.c.order_id)
    .subquery("captured_by_order")
)
"""(order_id, captured_minor): for checks that compare money taken with what it was used for."""

REFUNDS_BY_ORDER: Final = (
    sa.select(
        sa.func.coalesce(refund.c.order_id, "").label("order_id"),
        _sum(refund.c.amount_minor, "asked_minor"),
        _sum(refund.c.refunded_minor, "refunded_minor"),
    )
    .group_by(sa.func.coalesce(refund.c.order_id, ""))
    .subquery("refunds_by_order")
)
"""(order_id, '' for none; asked_minor, refunded_minor) of all refunds, paid or still due."""

CHECKS: Final = (
    Check(
        "payments_captures",
        "What a payment brought and gave back is the sum over its captures.",
        from_statement(_PAYMENT_DIFFERS),
    ),
    Check(
        "captures_refunds",
        "What a capture gave back, or is about to, is the sum over its refunds.",
        from_statement(_CAPTURE_DIFFERS),
    ),
    Check(
        "refunds_whole",
        "A refund is done exactly when all of it went back.",
        from_statement(_SUCCEEDED_IN_PART),
    ),
)
"""What must hold about payments by themselves."""
