"""Receipts, adjustments and stock reports: what they say, and which movements follow from them."""

from collections import Counter
from collections.abc import Container, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from oms.inventory.model import ItemAtNode, ItemUnits, Node, bad_currency, invalid
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.ledger.model import Account, Movement, Place

LINES_MAX: Final = 50_000  # of one document: a whole catalogue's levels, yet not a runaway
_SUPPLIER: Final = Place(Account.SUPPLIER)
_VARIANCE: Final = Place(Account.VARIANCE)


class ReceiptLine(msgspec.Struct, frozen=True, gc=False):
    """Units that came and what each of them cost, in minor units."""

    item_id: str
    units: int
    unit_cost_minor: int = 0


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Units come from a supplier. The same `reference` or `id` again is the same receipt."""

    node_id: str
    lines: tuple[ReceiptLine, ...]
    currency: str
    reference: str = ""
    id: str = ""
    cause: Cause = SYSTEM


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """Units are found (+) or missing (−) on the free shelf, for a stated reason."""

    node_id: str
    reason: str
    lines: tuple[ItemUnits, ...]
    reference: str = ""
    id: str = ""
    cause: Cause = SYSTEM


class SetLevels(msgspec.Struct, frozen=True, kw_only=True):
    """A count or stock report: this many units of each item are on hand at the node, in any use."""

    node_id: str
    levels: tuple[ItemUnits, ...]
    reason: str = "stock report"
    reference: str = ""
    id: str = ""
    cause: Cause = SYSTEM


StockCommand = Receipt | Adjustment | SetLevels


class DocumentKind(StrEnum):
    """What a stock document records."""

    RECEIPT = "receipt"
    ADJUSTMENT = "adjustment"
    LEVELS = "levels"


class StockDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one receipt, adjustment or stock report; its lines are in the goods ledger."""

    id: str
    kind: DocumentKind
    node_id: str
    reference: str
    reason: str
    content_hash: str
    at_ms: int


class LevelsSet(msgspec.Struct, frozen=True, kw_only=True):
    """What a stock report changed. `claimed`: units it misses that orders already hold, by item;
    they stay until a person decides. `document` is None when nothing changed.
    """

    document: StockDocument | None
    changed: int
    claimed: tuple[ItemUnits, ...] = ()


class Facts(msgspec.Struct, frozen=True):
    """What stock commands rest on: nodes, items of stock, the currency of our books ("": none)."""

    nodes: Mapping[str, Node]
    stock_items: Container[str]
    currency: str = ""


class Decided(msgspec.Struct, frozen=True):
    """What a document does: movements, and the net units by item that came (+) or went (−)."""

    movements: tuple[Movement, ...]
    claimed: tuple[ItemUnits, ...] = ()

    @property
    def change(self) -> Counter[str]:
        """Net units by item on the free shelf."""
        net: Counter[str] = Counter()
        for movement in self.movements:
            arrives = movement.target.account is Account.AVAILABLE
            net[movement.item_id] += movement.quantity if arrives else -movement.quantity
        return net


def kind_of(command: StockCommand) -> DocumentKind:
    if isinstance(command, Receipt):
        return DocumentKind.RECEIPT
    return DocumentKind.LEVELS if isinstance(command, SetLevels) else DocumentKind.ADJUSTMENT


def document(command: StockCommand, id_: str, at_ms: int) -> StockDocument:
    """The record of the command."""
    return StockDocument(
        id=id_,
        kind=kind_of(command),
        node_id=command.node_id,
        reference=command.reference,
        reason="" if isinstance(command, Receipt) else command.reason,
        content_hash=content_hash(command),
        at_ms=at_ms,
    )


def content_hash(command: StockCommand) -> str:
    """A fingerprint of what the document says, to tell a repeat from another document."""
    lines = command.levels if isinstance(command, SetLevels) else command.lines
    return sha256(msgspec.json.encode((command.node_id, lines))).hexdigest()


def expect_same(earlier: StockDocument, command: StockCommand) -> StockDocument:
    """The document if the command says the same again; `Refused` if its name is taken."""
    if earlier.content_hash == content_hash(command):
        return earlier
    name = f"id '{earlier.id}'" if command.id == earlier.id else f"'{earlier.reference}'"
    raise Refused(
        "stock.reference_taken",
        f"There already is a {earlier.kind} {name} with other contents.",
        "Use another reference for another earlier.",
        {"reference": "taken"},
    )


