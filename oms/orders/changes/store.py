"""Change-sets as rows and back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from connectors.contract.messages import ChannelOrder
from oms.orders.changes.machine import ChangeState
from oms.orders.changes.model import ChangeSet, Proposal
from oms.orders.facts import OrderFacts
from oms.orders.intake.model import NewLine, Priced, search_text
from oms.orders.intake.store import add_charges, add_parts, header_extra, line_row
from oms.orders.tables import (
    line_part,
    line_slice,
    order_change,
    order_charge,
    order_line,
    sales_order,
)
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_decode: Final = msgspec.json.Decoder(ChannelOrder).decode
_words: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_encode: Final = msgspec.json.Encoder().encode

_TOLD = ParameterRows("told", order_id=sa.Text, content_hash=sa.Text)
_KNOWN: Final = sa.select(
    order_change.c.id,
    order_change.c.order_id,
    order_change.c.content_hash,
    order_change.c.state,
).select_from(
    _TOLD.source.join(
        order_change,
        sa.and_(
            order_change.c.order_id == _TOLD.c.order_id,
            order_change.c.content_hash == _TOLD.c.content_hash,
        ),
    )
)
_IDS = ParameterRows("wanted", id=sa.Text)
_BY_ID: Final = sa.select(order_change).select_from(
    _IDS.source.join(order_change, order_change.c.id == _IDS.c.id)
)
_BY_ORDER: Final = (
    sa.select(order_change)
    .select_from(_IDS.source.join(order_change, order_change.c.order_id == _IDS.c.id))
    .order_by(order_change.c.order_id, order_change.c.id)
)


_of_ids = sa.select(_IDS.c.id).select_from(_IDS.source)
_DROP_SLICES: Final = sa.delete(line_slice).where(  # by order first: that is what the index knows
    line_slice.c.order_id.in_(sa.select(order_line.c.order_id).where(order_line.c.id.in_(_of_ids))),
    line_slice.c.line_id.in_(_of_ids),
)
_DROP_PARTS: Final = sa.delete(line_part).where(line_part.c.line_id.in_(_of_ids))
_DROP_CHARGES: Final = sa.delete(order_charge).where(order_charge.c.order_id.in_(_of_ids))


def _sums(table: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(
            table.c.order_id,
            sa.cast(sa.func.sum(table.c.net_minor), sa.BigInteger).label("net_minor"),
            sa.cast(sa.func.sum(table.c.tax_minor), sa.BigInteger).label("tax_minor"),
        )
        .where(table.c.order_id.in_(_of_ids))
        .group_by(table.c.order_id)
    )


_LINE_SUMS: Final = _sums(order_line)
_CHARGE_SUMS: Final = _sums(order_charge)


class KnownChange(msgspec.Struct, frozen=True):
    """A change-set we have already."""

    id: str
    state: ChangeState


def known_changes(
    reader: Reader, names: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], KnownChange]:
    """Change-sets by (order id, content hash), for those that exist."""
    rows = reader.fetch(_KNOWN, _TOLD(sorted(set(names))))
    return {
        (row.order_id, row.content_hash): KnownChange(row.id, ChangeState(row.state))
        for row in rows
    }


def add_changes(
    tx: Transaction, proposals: Sequence[tuple[str, Proposal, tuple[str, ...]]]
) -> None:
    """Write proposals, each with its id and its differences."""
    tx.insert(
        order_change,
        [
            {
                "id": change_id,
                "order_id": proposal.order_id,
                "content_hash": proposal.content_hash,
                "payload": _encode(proposal.order).decode(),
                "differences": _encode(words).decode(),
                "state": ChangeState.PROPOSED.value,
                "at_ms": tx.now_ms,
            }
            for change_id, proposal, words in proposals
        ],
    )


def propose_again(
    tx: Transaction, proposals: Sequence[tuple[str, ChangeState, tuple[str, ...]]]
) -> None:
    """Put decided change-sets before a person once more, each with its differences of now."""
    tx.update(
        order_change,
        [
            {
                "id": change_id,
                "differences": _encode(words).decode(),
                "state": state.value,
                "at_ms": tx.now_ms,
                "decided_at_ms": None,
                "decided_by": "",
            }
            for change_id, state, words in proposals
        ],
        ("id",),
    )


def changes_by_id(reader: Reader, ids: Iterable[str]) -> dict[str, ChangeSet]:
    rows = reader.fetch(_BY_ID, _IDS([(each,) for each in sorted(set(ids))]))
    return {row.id: _change(row) for row in rows}


def changes_of(reader: Reader, order_ids: Iterable[str]) -> list[ChangeSet]:
    """All change-sets of these orders, oldest first."""
    rows = reader.fetch(_BY_ORDER, _IDS([(each,) for each in sorted(set(order_ids))]))
    return [_change(row) for row in rows]


def decide(tx: Transaction, decided: Sequence[tuple[ChangeSet, ChangeState, str]]) -> None:
    """Write decisions: the change-set as it was, its new state, who decided."""
    tx.update(
        order_change,
        [
            {
                "id": change.id,
                "state": state.value,
                "decided_at_ms": tx.now_ms,
                "decided_by": actor,
            }
            for change, state, actor in decided
        ],
        ("id",),
    )


def follow_headers(tx: Transaction, changes: Sequence[tuple[ChangeSet, OrderFacts]]) -> None:
    """Write what the told orders say about delivery; `OrderFacts` is the order as it was."""
    tx.update(
        sales_order,
        [
            {
                "id": facts.id,
                "content_hash": change.content_hash,
                "deadline_ms": change.order.deadline_ms,
                "country": change.order.ship_to.country,
                "ship_to": _encode(change.order.ship_to).decode(),
                "bill_to": _encode(change.order.bill_to).decode() if change.order.bill_to else "",
                "shipping_choice": change.order.shipping_choice,
                "payments": _encode(change.order.payments).decode(),
                "extra": header_extra(change.order),
                "search": search_text(change.order, facts.number),
                "version": facts.version + 1,
            }
            for change, facts in changes
        ],
        ("id",),
    )


def rewrite_lines(tx: Transaction, lines: Sequence[tuple[str, NewLine]]) -> None:
    """Write lines anew that nobody has worked on: their slices and parts go first."""
    if not lines:
        return
    bound = _IDS([(line.id,) for _, line in lines])
    tx.run(_DROP_SLICES, bound)
    tx.run(_DROP_PARTS, bound)
    tx.update(order_line, [line_row(order_id, line) for order_id, line in lines], ("id",))
    add_parts(tx, [line for _, line in lines])


def rewrite_charges(tx: Transaction, orders: Sequence[tuple[str, ChannelOrder, Priced]]) -> None:
    """Replace the charges of orders."""
    if orders:
        tx.run(_DROP_CHARGES, _IDS([(order_id,) for order_id, _, _ in orders]))
        add_charges(tx, orders)


def sum_up(tx: Transaction, discounts: Mapping[str, int]) -> None:
    """Make the totals of these orders the sums of their lines and charges, cancelled ones too.

    `discounts` are the new ones by order id.
    """
    sums: dict[str, list[int]] = {order_id: [0, 0, 0] for order_id in discounts}
    bound = _IDS([(order_id,) for order_id in discounts])
    for place, statement in enumerate((_LINE_SUMS, _CHARGE_SUMS)):
        for row in tx.fetch(statement, bound):
            sums[row.order_id][place] += row.net_minor
            sums[row.order_id][2] += row.tax_minor
    tx.update(
        sales_order,
        [
            {
                "id": order_id,
                "goods_minor": goods,
                "discount_minor": discounts[order_id],
                "charges_minor": charges,
                "tax_minor": tax,
                "total_minor": goods + charges + tax,
            }
            for order_id, (goods, charges, tax) in sums.items()
        ],
        ("id",),
    )


def _change(row: sa.Row[Any]) -> ChangeSet:
    return ChangeSet(
        id=row.id,
        order_id=row.order_id,
        content_hash=row.content_hash,
        order=_decode(row.payload),
        differences=_words(row.differences),
        state=ChangeState(row.state),
        at_ms=row.at_ms,
    )
