"""Payloads that cannot be orders, and what may be asked of them."""

import msgspec

from connectors.contract.messages import ChannelOrder
from oms.kernel.events import SYSTEM, Cause
from oms.orders.quarantine.machine import QuarantineState


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """Keep a payload whole, with the reason why it cannot come in.

    `source` says where it came from (file and row, message id) and is unique in its channel: the
    same source told again replaces what is still open. `rows` counts what the payload stands for.
    """

    channel_id: str
    source: str
    code: str
    words: str
    payload: str
    external_id: str = ""
    rows: int = 1
    cause: Cause = SYSTEM


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A payload in quarantine. `edited` is a person's repair; `payload` stays as it came."""

    id: str
    channel_id: str
    source: str
    external_id: str
    code: str
    words: str
    payload: str
    edited: str
    rows: int
    state: QuarantineState
    at_ms: int
    order_id: str | None = None
    decided_at_ms: int | None = None
    decided_by: str = ""

    @property
    def present(self) -> str:
        """The payload as it would be run now."""
        return self.edited or self.payload


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the payload by a repaired one; what came is kept beside."""

    quarantine_id: str
    payload: str
    cause: Cause = SYSTEM


class Rerun(msgspec.Struct, frozen=True, kw_only=True):
    """Try again. `order` is what a connector reads in the payload now; without it the payload must
    be an order in the contract's own JSON.
    """

    quarantine_id: str
    order: ChannelOrder | None = None
    cause: Cause = SYSTEM


class Dismiss(msgspec.Struct, frozen=True, kw_only=True):
    """Decide that a payload is no order of ours."""

    quarantine_id: str
    reason: str
    cause: Cause = SYSTEM
