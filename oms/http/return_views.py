"""What the returns desk is told and shows; `oms.http.returns` says what it does with it."""

from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import Meta

from oms.http.views import Input, Name, Note, Reference, Units, View, view, views
from returns.desk.model import Desk
from returns.listing.queries import ReturnFacts
from returns.machine import ReturnState
from returns.model import AskedBy, Decision, Disposition, News, Outcome, Why

LINES_MAX: Final = 1_000
Lines = Meta(min_length=1, max_length=LINES_MAX)


class WantedInput(Input, frozen=True, kw_only=True):
    """Units of an order line that are to come back."""

    line_id: Reference
    quantity: Units
    reason: Note = ""


class RequestInput(Input, frozen=True, kw_only=True):
    """Ask for a return. The policy's window binds customers; agents decide."""

    order_id: Reference
    lines: Annotated[list[WantedInput], Lines]
    reason: Note = ""
    asked_by: AskedBy = AskedBy.AGENT


class DecideInput(Input, frozen=True, kw_only=True):
    """Authorise, decline or withdraw."""

    decision: Decision
    reason: Note = ""


class ArrivedInput(Input, frozen=True, kw_only=True):
    """Units counted at the dock: of a return line, or of an item nobody announced."""

    quantity: Units
    return_line_id: str = ""
    item_id: str = ""


class ReceiveInput(Input, frozen=True, kw_only=True):
    """Goods arrived at a node: fewer, more or other ones than announced, in any number of parts."""

    node_id: Reference
    arrived: Annotated[list[ArrivedInput], Lines]


class VerdictInput(Input, frozen=True, kw_only=True):
    """What the inspector found. No disposition: not accepted, it goes back to the customer."""

    return_line_id: Reference
    quantity: Units
    grade: Name
    disposition: Disposition | None = None
    note: Note = ""


class InspectInput(Input, frozen=True, kw_only=True):
    """Grade received units at a node."""

    node_id: Reference
    verdicts: Annotated[list[VerdictInput], Lines]


class RegradeInput(Input, frozen=True, kw_only=True):
    """Give accepted units that were set aside another disposition."""

    return_line_id: Reference
    node_id: Reference
    quantity: Units
    was: Disposition
    disposition: Disposition
    grade: Name
    note: Note = ""


class TakeBackInput(Input, frozen=True, kw_only=True):
    """Goods of a known order handed in: received, graded and credited in one step."""

    order_id: Reference
    node_id: Reference
    lines: Annotated[list[WantedInput], Lines]
    disposition: Disposition = Disposition.RESTOCK
    grade: Name = "A"
    reason: Note = ""


class CompensateInput(Input, frozen=True, kw_only=True):
    """Credit units without seeing them: lost ones, or such as may stay with the customer."""

    order_id: Reference
    lines: Annotated[list[WantedInput], Lines]
    why: Why
    reason: Note = ""


class NewsInput(Input, frozen=True, kw_only=True):
    """What is heard of goods on their way back."""

    news: News
    words: Note = ""


class RefusedUnitsInput(Input, frozen=True, kw_only=True):
    """So many refused units of a return line."""

    return_line_id: Reference
    quantity: Units


class ReconsiderInput(Input, frozen=True, kw_only=True):
    """Refused units that shall be inspected again."""

    node_id: Reference
    units: Annotated[list[RefusedUnitsInput], Lines]
    note: Note = ""


class SendBackInput(Input, frozen=True, kw_only=True):
    """Refused units that go back to the customer, and in what box."""

    node_id: Reference
    units: Annotated[list[RefusedUnitsInput], Lines]
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    weight_g: Annotated[int, Meta(ge=0, le=10**8)] = 0
    note: Note = ""


class AbandonInput(Input, frozen=True, kw_only=True):
    """Refused units nobody wants back, and where they go."""

    node_id: Reference
    units: Annotated[list[RefusedUnitsInput], Lines]
    disposition: Disposition
    note: Note = ""


class ReturnRowView(View, frozen=True, kw_only=True):
    """A return in a list; `orderId` and `customerId` are empty where none is known."""

    id: str
    number: str
    channel_id: str
    external_id: str | None
    order_id: str
    customer_id: str
    currency: str
    state: ReturnState
    reason: str
    requested_at: datetime


class ReturnLineView(View, frozen=True, kw_only=True):
    """One item coming back; `lineId` is empty where no sale of ours is known for it."""

    id: str
    position: int
    line_id: str
    item_id: str
    title: str
    reason: str
    expected: int
    received: int
    accepted: int
    refused: int
    sent_back: int
    abandoned: int
    not_coming: int
    to_inspect: int


class StandingView(View, frozen=True, kw_only=True):
    """Units of a return line at a node; without an outcome they wait for inspection."""

    return_line_id: str
    node_id: str
    outcome: Outcome | None
    disposition: Disposition | None
    units: int


class CreditedChargeView(View, frozen=True, kw_only=True):
    """Money given back without goods."""

    title: str
    net_minor: int
    tax_minor: int
    tax_rate_bp: int


class ReturnView(ReturnRowView, frozen=True, kw_only=True):
    """A return with its lines."""

    lines: tuple[ReturnLineView, ...]


class WholeReturnView(ReturnView, frozen=True, kw_only=True):
    """A return with its lines, what it gives back without goods, and where its units are now."""

    charges: tuple[CreditedChargeView, ...]
    standing: tuple[StandingView, ...]


def desk_view(desk: Desk) -> ReturnView:
    """A return as a step at the desk left it."""
    return ReturnView(
        **_head(view(ReturnRowView, desk.ret)), lines=tuple(views(ReturnLineView, desk.lines))
    )


def whole_view(facts: ReturnFacts) -> WholeReturnView:
    """A return with everything."""
    standing = [
        StandingView(
            return_line_id=line_id,
            node_id=node_id,
            outcome=outcome,
            disposition=disposition,
            units=units,
        )
        for (line_id, node_id, outcome, disposition), units in facts.standing.items()
    ]
    return WholeReturnView(
        **_head(view(ReturnRowView, facts.ret)),
        lines=tuple(views(ReturnLineView, facts.lines)),
        charges=tuple(views(CreditedChargeView, facts.charges)),
        standing=tuple(standing),
    )


def _head(row: ReturnRowView) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ReturnRowView.__struct_fields__}
