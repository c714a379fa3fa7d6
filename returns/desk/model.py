"""A return with its lines, and what one command would do with them."""

from collections.abc import Sequence

import msgspec

from oms.kernel.events import Event
from oms.ledger.model import Account, Movement, Place
from oms.orders.model import LineMove, Slice
from returns.events import CreditedCharge
from returns.model import (
    STAYS_ASIDE,
    Disposition,
    Dock,
    Graded,
    Reception,
    Return,
    ReturnLine,
)


class Desk(msgspec.Struct, frozen=True):
    """A return with its lines: what the desk's steps answer."""

    ret: Return
    lines: tuple[ReturnLine, ...]


class Case(msgspec.Struct, frozen=True):
    """A return on the table: its lines, the units of its order, and where received units stand."""

    desk: Desk
    slices: Sequence[Slice]
    dock: Dock

    @property
    def ret(self) -> Return:
        return self.desk.ret

    @property
    def lines(self) -> dict[str, ReturnLine]:
        return {line.id: line for line in self.desk.lines}


class Judge(msgspec.Struct, frozen=True):
    """Who judges units of which return, and where."""

    return_id: str
    node_id: str
    actor: str


class Plan(msgspec.Struct):
    """What one command would do: nothing is written before the units' moves are allowed.

    `is_new` returns get their number, and are told of, when it is certain that they are made.
    """

    desk: Desk
    is_new: bool = False
    moves: list[LineMove] = []
    events: list[Event] = []
    movements: list[Movement] = []
    receptions: list[Reception] = []
    inspections: list[Graded] = []
    charges: tuple[CreditedCharge, ...] = ()


def blind_arrival(ret: Return, item_id: str, quantity: int, node_id: str) -> Movement:
    """Goods nobody knows a sale for come from an unknown buyer."""
    return Movement(
        item_id=item_id,
        quantity=quantity,
        source=Place(Account.UNKNOWN_BUYER),
        target=Place(Account.RETURNS_DOCK, node_id),
        move="receive_blind",
        document_id=ret.id,
    )


def blind_departure(ret: Return, item_id: str, quantity: int, node_id: str) -> Movement:
    """Goods nobody knows a sale for go back to whoever sent them."""
    return Movement(
        item_id=item_id,
        quantity=quantity,
        source=Place(Account.RETURNS_DOCK, node_id),
        target=Place(Account.UNKNOWN_BUYER),
        move="send_back",
        document_id=ret.id,
    )


def off_the_dock(ret: Return, line: ReturnLine, row: Graded) -> list[Movement]:
    """Goods movements of an accepted or abandoned row beyond the line moves.

    Units of an order reach the disposition with their line move; blind ones have none.
    """
    accept = Movement(
        item_id=line.item_id,
        quantity=row.quantity,
        source=Place(Account.RETURNS_DOCK, row.node_id),
        target=Place(Account.DISPOSITION, row.node_id),
        move="accept_return",
        document_id=ret.id,
    )
    return ([] if line.line_id else [accept]) + disposed(ret, line, row)


def disposed(ret: Return, line: ReturnLine, row: Graded) -> list[Movement]:
    """From disposition to the shelf or out of the house; set-aside units stay where they are."""
    if row.disposition is None or row.disposition in STAYS_ASIDE:
        return []
    restock = row.disposition is Disposition.RESTOCK
    return [
        Movement(
            item_id=line.item_id,
            quantity=row.quantity,
            source=Place(Account.DISPOSITION, row.node_id),
            target=Place(Account.AVAILABLE, row.node_id) if restock else Place(Account.SCRAP),
            move=row.disposition.value,
            order_id=ret.order_id,
            line_id=line.line_id,
            document_id=ret.id,
        )
    ]
