"""What outside programs read: dated vouchers, under names that all of them accept.

It reads nothing and writes nothing; `beancount` and `hledger` beside it know each program's syntax.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from oms.ledger.model import GUARDED
from oms.ledger.posting import account_part

COMMODITY_MAX: Final = 24  # characters beancount allows in the name of a commodity
ITEM_PREFIX: Final = "I-"  # no currency has one, so an item called EUR stays an item
_NOT_IN_COMMODITY: Final = re.compile(r"[^A-Z0-9]+")


class Detail(StrEnum):
    """How much of the ledgers becomes a voucher of its own (money: by rule, goods: by item)."""

    MOVEMENT = "movement"
    DAILY = "daily"
    MONTHLY = "monthly"


class Line(msgspec.Struct, frozen=True, gc=False):
    """Units or minor units that an account gets (+) or gives (−). `guarded`: never below zero."""

    account: str
    amount: int
    commodity: str
    guarded: bool = False

    @property
    def is_goods(self) -> bool:
        return self.commodity.startswith(ITEM_PREFIX)


class Voucher(msgspec.Struct, frozen=True):
    """Lines that belong together and sum to zero."""

    day: date
    words: str
    lines: tuple[Line, ...]
    references: tuple[str, ...] = ()


class Names(msgspec.Struct, frozen=True):
    """What people call items and nodes, by id; what has no name goes out under its id."""

    items: Mapping[str, str] = {}
    nodes: Mapping[str, str] = {}


class Commodity(msgspec.Struct, frozen=True):
    """An item under a name that outside programs accept; with `sku` and `item_id` the way back."""

    name: str
    item_id: str
    sku: str


class Register:
    """Gives every item and node a name that is legal outside and like no other, always the same."""

    def __init__(self, item_ids: Iterable[str], names: Names) -> None:
        self._taken: set[str] = set()
        self._node_parts: dict[str, str] = {}
        self._accounts: dict[tuple[str, str, str, str], str] = {}
        self._names = names
        by_sku = sorted((names.items.get(item_id, item_id), item_id) for item_id in item_ids)
        self.commodities = {
            item_id: Commodity(self._free(f"{ITEM_PREFIX}{_clean(sku)}"), item_id, sku)
            for sku, item_id in by_sku
        }

    def line(self, key: tuple[str, str, str, str], units: int) -> Line:
        """Units at one place of the goods ledger: account, item, node, lot."""
        known = self._accounts.get(key)
        if known is None:
            known = self._accounts[key] = self._account(key)
        return Line(known, units, self.commodities[key[1]].name, key[0] in GUARDED)

    def _account(self, key: tuple[str, str, str, str]) -> str:
        account, item_id, node_id, lot_id = key
        parts = ["Assets" if account in GUARDED else "Equity", "Goods"]
        if node_id:
            parts += ["Node", self._node_part(node_id)]
        parts += [account_part(part) for part in account.removeprefix("node:").split(":")]
        if lot_id:
            parts.append(f"L-{_clean(lot_id)}")
        return ":".join([*parts, self.commodities[item_id].name])

    def _node_part(self, node_id: str) -> str:
        if node_id not in self._node_parts:
            code = _clean(self._names.nodes.get(node_id, node_id))
            self._node_parts[node_id] = self._free(f"N-{code}").removeprefix("N-")
        return self._node_parts[node_id]

    def _free(self, wanted: str) -> str:
        name, number = wanted[:COMMODITY_MAX].rstrip("-"), 1
        while name in self._taken:
            number += 1
            ending = f"-{number}"
            name = wanted[: COMMODITY_MAX - len(ending)].rstrip("-") + ending
        self._taken.add(name)
        return name


def _clean(text: str) -> str:
    return _NOT_IN_COMMODITY.sub("-", text.upper()).strip("-") or "X"
