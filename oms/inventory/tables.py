"""Tables of nodes and of what may not be promised from them."""

import sqlalchemy as sa

from oms.platform.database import metadata

node = sa.Table(
    "node",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("latitude", sa.Double),
    sa.Column("longitude", sa.Double),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("fixed_minor", sa.BigInteger, nullable=False),
    sa.Column("handling_unit_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("ships_to", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("code <> ''", name="named"),
    sa.CheckConstraint("kind IN ('warehouse', 'store', '3pl', 'supplier')", name="kind"),
    sa.CheckConstraint("fixed_minor >= 0 AND handling_unit_minor >= 0", name="not_negative"),
)
channel_node = sa.Table(
    "channel_node",
    metadata,
    sa.Column("channel_id", sa.Text, sa.ForeignKey("channel.id"), primary_key=True),
    sa.Column("node_id", sa.Text, sa.ForeignKey("node.id"), primary_key=True),
)
stock_rule = sa.Table(
    "stock_rule",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("node_id", sa.Text, sa.ForeignKey("node.id"), primary_key=True),
    sa.Column("safety_stock", sa.BigInteger, nullable=False),
    sa.CheckConstraint("safety_stock >= 0", name="not_negative"),
)
channel_buffer = sa.Table(
    "channel_buffer",
    metadata,
    sa.Column("channel_id", sa.Text, sa.ForeignKey("channel.id"), primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),  # '' speaks of all items
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.CheckConstraint("units >= 0", name="not_negative"),
    sa.Index("ix_channel_buffer_item_id", "item_id"),
)
