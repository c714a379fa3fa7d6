"""Scans as kept: once each, whatever the carrier repeats."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from connectors.contract.parcels import TrackingEvent
from fulfillment import tables
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Transaction

_SCANS: Final = ParameterRows("scans", parcel_id=sa.Text, external_id=sa.Text)
_KNOWN = sa.select(
    tables.tracking_event.c.parcel_id, tables.tracking_event.c.external_id
).select_from(
    _SCANS.source.join(
        tables.tracking_event,
        sa.and_(
            tables.tracking_event.c.parcel_id == _SCANS.c.parcel_id,
            tables.tracking_event.c.external_id == _SCANS.c.external_id,
        ),
    )
)
_PARCELS: Final = ParameterRows("parcels", parcel_id=sa.Text)
_LAST = (
    sa.select(tables.tracking_event.c.parcel_id, sa.func.max(tables.tracking_event.c.at_ms))
    .select_from(
        _PARCELS.source.join(
            tables.tracking_event, tables.tracking_event.c.parcel_id == _PARCELS.c.parcel_id
        )
    )
    .group_by(tables.tracking_event.c.parcel_id)
)


def known_scans(tx: Transaction, scans: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the (parcel id, external id) pairs that are kept already."""
    return {(row[0], row[1]) for row in tx.fetch(_KNOWN, _SCANS(scans))}


def last_scan_ms(tx: Transaction, parcel_ids: Sequence[str]) -> dict[str, int]:
    rows = tx.fetch(_LAST, _PARCELS([(each,) for each in parcel_ids]))
    return {row[0]: row[1] for row in rows}


def add_scans(tx: Transaction, scans: Sequence[tuple[str, TrackingEvent]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "parcel_id": parcel_id,
            "external_id": event.external_id,
            "status": event.status,
            "words": event.words,
            "place": event.place,
            "at_ms": event.at_ms,
            "received_at_ms": tx.now_ms,
        }
        for parcel_id, event in scans
    ]
    tx.insert_new(tables.tracking_event, rows)
