"""Reading reservations, and what must hold about them."""

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.inventory.reservations import store
from oms.inventory.reservations.model import Reservation
from oms.inventory.reservations.tables import reservation, reservation_line
from oms.kernel.errors import NotFound
from oms.ledger.check import Check, from_statement
from oms.platform.transaction import Reader

HELD_UNITS: Final[sa.Select[Any]] = (
    sa.select(
        reservation_line.c.item_id,
        reservation_line.c.node_id,
        reservation_line.c.units,
    )
    .join(reservation, reservation.c.id == reservation_line.c.reservation_id)
    .where(reservation.c.state == sa.literal_column("'held'"))
)
"""Item, node and units of every claim in force: part of what lies in ``node:reserved``."""

_HELD_OF: Final = (
    sa.select(
        reservation_line.c.node_id,
        reservation_line.c.units,
        reservation.c.channel_id,
        reservation.c.expires_at_ms,
    )
    .join(reservation, reservation.c.id == reservation_line.c.reservation_id)
    .where(
        reservation.c.state == sa.literal_column("'held'"),
        reservation_line.c.item_id == sa.bindparam("item_id"),
    )
    .order_by(reservation.c.expires_at_ms)
    .limit(100)
)
_WITHOUT_LINES = (
    sa.select(reservation.c.id, reservation.c.channel_id)
    .outerjoin(reservation_line, reservation_line.c.reservation_id == reservation.c.id)
    .where(reservation_line.c.reservation_id.is_(None))
)
_USED_BY_NOBODY = sa.select(reservation.c.id, reservation.c.state, reservation.c.order_id).where(
    (reservation.c.state == sa.literal_column("'used'")) != (reservation.c.order_id != "")
)


class HeldUnits(msgspec.Struct, frozen=True, gc=False):
    """Units that a checkout holds at a node for a time."""

    node_id: str
    units: int
    channel_id: str
    expires_at_ms: int


def held_of(reader: Reader, item_id: str) -> list[HeldUnits]:
    """Claims in force on an item, those that end first before the others."""
    return [HeldUnits(*row) for row in reader.fetch(_HELD_OF, item_id=item_id)]


def one(reader: Reader, id_: str) -> Reservation:
    """One reservation, or `NotFound`."""
    found = store.find(reader, [id_]).get(id_)
    if found is None:
        raise NotFound("reservation.not_found", f"There is no reservation '{id_}'.", "Reserve.")
    return found


CHECKS: Final = (
    Check(
        "reservations_hold_units",
        "Every reservation is for at least one unit.",
        from_statement(_WITHOUT_LINES),
    ),
    Check(
        "reservations_used_by_orders",
        "A used reservation names its order, and no other one does.",
        from_statement(_USED_BY_NOBODY),
    ),
)
