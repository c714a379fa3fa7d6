"""Timed claims: which nodes hold the units, and when a claim may still be used."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from oms.inventory.model import ItemAtNode, ItemUnits, Supply, invalid
from oms.inventory.reservations.machine import RESERVATION, ReservationState
from oms.kernel.clock import SECOND_MS
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.ledger.model import Account, Movement, Place

LINES_MAX: Final = 500
TTL_MAX_S: Final = 7 * 24 * 3_600  # a claim of more than a week is an order or a transfer
TTL_DEFAULT_S: Final = 900  # what checkouts usually give a customer to pay


class Reserve(msgspec.Struct, frozen=True, kw_only=True):
    """Keep units of these items (bundles as their parts) aside: all of them or nothing.

    Saying it again with the same `id` is the same reservation.
    """

    channel_id: str
    lines: tuple[ItemUnits, ...]
    ttl_s: int = TTL_DEFAULT_S
    id: str = ""
    cause: Cause = SYSTEM


class ReleaseReservation(msgspec.Struct, frozen=True, kw_only=True):
    """Give the units back before the time is over."""

    id: str
    cause: Cause = SYSTEM


class UseReservation(msgspec.Struct, frozen=True, kw_only=True):
    """An order takes the place of the reservation."""

    id: str
    order_id: str
    cause: Cause = SYSTEM


class ReservedLine(msgspec.Struct, frozen=True, gc=False):
    """Units kept aside at one node."""

    item_id: str
    node_id: str
    units: int


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A timed claim. `order_id` is the order it was used for."""

    id: str
    channel_id: str
    state: ReservationState
    expires_at_ms: int
    lines: tuple[ReservedLine, ...]
    order_id: str = ""

    @property
    def item_ids(self) -> tuple[str, ...]:
        return tuple(sorted({line.item_id for line in self.lines}))


def checked(command: Reserve, known_items: Mapping[str, object]) -> Reserve:
    """The command, or `Invalid` naming every bad field."""
    wrong = {}
    if not 0 < len(command.lines) <= LINES_MAX:
        wrong["lines"] = f"must be 1 to {LINES_MAX}"
    if not 0 < command.ttl_s <= TTL_MAX_S:
        wrong["ttl_s"] = f"must be 1 to {TTL_MAX_S} seconds"
    for index, (item_id, units) in enumerate(command.lines):
        if item_id not in known_items:
            wrong[f"lines[{index}].item_id"] = f"there is no item '{item_id}'"
        if units < 1:
            wrong[f"lines[{index}].units"] = "must be at least 1"
    if wrong:
        raise invalid("reservation", "This cannot be reserved", wrong)
    return command


def choose(wanted: Mapping[str, int], supply: Supply) -> tuple[ReservedLine, ...]:
    """Where to keep the units: at the first node that has all of them, else wherever they are.

    `Refused` names each item that lacks units over all nodes.
    """
    for node in supply.nodes:
        if all(supply.available.get((item, node.id), 0) >= units for item, units in wanted.items()):
            return tuple(ReservedLine(item, node.id, wanted[item]) for item in sorted(wanted))
    lines, missing = [], {}
    for item_id, units in sorted(wanted.items()):
        left = units
        for node in supply.nodes:
            taken = min(left, supply.available.get((item_id, node.id), 0))
            if taken:
                lines.append(ReservedLine(item_id, node.id, taken))
                left -= taken
        if left:
            missing[item_id] = f"{units} wanted, {units - left} can be promised"
    if missing:
        raise Refused(
            "stock.insufficient",
            f"Not enough can be promised of {len(missing)} item{'s' if len(missing) > 1 else ''}.",
            "Ask for fewer, or again when stock has come in.",
            missing,
        )
    return tuple(lines)


def reservation(
    command: Reserve, id_: str, lines: tuple[ReservedLine, ...], now_ms: int
) -> Reservation:
    """The claim as it begins."""
    return Reservation(
        id=id_,
        channel_id=command.channel_id,
        state=ReservationState.HELD,
        expires_at_ms=now_ms + command.ttl_s * SECOND_MS,
        lines=lines,
    )


def expect_same(old: Reservation, command: Reserve, wanted: Mapping[str, int]) -> Reservation:
    """The reservation if the command asks for the same again; `Refused` if its id is taken."""
    held: Counter[str] = Counter()
    for line in old.lines:
        held[line.item_id] += line.units
    if old.channel_id == command.channel_id and held == wanted:
        return old
    raise Refused(
        "reservation.id_taken",
        f"Reservation '{old.id}' is for something else.",
        "Use a new id for a new reservation.",
        {"id": "taken"},
    )


def used(old: Reservation, order_id: str, now_ms: int) -> Reservation:
    """The reservation after `order_id` took its place; the same order may say so twice."""
    if old.state is ReservationState.USED and old.order_id == order_id:
        return old
    if old.state is ReservationState.HELD and old.expires_at_ms <= now_ms:
        raise Refused(
            "reservation.expired",
            f"Reservation '{old.id}' was held until its time was over.",
            "Reserve again, or place the order without it.",
        )
    state = RESERVATION.after(old.state, "use")
    return msgspec.structs.replace(old, state=state, order_id=order_id)


def ended(old: Reservation, move: str) -> Reservation:
    """The reservation after `move`; one that already is there stays."""
    target = next(row.target for row in RESERVATION.moves if row.name == move)
    if old.state is target:
        return old
    return msgspec.structs.replace(old, state=RESERVATION.after(old.state, move))


def holding(reservations: Iterable[Reservation]) -> list[Movement]:
    """Free shelf to reserved, for claims that begin."""
    return [
        Movement(
            line.item_id,
            line.units,
            Place(Account.AVAILABLE, line.node_id),
            Place(Account.RESERVED, line.node_id),
            "reserve",
            document_id=each.id,
        )
        for each in reservations
        for line in each.lines
    ]


def giving_back(reservations: Iterable[Reservation]) -> list[Movement]:
    """Reserved to free shelf, for claims that end."""
    return [
        Movement(
            line.item_id,
            line.units,
            Place(Account.RESERVED, line.node_id),
            Place(Account.AVAILABLE, line.node_id),
            "unreserve",
            document_id=each.id,
        )
        for each in reservations
        for line in each.lines
    ]


def take(taken: Counter[ItemAtNode], lines: Iterable[ReservedLine]) -> None:
    """Note that these units are gone from the shelves."""
    for line in lines:
        taken[line.item_id, line.node_id] += line.units
