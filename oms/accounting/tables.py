"""Tables of accounting. Only `store.py` and `queries.py` beside it know their columns.

Documents are never changed; what became of an order's money stands in `order_account`.
"""

import sqlalchemy as sa

from oms.platform.database import metadata

invoice = sa.Table(
    "invoice",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("order_id", sa.Text),
    sa.Column("order_number", sa.Text, nullable=False),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text),
    sa.Column("shipment_id", sa.Text),
    sa.Column("return_id", sa.Text),
    sa.Column("corrects_id", sa.Text),
    sa.Column("issued_at_ms", sa.BigInteger, nullable=False),
    sa.Column("supplied_at_ms", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("buyer", sa.Text, nullable=False),
    sa.Column("ship_to", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("prices_include_tax", sa.Boolean, nullable=False),
    sa.UniqueConstraint("kind", "serial"),
    sa.UniqueConstraint("kind", "source"),
    sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
    sa.CheckConstraint("reason IN ('shipped', 'charges', 'returned', 'undone')", name="reason"),
    sa.CheckConstraint("net_minor + tax_minor = total_minor", name="total"),
    sa.CheckConstraint("serial > 0", name="serial"),
    sa.Index("ix_invoice_order_id", "order_id"),
    sa.Index("ix_invoice_customer_id_id", "customer_id", "id"),
    sa.Index("ix_invoice_return_id", "return_id"),
    sa.Index("ix_invoice_shipment_id", "shipment_id"),
)
"""`source` is what the document is about; there is one document of a kind about one thing."""

invoice_line = sa.Table(
    "invoice_line",
    metadata,
    sa.Column("invoice_id", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("line_id", sa.Text),
    sa.Column("charge_id", sa.Text),
    sa.Column("return_line_id", sa.Text),
    sa.Column("item_id", sa.Text),
    sa.Column("sku", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("first_unit", sa.BigInteger, nullable=False),
    sa.Column("unit_split", sa.Text, nullable=False),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_rate_bp", sa.Integer, nullable=False),
    sa.Column("cost_minor", sa.BigInteger, nullable=False),
    sa.Column("corrects_id", sa.Text),
    sa.Column("corrects_position", sa.Integer),
    sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"]),
    sa.CheckConstraint("kind IN ('goods', 'charge')", name="kind"),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.Index("ix_invoice_line_line_id", "line_id"),
)
"""`first_unit` and `unit_split` say which units of the order line these are, and what each cost
the customer; `cost_minor` is what all of them had cost us, in the currency of stock.
"""

bundle_flow = sa.Table(
    "bundle_flow",
    metadata,
    sa.Column("line_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("direction", sa.Text, primary_key=True),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("cost_minor", sa.BigInteger, nullable=False),
    sa.CheckConstraint("direction IN ('out', 'back', 'undone')", name="direction"),
    sa.CheckConstraint("quantity > 0", name="quantity"),
)
"""Parts of bundles that left or came back: a bundle is invoiced and credited in whole units."""

returned_cost = sa.Table(
    "returned_cost",
    metadata,
    sa.Column("return_line_id", sa.Text, primary_key=True),
    sa.Column("event_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("cost_minor", sa.BigInteger, nullable=False),
    sa.Column("restocked_units", sa.BigInteger, nullable=False),
    sa.Column("restocked_minor", sa.BigInteger, nullable=False),
)
"""What accepted units had cost us, and how much of it came back onto the books with them."""

cancellation = sa.Table(
    "cancellation",
    metadata,
    sa.Column("event_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)
"""What is no longer to come of orders, by the event that said so; below zero: wanted again."""

order_account = sa.Table(
    "order_account",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("charges", sa.Text, nullable=False),
    sa.Column("invoices", sa.Integer, nullable=False),
    sa.Column("undone", sa.Integer, nullable=False),
    sa.Column("invoiced_minor", sa.BigInteger, nullable=False),
    sa.Column("credited_minor", sa.BigInteger, nullable=False),
    sa.Column("reversed_minor", sa.BigInteger, nullable=False),
    sa.Column("cancelled_minor", sa.BigInteger, nullable=False),
    sa.Column("applied_minor", sa.BigInteger, nullable=False),
    sa.Column("released_minor", sa.BigInteger, nullable=False),
    sa.Column("refund_due_minor", sa.BigInteger, nullable=False),
    sa.CheckConstraint("charges IN ('due', 'invoiced', 'cancelled')", name="charges"),
    sa.CheckConstraint("applied_minor <= invoiced_minor", name="applied"),
    sa.CheckConstraint("released_minor >= 0 AND refund_due_minor >= 0", name="refunds"),
    sa.Index(
        "ix_order_account_open",
        "order_id",
        sqlite_where=sa.text(
            "invoiced_minor - credited_minor - applied_minor + refund_due_minor > 0"
        ),
        postgresql_where=sa.text(
            "invoiced_minor - credited_minor - applied_minor + refund_due_minor > 0"
        ),
    ),
)
"""The money of one order in sums; its lock is what makes documents of one order come in turn."""
