"""Reading what items cost, and the proof that stock is worth what the books say."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import sqlalchemy as sa

from oms.inventory.costs import store
from oms.inventory.costs.model import Cost
from oms.inventory.costs.tables import item_cost
from oms.ledger import journal
from oms.ledger.check import Check, Row
from oms.platform.transaction import Reader

INVENTORY: Final = "Assets:Inventory"

_VALUES = sa.select(
    item_cost.c.currency,
    sa.cast(sa.func.sum(item_cost.c.value_minor), sa.BigInteger).label("value_minor"),
).group_by(item_cost.c.currency)


def costs(reader: Reader, item_ids: Iterable[str]) -> dict[str, Cost]:
    """Units and value on the books by item id."""
    return store.costs(reader, item_ids)


def _differences(reader: Reader) -> Iterator[Row]:
    """Currencies in which the value of all items is not the balance of the inventory account."""
    costed: Counter[str] = Counter()
    costed.update({row.currency: row.value_minor for row in reader.fetch(_VALUES)})
    booked = {
        currency: amount
        for (account, currency), amount in journal.balances(reader).items()
        if account == INVENTORY
    }
    for currency in sorted(costed.keys() | booked.keys()):
        if costed[currency] != booked.get(currency, 0):
            yield {
                "currency": currency,
                "items_minor": costed[currency],
                "journal_minor": booked.get(currency, 0),
            }


CHECKS: Final = (
    Check(
        "inventory_value",
        "The items are worth together what the journal has for inventory.",
        _differences,
    ),
)
