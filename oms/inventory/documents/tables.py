"""The table of stock documents; their lines are entries of the goods ledger."""

import sqlalchemy as sa

from oms.platform.database import metadata

stock_document = sa.Table(
    "stock_document",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("node_id", sa.Text, sa.ForeignKey("node.id"), nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.CheckConstraint("kind IN ('receipt', 'adjustment', 'levels')", name="kind"),
    sa.Index(
        "uq_stock_document_kind_reference",
        "kind",
        "reference",
        unique=True,
        sqlite_where=sa.text("reference <> ''"),
        postgresql_where=sa.text("reference <> ''"),
    ),
    sa.Index("ix_stock_document_node_id_at_ms", "node_id", "at_ms"),
)
