"""Returns of orders, one with its whole story, and what must always hold for all of them.

Pages of returns are in `listing`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.errors import NotFound
from oms.ledger import goods
from oms.ledger.check import Check, Row, from_statement
from oms.ledger.model import Account
from oms.orders.machine import LineState
from oms.orders.units.queries import UNITS
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader
from returns import store, tables
from returns.events import CreditedCharge
from returns.machine import RETURN, ReturnState
from returns.model import (
    STAYS_ASIDE,
    Disposition,
    Graded,
    Outcome,
    Reception,
    Return,
    ReturnLine,
    by_line,
)

_returns, _lines = tables.return_order, tables.return_line
_receptions, _inspections = tables.reception, tables.inspection
_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_OF_ORDERS = (
    sa.select(_returns)
    .select_from(_WANTED.source.join(_returns, _returns.c.order_id == _WANTED.c.id))
    .where(_returns.c.order_id != "")  # says so to the planner: the index is partial
    .order_by(_returns.c.id)
)


def _of(table: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(table)
        .select_from(_WANTED.source.join(table, table.c.return_id == _WANTED.c.id))
        .order_by(table.c.return_id, *table.primary_key)
    )


_RECEPTIONS = _of(_receptions)
_INSPECTIONS = _of(_inspections)


class ReturnRow(msgspec.Struct, frozen=True, kw_only=True):
    """A return in a list, with its units by how far they are."""

    ret: Return
    expected: int
    received: int
    to_inspect: int
    accepted: int
    refused: int


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """A return with all that happened to it; `allowed` are the document's possible moves."""

    ret: Return
    lines: tuple[ReturnLine, ...]
    charges: tuple[CreditedCharge, ...]
    receptions: tuple[Reception, ...]
    inspections: tuple[Graded, ...]
    allowed: tuple[str, ...]


def returns_of(reader: Reader, order_ids: Sequence[str]) -> list[ReturnRow]:
    """All returns of these orders, oldest first."""
    return _rows(reader, reader.fetch(_OF_ORDERS, _WANTED([(each,) for each in order_ids])))


def return_views(reader: Reader, ids: Sequence[str]) -> list[ReturnView]:
    """These returns with everything about them, in the order asked for; unknown ids are left out.

    Receptions and inspections are in the order in which they were written.
    """
    found = store.returns(reader, ids)
    lines = by_line(store.lines_of(reader, found))
    wanted = _WANTED([(each,) for each in sorted(found)])
    charges = store.charges_of(reader, found)
    received: dict[str, list[Reception]] = defaultdict(list)
    for row in reader.fetch(_RECEPTIONS, wanted):
        received[row.return_id].append(Reception(**row._mapping))
    judged: dict[str, list[Graded]] = defaultdict(list)
    for row in reader.fetch(_INSPECTIONS, wanted):
        judged[row.return_id].append(_graded(row))
    return [
        ReturnView(
            ret=found[id_],
            lines=tuple(lines[id_]),
            charges=tuple(charges[id_]),
            receptions=tuple(sorted(received[id_], key=lambda row: row.at_ms)),
            inspections=tuple(sorted(judged[id_], key=lambda row: row.at_ms)),
            allowed=RETURN.allowed(found[id_].state),
        )
        for id_ in dict.fromkeys(ids)
        if id_ in found
    ]


def return_view(reader: Reader, id_: str) -> ReturnView:
    """One return with everything about it, or `NotFound`."""
    for found in return_views(reader, [id_]):
        return found
    raise NotFound("return.not_found", f"There is no return '{id_}'.", "Check the id.")


def _rows(reader: Reader, found: Sequence[sa.Row[Any]]) -> list[ReturnRow]:
    lines = by_line(store.lines_of(reader, [row.id for row in found])) if found else {}
    return [_row(store.as_return(row), lines.get(row.id, [])) for row in found]


