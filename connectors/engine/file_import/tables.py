"""The table of file imports. Only store.py and queries.py know its columns."""

import sqlalchemy as sa

from oms.platform.database import metadata

file_import = sa.Table(
    "file_import",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("started_at_ms", sa.BigInteger, nullable=False),
    sa.Column("changed_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("channel_id", "fingerprint"),
    sa.CheckConstraint("state IN ('running', 'finished')", name="state"),
)
