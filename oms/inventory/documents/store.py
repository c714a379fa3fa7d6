"""Rows of stock documents and back, and the facts that booking them rests on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from oms.catalog import queries as catalog
from oms.catalog.model import ItemKind
from oms.inventory import store as inventory
from oms.inventory.costs import store as costs
from oms.inventory.documents.model import (
    DocumentKind,
    Facts,
    SetLevels,
    StockCommand,
    StockDocument,
)
from oms.inventory.documents.tables import stock_document
from oms.inventory.model import ItemAtNode
from oms.ledger import goods
from oms.ledger.model import Account
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_NAMES: Final = ParameterRows("wanted", id=sa.Text, kind=sa.Text, reference=sa.Text)
_BY_ID = sa.select(stock_document).select_from(
    _NAMES.source.join(stock_document, stock_document.c.id == _NAMES.c.id)
)
_BY_REFERENCE = sa.select(stock_document).select_from(
    _NAMES.source.join(
        stock_document,
        sa.and_(
            stock_document.c.kind == _NAMES.c.kind,
            stock_document.c.reference == _NAMES.c.reference,
            stock_document.c.reference != sa.literal_column("''"),  # meets the index
        ),
    )
)
_FIND = sa.union_all(_BY_ID, _BY_REFERENCE)


def facts(reader: Reader, commands: Iterable[StockCommand], stocked: set[str]) -> Facts:
    """Nodes, which of the items named lie on shelves, and the currency of the books.

    Items known to be `stocked` are not looked up.
    """
    kinds = catalog.kinds(reader, item_ids(commands) - stocked)
    return Facts(
        nodes={node.id: node for node in inventory.nodes(reader)},
        stock_items=stocked | {id_ for id_, kind in kinds.items() if kind is ItemKind.STOCK},
        currency=costs.currency(reader),
    )


def item_ids(commands: Iterable[StockCommand]) -> set[str]:
    """All items the commands speak of."""
    found: set[str] = set()
    for command in commands:
        if isinstance(command, SetLevels):
            found.update([item_id for item_id, _ in command.levels])
        else:
            found.update([_item(line) for line in command.lines])
    return found


def find(
    reader: Reader, commands: Sequence[StockCommand], kind: DocumentKind
) -> dict[str, StockDocument]:
    """Documents that already have the id or reference of a command, by both."""
    wanted = [(c.id, kind.value, c.reference) for c in commands if c.id or c.reference]
    found: dict[str, StockDocument] = {}
    for row in reader.fetch(_FIND, _NAMES(wanted)) if wanted else ():
        document = _document(row)
        found[document.id] = document
        if document.reference:
            found[document.reference] = document
    return found


def lock_shelves(tx: Transaction, places: Iterable[ItemAtNode]) -> Counter[ItemAtNode]:
    """Free units by (item, node), locked until the transaction ends."""
    on_shelf: Counter[ItemAtNode] = Counter()
    locked = goods.lock_balances_at(tx, Account.AVAILABLE, places)
    for (item_id, node_id, _lot), units in locked.items():
        on_shelf[item_id, node_id] += units
    return on_shelf


def on_hand(reader: Reader, places: Iterable[ItemAtNode]) -> Counter[ItemAtNode]:
    """Units on hand in any use by (item, node); places that never held the item are absent."""
    found: Counter[ItemAtNode] = Counter()
    for level in goods.levels_at(reader, places):
        found[level.item_id, level.node_id] = level.on_hand
    return found


def add(tx: Transaction, documents: Sequence[StockDocument]) -> None:
    tx.insert(
        stock_document,
        [
            {
                "id": document.id,
                "kind": document.kind.value,
                "node_id": document.node_id,
                "reference": document.reference,
                "reason": document.reason,
                "content_hash": document.content_hash,
                "at_ms": document.at_ms,
            }
            for document in documents
        ],
    )


def document_of(row: Any) -> StockDocument:
    return _document(row)


def _item(line: Any) -> str:
    item_id: str = line[0] if isinstance(line, tuple) else line.item_id
    return item_id


def _document(row: Any) -> StockDocument:
    return StockDocument(
        id=row.id,
        kind=DocumentKind(row.kind),
        node_id=row.node_id,
        reference=row.reference,
        reason=row.reason,
        content_hash=row.content_hash,
        at_ms=row.at_ms,
    )
