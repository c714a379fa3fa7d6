"""Tables of the goods ledger and the journal: entries are only ever added, balances only follow."""

from typing import Final

import sqlalchemy as sa

from oms.ledger.model import WORLD
from oms.platform.database import metadata

_SERIAL: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts only INTEGER
_WORLD: Final = ", ".join(f"'{account}'" for account in WORLD)

goods_entry = sa.Table(
    "goods_entry",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("move", sa.Text, nullable=False),
    sa.Column("item_id", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("source_account", sa.Text, nullable=False),
    sa.Column("source_node_id", sa.Text, nullable=False),
    sa.Column("source_lot_id", sa.Text, nullable=False),
    sa.Column("target_account", sa.Text, nullable=False),
    sa.Column("target_node_id", sa.Text, nullable=False),
    sa.Column("target_lot_id", sa.Text, nullable=False),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("line_id", sa.Text, nullable=False),
    sa.Column("document_id", sa.Text, nullable=False),
    sa.CheckConstraint("quantity > 0", name="positive"),
    sa.Index("ix_goods_entry_item_id_id", "item_id", "id"),
)
goods_balance = sa.Table(
    "goods_balance",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("node_id", sa.Text, primary_key=True),
    sa.Column("lot_id", sa.Text, primary_key=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.CheckConstraint(f"units >= 0 OR account IN ({_WORLD})", name="guarded"),
    sa.Index("ix_goods_balance_item_id_node_id", "item_id", "node_id"),
    postgresql_with={"fillfactor": 70},  # room for new versions of a row beside the old one
)

journal_entry = sa.Table(
    "journal_entry",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("document_id", sa.Text, nullable=False),
    sa.Column("memo", sa.Text, nullable=False),
    sa.Index("ix_journal_entry_order_id", "order_id"),
    sa.Index("ix_journal_entry_document_id", "document_id"),
)
journal_posting = sa.Table(
    "journal_posting",
    metadata,
    sa.Column("entry_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
)
journal_balance = sa.Table(
    "journal_balance",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
)
