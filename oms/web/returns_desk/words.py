"""How returns look and what things at the desk are called. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from config import returns as policy
from oms.payments.machine import RefundState
from oms.web.looks import Look
from oms.web.translations import N_
from returns.machine import ReturnState
from returns.model import Disposition, ReturnLine

REFUSE: Final = "refuse"

# fmt: off
_S = ReturnState
STATES: Final[Mapping[ReturnState, Look]] = {
    _S.REQUESTED:  Look("circle-help",  N_("To decide"),          "violet"),
    _S.AUTHORISED: Look("package",      N_("Expected"),           "info"),
    _S.DECLINED:   Look("ban",          N_("Declined")),
    _S.WITHDRAWN:  Look("circle-x",     N_("Withdrawn")),
    _S.RECEIVING:  Look("clock",        N_("Waits for the rest"), "warn"),
    _S.CLOSED:     Look("circle-check", N_("Closed"),             "ok"),
}
TO_INSPECT: Final = Look("undo-2",      N_("Arrived, inspect"),   "violet")
TURNED_DOWN: Final = Look("ban",        N_("Refused goods here"), "bad")


class Grade(msgspec.Struct, frozen=True):
    """A key at the desk: what it says of the goods and, by policy, what becomes of them."""

    key: str
    word: str
    goes_to: str


_GRADE_WORDS: Final = {
    "A": N_("Like new"),
    "B": N_("Opened"),
    "C": N_("Damaged"),
    "D": N_("Not as sold"),
}
GRADES: Final = tuple(
    Grade(key, _GRADE_WORDS.get(key, key), goes_to) for key, goes_to in policy.GRADES.items()
)
GOES_TO: Final[Mapping[str, str]] = policy.GRADES
TARGETS: Final[Mapping[str, str]] = {
    Disposition.RESTOCK:    N_("Back on the shelf"),
    Disposition.REFURBISH:  N_("Refurbish"),
    Disposition.QUARANTINE: N_("Quarantine"),
    Disposition.SCRAP:      N_("Scrap"),
    Disposition.VENDOR:     N_("Back to the vendor"),
    Disposition.DONATE:     N_("Donate"),
    REFUSE:                 N_("Refuse, no credit"),
}
TARGET_ICONS: Final[Mapping[str, str]] = {
    Disposition.RESTOCK:    "warehouse",
    Disposition.REFURBISH:  "package-open",
    Disposition.QUARANTINE: "circle-pause",
    Disposition.SCRAP:      "trash-2",
    Disposition.VENDOR:     "truck",
    Disposition.DONATE:     "package-check",
    REFUSE:                 "ban",
}
TARGET_TONES: Final[Mapping[str, str]] = {
    Disposition.RESTOCK: "ok", Disposition.REFURBISH: "info", Disposition.QUARANTINE: "warn",
    Disposition.SCRAP: "bad", Disposition.VENDOR: "neutral", Disposition.DONATE: "neutral",
    REFUSE: "bad",
}
REASONS: Final = (
    N_("Does not fit"), N_("Changed their mind"), N_("Defective"), N_("Damaged on the way"),
    N_("Wrong item sent"), N_("Not as described"), N_("Came back undelivered"),
)
TENDERS: Final[Mapping[str, str]] = {
    "paid_on_channel": N_("the channel it was paid on"),
    "card":            N_("the card"),
    "cod":             N_("cash on delivery"),
    "bank_transfer":   N_("bank transfer"),
    "manual":          N_("by hand"),
}
_R = RefundState
REFUNDS: Final[Mapping[RefundState, Look]] = {
    _R.REQUESTED: Look("loader",         N_("On its way back"), "info"),
    _R.IN_DOUBT:  Look("clock",          N_("Not certain yet"), "warn"),
    _R.PAYABLE:   Look("hand",           N_("To pay by hand"),  "warn"),
    _R.SUCCEEDED: Look("circle-check",   N_("Given back")),
    _R.FAILED:    Look("triangle-alert", N_("Failed"),          "bad"),
}
# fmt: on


def look(state: ReturnState, lines: Sequence[ReturnLine]) -> Look:
    """What waits to be done comes before where the document stands."""
    if state is ReturnState.RECEIVING:
        if any(line.to_inspect for line in lines):
            return TO_INSPECT
        if any(line.refused for line in lines):
            return TURNED_DOWN
    return STATES[state]


def target(grade: str, chosen: str) -> str:
    """Where a graded piece goes: as chosen for it, else as its grade says; "" without a grade."""
    if not grade:
        return ""
    return chosen if chosen in TARGETS else GOES_TO.get(grade, "")