def checked(command: StockCommand, facts: Facts) -> Node:
    """The node the command speaks of, or `Invalid` naming every bad field."""
    wrong: dict[str, str] = {}
    node = facts.nodes.get(command.node_id)
    if node is None:
        wrong["node_id"] = f"there is no node '{command.node_id}'"
    if isinstance(command, Receipt):
        wrong |= _bad_receipt(command, facts)
    elif isinstance(command, Adjustment):
        wrong |= _bad_adjustment(command)
    else:
        wrong |= _bad_levels(command)
    name, items = _items(command)
    wrong |= {
        f"{name}[{index}].item_id": f"'{item_id}' is no item that lies on shelves"
        for index, item_id in enumerate(items)
        if item_id not in facts.stock_items
    }
    if not 0 < len(items) <= LINES_MAX:
        wrong[name] = f"must be 1 to {LINES_MAX}"
    if wrong or node is None:
        raise invalid("stock", "This cannot be booked", wrong)
    return node


def decide_receipt(command: Receipt, document_id: str) -> Decided:
    """Everything goes from the supplier to the free shelf."""
    shelf = Place(Account.AVAILABLE, command.node_id)
    return Decided(
        tuple(
            Movement(line.item_id, line.units, _SUPPLIER, shelf, "receive", document_id=document_id)
            for line in command.lines
        )
    )


def decide_adjustment(
    command: Adjustment, document_id: str, on_shelf: Mapping[ItemAtNode, int]
) -> Decided:
    """Found units go to the free shelf, missing ones leave it; `Refused` if they are not there."""
    shelf = Place(Account.AVAILABLE, command.node_id)
    left = Counter({item: on_shelf.get((item, command.node_id), 0) for item, _ in command.lines})
    movements = []
    for item_id, delta in command.lines:
        left[item_id] += delta
        source, target = (_VARIANCE, shelf) if delta > 0 else (shelf, _VARIANCE)
        movements.append(
            Movement(item_id, abs(delta), source, target, "adjust", document_id=document_id)
        )
    short = {item: f"{-units} more than are free" for item, units in left.items() if units < 0}
    if short:
        raise Refused(
            "stock.insufficient",
            f"More units would be missing than are free at the node, of {len(short)} items.",
            "Adjust by fewer, or cancel the orders that hold the rest first.",
            short,
        )
    return Decided(tuple(movements))


def decide_levels(
    command: SetLevels,
    document_id: str,
    on_shelf: Mapping[ItemAtNode, int],
    on_hand: Mapping[ItemAtNode, int],
) -> Decided:
    """The difference to what is on hand is found or missed on the free shelf.

    What orders hold is not taken from them: units missed beyond the free shelf are `claimed`.
    """
    node_id = command.node_id
    shelf = Place(Account.AVAILABLE, node_id)
    movements, claimed = [], []
    for item_id, units in command.levels:
        delta = units - on_hand.get((item_id, node_id), 0)
        if delta > 0:
            movement = Movement(item_id, delta, _VARIANCE, shelf, "report", document_id=document_id)
            movements.append(movement)
        elif delta < 0:
            gone = min(-delta, on_shelf.get((item_id, node_id), 0))
            if gone:
                movements.append(
                    Movement(item_id, gone, shelf, _VARIANCE, "report", document_id=document_id)
                )
            if gone < -delta:
                claimed.append((item_id, -delta - gone))
    return Decided(tuple(movements), tuple(claimed))


def _items(command: StockCommand) -> tuple[str, list[str]]:
    """The name of the command's list and the item ids in it."""
    if isinstance(command, SetLevels):
        return "levels", [item_id for item_id, _ in command.levels]
    if isinstance(command, Receipt):
        return "lines", [line.item_id for line in command.lines]
    return "lines", [item_id for item_id, _ in command.lines]


def _bad_receipt(command: Receipt, facts: Facts) -> dict[str, str]:
    wrong = bad_currency(command.currency)
    if facts.currency and command.currency != facts.currency:
        wrong["currency"] = f"stock is kept in {facts.currency}: convert the costs to it"
    for index, line in enumerate(command.lines):
        if line.units < 1:
            wrong[f"lines[{index}].units"] = "must be at least 1"
        if line.unit_cost_minor < 0:
            wrong[f"lines[{index}].unit_cost_minor"] = "must not be negative"
    return wrong


def _bad_adjustment(command: Adjustment) -> dict[str, str]:
    wrong = {} if command.reason.strip() else {"reason": "say why, for whoever reads the books"}
    return wrong | {
        f"lines[{index}].delta": "must not be zero"
        for index, (_, delta) in enumerate(command.lines)
        if delta == 0
    }


def _bad_levels(command: SetLevels) -> dict[str, str]:
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    for index, (item_id, units) in enumerate(command.levels):
        if units < 0:
            wrong[f"levels[{index}].on_hand"] = "must not be negative"
        if item_id in seen:
            wrong[f"levels[{index}].item_id"] = "stands twice: which level is right?"
        seen.add(item_id)
    return wrong
