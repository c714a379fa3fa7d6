"""The goods ledger: units move between places and none is made or lost on the way.

It keeps what others decided; the one thing it refuses is to take units that are not there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from oms.kernel.errors import Refused
from oms.ledger.model import GUARDED, ON_HAND, Account, Balance, Level, Movement
from oms.ledger.tables import goods_balance, goods_entry
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

Key = tuple[str, str, str, str]
"""Account, item, node, lot: one balance, and the order in which balances are locked."""

ItemAtNode = tuple[str, str]
"""Item and node."""

_known: Final[WeakKeyDictionary[Transaction, dict[Key, int]]] = WeakKeyDictionary()
"""Balances a transaction has locked: nobody else changes them, so it need not read them twice."""

_KEY_COLUMNS: Final = ("account", "item_id", "node_id", "lot_id")
_KEYS: Final = ParameterRows(
    "wanted", account=sa.Text, item_id=sa.Text, node_id=sa.Text, lot_id=sa.Text
)
_ITEMS: Final = ParameterRows("wanted", item_id=sa.Text)
_PLACES: Final = ParameterRows("wanted", item_id=sa.Text, node_id=sa.Text)
_PLACE = (
    goods_balance.c.account,
    goods_balance.c.item_id,
    goods_balance.c.node_id,
    goods_balance.c.lot_id,
)
_LOCK_KEYS = (
    sa.select(*_PLACE, goods_balance.c.units)
    .select_from(
        _KEYS.source.join(
            goods_balance,
            sa.and_(*(goods_balance.c[name] == _KEYS.c[name] for name in _KEY_COLUMNS)),
        )
    )
    .order_by(*_PLACE)
    .with_for_update(of=goods_balance)
)
_LOCK_ITEMS = (
    sa.select(*_PLACE[1:], goods_balance.c.units)
    .select_from(_ITEMS.source.join(goods_balance, goods_balance.c.item_id == _ITEMS.c.item_id))
    .where(goods_balance.c.account == sa.bindparam("account"))
    .order_by(*_PLACE)
    .with_for_update(of=goods_balance)
)
_LOCK_PLACES = (
    sa.select(*_PLACE[1:], goods_balance.c.units)
    .select_from(
        _PLACES.source.join(
            goods_balance,
            sa.and_(
                goods_balance.c.item_id == _PLACES.c.item_id,
                goods_balance.c.node_id == _PLACES.c.node_id,
            ),
        )
    )
    .where(goods_balance.c.account == sa.bindparam("account"))
    .order_by(*_PLACE)
    .with_for_update(of=goods_balance)
)
_OF_ITEMS = (
    sa.select(*_PLACE, goods_balance.c.units)
    .select_from(_ITEMS.source.join(goods_balance, goods_balance.c.item_id == _ITEMS.c.item_id))
    .where(goods_balance.c.account.in_(sa.bindparam("accounts", expanding=True)))
    .order_by(*_PLACE)
)
_FREE = (
    sa.select(goods_balance.c.item_id, goods_balance.c.node_id, goods_balance.c.units)
    .select_from(_ITEMS.source.join(goods_balance, goods_balance.c.item_id == _ITEMS.c.item_id))
    .where(goods_balance.c.account == Account.AVAILABLE.value)
)
_OF_ALL = (
    sa.select(*_PLACE, goods_balance.c.units)
    .where(goods_balance.c.account.in_(sa.bindparam("accounts", expanding=True)))
    .order_by(*_PLACE)
)


def _units_in(accounts: Sequence[Account]) -> sa.ColumnElement[int]:
    names = [account.value for account in accounts]
    chosen = sa.case((goods_balance.c.account.in_(names), goods_balance.c.units), else_=0)
    return sa.cast(sa.func.sum(chosen), sa.BigInteger)


_LEVELS = (
    sa.select(
        goods_balance.c.item_id,
        goods_balance.c.node_id,
        _units_in(ON_HAND).label("on_hand"),
        _units_in([Account.RESERVED]).label("reserved"),
        _units_in([Account.AVAILABLE]).label("available"),
    )
    .where(goods_balance.c.account.in_([account.value for account in ON_HAND]))
    .group_by(goods_balance.c.item_id, goods_balance.c.node_id)
)
_LEVELS_OF = _LEVELS.select_from(
    _ITEMS.source.join(goods_balance, goods_balance.c.item_id == _ITEMS.c.item_id)
)
_LEVELS_AT = _LEVELS.select_from(
    _PLACES.source.join(
        goods_balance,
        sa.and_(
            goods_balance.c.item_id == _PLACES.c.item_id,
            goods_balance.c.node_id == _PLACES.c.node_id,
        ),
    )
)


def post(tx: Transaction, movements: Sequence[Movement]) -> None:
    """Write movements and what they do to the balances, locked in the order of `Key`.

    All of them together must be possible: `Refused` names each item a guarded account lacks.
    """
    if not movements:
        return
    changes = _changes(movements)
    known = _known.setdefault(tx, {})
    known |= _locked(tx, sorted(key for key in changes if key not in known))
    after = {key: known[key] + change for key, change in changes.items() if change}
    missing = {key: units for key, units in after.items() if units < 0 and key[0] in GUARDED}
    if missing:
        raise insufficient(missing)
    known |= after
    tx.update(
        goods_balance,
        [
            {"account": a, "item_id": i, "node_id": n, "lot_id": lot, "units": units}
            for (a, i, n, lot), units in after.items()
        ],
        _KEY_COLUMNS,
    )
    tx.insert(goods_entry, [_entry_row(movement, tx.now_ms) for movement in movements])


def lock_balances(
    tx: Transaction, account: Account, item_ids: Iterable[str]
) -> dict[tuple[str, str, str], int]:
    """Units of these items in `account` by (item, node, lot), locked until the transaction ends.

    A place that never held the item is absent and holds none.
    """
    wanted = [(item_id,) for item_id in sorted(set(item_ids))]
    found = tx.fetch(_LOCK_ITEMS, _ITEMS(wanted), account=account.value) if wanted else ()
    return _remembered(tx, account, found)


def lock_balances_at(
    tx: Transaction, account: Account, places: Iterable[ItemAtNode]
) -> dict[tuple[str, str, str], int]:
    """The same for items at one node each, given as (item, node)."""
    wanted = sorted(set(places))
    found = tx.fetch(_LOCK_PLACES, _PLACES(wanted), account=account.value) if wanted else ()
    return _remembered(tx, account, found)


def balances(
    reader: Reader,
    item_ids: Iterable[str] | None = None,
    accounts: Iterable[Account] = tuple(Account),
) -> list[Balance]:
    """Balances of these items (None: of all) in these accounts, in the order of `Key`."""
    names = [account.value for account in accounts]
    if item_ids is None:
        found = reader.fetch(_OF_ALL, accounts=names)
    else:
        wanted = [(item_id,) for item_id in sorted(set(item_ids))]
        found = reader.fetch(_OF_ITEMS, _ITEMS(wanted), accounts=names)
    return [Balance(Account(a), item, node, lot, units) for a, item, node, lot, units in found]


def levels(reader: Reader, item_ids: Iterable[str] | None = None) -> list[Level]:
    """What is on hand of these items (None: of all) at each node that ever had them."""
    if item_ids is None:
        return [Level(*row) for row in reader.fetch(_LEVELS)]
    wanted = [(item_id,) for item_id in sorted(set(item_ids))]
    rows = reader.fetch(_LEVELS_OF, _ITEMS(wanted)) if wanted else ()
    return [Level(*row) for row in rows]


def free(reader: Reader, item_ids: Iterable[str]) -> dict[ItemAtNode, int]:
    """Units on the free shelf of these items by (item, node), over all lots, without a lock."""
    wanted = [(item_id,) for item_id in sorted(set(item_ids))]
    rows = reader.fetch(_FREE, _ITEMS(wanted)) if wanted else ()
    units_at: dict[ItemAtNode, int] = defaultdict(int)
    for item_id, node_id, units in rows:
        units_at[item_id, node_id] += units
    return units_at


def levels_at(reader: Reader, places: Iterable[ItemAtNode]) -> list[Level]:
    """The same for items at one node each, given as (item, node)."""
    wanted = sorted(set(places))
    rows = reader.fetch(_LEVELS_AT, _PLACES(wanted)) if wanted else ()
    return [Level(*row) for row in rows]


def insufficient(missing: Mapping[Key, int]) -> Refused:
    """The refusal that says which units are not there; values are how far below zero."""
    words: dict[str, list[str]] = defaultdict(list)
    for (account, item_id, node_id, _), units in sorted(missing.items()):
        where = f" at {node_id}" if node_id else ""
        words[item_id].append(f"{-units} more needed in {account}{where}")
    return Refused(
        "stock.insufficient",
        f"There are not enough units of {len(words)} item{'s' if len(words) > 1 else ''}.",
        "Take fewer, or take them from another node.",
        {item_id: "; ".join(parts) for item_id, parts in words.items()},
    )


def rebuild(tx: Transaction) -> None:
    """Make all balances anew from the entries: for a database that was changed behind our back."""
    if tx.dialect == "postgresql":  # SQLite has one writer anyway
        tx.connection.exec_driver_sql("LOCK TABLE goods_balance IN SHARE ROW EXCLUSIVE MODE")
    _known.pop(tx, None)
    tx.run(sa.delete(goods_balance))
    tx.run(_REBUILD)


def _changes(movements: Sequence[Movement]) -> Counter[Key]:
    """Net change of every balance touched; those that end where they began are kept as zero."""
    changes: Counter[Key] = Counter()
    for movement in movements:
        source, target, item_id = movement.source, movement.target, movement.item_id
        if movement.quantity <= 0 or source == target:
            raise ValueError(f"not a movement: {movement}")
        changes[source.account.value, item_id, source.node_id, source.lot_id] -= movement.quantity
        changes[target.account.value, item_id, target.node_id, target.lot_id] += movement.quantity
    return changes


def _remembered(
    tx: Transaction, account: Account, found: Iterable[sa.Row[*tuple[Any, ...]]]
) -> dict[tuple[str, str, str], int]:
    units_at = {(item, node, lot): units for item, node, lot, units in found}
    known = _known.setdefault(tx, {})
    known |= {(account.value, *place): units for place, units in units_at.items()}
    return units_at


def _locked(tx: Transaction, keys: Sequence[Key]) -> dict[Key, int]:
    """Units by key, their rows locked; rows that were never there are made."""
    if not keys:
        return {}
    found = _lock(tx, keys)
    new = [key for key in keys if key not in found]
    if new:
        rows = [dict(zip(_KEY_COLUMNS, key, strict=True), units=0) for key in new]
        tx.insert_new(goods_balance, rows)
        found |= _lock(tx, new)  # somebody else may have made them a moment ago, and filled them
    return found


def _lock(tx: Transaction, keys: Sequence[Key]) -> dict[Key, int]:
    return {(a, i, n, lot): units for a, i, n, lot, units in tx.fetch(_LOCK_KEYS, _KEYS(keys))}


def _entry_row(movement: Movement, at_ms: int) -> dict[str, object]:
    source, target = movement.source, movement.target
    return {
        "at_ms": at_ms,
        "move": movement.move,
        "item_id": movement.item_id,
        "quantity": movement.quantity,
        "source_account": source.account.value,
        "source_node_id": source.node_id,
        "source_lot_id": source.lot_id,
        "target_account": target.account.value,
        "target_node_id": target.node_id,
        "target_lot_id": target.lot_id,
        "order_id": movement.order_id,
        "line_id": movement.line_id,
        "document_id": movement.document_id,
    }


def _leg(side: str, units: sa.ColumnElement[int]) -> sa.Select[tuple[str, str, str, str, int]]:
    column = goods_entry.c
    return sa.select(
        column[f"{side}_account"].label("account"),
        column.item_id,
        column[f"{side}_node_id"].label("node_id"),
        column[f"{side}_lot_id"].label("lot_id"),
        units.label("units"),
    )


_legs = sa.union_all(
    _leg("source", -goods_entry.c.quantity), _leg("target", goods_entry.c.quantity)
).subquery("leg")

_REBUILD = sa.insert(goods_balance).from_select(
    [*_KEY_COLUMNS, "units"],
    sa.select(
        *(_legs.c[name] for name in _KEY_COLUMNS),
        sa.cast(sa.func.sum(_legs.c.units), sa.BigInteger),
    ).group_by(*(_legs.c[name] for name in _KEY_COLUMNS)),
)
