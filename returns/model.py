"""What a return is made of, and what may be asked at the returns desk.

What follows from what is asked stands in the folder of each step.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from oms.kernel.errors import Invalid, NotFound
from oms.kernel.events import SYSTEM, Cause
from returns.machine import ReturnState


class Disposition(StrEnum):
    """What happens with an accepted unit."""

    RESTOCK = "restock"
    REFURBISH = "refurbish"
    QUARANTINE = "quarantine"
    SCRAP = "scrap"
    VENDOR = "vendor"
    DONATE = "donate"


STAYS_ASIDE: Final = frozenset({Disposition.REFURBISH, Disposition.QUARANTINE})
"""Dispositions with which units stay at the node and may be graded again; the others leave."""


class Outcome(StrEnum):
    """What became of received units; only accepted ones are credited."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    SENT_BACK = "sent_back"
    ABANDONED = "abandoned"


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """A return; `order_id` and `customer_id` are "" where no order or customer is known."""

    id: str
    number: str
    channel_id: str
    external_id: str | None
    order_id: str
    customer_id: str
    currency: str
    state: ReturnState
    reason: str
    requested_at_ms: int


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item coming back. `line_id` "" means that no sale of ours is known for it.

    `refused` units wait at the dock, until they are sent back or abandoned. `not_coming` units are
    credited without coming back: lost, or left with the customer. Claimed amounts are for all
    `expected` units and count where no sale is known.
    """

    id: str
    return_id: str
    position: int
    line_id: str
    item_id: str
    expected: int
    title: str = ""
    reason: str = ""
    received: int = 0
    accepted: int = 0
    refused: int = 0
    sent_back: int = 0
    abandoned: int = 0
    not_coming: int = 0
    claimed_net_minor: int = 0
    claimed_tax_minor: int = 0
    tax_rate_bp: int = 0

    @property
    def to_inspect(self) -> int:
        judged = self.accepted + self.refused + self.sent_back + self.abandoned
        return self.received - judged

    @property
    def missing(self) -> int:
        """Announced units that are still to come."""
        return max(0, self.expected - self.received - self.not_coming)


class WantedBack(msgspec.Struct, frozen=True, kw_only=True):
    """Units of an order line the customer wants to send back."""

    line_id: str
    quantity: int
    reason: str = ""


class AskedBy(StrEnum):
    """Who asks for a return: the policy's window binds customers, agents decide."""

    CUSTOMER = "customer"
    AGENT = "agent"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a return of delivered units."""

    order_id: str
    lines: tuple[WantedBack, ...]
    reason: str = ""
    asked_by: AskedBy = AskedBy.CUSTOMER
    cause: Cause = SYSTEM


class Decision(StrEnum):
    """What is decided about a request; the names of the document's moves."""

    AUTHORISE = "authorise"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class Decide(msgspec.Struct, frozen=True, kw_only=True):
    """Authorise, decline or withdraw a return."""

    return_id: str
    decision: Decision
    reason: str = ""
    cause: Cause = SYSTEM


class News(StrEnum):
    """What is heard of goods on their way back."""

    SENT = "sent"
    LOST = "lost"


class ReportNews(msgspec.Struct, frozen=True, kw_only=True):
    """The customer gave authorised goods to a carrier, or the carrier lost them."""

    return_id: str
    news: News
    words: str = ""
    cause: Cause = SYSTEM


class Why(StrEnum):
    """Why units are credited that do not come back."""

    LOST = "lost"
    KEPT = "kept"


class Compensate(msgspec.Struct, frozen=True, kw_only=True):
    """Credit units without their coming back: lost on the way out, or left with the customer."""

    order_id: str
    lines: tuple[WantedBack, ...]
    why: Why
    reason: str = ""
    cause: Cause = SYSTEM


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """Units counted at the dock: of a known return line, or of an item nobody announced."""

    quantity: int
    return_line_id: str = ""
    item_id: str = ""


class Receive(msgspec.Struct, frozen=True, kw_only=True):
    """Goods arrived at a node; may differ from what was expected and may come in parts."""

    return_id: str
    node_id: str
    arrived: tuple[Arrived, ...]
    cause: Cause = SYSTEM


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing more is expected: what did not come stays with the customer."""

    return_id: str
    cause: Cause = SYSTEM


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the inspector found. `disposition` None: not accepted, it goes back to the customer."""

    return_line_id: str
    quantity: int
    grade: str
    disposition: Disposition | None
    note: str = ""


class Inspect(msgspec.Struct, frozen=True, kw_only=True):
    """Grade received units at a node."""

    return_id: str
    node_id: str
    verdicts: tuple[Verdict, ...]
    cause: Cause = SYSTEM