def _row(ret: Return, lines: Sequence[ReturnLine]) -> ReturnRow:
    return ReturnRow(
        ret=ret,
        expected=sum(line.expected for line in lines),
        received=sum(line.received for line in lines),
        to_inspect=sum(line.to_inspect for line in lines),
        accepted=sum(line.accepted for line in lines),
        refused=sum(line.refused for line in lines),
    )


def _graded(row: sa.Row[Any]) -> Graded:
    fields = dict(row._mapping)
    fields["outcome"] = Outcome(row.outcome)
    fields["disposition"] = Disposition(row.disposition) if row.disposition else None
    return Graded(**fields)


_NONE: Final = sa.literal_column("0", sa.BigInteger)
_judged: Final = _lines.c.accepted + _lines.c.refused + _lines.c.sent_back + _lines.c.abandoned


def _sum(column: sa.ColumnElement[Any], label: str) -> sa.Label[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger).label(label)


def _in(state: LineState) -> sa.Case[int]:
    return sa.case((UNITS.c.state == state.value, UNITS.c.quantity), else_=0)


_UNITS_BY_LINE = sa.union_all(
    sa.select(
        _lines.c.return_id,
        _lines.c.line_id,
        _lines.c.item_id,
        (_lines.c.received - _judged).label("waiting"),
        (_lines.c.accepted + _lines.c.abandoned).label("ours"),
        _lines.c.refused.label("refused"),
    ).where(_lines.c.line_id != ""),
    sa.select(
        UNITS.c.return_id,
        UNITS.c.line_id,
        UNITS.c.item_id,
        -_in(LineState.RETURN_RECEIVED),
        -_in(LineState.RETURN_ACCEPTED),
        -_in(LineState.RETURN_REJECTED),
    ).where(UNITS.c.return_id != ""),
).subquery("units_by_line")
_KEYS: Final = (_UNITS_BY_LINE.c.return_id, _UNITS_BY_LINE.c.line_id, _UNITS_BY_LINE.c.item_id)
_AMOUNTS: Final = (_UNITS_BY_LINE.c.waiting, _UNITS_BY_LINE.c.ours, _UNITS_BY_LINE.c.refused)
_LINES_AND_UNITS_DIFFER = (
    sa.select(*_KEYS, *(_sum(amount, f"{amount.name}_too_many") for amount in _AMOUNTS))
    .group_by(*_KEYS)
    .having(sa.or_(*(sa.func.sum(amount) != 0 for amount in _AMOUNTS)))
)


def _outcome(outcome: Outcome) -> sa.Case[int]:
    quantity = _inspections.c.quantity
    return sa.case((_inspections.c.outcome == outcome.value, quantity), else_=0)


