"""What both ledgers speak of: accounts and places of goods, movements, postings and entries."""

from enum import StrEnum
from typing import Final

import msgspec


class Account(StrEnum):
    """Where units can be. Those of `ON_HAND` are what a count at the node would find."""

    AVAILABLE = "node:available"
    RESERVED = "node:reserved"
    PICKED = "node:picked"
    PACKED = "node:packed"
    PICKUP_SHELF = "node:pickup_shelf"
    RETURNS_DOCK = "node:returns_dock"
    DISPOSITION = "node:disposition"
    TRANSIT_OUT = "transit:outbound"
    TRANSIT_RETURNS = "transit:returns"
    INBOUND = "supply:inbound"
    UNPROMISED = "supply:unpromised"
    CUSTOMER = "customer"
    UNKNOWN_BUYER = "customer:unknown"
    LOST = "lost"
    SUPPLIER = "supplier"
    VARIANCE = "variance"
    SCRAP = "scrap"


ON_HAND: Final = (
    Account.AVAILABLE,
    Account.RESERVED,
    Account.PICKED,
    Account.PACKED,
    Account.PICKUP_SHELF,
)
WORLD: Final = (
    Account.CUSTOMER,
    Account.UNKNOWN_BUYER,
    Account.LOST,
    Account.SCRAP,
    Account.SUPPLIER,
    Account.UNPROMISED,
    Account.VARIANCE,
)
"""Accounts outside our walls: they may owe us any number of units."""
GUARDED: Final = frozenset(Account) - frozenset(WORLD)
"""Accounts that never go below zero."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """An account, with its node if it is inside one and the lot if the item has lots."""

    account: Account
    node_id: str = ""
    lot_id: str = ""


class Movement(msgspec.Struct, frozen=True, gc=False):
    """`quantity` units of one item from `source` to `target`, because of `move`."""

    item_id: str
    quantity: int
    source: Place
    target: Place
    move: str
    order_id: str = ""
    line_id: str = ""
    document_id: str = ""


class Balance(msgspec.Struct, frozen=True, gc=False):
    """How many units of an item are at one place now."""

    account: Account
    item_id: str
    node_id: str
    lot_id: str
    units: int


class Level(msgspec.Struct, frozen=True, gc=False):
    """What is at a node of one item now, over all lots; `on_hand` includes the other two."""

    item_id: str
    node_id: str
    on_hand: int
    reserved: int
    available: int


class Posting(msgspec.Struct, frozen=True, gc=False):
    """An amount on an account: debit positive, credit negative."""

    account: str
    amount_minor: int


class Entry(msgspec.Struct, frozen=True):
    """Postings that belong together. `rule` names the row of accounts.toml they came from."""

    rule: str
    currency: str
    postings: tuple[Posting, ...]
    order_id: str = ""
    document_id: str = ""
    memo: str = ""
