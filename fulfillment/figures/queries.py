"""What left, and when: by spans of time, along the ids, which grow with it."""

from collections.abc import Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from fulfillment.tables import shipment
from oms.kernel.ids import first_id
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader

_ROW: Final = shipment.c
_SPANS: Final = ParameterRows("spans", place=sa.BigInteger, from_id=sa.Text, to_id=sa.Text)
_COUNTS: Final = (
    sa.select(_SPANS.c.place, sa.func.count())
    .select_from(
        _SPANS.source.join(shipment, sa.and_(_ROW.id >= _SPANS.c.from_id, _ROW.id < _SPANS.c.to_id))
    )
    .group_by(_SPANS.c.place)
)
_LEFT: Final = (
    sa.select(_ROW.order_id, _ROW.node_id, _ROW.shipped_at_ms)
    .where(
        _ROW.id >= sa.bindparam("from_id"),
        _ROW.id < sa.bindparam("to_id"),
        _ROW.undone_at_ms.is_(None),
    )
    .order_by(_ROW.id.desc())
    .limit(sa.bindparam("count"))
)


class Left(msgspec.Struct, frozen=True, gc=False):
    """A shipment that left a node for an order."""

    order_id: str
    node_id: str
    shipped_at_ms: int


def shipped(reader: Reader, spans: Sequence[tuple[int, int]]) -> list[int]:
    """How many shipments were told of in each span (from, before)."""
    bound = _SPANS(
        [(place, first_id("shp", a), first_id("shp", b)) for place, (a, b) in enumerate(spans)]
    )
    found = {row[0]: row[1] for row in reader.fetch(_COUNTS, bound)}
    return [found.get(place, 0) for place in range(len(spans))]


def left(reader: Reader, span: tuple[int, int], count: int) -> list[Left]:
    """The newest shipments of a span that were not undone."""
    given = {"from_id": first_id("shp", span[0]), "to_id": first_id("shp", span[1])}
    return [Left(*row) for row in reader.fetch(_LEFT, **given, count=count)]
