"""Scans as kept: once each, whatever the carrier repeats."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment import tables
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_STATUSES: Final = {str(status): status for status in TrackingStatus}
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
_NEWEST = (
    sa.select(
        tables.tracking_event.c.parcel_id,
        tables.tracking_event.c.status,
        sa.func.max(tables.tracking_event.c.at_ms),
    )
    .select_from(
        _PARCELS.source.join(
            tables.tracking_event, tables.tracking_event.c.parcel_id == _PARCELS.c.parcel_id
        )
    )
    .group_by(tables.tracking_event.c.parcel_id, tables.tracking_event.c.status)
)


def known_scans(tx: Transaction, scans: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the (parcel id, external id) pairs that are kept already."""
    return {(row[0], row[1]) for row in tx.fetch(_KNOWN, _SCANS(scans))}


def newest(reader: Reader, parcel_ids: Iterable[str]) -> dict[str, dict[TrackingStatus, int]]:
    """The newest moment of each status, for parcels that have been scanned."""
    found: dict[str, dict[TrackingStatus, int]] = defaultdict(dict)
    wanted = _PARCELS([(each,) for each in sorted(set(parcel_ids))])
    for parcel_id, status, at_ms in reader.fetch(_NEWEST, wanted):
        found[parcel_id][_STATUSES[status]] = at_ms
    return found


def add_scans(tx: Transaction, scans: Sequence[tuple[str, TrackingEvent]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "parcel_id": parcel_id,
            "external_id": event.external_id,
            "status": event.status.value,
            "words": event.words,
            "place": event.place,
            "at_ms": event.at_ms,
            "received_at_ms": tx.now_ms,
        }
        for parcel_id, event in scans
    ]
    tx.insert(tables.tracking_event, rows)
