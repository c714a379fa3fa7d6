"""Tables of the floor. Only store.py and queries.py know their columns."""

from enum import StrEnum

import sqlalchemy as sa

from fulfillment.machine import FulfilmentState, ParcelState
from oms.platform.database import metadata


def _one_of(column: str, words: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


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
    sa.CheckConstraint(_one_of("state", FulfilmentState), name="state"),
    sa.Index("ix_fulfilment_order_state_id", "state", "id"),
    sa.Index("ix_fulfilment_order_node_id_state_id", "node_id", "state", "id"),
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
    sa.Column("tracking_number", sa.Text, nullable=False, server_default=""),
    sa.Column("tracking_url", sa.Text, nullable=False, server_default=""),
    sa.Column("label_id", sa.Text, nullable=False, server_default=""),
    sa.Column("label_cost_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("label_currency", sa.Text, nullable=False, server_default=""),
    sa.Column("label_extra", sa.Text, nullable=False, server_default="{}"),
    sa.Column("labels_bought", sa.Integer, nullable=False, server_default="0"),
    sa.Column("collect_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("shipment_id", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.CheckConstraint(_one_of("state", ParcelState), name="state"),
    sa.CheckConstraint("weight_g >= 0", name="weight_not_negative"),
    sa.CheckConstraint("collect_minor >= 0", name="collect_not_negative"),
    sa.Index(
        "ix_parcel_tracking_number",
        "tracking_number",
        sqlite_where=sa.text("tracking_number <> ''"),
        postgresql_where=sa.text("tracking_number <> ''"),
    ),
    sa.Index(
        "ix_parcel_shipment_id",
        "shipment_id",
        sqlite_where=sa.text("shipment_id <> ''"),
        postgresql_where=sa.text("shipment_id <> ''"),
    ),
)

label_document = sa.Table(
    "label_document",
    metadata,
    sa.Column("parcel_id", sa.Text, sa.ForeignKey("parcel.id"), primary_key=True),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
)
"""Labels that carriers drew; those we draw ourselves are drawn when somebody prints them."""

shipment = sa.Table(
    "shipment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("fulfilment_id", sa.Text, nullable=False, index=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("told_by", sa.Text, nullable=False),
    sa.Column("shipped_at_ms", sa.BigInteger, nullable=False),
    sa.Column("undone_at_ms", sa.BigInteger),
    sa.CheckConstraint("told_by IN ('dock', 'node')", name="told_by"),
)
"""`told_by`: our own dock, or a node whose floor we do not see. Undone ones never left."""

shipment_line = sa.Table(
    "shipment_line",
    metadata,
    sa.Column("shipment_id", sa.Text, sa.ForeignKey("shipment.id"), primary_key=True),
    sa.Column("line_id", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("parcel_id", sa.Text, primary_key=True),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.CheckConstraint("quantity > 0", name="quantity_positive"),
    sa.Index("ix_shipment_line_line_id", "line_id"),
)

tracking_event = sa.Table(
    "tracking_event",
    metadata,
    sa.Column("parcel_id", sa.Text, sa.ForeignKey("parcel.id"), primary_key=True),
    sa.Column("external_id", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("received_at_ms", sa.BigInteger, nullable=False),
)
