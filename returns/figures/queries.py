"""How much comes back: by spans of time, along the ids, which grow with it."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from oms.kernel.ids import first_id
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader
from returns.tables import return_order

_ROW: Final = return_order.c
_SPANS: Final = ParameterRows("spans", place=sa.BigInteger, from_id=sa.Text, to_id=sa.Text)
_COUNTS: Final = (
    sa.select(_SPANS.c.place, sa.func.count())
    .select_from(
        _SPANS.source.join(
            return_order, sa.and_(_ROW.id >= _SPANS.c.from_id, _ROW.id < _SPANS.c.to_id)
        )
    )
    .group_by(_SPANS.c.place)
)


def requested(reader: Reader, spans: Sequence[tuple[int, int]]) -> list[int]:
    """How many returns were asked for in each span (from, before)."""
    bound = _SPANS(
        [(place, first_id("ret", a), first_id("ret", b)) for place, (a, b) in enumerate(spans)]
    )
    found = {row[0]: row[1] for row in reader.fetch(_COUNTS, bound)}
    return [found.get(place, 0) for place in range(len(spans))]
