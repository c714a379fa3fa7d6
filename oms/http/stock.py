"""Stock: receipts, adjustments and stock reports, each once however often it is told."""

from datetime import datetime
from typing import Annotated, Final

from litestar import Controller, post
from litestar.params import JSONBody
from msgspec import Meta

from oms.http.answers import Answered, Many, answered
from oms.http.call import Call
from oms.http.guards import may
from oms.http.views import Currency, Input, Name, Reference, View, view
from oms.inventory import service as inventory
from oms.inventory.documents.model import (
    Adjustment,
    LevelsSet,
    Receipt,
    ReceiptLine,
    SetLevels,
    StockDocument,
)

LINES_MAX: Final = 10_000
Lines = Meta(min_length=1, max_length=LINES_MAX)
OnHand = Annotated[int, Meta(ge=0, le=10**9)]
Change = Annotated[int, Meta(ge=-(10**9), le=10**9)]


class ReceiptLineInput(Input, frozen=True, kw_only=True):
    """Units that came, and what each of them cost."""

    item_id: Reference
    units: Annotated[int, Meta(ge=1, le=10**9)]
    unit_cost_minor: Annotated[int, Meta(ge=0, le=10**12)] = 0


class ReceiptInput(Input, frozen=True, kw_only=True):
    """Units come from a supplier. The same `reference` again is the same receipt."""

    node_id: Reference
    currency: Currency
    lines: Annotated[list[ReceiptLineInput], Lines]
    reference: str = ""
    id: str = ""


class ReceiptsInput(Input, frozen=True, kw_only=True):
    """Many receipts."""

    receipts: Annotated[list[ReceiptInput], Many]


class ChangeInput(Input, frozen=True, kw_only=True):
    """Units found (+) or missing (-)."""

    item_id: Reference
    change: Change


class AdjustmentInput(Input, frozen=True, kw_only=True):
    """Units are found or missing on the free shelf, for a stated reason."""

    node_id: Reference
    reason: Name
    lines: Annotated[list[ChangeInput], Lines]
    reference: str = ""
    id: str = ""


class AdjustmentsInput(Input, frozen=True, kw_only=True):
    """Many adjustments."""

    adjustments: Annotated[list[AdjustmentInput], Many]


class LevelInput(Input, frozen=True, kw_only=True):
    """So many units are on hand, in any use."""

    item_id: Reference
    on_hand: OnHand


class LevelsInput(Input, frozen=True, kw_only=True):
    """A count or stock report of a node; items that are not in it stay as they are."""

    node_id: Reference
    levels: Annotated[list[LevelInput], Lines]
    reason: Name = "stock report"
    reference: str = ""
    id: str = ""


class StockDocumentView(View, frozen=True, kw_only=True):
    """The record of a receipt, adjustment or stock report."""

    id: str
    kind: str
    node_id: str
    reference: str
    reason: str
    at: datetime


class ClaimedView(View, frozen=True, kw_only=True):
    """Units a report misses that orders already hold."""

    item_id: str
    units: int


class LevelsView(View, frozen=True, kw_only=True):
    """What a report changed; no document when nothing. `claimed` waits for a person to decide."""

    document: StockDocumentView | None
    changed: int
    claimed: tuple[ClaimedView, ...]


class Stock(Controller):
    path = "/stock"
    tags = ("inventory",)

    @post("/receipts", guards=[may("inventory:write")], status_code=200)
    async def receive(
        self, request: Call, data: JSONBody[ReceiptsInput]
    ) -> list[Answered[StockDocumentView]]:
        """Units come onto free shelves with what they cost; orders that wait for them go on."""
        for each in data.receipts:
            request.caller.expect_node(each.node_id)
        commands = [_receipt(request, each) for each in data.receipts]
        answers = await request.submit_all(inventory.receive, commands, StockDocument)
        return answered(answers, lambda document: view(StockDocumentView, document))

    @post("/adjustments", guards=[may("inventory:write")], status_code=200)
    async def adjust(
        self, request: Call, data: JSONBody[AdjustmentsInput]
    ) -> list[Answered[StockDocumentView]]:
        """Units found or missing, all lines of an adjustment or none."""
        for each in data.adjustments:
            request.caller.expect_node(each.node_id)
        commands = [_adjustment(request, each) for each in data.adjustments]
        answers = await request.submit_all(inventory.adjust, commands, StockDocument)
        return answered(answers, lambda document: view(StockDocumentView, document))

    @post("/levels", guards=[may("inventory:write")], status_code=200)
    async def set_levels(self, request: Call, data: JSONBody[LevelsInput]) -> LevelsView:
        """Make what is on hand at a node what a count or another system reports."""
        request.caller.expect_node(data.node_id)
        command = SetLevels(
            node_id=data.node_id,
            levels=tuple((each.item_id, each.on_hand) for each in data.levels),
            reason=data.reason,
            reference=data.reference,
            id=data.id,
            cause=request.cause,
        )
        done = await request.submit(inventory.set_levels, command, LevelsSet)
        return LevelsView(
            document=view(StockDocumentView, done.document) if done.document else None,
            changed=done.changed,
            claimed=tuple(ClaimedView(item_id=item, units=units) for item, units in done.claimed),
        )


def _receipt(request: Call, data: ReceiptInput) -> Receipt:
    return Receipt(
        node_id=data.node_id,
        lines=tuple(
            ReceiptLine(line.item_id, line.units, line.unit_cost_minor) for line in data.lines
        ),
        currency=data.currency,
        reference=data.reference,
        id=data.id,
        cause=request.cause,
    )


def _adjustment(request: Call, data: AdjustmentInput) -> Adjustment:
    return Adjustment(
        node_id=data.node_id,
        reason=data.reason,
        lines=tuple((line.item_id, line.change) for line in data.lines),
        reference=data.reference,
        id=data.id,
        cause=request.cause,
    )
