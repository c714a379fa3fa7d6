"""Tables of the floor. Only store.py and queries.py know their columns."""

import sqlalchemy as sa

from oms.platform.database import metadata

fulfilment_order = sa.Table(
    "fulfilment_order",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(
        "ix_fulfilment_order_node_id_state_created_at_ms", "node_id", "state", "created_at_ms"
    ),
)

parcel = sa.Table(
    "parcel",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("fulfilment_id", sa.Text, nullable=False, index=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("sscc", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("weight_g", sa.BigInteger, nullable=False),
    sa.Column("carrier", sa.Text, nullable=False, server_default=""),
    sa.Column("service", sa.Text, nullable=False, server_default=""),
    sa.Column("tracking_number", sa.Text, nullable=False, server_default="", index=True),
    sa.Column("label_id", sa.Text, nullable=False, server_default=""),
    sa.Column("label_cost_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("label_currency", sa.Text, nullable=False, server_default=""),
    sa.Column("shipment_id", sa.Text, nullable=False, server_default="", index=True),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.CheckConstraint("weight_g >= 0", name="weight_not_negative"),
)

label_document = sa.Table(
    "label_document",
    metadata,
    sa.Column("parcel_id", sa.Text, primary_key=True),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

shipment = sa.Table(
    "shipment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("shipped_at_ms", sa.BigInteger, nullable=False),
)

shipment_line = sa.Table(
    "shipment_line",
    metadata,
    sa.Column("shipment_id", sa.Text, primary_key=True),
    sa.Column("line_id", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("parcel_id", sa.Text, primary_key=True),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.CheckConstraint("quantity > 0", name="quantity_positive"),
)

tracking_event = sa.Table(
    "tracking_event",
    metadata,
    sa.Column("parcel_id", sa.Text, primary_key=True),
    sa.Column("external_id", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("received_at_ms", sa.BigInteger, nullable=False),
)
