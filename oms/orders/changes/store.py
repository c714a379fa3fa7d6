"""Change-sets as rows and back."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from connectors.contract.messages import ChannelOrder
from oms.orders.changes.machine import ChangeState
from oms.orders.changes.model import ChangeSet, Proposal
from oms.orders.tables import order_change
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_decode: Final = msgspec.json.Decoder(ChannelOrder).decode
_words: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_encode: Final = msgspec.json.Encoder().encode

_TOLD = ParameterRows("told", order_id=sa.Text, content_hash=sa.Text)
_KNOWN: Final = sa.select(
    order_change.c.id, order_change.c.order_id, order_change.c.content_hash
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


def known_changes(reader: Reader, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Ids of change-sets by (order id, content hash), for those that exist."""
    rows = reader.fetch(_KNOWN, _TOLD(sorted(set(names))))
    return {(row.order_id, row.content_hash): row.id for row in rows}


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
