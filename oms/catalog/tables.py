"""Tables of items, their barcodes and parts, channels, and the listings that join the two."""

import sqlalchemy as sa

from oms.platform.database import metadata

item = sa.Table(
    "item",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sku", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("weight_g", sa.BigInteger, nullable=False),
    sa.Column("length_mm", sa.BigInteger, nullable=False),
    sa.Column("width_mm", sa.BigInteger, nullable=False),
    sa.Column("height_mm", sa.BigInteger, nullable=False),
    sa.Column("unit_price_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("tax_rate_bp", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("sku <> ''", name="named"),
    sa.CheckConstraint("kind IN ('stock', 'bundle')", name="kind"),
    sa.CheckConstraint("weight_g >= 0 AND unit_price_minor >= 0", name="not_negative"),
)
item_barcode = sa.Table(
    "item_barcode",
    metadata,
    sa.Column("barcode", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, sa.ForeignKey("item.id"), nullable=False, index=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.CheckConstraint("barcode <> ''", name="named"),
    sa.CheckConstraint("units > 0", name="positive"),
)
bundle_part = sa.Table(
    "bundle_part",
    metadata,
    sa.Column("bundle_id", sa.Text, sa.ForeignKey("item.id"), primary_key=True),
    sa.Column("item_id", sa.Text, sa.ForeignKey("item.id"), primary_key=True, index=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.CheckConstraint("units > 0", name="positive"),
    sa.CheckConstraint("bundle_id <> item_id", name="not_itself"),
)
channel = sa.Table(
    "channel",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("connector", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("payment_terms", sa.Text, nullable=False),
    sa.Column("prices_include_tax", sa.Boolean, nullable=False),
    sa.Column("auto_release", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("code <> ''", name="named"),
)
listing = sa.Table(
    "listing",
    metadata,
    sa.Column("channel_id", sa.Text, sa.ForeignKey("channel.id"), primary_key=True),
    sa.Column("external_sku", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, sa.ForeignKey("item.id"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.CheckConstraint("external_sku <> ''", name="named"),
)
