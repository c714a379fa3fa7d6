"""Holds as rows and back, set-based."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.orders.holds.model import HoldRecord
from oms.orders.machine import HoldStage
from oms.orders.tables import order_hold
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_KEYS = ParameterRows("wanted", key=sa.Text)
_BY_ID: Final = sa.select(order_hold).select_from(
    _KEYS.source.join(order_hold, order_hold.c.id == _KEYS.c.key)
)
_BY_ORDER: Final = (
    sa.select(order_hold)
    .select_from(_KEYS.source.join(order_hold, order_hold.c.order_id == _KEYS.c.key))
    .order_by(order_hold.c.order_id, order_hold.c.placed_at_ms, order_hold.c.id)
)


def holds_by_id(reader: Reader, ids: Iterable[str]) -> dict[str, HoldRecord]:
    return {hold.id: hold for hold in _fetch(reader, _BY_ID, ids)}


def holds_of(reader: Reader, order_ids: Iterable[str]) -> list[HoldRecord]:
    """All holds of these orders, released ones too, oldest first."""
    return _fetch(reader, _BY_ORDER, order_ids)


def add_holds(tx: Transaction, holds: Sequence[HoldRecord]) -> None:
    rows = [msgspec.structs.asdict(hold) | {"stage": hold.stage.value} for hold in holds]
    tx.insert(order_hold, rows)


def release(tx: Transaction, holds: Sequence[HoldRecord]) -> None:
    """Write who released these holds and when."""
    rows = [
        {"id": hold.id, "released_at_ms": hold.released_at_ms, "released_by": hold.released_by}
        for hold in holds
    ]
    tx.update(order_hold, rows, ("id",))


def _fetch(reader: Reader, statement: sa.Select[Any], keys: Iterable[str]) -> list[HoldRecord]:
    wanted = [(key,) for key in sorted(set(keys))]
    rows = reader.fetch(statement, _KEYS(wanted)) if wanted else ()
    return [HoldRecord(**row._asdict() | {"stage": HoldStage(row.stage)}) for row in rows]
