"""An order's timeline, read from the event log: nothing is written for it."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.events import Cause, wire_name
from oms.orders.events import LinesMoved
from oms.platform.audit import Told
from oms.platform.event_log import event_table
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

COUNT_MAX: Final = 1_000

_ENTITIES = ParameterRows("about", entity=sa.Text)
_MOVED: Final = sa.select(event_table.c.body).where(
    event_table.c.entity == sa.bindparam("order_id"),
    event_table.c.type == wire_name(LinesMoved),
)
_STORY: Final = (
    sa.select(event_table)
    .select_from(_ENTITIES.source.join(event_table, event_table.c.entity == _ENTITIES.c.entity))
    .where(event_table.c.number > sa.bindparam("after"))
    .order_by(event_table.c.number)
    .limit(sa.bindparam("count"))
)
_moved: Final = msgspec.json.Decoder(LinesMoved).decode


def timeline(
    reader: Reader, order_id: str, others: Iterable[str] = (), after: int = 0
) -> list[Told]:
    """What happened to an order, its fulfilment orders, parcels and returns, oldest first.

    `others` are further documents to tell about (payments, invoices); `after` is the number of
    the last event known. At most `COUNT_MAX`.
    """
    entities = {order_id, *others} | documents(reader, order_id)
    rows = reader.fetch(
        _STORY, _ENTITIES([(each,) for each in sorted(entities)]), after=after, count=COUNT_MAX
    )
    return [_told(row) for row in rows]


def documents(reader: Reader, order_id: str) -> set[str]:
    """Fulfilment orders, parcels and returns that units of the order ever belonged to."""
    return {
        document
        for row in reader.fetch(_MOVED, order_id=order_id)
        for move in _moved(row.body).moves
        for document in (move.fulfilment_id, move.parcel_id, move.return_id)
        if document
    }


def _told(row: sa.Row[Any]) -> Told:
    return Told(
        number=row.number,
        entity=row.entity,
        sequence=row.sequence,
        type=row.type,
        at_ms=row.at_ms,
        cause=Cause(row.actor, row.request_id, row.cause),
        body=msgspec.Raw(row.body.encode()),
    )
