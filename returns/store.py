"""Rows of returns to values and back, set-based."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.platform.rows import BoundRows, ParameterRows
from oms.platform.transaction import Reader, Transaction
from returns import tables
from returns.events import CreditedCharge
from returns.machine import ReturnState
from returns.model import (
    Disposition,
    Graded,
    Outcome,
    Reception,
    Return,
    ReturnLine,
    Standing,
)

_STATES: Final = {str(state): state for state in ReturnState}
_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_EXTERNAL: Final = ParameterRows("wanted", channel_id=sa.Text, external_id=sa.Text)

_RETURNS = (
    sa.select(tables.return_order)
    .select_from(_WANTED.source.join(tables.return_order, tables.return_order.c.id == _WANTED.c.id))
    .order_by(tables.return_order.c.id)
)
_LOCK_RETURNS = _RETURNS.with_for_update(of=tables.return_order)
_LINES = (
    sa.select(tables.return_line)
    .select_from(
        _WANTED.source.join(tables.return_line, tables.return_line.c.return_id == _WANTED.c.id)
    )
    .order_by(
        tables.return_line.c.return_id, tables.return_line.c.position, tables.return_line.c.id
    )
)
_CHARGES = (
    sa.select(tables.return_charge)
    .select_from(
        _WANTED.source.join(tables.return_charge, tables.return_charge.c.return_id == _WANTED.c.id)
    )
    .order_by(tables.return_charge.c.return_id, tables.return_charge.c.position)
)
_BY_EXTERNAL = (
    sa.select(tables.return_order)
    .select_from(
        _EXTERNAL.source.join(
            tables.return_order,
            sa.and_(
                tables.return_order.c.channel_id == _EXTERNAL.c.channel_id,
                tables.return_order.c.external_id == _EXTERNAL.c.external_id,
            ),
        )
    )
    .order_by(tables.return_order.c.id)
)
_RECEIVED = (
    sa.select(
        tables.reception.c.return_line_id,
        tables.reception.c.node_id,
        sa.cast(sa.func.sum(tables.reception.c.quantity), sa.BigInteger).label("units"),
    )
    .select_from(
        _WANTED.source.join(tables.reception, tables.reception.c.return_id == _WANTED.c.id)
    )
    .group_by(tables.reception.c.return_line_id, tables.reception.c.node_id)
)
_JUDGED = (
    sa.select(
        tables.inspection.c.return_line_id,
        tables.inspection.c.node_id,
        tables.inspection.c.outcome,
        tables.inspection.c.disposition,
        sa.cast(sa.func.sum(tables.inspection.c.quantity), sa.BigInteger).label("units"),
    )
    .select_from(
        _WANTED.source.join(tables.inspection, tables.inspection.c.return_id == _WANTED.c.id)
    )
    .group_by(
        tables.inspection.c.return_line_id,
        tables.inspection.c.node_id,
        tables.inspection.c.outcome,
        tables.inspection.c.disposition,
    )
)


def lock_returns(tx: Transaction, ids: Iterable[str]) -> dict[str, Return]:
    return {row.id: as_return(row) for row in tx.fetch(_LOCK_RETURNS, _wanted(ids))}


def returns(reader: Reader, ids: Iterable[str]) -> dict[str, Return]:
    return {row.id: as_return(row) for row in reader.fetch(_RETURNS, _wanted(ids))}


def known_external(
    reader: Reader, names: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[Return]]:
    """Returns by (channel id, external id): one for every order the goods came from."""
    found: dict[tuple[str, str], list[Return]] = {}
    for row in reader.fetch(_BY_EXTERNAL, _EXTERNAL(sorted(set(names)))):
        found.setdefault((row.channel_id, row.external_id), []).append(as_return(row))
    return found


def lines_of(reader: Reader, return_ids: Iterable[str]) -> list[ReturnLine]:
    """The lines of these returns, by return and position."""
    return [ReturnLine(**row._mapping) for row in reader.fetch(_LINES, _wanted(return_ids))]


def charges_of(reader: Reader, return_ids: Iterable[str]) -> dict[str, list[CreditedCharge]]:
    """What these returns give back without goods, by return."""
    found: dict[str, list[CreditedCharge]] = defaultdict(list)
    for row in reader.fetch(_CHARGES, _wanted(return_ids)):
        values = {name: getattr(row, name) for name in CreditedCharge.__struct_fields__}
        found[row.return_id].append(CreditedCharge(**values))
    return found


def standing(reader: Reader, return_ids: Iterable[str]) -> dict[Standing, int]:
    """Units of these returns by return line, node and what became of them there."""
    wanted = _wanted(return_ids)
    units: dict[Standing, int] = {}
    for line_id, node_id, count in reader.fetch(_RECEIVED, wanted):
        units[line_id, node_id, None, None] = count
    for row in reader.fetch(_JUDGED, wanted):
        line_id, node_id = row.return_line_id, row.node_id
        disposition = Disposition(row.disposition) if row.disposition else None
        units[line_id, node_id, Outcome(row.outcome), disposition] = row.units
        key = (line_id, node_id, None, None)
        units[key] = units.get(key, 0) - row.units
    return units


def add_returns(tx: Transaction, new: Sequence[Return]) -> None:
    tx.insert(
        tables.return_order,
        [msgspec.structs.asdict(each) | {"state": each.state.value} for each in new],
    )


def save_returns(tx: Transaction, changed: Iterable[Return]) -> None:
    rows = [{"id": each.id, "state": each.state.value, "reason": each.reason} for each in changed]
    tx.update(tables.return_order, rows, ["id"])


def put_lines(tx: Transaction, lines: Sequence[ReturnLine]) -> None:
    """Add lines that are new and set the counts of those that are not."""
    tx.upsert(tables.return_line, [msgspec.structs.asdict(each) for each in lines], ["id"])


def add_charges(tx: Transaction, charges: Sequence[tuple[str, int, CreditedCharge]]) -> None:
    """`charges` are (return id, position, charge)."""
    tx.insert(
        tables.return_charge,
        [
            {"return_id": return_id, "position": position} | msgspec.structs.asdict(charge)
            for return_id, position, charge in charges
        ],
    )


def add_receptions(tx: Transaction, rows: Sequence[Reception]) -> None:
    tx.insert(tables.reception, [msgspec.structs.asdict(row) for row in rows])


def add_inspections(tx: Transaction, rows: Sequence[Graded]) -> None:
    tx.insert(
        tables.inspection,
        [
            msgspec.structs.asdict(row)
            | {
                "outcome": row.outcome.value,
                "disposition": row.disposition.value if row.disposition else "",
            }
            for row in rows
        ],
    )


def as_return(row: sa.Row[Any]) -> Return:
    fields = dict(row._mapping)
    fields["state"] = _STATES[row.state]
    return Return(**fields)


def _wanted(ids: Iterable[str]) -> BoundRows:
    return _WANTED([(each,) for each in sorted(set(ids))])
