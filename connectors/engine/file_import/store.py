"""Imports as kept: one row a file and channel, moved on in the transaction that took rows in."""

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from connectors.engine.file_import import tables
from connectors.engine.file_import.model import Counts, Run, RunState
from oms.platform.transaction import Reader, Transaction

_FIND: Final = (
    sa.select(tables.file_import)
    .where(tables.file_import.c.channel_id == sa.bindparam("channel_id"))
    .where(tables.file_import.c.fingerprint == sa.bindparam("fingerprint"))
)
_ALL: Final = sa.select(tables.file_import).order_by(tables.file_import.c.id.desc()).limit(100)
_counts: Final = msgspec.json.Decoder(Counts)


def find(reader: Reader, channel_id: str, fingerprint: str) -> Run | None:
    """The import of this very file into this channel, if there was one."""
    row = reader.fetch_one(_FIND, channel_id=channel_id, fingerprint=fingerprint)
    return _run(row) if row else None


def newest(reader: Reader) -> list[Run]:
    return [_run(row) for row in reader.fetch(_ALL)]


def save(tx: Transaction, run: Run) -> None:
    row = msgspec.structs.asdict(run)
    row["counts"] = msgspec.json.encode(run.counts).decode()
    tx.upsert(tables.file_import, [row], ["id"])


def _run(row: sa.Row[Any]) -> Run:
    fields = dict(row._mapping)
    fields["counts"] = _counts.decode(fields["counts"])
    return Run(**fields | {"state": RunState(fields["state"])})
