"""Tables of reservations and the places they hold units at."""

import sqlalchemy as sa

from oms.platform.database import metadata

reservation = sa.Table(
    "reservation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.CheckConstraint("state IN ('held', 'used', 'released', 'expired')", name="state"),
    sa.Index(
        "ix_reservation_held_expires_at_ms",
        "expires_at_ms",
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    ),
)
reservation_line = sa.Table(
    "reservation_line",
    metadata,
    sa.Column("reservation_id", sa.Text, sa.ForeignKey("reservation.id"), primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("node_id", sa.Text, primary_key=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.CheckConstraint("units > 0", name="positive"),
)
