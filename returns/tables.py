"""Tables of returns. Only store.py and queries.py know their columns."""

from enum import StrEnum

import sqlalchemy as sa

from oms.platform.database import metadata
from returns.machine import ReturnState
from returns.model import Outcome


def _one_of(column: str, words: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


return_order = sa.Table(
    "return_order",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text),
    sa.Column("order_id", sa.Text, nullable=False, server_default=""),
    sa.Column("customer_id", sa.Text, nullable=False, server_default=""),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("requested_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("channel_id", "external_id", "order_id"),
    sa.CheckConstraint(_one_of("state", ReturnState), name="state"),
    sa.Index("ix_return_order_state_id", "state", "id"),
    sa.Index(
        "ix_return_order_order_id",
        "order_id",
        sqlite_where=sa.text("order_id <> ''"),
        postgresql_where=sa.text("order_id <> ''"),
    ),
    sa.Index(
        "ix_return_order_customer_id",
        "customer_id",
        sqlite_where=sa.text("customer_id <> ''"),
        postgresql_where=sa.text("customer_id <> ''"),
    ),
)

return_line = sa.Table(
    "return_line",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("return_id", sa.Text, sa.ForeignKey("return_order.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("line_id", sa.Text, nullable=False, server_default=""),
    sa.Column("item_id", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("expected", sa.BigInteger, nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("accepted", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("refused", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("sent_back", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("abandoned", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("not_coming", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("claimed_net_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("claimed_tax_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tax_rate_bp", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint(
        "accepted + refused + sent_back + abandoned <= received", name="judged_was_received"
    ),
    sa.CheckConstraint(
        "accepted >= 0 AND refused >= 0 AND sent_back >= 0 AND abandoned >= 0", name="counts"
    ),
)

return_charge = sa.Table(
    "return_charge",
    metadata,
    sa.Column("return_id", sa.Text, sa.ForeignKey("return_order.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_rate_bp", sa.Integer, nullable=False),
)

reception = sa.Table(
    "return_reception",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("return_id", sa.Text, sa.ForeignKey("return_order.id"), nullable=False, index=True),
    sa.Column("return_line_id", sa.Text, nullable=False),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.CheckConstraint("quantity > 0", name="quantity_positive"),
)

inspection = sa.Table(
    "inspection",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("return_id", sa.Text, sa.ForeignKey("return_order.id"), nullable=False, index=True),
    sa.Column("return_line_id", sa.Text, nullable=False),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("disposition", sa.Text, nullable=False, server_default=""),
    sa.Column("grade", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.CheckConstraint(_one_of("outcome", Outcome), name="outcome"),
    # What is changed later takes units out of the old outcome with a negative quantity.
    sa.CheckConstraint("quantity <> 0", name="quantity_not_zero"),
)