class Regrade(msgspec.Struct, frozen=True, kw_only=True):
    """Give accepted units that were set aside another disposition."""

    return_id: str
    return_line_id: str
    node_id: str
    quantity: int
    was: Disposition
    disposition: Disposition
    grade: str
    note: str = ""
    cause: Cause = SYSTEM


class RefusedUnits(msgspec.Struct, frozen=True, kw_only=True):
    """So many refused units of a return line."""

    return_line_id: str
    quantity: int


class Reconsider(msgspec.Struct, frozen=True, kw_only=True):
    """Let refused units be inspected again."""

    return_id: str
    node_id: str
    units: tuple[RefusedUnits, ...]
    note: str = ""
    cause: Cause = SYSTEM


class SendBack(msgspec.Struct, frozen=True, kw_only=True):
    """Refused units go back to the customer in a box of ours."""

    return_id: str
    node_id: str
    units: tuple[RefusedUnits, ...]
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    weight_g: int = 0
    note: str = ""
    cause: Cause = SYSTEM


class Abandon(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody wants refused units back: they are ours, without a credit."""

    return_id: str
    node_id: str
    units: tuple[RefusedUnits, ...]
    disposition: Disposition
    note: str = ""
    cause: Cause = SYSTEM


class Reception(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a return line that were counted in at a node."""

    id: str
    return_id: str
    return_line_id: str
    node_id: str
    quantity: int
    at_ms: int
    actor: str


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of units of a return line at a node. Nothing is overwritten: whatever is changed
    later adds a row that takes units out, with a negative quantity, and one that puts them in.
    """

    id: str
    return_id: str
    return_line_id: str
    node_id: str
    quantity: int
    outcome: Outcome
    disposition: Disposition | None
    grade: str
    note: str
    at_ms: int
    actor: str


Standing = tuple[str, str, Outcome | None, Disposition | None]
"""Return line, node, what became of the units there (None: they wait for inspection)."""


class Dock:
    """Units of some returns by where they stand, counted while commands are planned."""

    def __init__(self, units: Mapping[Standing, int]) -> None:
        self._units = Counter(units)

    def at(self, standing: Standing) -> int:
        return self._units[standing]

    def waiting(self, return_line_id: str, node_id: str) -> int:
        """Units of a line that wait for inspection at the node."""
        return self._units[return_line_id, node_id, None, None]

    def refused(self, return_line_id: str, node_id: str) -> int:
        """Units of a line that were refused and are still at the node."""
        return self._units[return_line_id, node_id, Outcome.REFUSED, None]

    def aside(self, return_line_id: str, node_id: str, disposition: Disposition) -> int:
        """Accepted units of a line that lie at the node with that disposition."""
        return self._units[return_line_id, node_id, Outcome.ACCEPTED, disposition]

    def receive(self, reception: Reception) -> None:
        self._units[reception.return_line_id, reception.node_id, None, None] += reception.quantity

    def grade(self, row: Graded) -> None:
        """Count a row; units that are judged no longer wait."""
        line_id, node_id = row.return_line_id, row.node_id
        self._units[line_id, node_id, row.outcome, row.disposition] += row.quantity
        self._units[line_id, node_id, None, None] -= row.quantity


def counted(line: ReturnLine, rows: Iterable[Graded]) -> ReturnLine:
    """The line with its counts moved on by rows about it."""
    change: Counter[Outcome] = Counter()
    for row in rows:
        if row.return_line_id == line.id:
            change[row.outcome] += row.quantity
    return msgspec.structs.replace(
        line,
        accepted=line.accepted + change[Outcome.ACCEPTED],
        refused=line.refused + change[Outcome.REFUSED],
        sent_back=line.sent_back + change[Outcome.SENT_BACK],
        abandoned=line.abandoned + change[Outcome.ABANDONED],
    )


def is_finished(lines: Iterable[ReturnLine]) -> bool:
    """Whether all that came is settled and nothing announced is still to come."""
    return all(line.to_inspect == 0 and line.refused == 0 and line.missing == 0 for line in lines)


def by_line(lines: Iterable[ReturnLine]) -> dict[str, list[ReturnLine]]:
    """Return lines by their return."""
    grouped: dict[str, list[ReturnLine]] = defaultdict(list)
    for line in lines:
        grouped[line.return_id].append(line)
    return grouped


def named_line(lines: Mapping[str, ReturnLine], return_line_id: str) -> ReturnLine:
    if return_line_id not in lines:
        raise unknown("return line", return_line_id)
    return lines[return_line_id]


def positive(quantity: int) -> int:
    if quantity <= 0:
        raise Invalid("return.quantity", "A quantity must be at least 1.", "Count again.")
    return quantity


def unknown(what: str, id_: str) -> NotFound:
    code = what.replace(" ", "_")
    return NotFound(f"{code}.not_found", f"There is no {what} '{id_}'.", "Check the id.")
