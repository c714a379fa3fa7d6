"""Rows of payments to values and back, set-based; a payment's row lock guards its captures too."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.payments.machine import CaptureState, PaymentState, RefundState
from oms.payments.model import Capture, Payment, Refund
from oms.payments.tables import payment, payment_capture, refund
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_WANTED: Final = ParameterRows("wanted", id=sa.Text)


def _by(table: sa.Table, column: sa.Column[Any]) -> sa.Select[Any]:
    return (
        sa.select(table)
        .select_from(_WANTED.source.join(table, column == _WANTED.c.id))
        .order_by(table.c.id)
    )


_PAYMENTS = _by(payment, payment.c.id)
_PAYMENTS_OF = _by(payment, payment.c.order_id)
_CAPTURES = _by(payment_capture, payment_capture.c.id)
_CAPTURES_OF = _by(payment_capture, payment_capture.c.payment_id)
_REFUNDS = _by(refund, refund.c.id)
_REFUNDS_OF = _by(refund, refund.c.order_id)
_HAVE_PAYMENTS = (
    sa.select(payment.c.order_id)
    .select_from(_WANTED.source.join(payment, payment.c.order_id == _WANTED.c.id))
    .distinct()
)


def payments(reader: Reader, ids: Iterable[str]) -> dict[str, Payment]:
    return {row.id: _payment(row) for row in _fetch(reader, _PAYMENTS, ids)}


def lock_payments(tx: Transaction, ids: Iterable[str]) -> dict[str, Payment]:
    statement = _PAYMENTS.with_for_update(of=payment)
    return {row.id: _payment(row) for row in _fetch(tx, statement, ids)}


def payments_of(reader: Reader, order_ids: Iterable[str]) -> list[Payment]:
    """All payments of these orders, by id."""
    return [_payment(row) for row in _fetch(reader, _PAYMENTS_OF, order_ids)]


def lock_payments_of(tx: Transaction, order_ids: Iterable[str]) -> list[Payment]:
    statement = _PAYMENTS_OF.with_for_update(of=payment)
    return [_payment(row) for row in _fetch(tx, statement, order_ids)]


def orders_with_payments(reader: Reader, order_ids: Iterable[str]) -> set[str]:
    return {row.order_id for row in _fetch(reader, _HAVE_PAYMENTS, order_ids)}


def captures(reader: Reader, ids: Iterable[str]) -> dict[str, Capture]:
    return {row.id: _capture(row) for row in _fetch(reader, _CAPTURES, ids)}


def captures_of(reader: Reader, payment_ids: Iterable[str]) -> list[Capture]:
    return [_capture(row) for row in _fetch(reader, _CAPTURES_OF, payment_ids)]


def refunds(reader: Reader, ids: Iterable[str]) -> dict[str, Refund]:
    return {row.id: _refund(row) for row in _fetch(reader, _REFUNDS, ids)}


def lock_refunds(tx: Transaction, ids: Iterable[str]) -> dict[str, Refund]:
    statement = _REFUNDS.with_for_update(of=refund)
    return {row.id: _refund(row) for row in _fetch(tx, statement, ids)}


def refunds_of(reader: Reader, order_ids: Iterable[str]) -> list[Refund]:
    return [_refund(row) for row in _fetch(reader, _REFUNDS_OF, order_ids)]


def add_payments(tx: Transaction, new: Sequence[Payment]) -> None:
    tx.insert(payment, [msgspec.structs.asdict(each) for each in new])


def add_captures(tx: Transaction, new: Sequence[Capture]) -> None:
    tx.insert(payment_capture, [msgspec.structs.asdict(each) for each in new])


def add_refunds(tx: Transaction, new: Sequence[Refund]) -> None:
    tx.insert(refund, [msgspec.structs.asdict(each) for each in new])


def save_payments(tx: Transaction, changed: Iterable[Payment]) -> None:
    _save(tx, payment, changed, _PAYMENT_CHANGES)


def save_captures(tx: Transaction, changed: Iterable[Capture]) -> None:
    _save(tx, payment_capture, changed, _CAPTURE_CHANGES)


def save_refunds(tx: Transaction, changed: Iterable[Refund]) -> None:
    _save(tx, refund, changed, _REFUND_CHANGES)


_AMOUNTS: Final = ("captured_minor", "refunding_minor", "refunded_minor")
_ANSWER: Final = ("id", "state", "external_ref", "code", "words", "asked_at_ms")
_PAYMENT_CHANGES: Final = (
    *_ANSWER,
    *_AMOUNTS,
    *("authorised_minor", "capturing_minor", "expires_at_ms", "attempt"),
)
_CAPTURE_CHANGES: Final = (*_ANSWER, *_AMOUNTS, "settled_at_ms")
_REFUND_CHANGES: Final = (
    *_ANSWER,
    *("refunded_minor", "attempt", "settled_at_ms", "tender", "gateway"),
)


def _save(
    tx: Transaction,
    table: sa.Table,
    changed: Iterable[Payment | Capture | Refund],
    names: Sequence[str],
) -> None:
    rows = [{name: getattr(each, name) for name in names} for each in changed]
    tx.update(table, rows, ["id"])


def _fetch(reader: Reader, statement: sa.Select[Any], ids: Iterable[str]) -> Sequence[sa.Row[Any]]:
    wanted = [(each,) for each in sorted(set(ids))]
    return reader.fetch(statement, _WANTED(wanted)) if wanted else ()


def _payment(row: sa.Row[Any]) -> Payment:
    fields = dict(zip(payment.c.keys(), row, strict=True))
    return Payment(**fields | {"state": PaymentState(fields["state"])})


def _capture(row: sa.Row[Any]) -> Capture:
    fields = dict(zip(payment_capture.c.keys(), row, strict=True))
    return Capture(**fields | {"state": CaptureState(fields["state"])})


def _refund(row: sa.Row[Any]) -> Refund:
    fields = dict(zip(refund.c.keys(), row, strict=True))
    return Refund(**fields | {"state": RefundState(fields["state"])})