_COUNTS: Final = ("received", "accepted", "refused", "sent_back", "abandoned")
_HISTORY = sa.union_all(
    sa.select(_lines.c.id, *(_lines.c[name] for name in _COUNTS)),
    sa.select(_receptions.c.return_line_id, -_receptions.c.quantity, _NONE, _NONE, _NONE, _NONE),
    sa.select(_inspections.c.return_line_id, _NONE, *(-_outcome(outcome) for outcome in Outcome)),
).subquery("history")
_COUNTS_ARE_NOT_THE_HISTORY = (
    sa.select(_HISTORY.c.id, *(_sum(_HISTORY.c[name], f"{name}_too_many") for name in _COUNTS))
    .group_by(_HISTORY.c.id)
    .having(sa.or_(*(sa.func.sum(_HISTORY.c[name]) != 0 for name in _COUNTS)))
)
_AT_OUR_NODES = sa.union_all(
    sa.select(
        _receptions.c.node_id,
        _lines.c.item_id,
        _receptions.c.quantity.label("on_the_dock"),
        _NONE.label("set_aside"),
    ).join(_lines, _lines.c.id == _receptions.c.return_line_id),
    sa.select(
        _inspections.c.node_id,
        _lines.c.item_id,
        # Judged units leave the dock, save for refused ones, which wait there.
        sa.case(
            (_inspections.c.outcome == Outcome.REFUSED.value, 0), else_=-_inspections.c.quantity
        ),
        sa.case(
            (
                _inspections.c.disposition.in_(sorted(each.value for each in STAYS_ASIDE)),
                _inspections.c.quantity,
            ),
            else_=0,
        ),
    ).join(_lines, _lines.c.id == _inspections.c.return_line_id),
).subquery("at_our_nodes")
_SHELVES = sa.select(
    _AT_OUR_NODES.c.node_id,
    _AT_OUR_NODES.c.item_id,
    _sum(_AT_OUR_NODES.c.on_the_dock, "on_the_dock"),
    _sum(_AT_OUR_NODES.c.set_aside, "set_aside"),
).group_by(_AT_OUR_NODES.c.node_id, _AT_OUR_NODES.c.item_id)
_CLOSED_WITH_WORK = (
    sa.select(_returns.c.id, _returns.c.number, _lines.c.id.label("return_line_id"))
    .join(_lines, _lines.c.return_id == _returns.c.id)
    .where(
        _returns.c.state != ReturnState.RECEIVING.value,
        sa.or_(_lines.c.received != _judged, _lines.c.refused != 0),
    )
)
_ON_THE_WAY_FOR_NOBODY = (
    sa.select(UNITS.c.id, UNITS.c.order_id, UNITS.c.state, UNITS.c.return_id)
    .outerjoin(_returns, _returns.c.id == UNITS.c.return_id)
    .where(
        sa.or_(
            sa.and_(
                UNITS.c.state == LineState.RETURN_REQUESTED.value,
                _returns.c.state.is_distinct_from(ReturnState.REQUESTED.value),
            ),
            sa.and_(
                UNITS.c.state == LineState.RETURN_AUTHORISED.value,
                sa.or_(
                    _returns.c.id.is_(None),
                    _returns.c.state.not_in(
                        (ReturnState.AUTHORISED.value, ReturnState.RECEIVING.value)
                    ),
                ),
            ),
        )
    )
)


def _goods_elsewhere(reader: Reader) -> Iterator[Row]:
    """Places whose balance is not what receptions and inspections put there."""
    expected: Counter[tuple[Account, str, str]] = Counter()
    for row in reader.stream(_SHELVES):
        expected[Account.RETURNS_DOCK, row.node_id, row.item_id] = row.on_the_dock
        expected[Account.DISPOSITION, row.node_id, row.item_id] = row.set_aside
    held: Counter[tuple[Account, str, str]] = Counter()
    for balance in goods.balances(reader, accounts=(Account.RETURNS_DOCK, Account.DISPOSITION)):
        held[balance.account, balance.node_id, balance.item_id] += balance.units
    for key in sorted(expected.keys() | held.keys()):
        if expected[key] != held[key]:
            account, node_id, item_id = key
            yield {
                "account": account.value,
                "node_id": node_id,
                "item_id": item_id,
                "returns": expected[key],
                "goods_ledger": held[key],
            }


CHECKS: Final = (
    Check(
        "returns_are_units",
        "Every return line counts as many received, accepted and refused units as its order has.",
        from_statement(_LINES_AND_UNITS_DIFFER),
    ),
    Check(
        "returns_are_their_history",
        "Every return line's counts are the sums of its receptions and inspections.",
        from_statement(_COUNTS_ARE_NOT_THE_HISTORY),
    ),
    Check(
        "returned_goods_are_there",
        "Returns docks and set-aside shelves hold what receptions and inspections put there.",
        _goods_elsewhere,
    ),
    Check(
        "closed_returns_are_settled",
        "Only a return that is being received has units that wait at the dock.",
        from_statement(_CLOSED_WITH_WORK),
    ),
    Check(
        "units_on_the_way_have_returns",
        "Every unit a customer asked to return belongs to a return that is open for it.",
        from_statement(_ON_THE_WAY_FOR_NOBODY),
    ),
)
