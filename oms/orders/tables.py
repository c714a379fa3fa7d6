"""Tables of orders. Only `store.py` and `queries.py` of this package know their columns."""

from typing import Final

import sqlalchemy as sa

from oms.orders.machine import HoldStage, LineState
from oms.platform.database import metadata


def _one_of(column: str, words: type[LineState] | type[HoldStage]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


# Written with OR: SQLite does not see that a state is IN a list, and would never use the index.
_TO_DO: Final = " OR ".join(
    f"state = '{state}'"
    for state in "open backordered allocated released picked packed ready_for_pickup lost".split()
)

sales_order: Final = sa.Table(
    "sales_order",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("external_number", sa.Text, nullable=False, server_default=""),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("placed_at_ms", sa.BigInteger, nullable=False),
    sa.Column("received_at_ms", sa.BigInteger, nullable=False),
    sa.Column("deadline_ms", sa.BigInteger),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("ship_to", sa.Text, nullable=False),
    sa.Column("bill_to", sa.Text, nullable=False, server_default=""),
    sa.Column("payment_terms", sa.Text, nullable=False),
    sa.Column("prices_include_tax", sa.Boolean, nullable=False),
    sa.Column("locale", sa.Text, nullable=False, server_default=""),
    sa.Column("shipping_choice", sa.Text, nullable=False, server_default=""),
    sa.Column("goods_minor", sa.BigInteger, nullable=False),
    sa.Column("discount_minor", sa.BigInteger, nullable=False),
    sa.Column("charges_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("payments", sa.Text, nullable=False, server_default="[]"),
    sa.Column("extra", sa.Text, nullable=False, server_default="{}"),
    sa.Column("search", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.UniqueConstraint("channel_id", "external_id"),
    sa.CheckConstraint("goods_minor + charges_minor + tax_minor = total_minor", name="total"),
    sa.CheckConstraint("discount_minor >= 0", name="discount"),
    sa.Index("ix_sales_order_placed_at_ms_id", "placed_at_ms", "id"),
    sa.Index("ix_sales_order_customer_id", "customer_id"),
)
"""`goods_minor` (after discounts) and `charges_minor` are net of tax; `search` is lower case."""

order_line: Final = sa.Table(
    "order_line",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("listing_sku", sa.Text, nullable=False),
    sa.Column("item_id", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("unit_price_minor", sa.BigInteger, nullable=False),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_rate_bp", sa.Integer, nullable=False),
    sa.Column("unit_split", sa.Text, nullable=False),
    sa.Column("extra", sa.Text, nullable=False, server_default="{}"),
    sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"]),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.Index("ix_order_line_order_id", "order_id"),
    sa.Index("ix_order_line_item_id", "item_id"),
)
"""`net_minor` and `tax_minor` are after all discounts, `unit_split` is their split over units."""

line_part: Final = sa.Table(
    "line_part",
    metadata,
    sa.Column("line_id", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
    sa.CheckConstraint("units > 0", name="units"),
)
"""What one unit of a bundle line is made of; lines of plain items have no rows here."""

order_charge: Final = sa.Table(
    "order_charge",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_rate_bp", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"]),
    sa.Index("ix_order_charge_order_id", "order_id"),
)

line_slice: Final = sa.Table(
    "line_slice",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("line_id", sa.Text, nullable=False),
    sa.Column("item_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("node_id", sa.Text, nullable=False, server_default=""),
    sa.Column("lot_id", sa.Text, nullable=False, server_default=""),
    sa.Column("fulfilment_id", sa.Text, nullable=False, server_default=""),
    sa.Column("parcel_id", sa.Text, nullable=False, server_default=""),
    sa.Column("return_id", sa.Text, nullable=False, server_default=""),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.CheckConstraint(_one_of("state", LineState), name="state"),
    sa.Index("ix_line_slice_order_id", "order_id"),
    sa.Index(
        "ix_line_slice_fulfilment_id",
        "fulfilment_id",
        sqlite_where=sa.text("fulfilment_id <> ''"),
        postgresql_where=sa.text("fulfilment_id <> ''"),
    ),
    sa.Index(
        "ix_line_slice_parcel_id",
        "parcel_id",
        sqlite_where=sa.text("parcel_id <> ''"),
        postgresql_where=sa.text("parcel_id <> ''"),
    ),
    sa.Index(
        "ix_line_slice_return_id",
        "return_id",
        sqlite_where=sa.text("return_id <> ''"),
        postgresql_where=sa.text("return_id <> ''"),
    ),
    sa.Index(
        "ix_line_slice_waiting",
        "item_id",
        "id",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
    sa.Index(
        "ix_line_slice_to_do",
        "state",
        "node_id",
        sqlite_where=sa.text(_TO_DO),
        postgresql_where=sa.text(_TO_DO),
    ),
)
"""The truth about an order: so many units of one item of a line in one state at one place."""

order_hold: Final = sa.Table(
    "order_hold",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("line_id", sa.Text, nullable=False, server_default=""),
    sa.Column("fulfilment_id", sa.Text, nullable=False, server_default=""),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("placed_at_ms", sa.BigInteger, nullable=False),
    sa.Column("placed_by", sa.Text, nullable=False),
    sa.Column("released_at_ms", sa.BigInteger),
    sa.Column("released_by", sa.Text, nullable=False, server_default=""),
    sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"]),
    sa.CheckConstraint(_one_of("stage", HoldStage), name="stage"),
    sa.CheckConstraint("line_id = '' OR fulfilment_id = ''", name="scope"),
    sa.Index("ix_order_hold_order_id", "order_id"),
    sa.Index(
        "ix_order_hold_active",
        "stage",
        "reason",
        sqlite_where=sa.text("released_at_ms IS NULL"),
        postgresql_where=sa.text("released_at_ms IS NULL"),
    ),
)
"""A hold with neither line nor fulfilment order stops the whole order."""

order_change: Final = sa.Table(
    "order_change",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("differences", sa.Text, nullable=False, server_default="[]"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("decided_at_ms", sa.BigInteger),
    sa.Column("decided_by", sa.Text, nullable=False, server_default=""),
    sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"]),
    sa.UniqueConstraint("order_id", "content_hash"),
    sa.CheckConstraint("state IN ('proposed', 'applied', 'declined')", name="state"),
    sa.Index("ix_order_change_state_id", "state", "id"),
)
"""What a channel wants changed: the whole new payload and, in words, where it differs."""

quarantine: Final = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False, server_default=""),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("edited", sa.Text, nullable=False, server_default=""),
    sa.Column("rows", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("order_id", sa.Text),
    sa.Column("decided_at_ms", sa.BigInteger),
    sa.Column("decided_by", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("channel_id", "source"),
    sa.CheckConstraint("state IN ('open', 'resolved', 'dismissed')", name="state"),
    sa.Index("ix_quarantine_state_at_ms", "state", "at_ms"),
    sa.Index(
        "ix_quarantine_open",
        "channel_id",
        "external_id",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)
"""Payloads that cannot be orders: `payload` stays as it came, `edited` is a person's repair."""
