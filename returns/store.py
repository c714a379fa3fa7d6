"""Rows of returns to values and back, set-based."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction
from returns import tables
from returns.events import CreditedCharge
from returns.machine import ReturnState
from returns.model import Return, ReturnLine

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
    .order_by(tables.return_line.c.return_id, tables.return_line.c.position)
)
_BY_EXTERNAL = sa.select(tables.return_order).select_from(
    _EXTERNAL.source.join(
        tables.return_order,
        sa.and_(
            tables.return_order.c.channel_id == _EXTERNAL.c.channel_id,
            tables.return_order.c.external_id == _EXTERNAL.c.external_id,
        ),
    )
)
_SET_ASIDE = (
    sa.select(sa.func.coalesce(sa.func.sum(tables.inspection.c.quantity), 0))
    .where(tables.inspection.c.return_line_id == sa.bindparam("return_line_id"))
    .where(tables.inspection.c.node_id == sa.bindparam("node_id"))
    .where(tables.inspection.c.disposition == sa.bindparam("disposition"))
)


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """One row of what inspectors found; regrading adds a row, nothing is overwritten."""

    id: str
    return_id: str
    return_line_id: str
    node_id: str
    quantity: int
    grade: str
    disposition: str
    note: str
    at_ms: int
    actor: str


def lock_returns(tx: Transaction, ids: Sequence[str]) -> dict[str, Return]:
    wanted = _WANTED([(each,) for each in sorted(set(ids))])
    return {row.id: _return(row) for row in tx.fetch(_LOCK_RETURNS, wanted)}


def known_external(
    reader: Reader, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[Return]]:
    """Returns by (channel id, external id): one for every order the goods came from."""
    found: dict[tuple[str, str], list[Return]] = {}
    for row in reader.fetch(_BY_EXTERNAL, _EXTERNAL(sorted(set(wanted)))):
        found.setdefault((row.channel_id, row.external_id), []).append(_return(row))
    return found


def lines_of(reader: Reader, return_ids: Sequence[str]) -> list[ReturnLine]:
    wanted = _WANTED([(each,) for each in sorted(set(return_ids))])
    return [ReturnLine(**row._mapping) for row in reader.fetch(_LINES, wanted)]


def set_aside(tx: Transaction, return_line_id: str, node_id: str, disposition: str) -> int:
    """Units of a return line that lie at the node with that disposition, net of regrades."""
    row = tx.fetch_one(
        _SET_ASIDE, return_line_id=return_line_id, node_id=node_id, disposition=disposition
    )
    return int(row[0]) if row else 0


def add_returns(tx: Transaction, new: Sequence[Return]) -> None:
    tx.insert(tables.return_order, [msgspec.structs.asdict(each) for each in new])


def save_returns(tx: Transaction, changed: Sequence[Return]) -> None:
    rows = [{"id": each.id, "state": each.state, "reason": each.reason} for each in changed]
    tx.update(tables.return_order, rows, ["id"])


def add_lines(tx: Transaction, new: Sequence[ReturnLine]) -> None:
    tx.insert(tables.return_line, [msgspec.structs.asdict(each) for each in new])


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


def add_inspections(tx: Transaction, rows: Sequence[Graded]) -> None:
    tx.insert(tables.inspection, [msgspec.structs.asdict(row) for row in rows])


def _return(row: sa.Row[Any]) -> Return:
    fields = dict(row._mapping)
    return Return(**fields | {"state": ReturnState(fields["state"])})
