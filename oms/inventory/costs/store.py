"""Rows of item costs and back, set-based."""

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from oms.inventory.costs.model import Cost
from oms.inventory.costs.tables import item_cost
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_ITEMS: Final = ParameterRows("wanted", item_id=sa.Text)
_COSTS = sa.select(item_cost.c.item_id, item_cost.c.units, item_cost.c.value_minor).select_from(
    _ITEMS.source.join(item_cost, item_cost.c.item_id == _ITEMS.c.item_id)
)
_LOCK = _COSTS.order_by(item_cost.c.item_id).with_for_update(of=item_cost)
_CURRENCY = sa.select(item_cost.c.currency).limit(1)


def currency(reader: Reader) -> str:
    """The currency of the books, "" before the first cost."""
    row = reader.fetch_one(_CURRENCY)
    return row.currency if row else ""


def costs(reader: Reader, item_ids: Iterable[str]) -> dict[str, Cost]:
    return _read(reader, _COSTS, sorted(set(item_ids)))


def lock_costs(tx: Transaction, item_ids: Iterable[str]) -> dict[str, Cost]:
    """Costs locked until the transaction ends; items without one are absent."""
    return _read(tx, _LOCK, sorted(set(item_ids)))


def lock_or_make_costs(tx: Transaction, item_ids: Iterable[str], currency_: str) -> dict[str, Cost]:
    """Costs of all these items, locked; new ones begin empty."""
    wanted = sorted(set(item_ids))
    found = _read(tx, _LOCK, wanted)
    new = [item_id for item_id in wanted if item_id not in found]
    if new:
        rows = [
            {"item_id": item_id, "currency": currency_, "units": 0, "value_minor": 0}
            for item_id in new
        ]
        tx.insert_new(item_cost, rows)
        found |= _read(tx, _LOCK, new)  # somebody else may have made them a moment ago
    return found


def write_costs(tx: Transaction, changed: Mapping[str, Cost]) -> None:
    rows = [
        {"item_id": item_id, "units": cost.units, "value_minor": cost.value_minor}
        for item_id, cost in changed.items()
    ]
    tx.update(item_cost, rows, ["item_id"])


def _read(
    reader: Reader, statement: sa.Select[tuple[str, int, int]], item_ids: list[str]
) -> dict[str, Cost]:
    rows = reader.fetch(statement, _ITEMS([(item_id,) for item_id in item_ids])) if item_ids else ()
    return {row.item_id: Cost(row.units, row.value_minor) for row in rows}
