"""Booking receipts, adjustments and stock reports: units, their value, and the word about it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

import msgspec

from oms.inventory.costs import service as costs
from oms.inventory.documents import model, store
from oms.inventory.documents.model import (
    Adjustment,
    Decided,
    DocumentKind,
    LevelsSet,
    Receipt,
    SetLevels,
    StockCommand,
    StockDocument,
)
from oms.inventory.events import StockAdjusted, StockReceived
from oms.inventory.model import ItemAtNode, Node
from oms.kernel.errors import OMSError
from oms.kernel.ids import expect_prefix
from oms.ledger import goods, journal, posting
from oms.ledger.model import Account
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction

PREFIX: Final = {
    DocumentKind.RECEIPT: "rcp",
    DocumentKind.ADJUSTMENT: "adj",
    DocumentKind.LEVELS: "lvl",
}

C = TypeVar("C", bound=StockCommand)


class Booked(msgspec.Struct, frozen=True):
    """A document booked just now, or (`decided` None) one that was before."""

    document: StockDocument
    node: Node
    decided: Decided | None


class Shelves(msgspec.Struct):
    """Units as they are at this point of the list, each document seeing what the last one did."""

    free: Counter[ItemAtNode]
    on_hand: Counter[ItemAtNode]

    def apply(self, decided: Decided) -> None:
        for movement in decided.movements:
            arrives = movement.target.account is Account.AVAILABLE
            place = movement.target if arrives else movement.source
            units = movement.quantity if arrives else -movement.quantity
            self.free[movement.item_id, place.node_id] += units
            self.on_hand[movement.item_id, place.node_id] += units


def receive(tx: Transaction, commands: Sequence[Receipt]) -> list[StockDocument | OMSError]:
    """Units come onto free shelves, with what they cost. Emits ``stock.received``."""
    return in_rounds(commands, _name, partial(_receive, tx))


def adjust(tx: Transaction, commands: Sequence[Adjustment]) -> list[StockDocument | OMSError]:
    """Found or missing units, all lines or none. Emits ``stock.adjusted``."""
    return in_rounds(commands, _name, partial(_adjust, tx))


def set_levels(tx: Transaction, commands: Sequence[SetLevels]) -> list[LevelsSet | OMSError]:
    """Make what is on hand what a count or another system reports. Emits ``stock.adjusted``.

    Units that orders hold are never taken: the answer lists what the report misses of them.
    """
    return in_rounds(commands, _name, partial(_set_levels, tx))


def _receive(tx: Transaction, commands: Sequence[Receipt]) -> list[StockDocument | OMSError]:
    def decide(command: Receipt, document_id: str, _: Shelves) -> Decided:
        return model.decide_receipt(command, document_id)

    booked = _book(tx, commands, decide)
    givings: dict[str, Counter[str]] = defaultdict(Counter)
    entries = []
    for command, done in _new(commands, booked):
        if done.node.owns_stock:
            for line in command.lines:
                givings[line.item_id]["units"] += line.units
                givings[line.item_id]["minor"] += line.units * line.unit_cost_minor
            cost = sum(line.units * line.unit_cost_minor for line in command.lines)
            about = done.document.id
            entries.append(
                posting.entry("stock_received", {"cost": cost}, command.currency, document_id=about)
            )
        event = StockReceived(
            entity=done.document.id,
            node_id=command.node_id,
            item_ids=tuple(sorted({line.item_id for line in command.lines})),
        )
        tx.emit_first(event, command.cause)
    if givings:
        costs.return_cost(
            tx,
            [(item_id, sums["units"], sums["minor"]) for item_id, sums in givings.items()],
            commands[0].currency,
        )
    journal.post(tx, entries)
    return [done.document if isinstance(done, Booked) else done for done in booked]


def _adjust(tx: Transaction, commands: Sequence[Adjustment]) -> list[StockDocument | OMSError]:
    def decide(command: Adjustment, document_id: str, shelves: Shelves) -> Decided:
        return model.decide_adjustment(command, document_id, shelves.free)

    booked = _book(tx, commands, decide)
    _value_and_tell(tx, _new(commands, booked))
    return [done.document if isinstance(done, Booked) else done for done in booked]


def _set_levels(tx: Transaction, commands: Sequence[SetLevels]) -> list[LevelsSet | OMSError]:
    def decide(command: SetLevels, document_id: str, shelves: Shelves) -> Decided:
        return model.decide_levels(command, document_id, shelves.free, shelves.on_hand)

    booked = _book(tx, commands, decide)
    _value_and_tell(tx, _new(commands, booked))
    return [_levels_set(done) if isinstance(done, Booked) else done for done in booked]


def _book(
    tx: Transaction, commands: Sequence[C], decide: Callable[[C, str, Shelves], Decided]
) -> list[Booked | OMSError]:
    """Decide in order, each on what the earlier ones leave; write movements and documents."""
    kind = model.kind_of(commands[0])
    shelves = _shelves(tx, commands)
    facts = store.facts(tx, commands, {item_id for item_id, _ in shelves.on_hand})
    known = store.find(tx, commands, kind)
    booked: list[Booked | OMSError] = []
    for command in commands:
        try:
            node = model.checked(command, facts)
            earlier = _earlier(command, known)
            if earlier is not None:
                booked.append(Booked(model.expect_same(earlier, command), node, None))
                continue
            id_ = expect_prefix(command.id or tx.new_id(PREFIX[kind]), PREFIX[kind])
            decided = decide(command, id_, shelves)
        except OMSError as refusal:
            booked.append(refusal)
            continue
        if isinstance(command, Receipt) and not facts.currency:
            facts = msgspec.structs.replace(facts, currency=command.currency)
        shelves.apply(decided)
        booked.append(Booked(model.document(command, id_, tx.now_ms), node, decided))
    new = [done for _, done in _new(commands, booked) if done.decided and done.decided.movements]
    store.add(tx, [done.document for done in new])
    goods.post(tx, [m for done in new if done.decided for m in done.decided.movements])
    return booked


def _shelves(tx: Transaction, commands: Sequence[StockCommand]) -> Shelves:
    """Shelves under lock, as far as the commands can take from them."""
    adjusted = {
        (item_id, command.node_id)
        for command in commands
        if isinstance(command, Adjustment)
        for item_id, _ in command.lines
    }
    reported = {
        (item_id, command.node_id, units)
        for command in commands
        if isinstance(command, SetLevels)
        for item_id, units in command.levels
    }
    on_hand = store.on_hand(tx, {(item_id, node_id) for item_id, node_id, _ in reported})
    # Most of a report says what we know; only the rest needs locks and a second look under them.
    differing = {
        (item_id, node_id)
        for item_id, node_id, units in reported
        if units != on_hand.get((item_id, node_id), 0)
    }
    free = store.lock_shelves(tx, adjusted | differing)
    for place, units in store.on_hand(tx, differing).items():
        on_hand[place] = units
    return Shelves(free, on_hand)


def _earlier(command: StockCommand, known: Mapping[str, StockDocument]) -> StockDocument | None:
    return known.get(command.id) or known.get(command.reference)


def _value_and_tell(tx: Transaction, done: Sequence[tuple[Adjustment | SetLevels, Booked]]) -> None:
    """Value of what was found and missed goes to the journal, the items to whoever listens."""
    changed = [
        (command, booked, booked.decided.change)
        for command, booked in done
        if booked.decided is not None and booked.decided.movements
    ]
    owned = [each for each in changed if each[1].node.owns_stock]
    gone = costs.change_at_average(tx, [change for _, _, change in owned]) if owned else []
    currency = costs.cost_currency(tx) if any(gone) else ""
    entries = [
        posting.entry(
            "stock_adjusted",
            {"cost": cost},
            currency,
            document_id=booked.document.id,
            memo=command.reason,
        )
        for (command, booked, _), cost in zip(owned, gone, strict=True)
    ]
    journal.post(tx, entries)
    for command, booked, change in changed:
        event = StockAdjusted(
            entity=booked.document.id,
            node_id=command.node_id,
            reason=command.reason,
            raised=tuple(sorted(item for item, units in change.items() if units > 0)),
            lowered=tuple(sorted(item for item, units in change.items() if units < 0)),
        )
        tx.emit_first(event, command.cause)


def _levels_set(done: Booked) -> LevelsSet:
    if done.decided is None:
        return LevelsSet(document=done.document, changed=0)
    document = done.document if done.decided.movements else None
    return LevelsSet(
        document=document, changed=len(done.decided.movements), claimed=done.decided.claimed
    )


def _new(commands: Sequence[C], booked: Sequence[Booked | OMSError]) -> list[tuple[C, Booked]]:
    """Commands that were booked just now, with what came of them."""
    return [
        (command, done)
        for command, done in zip(commands, booked, strict=True)
        if isinstance(done, Booked) and done.decided is not None
    ]


def _name(command: StockCommand) -> Hashable:
    """What must not be booked twice in one round; a document without a name is like no other."""
    return command.reference or command.id or object()
