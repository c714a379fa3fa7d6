"""Tables of payments. Only `store.py` and `queries.py` beside it know their columns."""

from enum import StrEnum

import sqlalchemy as sa

from oms.payments.machine import CaptureState, PaymentState, RefundState
from oms.platform.database import metadata


def _one_of(words: type[StrEnum]) -> str:
    return f"state IN ({', '.join(repr(str(word)) for word in words)})"


payment = sa.Table(
    "payment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("order_number", sa.Text, nullable=False),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("tender", sa.Text, nullable=False),
    sa.Column("means", sa.Text, nullable=False),
    sa.Column("gateway", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("authorised_minor", sa.BigInteger, nullable=False),
    sa.Column("capturing_minor", sa.BigInteger, nullable=False),
    sa.Column("captured_minor", sa.BigInteger, nullable=False),
    sa.Column("refunding_minor", sa.BigInteger, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False),
    sa.Column("external_ref", sa.Text, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("asked_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("order_id", "position"),
    sa.CheckConstraint(_one_of(PaymentState), name="state"),
    sa.CheckConstraint("amount_minor > 0", name="amount"),
    sa.CheckConstraint(
        "refunding_minor >= 0 AND refunded_minor >= 0"
        " AND refunded_minor + refunding_minor <= captured_minor",
        name="refunds",
    ),
    sa.CheckConstraint(
        "capturing_minor >= 0 AND (gateway = ''"
        " OR captured_minor + capturing_minor <= amount_minor)",
        name="captures",
    ),
    sa.Index(
        "ix_payment_asked",
        "asked_at_ms",
        sqlite_where=sa.text("state IN ('authorising', 'voiding')"),
        postgresql_where=sa.text("state IN ('authorising', 'voiding')"),
    ),
)
"""`amount_minor` is what this means shall bring; `means` is the channel's word for the tender.

`…ing_minor` is asked of the gateway and not answered yet. `gateway` is empty where there is none.
"""

payment_capture = sa.Table(
    "payment_capture",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("payment_id", sa.Text, nullable=False, index=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("document_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("captured_minor", sa.BigInteger, nullable=False),
    sa.Column("refunding_minor", sa.BigInteger, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False),
    sa.Column("external_ref", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("asked_at_ms", sa.BigInteger, nullable=False),
    sa.Column("settled_at_ms", sa.BigInteger),
    sa.ForeignKeyConstraint(["payment_id"], ["payment.id"]),
    sa.CheckConstraint(_one_of(CaptureState), name="state"),
    sa.CheckConstraint("captured_minor BETWEEN 0 AND amount_minor", name="captured"),
    sa.CheckConstraint(
        "refunding_minor >= 0 AND refunded_minor >= 0"
        " AND refunded_minor + refunding_minor <= captured_minor",
        name="refunds",
    ),
    sa.Index(
        "ix_payment_capture_asked",
        "asked_at_ms",
        sqlite_where=sa.text("state IN ('requested', 'in_doubt')"),
        postgresql_where=sa.text("state IN ('requested', 'in_doubt')"),
    ),
)
"""Takings of money: the row stands before a gateway is asked, so no answer can be lost."""

refund = sa.Table(
    "refund",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text),
    sa.Column("payment_id", sa.Text),
    sa.Column("capture_id", sa.Text),
    sa.Column("return_id", sa.Text, nullable=False),
    sa.Column("credit_note_id", sa.Text, nullable=False),
    sa.Column("tender", sa.Text, nullable=False),
    sa.Column("gateway", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("external_ref", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("requested_at_ms", sa.BigInteger, nullable=False),
    sa.Column("asked_at_ms", sa.BigInteger, nullable=False),
    sa.Column("settled_at_ms", sa.BigInteger),
    sa.ForeignKeyConstraint(["payment_id"], ["payment.id"]),
    sa.CheckConstraint(_one_of(RefundState), name="state"),
    sa.CheckConstraint(
        "amount_minor > 0 AND refunded_minor BETWEEN 0 AND amount_minor", name="amount"
    ),
    sa.Index("ix_refund_order_id", "order_id"),
    sa.Index("ix_refund_credit_note_id", "credit_note_id"),
    sa.Index(
        "ix_refund_asked",
        "asked_at_ms",
        sqlite_where=sa.text("state IN ('requested', 'in_doubt')"),
        postgresql_where=sa.text("state IN ('requested', 'in_doubt')"),
    ),
    sa.Index(
        "ix_refund_to_do",
        "state",
        "requested_at_ms",
        sqlite_where=sa.text("state IN ('payable', 'failed')"),
        postgresql_where=sa.text("state IN ('payable', 'failed')"),
    ),
)
"""Givings back, each through one capture; without a payment they are paid by hand."""
