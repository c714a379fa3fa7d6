"""Lines without an item as rows, found by their id or by what their channel calls the item."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from oms.catalog.model import ItemRef
from oms.orders import store
from oms.orders.intake.model import UNKNOWN_LISTING
from oms.orders.machine import HoldStage
from oms.orders.model import Slice
from oms.orders.naming.model import UnknownLine
from oms.orders.tables import line_part, line_slice, order_hold, order_line, sales_order
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_IDS = ParameterRows("wanted", id=sa.Text)
_TOLD = ParameterRows("told", channel_id=sa.Text, listing_sku=sa.Text)
_UNKNOWN: Final = (
    sa.select(
        order_line.c.id,
        order_line.c.order_id,
        sales_order.c.channel_id,
        order_line.c.listing_sku,
        order_hold.c.id.label("hold_id"),
    )
    .join(order_line, order_line.c.id == order_hold.c.line_id)
    .join(sales_order, sales_order.c.id == order_line.c.order_id)
    .where(
        order_hold.c.stage == HoldStage.ALLOCATION.value,
        order_hold.c.reason == UNKNOWN_LISTING,
        order_hold.c.released_at_ms.is_(None),
        order_line.c.item_id.is_(None),
    )
)
_BY_ID: Final = _UNKNOWN.where(order_line.c.id.in_(sa.select(_IDS.c.id).select_from(_IDS.source)))
_BY_NAME: Final = _UNKNOWN.join(
    _TOLD.source,
    sa.and_(
        _TOLD.c.channel_id == sales_order.c.channel_id,
        _TOLD.c.listing_sku == order_line.c.listing_sku,
    ),
)


def unknown_by_id(reader: Reader, line_ids: Iterable[str]) -> dict[str, UnknownLine]:
    """Those of these lines whose item is not known, by id."""
    wanted = [(line_id,) for line_id in sorted(set(line_ids))]
    rows = reader.fetch(_BY_ID, _IDS(wanted)) if wanted else ()
    return {row.id: _unknown(row) for row in rows}


def unknown_by_name(reader: Reader, names: Iterable[tuple[str, str]]) -> list[UnknownLine]:
    """Lines of unknown items that came under these names: channel id and listing."""
    wanted = sorted(set(names))
    return [_unknown(row) for row in (reader.fetch(_BY_NAME, _TOLD(wanted)) if wanted else ())]


def write(
    tx: Transaction, lines: Sequence[tuple[str, ItemRef]], gone: Sequence[int], new: Sequence[Slice]
) -> None:
    """Write what lines sell, and their units: those of an unknown item go, those of it come."""
    tx.update(order_line, [{"id": line_id, "item_id": item.id} for line_id, item in lines], ("id",))
    tx.insert(
        line_part,
        [
            {"line_id": line_id, "item_id": part_id, "units": units}
            for line_id, item in lines
            for part_id, units in item.parts
        ],
    )
    store.remove_slices(tx, gone)
    tx.insert(line_slice, [store.slice_row(units) for units in new])


def _unknown(row: sa.Row[Any]) -> UnknownLine:
    return UnknownLine(row.id, row.order_id, row.channel_id, row.listing_sku, row.hold_id)
