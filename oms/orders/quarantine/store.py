"""Quarantined payloads as rows and back, set-based."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.orders.quarantine.machine import QuarantineState
from oms.orders.quarantine.model import Quarantined
from oms.orders.tables import quarantine
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_SOURCES = ParameterRows("told", channel_id=sa.Text, source=sa.Text)
_BY_SOURCE: Final = (
    sa.select(quarantine)
    .select_from(
        _SOURCES.source.join(
            quarantine,
            sa.and_(
                quarantine.c.channel_id == _SOURCES.c.channel_id,
                quarantine.c.source == _SOURCES.c.source,
            ),
        )
    )
    .order_by(quarantine.c.id)
    .with_for_update(of=quarantine)
)
_ORDERS = ParameterRows("told", channel_id=sa.Text, external_id=sa.Text)
_OPEN: Final = (
    sa.select(quarantine)
    .select_from(
        _ORDERS.source.join(
            quarantine,
            sa.and_(
                quarantine.c.channel_id == _ORDERS.c.channel_id,
                quarantine.c.external_id == _ORDERS.c.external_id,
            ),
        )
    )
    .where(quarantine.c.state == sa.literal_column(f"'{QuarantineState.OPEN.value}'"))  # the index
    .order_by(quarantine.c.id)
    .with_for_update(of=quarantine)
)
_IDS = ParameterRows("wanted", id=sa.Text)
_BY_ID: Final = (
    sa.select(quarantine)
    .select_from(_IDS.source.join(quarantine, quarantine.c.id == _IDS.c.id))
    .order_by(quarantine.c.id)
)
_LOCK_BY_ID: Final = _BY_ID.with_for_update(of=quarantine)


def lock_by_source(
    tx: Transaction, sources: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Quarantined]:
    """What lies in quarantine already, by (channel id, source)."""
    rows = tx.fetch(_BY_SOURCE, _SOURCES(sorted(set(sources))))
    return {(row.channel_id, row.source): _quarantined(row) for row in rows}


def lock_open(tx: Transaction, orders: Iterable[tuple[str, str]]) -> list[Quarantined]:
    """What lies open under these names of orders: channel id and external id."""
    rows = tx.fetch(_OPEN, _ORDERS(sorted(set(orders))))
    return [_quarantined(row) for row in rows]


def lock_by_id(tx: Transaction, ids: Iterable[str]) -> dict[str, Quarantined]:
    rows = tx.fetch(_LOCK_BY_ID, _IDS([(each,) for each in sorted(set(ids))]))
    return {row.id: _quarantined(row) for row in rows}


def by_id(reader: Reader, ids: Iterable[str]) -> dict[str, Quarantined]:
    rows = reader.fetch(_BY_ID, _IDS([(each,) for each in sorted(set(ids))]))
    return {row.id: _quarantined(row) for row in rows}


def add(tx: Transaction, payloads: Sequence[Quarantined]) -> None:
    tx.insert(quarantine, [_row(each) for each in payloads])


def change(tx: Transaction, payloads: Sequence[Quarantined]) -> None:
    tx.update(quarantine, [_row(each) for each in payloads], ("id",))


def _row(each: Quarantined) -> dict[str, Any]:
    return msgspec.structs.asdict(each) | {"state": each.state.value}


def _quarantined(row: sa.Row[Any]) -> Quarantined:
    return Quarantined(**row._asdict() | {"state": QuarantineState(row.state)})
