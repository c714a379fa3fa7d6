"""The table of sourcing decisions: the question and the answer, as they were, for ever."""

from typing import Final

import sqlalchemy as sa

from oms.platform.database import metadata

decision: Final = sa.Table(
    "sourcing_decision",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("solver", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Index("ix_sourcing_decision_order_id", "order_id"),
)
