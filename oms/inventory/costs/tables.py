"""The table of what items cost."""

import sqlalchemy as sa

from oms.platform.database import metadata

item_cost = sa.Table(
    "item_cost",
    metadata,
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("value_minor", sa.BigInteger, nullable=False),
    sa.CheckConstraint("units >= 0 AND value_minor >= 0", name="not_negative"),
)
