"""Tables that tests write to, beside the platform's own."""

import sqlalchemy as sa

from oms.platform import idempotency, inbox, jobs, transaction
from oms.platform.database import metadata
from oms.platform.security import keys, sessions, users
from oms.platform.transaction import Transaction

OWN = (
    transaction.counter_table,
    idempotency.idempotency_table,
    inbox.inbox_table,
    jobs.job_table,
    keys.api_key_table,
    users.user_table,
    sessions.session_table,
)

note_table = sa.Table(
    "test_note",
    metadata,
    sa.Column("text", sa.Text, primary_key=True),
    sa.Column("times", sa.BigInteger, nullable=False, server_default="1"),
    sa.CheckConstraint("times > 0", name="times_positive"),
)
ALL_NOTES = sa.select(note_table.c.text).order_by(note_table.c.text)


def write(tx: Transaction, *texts: str) -> None:
    tx.insert(note_table, [{"text": text} for text in texts])


def notes(reader: transaction.Reader) -> list[str]:
    return [row[0] for row in reader.fetch(ALL_NOTES)]
