"""Names of the lists people work through, and the reasons why an order is on one."""

from enum import StrEnum

import msgspec


class OrderSet(StrEnum):
    """Orders that belong together on somebody's desk."""

    ATTENTION = "attention"
    OPEN = "open"
    HELD = "held"
    TO_RELEASE = "to_release"
    TO_PICK = "to_pick"
    TO_PACK = "to_pack"
    PACKED = "packed"
    LATE = "late"
    LOST = "lost"
    CHANGED = "changed"
    WAITING = "waiting"
    BACKORDERED = "backordered"


class Sorting(StrEnum):
    """Which orders come first in a list: the newest, or those that must leave soonest."""

    NEWEST = "newest"
    DUE = "due"


class ReasonKind(StrEnum):
    """Why an order needs a person, the most pressing first."""

    HELD = "held"
    LOST = "lost"
    LATE = "late"
    CHANGED = "changed"
    WAITING = "waiting"
    BACKORDERED = "backordered"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason. `words` are a hold's own; `subject_id` is the hold or the change it is about."""

    kind: ReasonKind
    words: str = ""
    stage: str = ""
    subject_id: str = ""
    units: int = 0
