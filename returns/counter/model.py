"""Returns in which everything came and was accepted already: what units do, and what is told."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from fulfillment.model import Pile
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import LineMove
from returns.model import Disposition, ReturnLine, WantedBack
from returns.requesting.model import WantedItem, Way, moves_back

# Handed in at the desk; units on their way are turned round by the carrier first.
WAYS_TO_ACCEPTED: Final = {
    LineState.RETURN_IN_TRANSIT: ("receive_return", "accept_return"),
    LineState.DELIVERED: ("receive_blind", "accept_return"),
    LineState.SHIPPED: ("refuse", "receive_return", "accept_return"),
}


class TakeBack(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of a known order handed in at a counter: received, graded and credited in one step."""

    order_id: str
    node_id: str
    lines: tuple[WantedBack, ...]
    disposition: Disposition = Disposition.RESTOCK
    grade: str = "A"
    reason: str = ""
    cause: Cause = SYSTEM


class Claim(msgspec.Struct, frozen=True):
    """What is said about a line's money: it counts where no sale is known."""

    title: str = ""
    reason: str = ""
    net_minor: int = 0
    tax_minor: int = 0
    tax_rate_bp: int = 0


class Piece(msgspec.Struct, frozen=True):
    """Units that came back: of an order line, or ("") of nobody we know, with their claim."""

    line_id: str
    item_id: str
    quantity: int
    claim: Claim


class Judged(msgspec.Struct, frozen=True):
    """Where the goods are and what was found, the same for all units of a return."""

    node_id: str
    disposition: Disposition
    grade: str
    cause: Cause


def accepting_moves(pile: Pile, pieces: Iterable[Piece], way: Way) -> list[LineMove]:
    """The way of the pieces of known orders from the customer to accepted."""
    return [
        move
        for piece in pieces
        if piece.line_id
        for move in moves_back(pile, WantedItem(piece.line_id, piece.item_id, piece.quantity), way)
    ]


def new_lines(return_id: str, pieces: Sequence[Piece], ids: Iterable[str]) -> list[ReturnLine]:
    """The lines of a return that announces exactly these pieces."""
    return [
        ReturnLine(
            id=id_,
            return_id=return_id,
            position=position,
            line_id=piece.line_id,
            item_id=piece.item_id,
            expected=piece.quantity,
            title=piece.claim.title,
            reason=piece.claim.reason,
            claimed_net_minor=piece.claim.net_minor,
            claimed_tax_minor=piece.claim.tax_minor,
            tax_rate_bp=piece.claim.tax_rate_bp,
        )
        for position, (piece, id_) in enumerate(zip(pieces, ids, strict=True), start=1)
    ]
