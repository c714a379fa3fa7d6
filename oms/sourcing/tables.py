"""Tables of sourcing decisions: every question and answer as they were, for ever."""

from typing import Final

import sqlalchemy as sa

from oms.platform.database import metadata

world: Final = sa.Table(
    "sourcing_world",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
"""Nodes and policy as many decisions saw them; the id is the fingerprint of the body."""

decision: Final = sa.Table(
    "sourcing_decision",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("solver", sa.Text, nullable=False),
    sa.Column("world_id", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Index("ix_sourcing_decision_order_id", "order_id"),
)
"""`question` is what the world does not say: destination, demands, and the units on the shelves.

Both are JSON, long ones packed by `store`.
"""
