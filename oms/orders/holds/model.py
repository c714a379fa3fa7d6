"""What may be asked of holds."""

import msgspec

from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import HoldStage


class PlaceHold(msgspec.Struct, frozen=True, kw_only=True):
    """Stop one stage of an order, or of one line or one fulfilment order of it."""

    order_id: str
    stage: HoldStage
    reason: str
    note: str = ""
    line_id: str = ""
    fulfilment_id: str = ""
    cause: Cause = SYSTEM


class ReleaseHold(msgspec.Struct, frozen=True, kw_only=True):
    """Let the stage go on, as far as no other hold stops it."""

    hold_id: str
    cause: Cause = SYSTEM


class HoldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A hold with its story: who placed it when and why, who released it when."""

    id: str
    order_id: str
    stage: HoldStage
    reason: str
    placed_at_ms: int
    placed_by: str
    line_id: str = ""
    fulfilment_id: str = ""
    note: str = ""
    released_at_ms: int | None = None
    released_by: str = ""
