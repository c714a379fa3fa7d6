"""All tables."""
# ruff: noqa: E501 - conditions stand on one line, as Alembic writes them

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_table(
        "bundle_flow",
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "direction IN ('out', 'back', 'undone')", name=op.f("ck_bundle_flow_direction")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_bundle_flow_quantity")),
        sa.PrimaryKeyConstraint(
            "line_id", "source", "item_id", "direction", name=op.f("pk_bundle_flow")
        ),
    )
    op.create_table(
        "cancellation",
        sa.Column("event_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_number", name=op.f("pk_cancellation")),
    )
    with op.batch_alter_table("cancellation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cancellation_order_id"), ["order_id"], unique=False)

    op.create_table(
        "channel",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("payment_terms", sa.Text(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("auto_release", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_channel_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_number", sa.Text(), server_default="", nullable=False),
        sa.Column("locale", sa.Text(), server_default="", nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index("ix_customer_created_at_ms", ["created_at_ms", "id"], unique=False)

    op.create_table(
        "event",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event")),
        sa.UniqueConstraint("entity", "sequence", name=op.f("uq_event_entity_sequence")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_actor_number", ["actor", "number"], unique=False)
        batch_op.create_index(
            "ix_event_cause",
            ["cause"],
            unique=False,
            postgresql_where=sa.text("cause IS NOT NULL"),
            sqlite_where=sa.text("cause IS NOT NULL"),
        )

    op.create_table(
        "file_import",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'finished')", name=op.f("ck_file_import_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_import")),
        sa.UniqueConstraint(
            "channel_id", "fingerprint", name=op.f("uq_file_import_channel_id_fingerprint")
        ),
    )
    op.create_table(
        "fulfilment_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'accepted', 'rejected', 'cancel_requested', 'cancelled', 'closed')",
            name=op.f("ck_fulfilment_order_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfilment_order")),
        sa.UniqueConstraint("number", name=op.f("uq_fulfilment_order_number")),
    )
    with op.batch_alter_table("fulfilment_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_fulfilment_order_node_id_state_id", ["node_id", "state", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_fulfilment_order_order_id"), ["order_id"], unique=False
        )
        batch_op.create_index("ix_fulfilment_order_state_id", ["state", "id"], unique=False)

    op.create_table(
        "goods_balance",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "units >= 0 OR account IN ('customer', 'customer:unknown', 'lost', 'scrap', 'supplier', 'supply:unpromised', 'variance')",
            name=op.f("ck_goods_balance_guarded"),
        ),
        sa.PrimaryKeyConstraint(
            "account", "item_id", "node_id", "lot_id", name=op.f("pk_goods_balance")
        ),
        postgresql_with={"fillfactor": 70},
    )
    with op.batch_alter_table("goods_balance", schema=None) as batch_op:
        batch_op.create_index(
            "ix_goods_balance_item_id_node_id", ["item_id", "node_id"], unique=False
        )

    op.create_table(
        "goods_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("source_account", sa.Text(), nullable=False),
        sa.Column("source_node_id", sa.Text(), nullable=False),
        sa.Column("source_lot_id", sa.Text(), nullable=False),
        sa.Column("target_account", sa.Text(), nullable=False),
        sa.Column("target_node_id", sa.Text(), nullable=False),
        sa.Column("target_lot_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_goods_entry_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_entry")),
    )
    with op.batch_alter_table("goods_entry", schema=None) as batch_op:
        batch_op.create_index("ix_goods_entry_item_id_id", ["item_id", "id"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_at_ms", ["at_ms"], unique=False)

    op.create_table(
        "inbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("handled_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "channel_id", "external_id", name=op.f("uq_inbox_channel_id_external_id")
        ),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_unhandled",
            ["kind", "id"],
            unique=False,
            postgresql_where=sa.text("handled_at_ms IS NULL"),
            sqlite_where=sa.text("handled_at_ms IS NULL"),
        )

    op.create_table(
        "invoice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("shipment_id", sa.Text(), nullable=True),
        sa.Column("return_id", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Text(), nullable=True),
        sa.Column("issued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("supplied_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("ship_to", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoice_kind")),
        sa.CheckConstraint(
            "reason IN ('shipped', 'charges', 'returned', 'undone')", name=op.f("ck_invoice_reason")
        ),
        sa.CheckConstraint("net_minor + tax_minor = total_minor", name=op.f("ck_invoice_total")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_invoice_serial")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("kind", "serial", name=op.f("uq_invoice_kind_serial")),
        sa.UniqueConstraint("kind", "source", name=op.f("uq_invoice_kind_source")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index("ix_invoice_customer_id_id", ["customer_id", "id"], unique=False)
        batch_op.create_index("ix_invoice_order_id", ["order_id"], unique=False)
        batch_op.create_index("ix_invoice_return_id", ["return_id"], unique=False)
        batch_op.create_index("ix_invoice_shipment_id", ["shipment_id"], unique=False)

    op.create_table(
        "item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("height_mm", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('stock', 'bundle')", name=op.f("ck_item_kind")),
        sa.CheckConstraint("sku <> ''", name=op.f("ck_item_named")),
        sa.CheckConstraint(
            "weight_g >= 0 AND unit_price_minor >= 0", name=op.f("ck_item_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("sku", name=op.f("uq_item_sku")),
    )
    op.create_table(
        "item_cost",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "units >= 0 AND value_minor >= 0", name=op.f("ck_item_cost_not_negative")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_cost")),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "journal_balance",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "currency", name=op.f("pk_journal_balance")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.create_index("ix_journal_entry_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_journal_entry_order_id", ["order_id"], unique=False)

    op.create_table(
        "journal_posting",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_journal_posting")),
    )
    op.create_table(
        "node",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fixed_minor", sa.BigInteger(), nullable=False),
        sa.Column("handling_unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ships_to", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_node_named")),
        sa.CheckConstraint(
            "kind IN ('warehouse', 'store', '3pl', 'supplier')", name=op.f("ck_node_kind")
        ),
        sa.CheckConstraint(
            "fixed_minor >= 0 AND handling_unit_minor >= 0", name=op.f("ck_node_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
        sa.UniqueConstraint("code", name=op.f("uq_node_code")),
    )
    op.create_table(
        "order_account",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("charges", sa.Text(), nullable=False),
        sa.Column("invoices", sa.Integer(), nullable=False),
        sa.Column("undone", sa.Integer(), nullable=False),
        sa.Column("invoiced_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("reversed_minor", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_minor", sa.BigInteger(), nullable=False),
        sa.Column("applied_minor", sa.BigInteger(), nullable=False),
        sa.Column("released_minor", sa.BigInteger(), nullable=False),
        sa.Column("refund_due_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "charges IN ('due', 'invoiced', 'cancelled')", name=op.f("ck_order_account_charges")
        ),
        sa.CheckConstraint(
            "applied_minor <= invoiced_minor", name=op.f("ck_order_account_applied")
        ),
        sa.CheckConstraint(
            "released_minor >= 0 AND refund_due_minor >= 0", name=op.f("ck_order_account_refunds")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_account")),
    )
    with op.batch_alter_table("order_account", schema=None) as batch_op:
        batch_op.create_index(
            "ix_order_account_open",
            ["order_id"],
            unique=False,
            sqlite_where=sa.text(
                "invoiced_minor - credited_minor - applied_minor + refund_due_minor > 0"
            ),
            postgresql_where=sa.text(
                "invoiced_minor - credited_minor - applied_minor + refund_due_minor > 0"
            ),
        )

    op.create_table(
        "outbox",
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("event_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("set_aside_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "event_number", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_entity_subscriber", ["entity", "subscriber", "event_number"], unique=False
        )

    op.create_table(
        "parcel",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("fulfilment_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("sscc", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("service", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking_number", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking_url", sa.Text(), server_default="", nullable=False),
        sa.Column("label_id", sa.Text(), server_default="", nullable=False),
        sa.Column("label_cost_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("label_currency", sa.Text(), server_default="", nullable=False),
        sa.Column("label_extra", sa.Text(), server_default="{}", nullable=False),
        sa.Column("labels_bought", sa.Integer(), server_default="0", nullable=False),
        sa.Column("collect_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shipment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('packed', 'labelled', 'shipped', 'delivered', 'lost', 'returned', 'unpacked')",
            name=op.f("ck_parcel_state"),
        ),
        sa.CheckConstraint("collect_minor >= 0", name=op.f("ck_parcel_collect_not_negative")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_parcel_weight_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("sscc", name=op.f("uq_parcel_sscc")),
    )
    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_parcel_fulfilment_id"), ["fulfilment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_parcel_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            "ix_parcel_shipment_id",
            ["shipment_id"],
            unique=False,
            sqlite_where=sa.text("shipment_id <> ''"),
            postgresql_where=sa.text("shipment_id <> ''"),
        )
        batch_op.create_index(
            "ix_parcel_tracking_number",
            ["tracking_number"],
            unique=False,
            sqlite_where=sa.text("tracking_number <> ''"),
            postgresql_where=sa.text("tracking_number <> ''"),
        )

    op.create_table(
        "payment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("authorised_minor", sa.BigInteger(), nullable=False),
        sa.Column("capturing_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunding_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "capturing_minor >= 0 AND (gateway = '' OR captured_minor + capturing_minor <= amount_minor)",
            name=op.f("ck_payment_captures"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'authorising', 'authorised', 'captured', 'voiding', 'voided', 'declined')",
            name=op.f("ck_payment_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint(
            "refunding_minor >= 0 AND refunded_minor >= 0 AND refunded_minor + refunding_minor <= captured_minor",
            name=op.f("ck_payment_refunds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_payment_order_id_position")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payment_asked",
            ["asked_at_ms"],
            unique=False,
            sqlite_where=sa.text("state IN ('authorising', 'voiding')"),
            postgresql_where=sa.text("state IN ('authorising', 'voiding')"),
        )

    op.create_table(
        "quarantine",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("edited", sa.Text(), server_default="", nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'resolved', 'dismissed')", name=op.f("ck_quarantine_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("channel_id", "source", name=op.f("uq_quarantine_channel_id_source")),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index(
            "ix_quarantine_open",
            ["channel_id", "external_id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_quarantine_state_at_ms", ["state", "at_ms"], unique=False)

    op.create_table(
        "reservation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'used', 'released', 'expired')", name=op.f("ck_reservation_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reservation_held_expires_at_ms",
            ["expires_at_ms"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )

    op.create_table(
        "return_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_id", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'authorised', 'declined', 'withdrawn', 'receiving', 'closed')",
            name=op.f("ck_return_order_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_order")),
        sa.UniqueConstraint(
            "channel_id",
            "external_id",
            "order_id",
            name=op.f("uq_return_order_channel_id_external_id_order_id"),
        ),
        sa.UniqueConstraint("number", name=op.f("uq_return_order_number")),
    )
    with op.batch_alter_table("return_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_return_order_customer_id",
            ["customer_id"],
            unique=False,
            sqlite_where=sa.text("customer_id <> ''"),
            postgresql_where=sa.text("customer_id <> ''"),
        )
        batch_op.create_index(
            "ix_return_order_order_id",
            ["order_id"],
            unique=False,
            sqlite_where=sa.text("order_id <> ''"),
            postgresql_where=sa.text("order_id <> ''"),
        )
        batch_op.create_index("ix_return_order_state_id", ["state", "id"], unique=False)

    op.create_table(
        "returned_cost",
        sa.Column("return_line_id", sa.Text(), nullable=False),
        sa.Column("event_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("restocked_units", sa.BigInteger(), nullable=False),
        sa.Column("restocked_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("return_line_id", "event_number", name=op.f("pk_returned_cost")),
    )
    op.create_table(
        "sales_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("external_number", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("placed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("ship_to", sa.Text(), nullable=False),
        sa.Column("bill_to", sa.Text(), server_default="", nullable=False),
        sa.Column("payment_terms", sa.Text(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="", nullable=False),
        sa.Column("shipping_choice", sa.Text(), server_default="", nullable=False),
        sa.Column("goods_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("charges_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("payments", sa.Text(), server_default="[]", nullable=False),
        sa.Column("extra", sa.Text(), server_default="{}", nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("discount_minor >= 0", name=op.f("ck_sales_order_discount")),
        sa.CheckConstraint(
            "goods_minor + charges_minor + tax_minor = total_minor",
            name=op.f("ck_sales_order_total"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint(
            "channel_id", "external_id", name=op.f("uq_sales_order_channel_id_external_id")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_sales_order_number")),
    )
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.create_index("ix_sales_order_customer_id", ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_sales_order_placed_at_ms_id", ["placed_at_ms", "id"], unique=False
        )

    op.create_table(
        "shipment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("fulfilment_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("shipped_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("undone_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("told_by IN ('dock', 'node')", name=op.f("ck_shipment_told_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("number", name=op.f("uq_shipment_number")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_shipment_fulfilment_id"), ["fulfilment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_shipment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "sourcing_decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("solver", sa.Text(), nullable=False),
        sa.Column("world_id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_decision")),
    )
    with op.batch_alter_table("sourcing_decision", schema=None) as batch_op:
        batch_op.create_index("ix_sourcing_decision_order_id", ["order_id"], unique=False)

    op.create_table(
        "sourcing_world",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_world")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("password_set_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("began_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index("ix_web_session_seen_at_ms", ["seen_at_ms"], unique=False)

    op.create_table(
        "bundle_part",
        sa.Column("bundle_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("bundle_id <> item_id", name=op.f("ck_bundle_part_not_itself")),
        sa.CheckConstraint("units > 0", name=op.f("ck_bundle_part_positive")),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["item.id"], name=op.f("fk_bundle_part_bundle_id_item")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_bundle_part_item_id_item")),
        sa.PrimaryKeyConstraint("bundle_id", "item_id", name=op.f("pk_bundle_part")),
    )
    with op.batch_alter_table("bundle_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bundle_part_item_id"), ["item_id"], unique=False)

    op.create_table(
        "channel_buffer",
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_channel_buffer_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_channel_buffer_channel_id_channel")
        ),
        sa.PrimaryKeyConstraint("channel_id", "item_id", name=op.f("pk_channel_buffer")),
    )
    with op.batch_alter_table("channel_buffer", schema=None) as batch_op:
        batch_op.create_index("ix_channel_buffer_item_id", ["item_id"], unique=False)

    op.create_table(
        "channel_node",
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_channel_node_channel_id_channel")
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_channel_node_node_id_node")
        ),
        sa.PrimaryKeyConstraint("channel_id", "node_id", name=op.f("pk_channel_node")),
    )
    op.create_table(
        "customer_identity",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('email', 'phone', 'channel')", name=op.f("ck_customer_identity_kind")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_identity_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_customer_identity")),
    )
    with op.batch_alter_table("customer_identity", schema=None) as batch_op:
        batch_op.create_index("ix_customer_identity_customer_id", ["customer_id"], unique=False)

    op.create_table(
        "inspection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("return_line_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), server_default="", nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'refused', 'sent_back', 'abandoned')",
            name=op.f("ck_inspection_outcome"),
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_inspection_quantity_not_zero")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["return_order.id"], name=op.f("fk_inspection_return_id_return_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_return_id"), ["return_id"], unique=False)

    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("return_line_id", sa.Text(), nullable=True),
        sa.Column("item_id", sa.Text(), nullable=True),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("first_unit", sa.BigInteger(), nullable=False),
        sa.Column("unit_split", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("corrects_id", sa.Text(), nullable=True),
        sa.Column("corrects_position", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('goods', 'charge')", name=op.f("ck_invoice_line_kind")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_invoice_line_quantity")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id_invoice")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_line")),
    )
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.create_index("ix_invoice_line_line_id", ["line_id"], unique=False)

    op.create_table(
        "item_barcode",
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("barcode <> ''", name=op.f("ck_item_barcode_named")),
        sa.CheckConstraint("units > 0", name=op.f("ck_item_barcode_positive")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_item_barcode_item_id_item")
        ),
        sa.PrimaryKeyConstraint("barcode", name=op.f("pk_item_barcode")),
    )
    with op.batch_alter_table("item_barcode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_barcode_item_id"), ["item_id"], unique=False)

    op.create_table(
        "label_document",
        sa.Column("parcel_id", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name=op.f("fk_label_document_parcel_id_parcel")
        ),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_label_document")),
    )
    op.create_table(
        "listing",
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("external_sku", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.CheckConstraint("external_sku <> ''", name=op.f("ck_listing_named")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_listing_channel_id_channel")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_listing_item_id_item")),
        sa.PrimaryKeyConstraint("channel_id", "external_sku", name=op.f("pk_listing")),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_item_id"), ["item_id"], unique=False)

    op.create_table(
        "order_change",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("differences", sa.Text(), server_default="[]", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'applied', 'declined')", name=op.f("ck_order_change_state")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_order_change_order_id_sales_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_change")),
        sa.UniqueConstraint(
            "order_id", "content_hash", name=op.f("uq_order_change_order_id_content_hash")
        ),
    )
    with op.batch_alter_table("order_change", schema=None) as batch_op:
        batch_op.create_index("ix_order_change_state_id", ["state", "id"], unique=False)

    op.create_table(
        "order_charge",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_order_charge_order_id_sales_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_charge")),
    )
    with op.batch_alter_table("order_charge", schema=None) as batch_op:
        batch_op.create_index("ix_order_charge_order_id", ["order_id"], unique=False)

    op.create_table(
        "order_hold",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), server_default="", nullable=False),
        sa.Column("fulfilment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("placed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("released_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("line_id = '' OR fulfilment_id = ''", name=op.f("ck_order_hold_scope")),
        sa.CheckConstraint(
            "stage IN ('intake', 'allocation', 'release', 'ship', 'refund')",
            name=op.f("ck_order_hold_stage"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_order_hold_order_id_sales_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_hold")),
    )
    with op.batch_alter_table("order_hold", schema=None) as batch_op:
        batch_op.create_index(
            "ix_order_hold_active",
            ["stage", "reason"],
            unique=False,
            sqlite_where=sa.text("released_at_ms IS NULL"),
            postgresql_where=sa.text("released_at_ms IS NULL"),
        )
        batch_op.create_index("ix_order_hold_order_id", ["order_id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("listing_sku", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("unit_split", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), server_default="{}", nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_order_line_order_id_sales_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index("ix_order_line_item_id", ["item_id"], unique=False)
        batch_op.create_index("ix_order_line_order_id", ["order_id"], unique=False)

    op.create_table(
        "payment_capture",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunding_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("settled_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'in_doubt', 'captured', 'declined')",
            name=op.f("ck_payment_capture_state"),
        ),
        sa.CheckConstraint(
            "captured_minor BETWEEN 0 AND amount_minor", name=op.f("ck_payment_capture_captured")
        ),
        sa.CheckConstraint(
            "refunding_minor >= 0 AND refunded_minor >= 0 AND refunded_minor + refunding_minor <= captured_minor",
            name=op.f("ck_payment_capture_refunds"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_capture_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_capture")),
    )
    with op.batch_alter_table("payment_capture", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payment_capture_asked",
            ["asked_at_ms"],
            unique=False,
            sqlite_where=sa.text("state IN ('requested', 'in_doubt')"),
            postgresql_where=sa.text("state IN ('requested', 'in_doubt')"),
        )
        batch_op.create_index(
            batch_op.f("ix_payment_capture_payment_id"), ["payment_id"], unique=False
        )

    op.create_table(
        "refund",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("capture_id", sa.Text(), nullable=True),
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("credit_note_id", sa.Text(), nullable=False),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("requested_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("settled_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'in_doubt', 'payable', 'succeeded', 'failed')",
            name=op.f("ck_refund_state"),
        ),
        sa.CheckConstraint(
            "amount_minor > 0 AND refunded_minor BETWEEN 0 AND amount_minor",
            name=op.f("ck_refund_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(
            "ix_refund_asked",
            ["asked_at_ms"],
            unique=False,
            sqlite_where=sa.text("state IN ('requested', 'in_doubt')"),
            postgresql_where=sa.text("state IN ('requested', 'in_doubt')"),
        )
        batch_op.create_index("ix_refund_credit_note_id", ["credit_note_id"], unique=False)
        batch_op.create_index("ix_refund_order_id", ["order_id"], unique=False)
        batch_op.create_index(
            "ix_refund_to_do",
            ["state", "requested_at_ms"],
            unique=False,
            sqlite_where=sa.text("state IN ('payable', 'failed')"),
            postgresql_where=sa.text("state IN ('payable', 'failed')"),
        )

    op.create_table(
        "reservation_line",
        sa.Column("reservation_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_reservation_line_positive")),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservation.id"],
            name=op.f("fk_reservation_line_reservation_id_reservation"),
        ),
        sa.PrimaryKeyConstraint(
            "reservation_id", "item_id", "node_id", name=op.f("pk_reservation_line")
        ),
    )
    op.create_table(
        "return_charge",
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["return_order.id"], name=op.f("fk_return_charge_return_id_return_order")
        ),
        sa.PrimaryKeyConstraint("return_id", "position", name=op.f("pk_return_charge")),
    )
    op.create_table(
        "return_line",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Text(), server_default="", nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accepted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_back", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("abandoned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("not_coming", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claimed_net_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claimed_tax_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "accepted + refused + sent_back + abandoned <= received",
            name=op.f("ck_return_line_judged_was_received"),
        ),
        sa.CheckConstraint(
            "accepted >= 0 AND refused >= 0 AND sent_back >= 0 AND abandoned >= 0",
            name=op.f("ck_return_line_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["return_order.id"], name=op.f("fk_return_line_return_id_return_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_line")),
    )
    with op.batch_alter_table("return_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_return_line_return_id"), ["return_id"], unique=False)

    op.create_table(
        "return_reception",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("return_line_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_reception_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["return_order.id"],
            name=op.f("fk_return_reception_return_id_return_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_reception")),
    )
    with op.batch_alter_table("return_reception", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_return_reception_return_id"), ["return_id"], unique=False
        )

    op.create_table(
        "shipment_line",
        sa.Column("shipment_id", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("parcel_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_line_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_line_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint(
            "shipment_id", "line_id", "item_id", "parcel_id", name=op.f("pk_shipment_line")
        ),
    )
    with op.batch_alter_table("shipment_line", schema=None) as batch_op:
        batch_op.create_index("ix_shipment_line_line_id", ["line_id"], unique=False)

    op.create_table(
        "stock_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receipt', 'adjustment', 'levels')", name=op.f("ck_stock_document_kind")
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_stock_document_node_id_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_document")),
    )
    with op.batch_alter_table("stock_document", schema=None) as batch_op:
        batch_op.create_index("ix_stock_document_node_id_at_ms", ["node_id", "at_ms"], unique=False)
        batch_op.create_index(
            "uq_stock_document_kind_reference",
            ["kind", "reference"],
            unique=True,
            sqlite_where=sa.text("reference <> ''"),
            postgresql_where=sa.text("reference <> ''"),
        )

    op.create_table(
        "stock_rule",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("safety_stock", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("safety_stock >= 0", name=op.f("ck_stock_rule_not_negative")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_rule_item_id_item")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_stock_rule_node_id_node")),
        sa.PrimaryKeyConstraint("item_id", "node_id", name=op.f("pk_stock_rule")),
    )
    op.create_table(
        "tracking_event",
        sa.Column("parcel_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name=op.f("fk_tracking_event_parcel_id_parcel")
        ),
        sa.PrimaryKeyConstraint("parcel_id", "external_id", name=op.f("pk_tracking_event")),
    )
    op.create_table(
        "line_part",
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_line_part_units")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_line_part_line_id_order_line")
        ),
        sa.PrimaryKeyConstraint("line_id", "item_id", name=op.f("pk_line_part")),
    )
    op.create_table(
        "line_slice",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), server_default="", nullable=False),
        sa.Column("lot_id", sa.Text(), server_default="", nullable=False),
        sa.Column("fulfilment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("parcel_id", sa.Text(), server_default="", nullable=False),
        sa.Column("return_id", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'backordered', 'allocated', 'released', 'picked', 'packed', 'ready_for_pickup', 'shipped', 'delivered', 'lost', 'cancelled', 'kept', 'return_requested', 'return_authorised', 'return_in_transit', 'return_received', 'return_accepted', 'return_rejected')",
            name=op.f("ck_line_slice_state"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_line_slice_quantity")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_line_slice_line_id_order_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_slice")),
    )
    with op.batch_alter_table("line_slice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_line_slice_fulfilment_id",
            ["fulfilment_id"],
            unique=False,
            sqlite_where=sa.text("fulfilment_id <> ''"),
            postgresql_where=sa.text("fulfilment_id <> ''"),
        )
        batch_op.create_index("ix_line_slice_order_id", ["order_id"], unique=False)
        batch_op.create_index(
            "ix_line_slice_parcel_id",
            ["parcel_id"],
            unique=False,
            sqlite_where=sa.text("parcel_id <> ''"),
            postgresql_where=sa.text("parcel_id <> ''"),
        )
        batch_op.create_index(
            "ix_line_slice_return_id",
            ["return_id"],
            unique=False,
            sqlite_where=sa.text("return_id <> ''"),
            postgresql_where=sa.text("return_id <> ''"),
        )
        batch_op.create_index(
            "ix_line_slice_to_do",
            ["state", "node_id"],
            unique=False,
            sqlite_where=sa.text(
                "state = 'open' OR state = 'backordered' OR state = 'allocated' OR state = 'released' OR state = 'picked' OR state = 'packed' OR state = 'ready_for_pickup' OR state = 'lost'"
            ),
            postgresql_where=sa.text(
                "state = 'open' OR state = 'backordered' OR state = 'allocated' OR state = 'released' OR state = 'picked' OR state = 'packed' OR state = 'ready_for_pickup' OR state = 'lost'"
            ),
        )
        batch_op.create_index(
            "ix_line_slice_waiting",
            ["item_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
