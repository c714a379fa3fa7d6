"""What a code at the packing bench stands for: a fulfilment order, or a box by SSCC or waybill."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from fulfillment import store, tables
from fulfillment.machine import ParcelState
from fulfillment.model import Fulfilment, Parcel
from oms.kernel import barcodes
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_BY_NUMBER: Final = sa.select(tables.fulfilment_order.c.id).where(
    tables.fulfilment_order.c.number == sa.bindparam("number")
)
_BY_SSCC: Final = sa.select(tables.parcel.c.id).where(tables.parcel.c.sscc == sa.bindparam("sscc"))
_BOXES_OF: Final = (
    sa.select(tables.parcel.c.id)
    .select_from(_WANTED.source.join(tables.parcel, tables.parcel.c.fulfilment_id == _WANTED.c.id))
    .where(tables.parcel.c.state != ParcelState.UNPACKED.value)
)


def fulfilment_numbered(reader: Reader, number: str) -> Fulfilment | None:
    """The fulfilment order with this number, however its letters are written."""
    found = reader.fetch_one(_BY_NUMBER, number=number.strip().upper())
    return store.fulfilments(reader, [found[0]])[found[0]] if found else None


def parcel_coded(reader: Reader, code: str) -> Parcel | None:
    """The box with this SSCC (with or without ``00`` before it) or this waybill number."""
    if barcodes.is_sscc(code):
        found = reader.fetch_one(_BY_SSCC, sscc=barcodes.sscc(code))
        return store.parcels(reader, [found[0]])[found[0]] if found else None
    tracked = store.parcels_tracked(reader, [code.strip()])
    return tracked[-1] if tracked else None


def boxes_of(reader: Reader, fulfilment_ids: Iterable[str]) -> list[Parcel]:
    """The closed boxes of these fulfilment orders, those that left too, oldest first."""
    wanted = _WANTED([(each,) for each in sorted(set(fulfilment_ids))])
    found = store.parcels(reader, [row[0] for row in reader.fetch(_BOXES_OF, wanted)])
    return sorted(found.values(), key=lambda box: box.sscc)
