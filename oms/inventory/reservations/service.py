"""Claiming units for a time, and ending claims: by an order, by word, or by the clock."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from oms.catalog import queries as catalog
from oms.catalog.model import ItemRef
from oms.inventory import store as inventory
from oms.inventory.reservations import model, store
from oms.inventory.reservations.events import (
    ReservationExpired,
    ReservationHeld,
    ReservationReleased,
    ReservationUsed,
)
from oms.inventory.reservations.model import (
    ReleaseReservation,
    Reservation,
    Reserve,
    UseReservation,
)
from oms.kernel.errors import NotFound, OMSError
from oms.kernel.ids import expect_prefix
from oms.ledger import goods
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction

EXPIRED_AT_ONCE_MAX: Final = 500  # short transactions: checkouts wait for the same rows


def reserve(tx: Transaction, commands: Sequence[Reserve]) -> list[Reservation | OMSError]:
    """Keep units aside, each command all or nothing, the earlier before the later.

    `Refused` ``stock.insufficient`` names the items of which not enough can be promised.
    """
    return in_rounds(commands, lambda c: c.id or object(), partial(_reserve, tx))


def release_reservations(
    tx: Transaction, commands: Sequence[ReleaseReservation]
) -> list[Reservation | OMSError]:
    """Give claims back; saying it twice is the same as once."""
    return in_rounds(commands, lambda c: c.id, partial(_release, tx))


def lock_reservations(tx: Transaction, ids: Iterable[str]) -> dict[str, Reservation]:
    """Claims by id, locked until the transaction ends: before the shelves that they are on."""
    return store.lock(tx, ids)


def use_reservations(
    tx: Transaction, commands: Sequence[UseReservation]
) -> list[Reservation | OMSError]:
    """Orders take the place of claims: each exactly once, and only in time.

    The units go back to the free shelf, whose rows stay locked: source the order in the same
    transaction and nobody else can come between.
    """
    return in_rounds(commands, lambda c: c.id, partial(_use, tx))


def use_reservation(tx: Transaction, reservation_id: str, order_id: str) -> Reservation:
    """The same for one; raises what would be answered."""
    [answer] = use_reservations(tx, [UseReservation(id=reservation_id, order_id=order_id)])
    if isinstance(answer, OMSError):
        raise answer
    return answer


def expire_reservations(tx: Transaction, count: int = EXPIRED_AT_ONCE_MAX) -> int:
    """End claims whose time is over, at most `count`; answers how many. Repeat until fewer."""
    due = [model.ended(each, "expire") for each in store.lock_due(tx, count)]
    _end(tx, due)
    for each in due:
        tx.emit(ReservationExpired(entity=each.id, item_ids=each.item_ids))
    return len(due)


def _reserve(tx: Transaction, commands: Sequence[Reserve]) -> list[Reservation | OMSError]:
    known = store.find(tx, [command.id for command in commands if command.id])
    items = catalog.item_refs(tx, [item for command in commands for item, _ in command.lines])
    parts = (item for ref in items.values() for item, _ in ref.stock_units(1))
    stock = inventory.lock_stock(tx, parts)
    taken: Counter[tuple[str, str]] = Counter()
    answers: list[Reservation | OMSError] = []
    new: list[Reservation] = []
    for command in commands:
        try:
            wanted = _stock_units(model.checked(command, items), items)
            if command.id in known:
                answers.append(model.expect_same(known[command.id], command, wanted))
                continue
            id_ = expect_prefix(command.id or tx.new_id("rsv"), "rsv")
            lines = model.choose(wanted, stock.for_channel(command.channel_id, taken))
        except OMSError as refusal:
            answers.append(refusal)
            continue
        model.take(taken, lines)
        each = model.reservation(command, id_, lines, tx.now_ms)
        new.append(each)
        answers.append(each)
        tx.emit_first(_held(each), command.cause)
    store.add(tx, new)
    goods.post(tx, model.holding(new))
    return answers


def _release(
    tx: Transaction, commands: Sequence[ReleaseReservation]
) -> list[Reservation | OMSError]:
    known = store.lock(tx, [command.id for command in commands])
    answers: list[Reservation | OMSError] = []
    changed: list[Reservation] = []
    for command in commands:
        try:
            after = model.ended(_found(known, command.id), "release")
        except OMSError as refusal:
            answers.append(refusal)
            continue
        answers.append(after)
        if after is not known[command.id]:
            changed.append(after)
            tx.emit(ReservationReleased(entity=after.id, item_ids=after.item_ids), command.cause)
    _end(tx, changed)
    return answers


def _use(tx: Transaction, commands: Sequence[UseReservation]) -> list[Reservation | OMSError]:
    known = store.lock(tx, [command.id for command in commands])
    answers: list[Reservation | OMSError] = []
    changed: list[Reservation] = []
    for command in commands:
        try:
            after = model.used(_found(known, command.id), command.order_id, tx.now_ms)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        answers.append(after)
        if after is not known[command.id]:
            changed.append(after)
            event = ReservationUsed(
                entity=after.id, order_id=after.order_id, item_ids=after.item_ids
            )
            tx.emit(event, command.cause)
    _end(tx, changed)
    return answers


def _end(tx: Transaction, reservations: Sequence[Reservation]) -> None:
    store.write_states(tx, reservations)
    goods.post(tx, model.giving_back(reservations))


def _stock_units(command: Reserve, items: dict[str, ItemRef]) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for item_id, quantity in command.lines:
        for part_id, units in items[item_id].stock_units(quantity):
            wanted[part_id] += units
    return wanted


def _found(known: dict[str, Reservation], id_: str) -> Reservation:
    if id_ not in known:
        raise NotFound("reservation.not_found", f"There is no reservation '{id_}'.", "Reserve.")
    return known[id_]


def _held(each: Reservation) -> ReservationHeld:
    return ReservationHeld(
        entity=each.id,
        channel_id=each.channel_id,
        expires_at_ms=each.expires_at_ms,
        item_ids=each.item_ids,
    )
