"""Taking and giving cost of goods: the value that goes with units that leave or enter the books.

It writes no journal entries; whoever moves the units does, with the values answered here.
"""

from collections import Counter
from collections.abc import Sequence

from oms.inventory.costs import store
from oms.inventory.costs.model import Cost
from oms.inventory.model import ItemUnits
from oms.platform.transaction import Reader, Transaction

ItemValue = tuple[str, int, int]
"""Item id, units, their value in minor units."""


def cost_currency(reader: Reader) -> str:
    """The one currency in which stock is valued; "" before anything was received."""
    return store.currency(reader)


def take_cost(tx: Transaction, takings: Sequence[ItemUnits]) -> list[int]:
    """Value in minor units that leaves with each taking, at the moving average.

    Units whose cost was never told are worth nothing.
    """
    held = store.lock_costs(tx, (item_id for item_id, _ in takings))
    changed: dict[str, Cost] = {}
    values = []
    for item_id, units in takings:
        cost = held.get(item_id, Cost())
        value = cost.worth_taking(units)
        values.append(value)
        if cost.units:
            held[item_id] = changed[item_id] = cost.minus(units, value)
    store.write_costs(tx, changed)
    return values


def return_cost(tx: Transaction, givings: Sequence[ItemValue], currency: str = "") -> None:
    """Units come (back) onto the books with a value; `currency` is that of the books if new."""
    if not givings:
        return
    held = store.lock_or_make_costs(
        tx, (item_id for item_id, _, _ in givings), currency or store.currency(tx)
    )
    for item_id, units, value_minor in givings:
        held[item_id] = held[item_id].plus(units, value_minor)
    store.write_costs(tx, held)


def change_at_average(tx: Transaction, changes: Sequence[Counter[str]]) -> list[int]:
    """Units by item were found (+) or are gone (−), in each document; answers for each the net
    value in minor units that went. Found units are worth what those we already have are worth.
    """
    held = store.lock_costs(tx, {item_id for change in changes for item_id in change})
    gone = [_change(held, change) for change in changes]
    store.write_costs(tx, held)
    return gone


def _change(held: dict[str, Cost], change: Counter[str]) -> int:
    gone_minor = 0
    for item_id, units in change.items():
        cost = held.get(item_id)
        if cost is None or not cost.units:
            continue
        if units > 0:
            value = cost.worth(units)
            held[item_id] = cost.plus(units, value)
            gone_minor -= value
        else:
            value = cost.worth_taking(-units)
            held[item_id] = cost.minus(-units, value)
            gone_minor += value
    return gone_minor
