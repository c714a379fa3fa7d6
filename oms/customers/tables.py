"""Tables of customers. Only `store.py` and `queries.py` of this package know their columns."""

from typing import Final

import sqlalchemy as sa

from oms.platform.database import metadata

customer: Final = sa.Table(
    "customer",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("company", sa.Text, nullable=False, server_default=""),
    sa.Column("email", sa.Text, nullable=False, server_default=""),
    sa.Column("phone", sa.Text, nullable=False, server_default=""),
    sa.Column("tax_number", sa.Text, nullable=False, server_default=""),
    sa.Column("locale", sa.Text, nullable=False, server_default=""),
    sa.Column("search", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_customer_created_at_ms", "created_at_ms", "id"),
)
"""`search` is everything that was told of them in small letters, for looking into."""

identity: Final = sa.Table(
    "customer_identity",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
    sa.CheckConstraint("kind IN ('email', 'phone', 'channel')", name="kind"),
    sa.Index("ix_customer_identity_customer_id", "customer_id"),
)
"""One name of a customer; nobody else can have the same one."""
