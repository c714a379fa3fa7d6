"""Rows of reservations and back, set-based, locked by id."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from oms.inventory.reservations.machine import ReservationState
from oms.inventory.reservations.model import Reservation, ReservedLine
from oms.inventory.reservations.tables import reservation, reservation_line
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_IDS: Final = ParameterRows("wanted", id=sa.Text)
_BY_ID = (
    sa.select(reservation)
    .select_from(_IDS.source.join(reservation, reservation.c.id == _IDS.c.id))
    .order_by(reservation.c.id)
)
_LOCK = _BY_ID.with_for_update(of=reservation)
_LOCK_DUE = (
    sa.select(reservation)
    .where(
        reservation.c.state == sa.literal_column("'held'"),
        reservation.c.expires_at_ms <= sa.bindparam("now_ms"),
    )
    .order_by(reservation.c.expires_at_ms, reservation.c.id)  # as the index of held ones is
    .limit(sa.bindparam("count"))
    .with_for_update(skip_locked=True)
)
_LINES = (
    sa.select(reservation_line)
    .select_from(_IDS.source.join(reservation_line, reservation_line.c.reservation_id == _IDS.c.id))
    .order_by(
        reservation_line.c.reservation_id, reservation_line.c.item_id, reservation_line.c.node_id
    )
)


def find(reader: Reader, ids: Iterable[str]) -> dict[str, Reservation]:
    return _read(reader, _BY_ID, ids)


def lock(tx: Transaction, ids: Iterable[str]) -> dict[str, Reservation]:
    """Reservations by id, locked until the transaction ends."""
    return _read(tx, _LOCK, ids)


def lock_due(tx: Transaction, count: int) -> list[Reservation]:
    """Held ones whose time is over, locked; those another process works on are left to it."""
    return _with_lines(tx, tx.fetch(_LOCK_DUE, now_ms=tx.now_ms, count=count))


def add(tx: Transaction, reservations: Sequence[Reservation]) -> None:
    tx.insert(
        reservation,
        [
            {
                "id": each.id,
                "channel_id": each.channel_id,
                "state": each.state.value,
                "expires_at_ms": each.expires_at_ms,
                "order_id": each.order_id,
            }
            for each in reservations
        ],
    )
    tx.insert(
        reservation_line,
        [
            {
                "reservation_id": each.id,
                "item_id": line.item_id,
                "node_id": line.node_id,
                "units": line.units,
            }
            for each in reservations
            for line in each.lines
        ],
    )


def write_states(tx: Transaction, reservations: Sequence[Reservation]) -> None:
    rows = [
        {"id": each.id, "state": each.state.value, "order_id": each.order_id}
        for each in reservations
    ]
    tx.update(reservation, rows, ["id"])


def _read(reader: Reader, statement: sa.Select[Any], ids: Iterable[str]) -> dict[str, Reservation]:
    wanted = [(id_,) for id_ in sorted(set(ids))]
    rows = reader.fetch(statement, _IDS(wanted)) if wanted else ()
    return {each.id: each for each in _with_lines(reader, rows)}


def _with_lines(reader: Reader, rows: Sequence[Any]) -> list[Reservation]:
    lines: dict[str, list[ReservedLine]] = defaultdict(list)
    ids = [(row.id,) for row in rows]
    for row in reader.fetch(_LINES, _IDS(ids)) if ids else ():
        lines[row.reservation_id].append(ReservedLine(row.item_id, row.node_id, row.units))
    return [
        Reservation(
            id=row.id,
            channel_id=row.channel_id,
            state=ReservationState(row.state),
            expires_at_ms=row.expires_at_ms,
            lines=tuple(lines[row.id]),
            order_id=row.order_id,
        )
        for row in rows
    ]
