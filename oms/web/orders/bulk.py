"""What became of an act on many orders: how many it did, and why not with the others. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from oms.kernel.errors import OMSError
from oms.web.translations import N_

SAMPLE: Final = 5


class Act(msgspec.Struct, frozen=True):
    """What was asked for; `done` and `undone` are filled with a count."""

    done: str
    undone: str


RELEASED: Final = Act(N_("%(n)s released to picking"), N_("%(n)s not released"))
HELD: Final = Act(N_("%(n)s held"), N_("%(n)s not held"))
RECALLED: Final = Act(N_("%(n)s taken back from picking"), N_("%(n)s not taken back"))


class Group(msgspec.Struct, frozen=True):
    """Orders an act failed with for the same reason."""

    sentence: str
    remedy: str
    count: int
    sample: tuple[str, ...]


class Result(msgspec.Struct, frozen=True):
    """The whole outcome."""

    act: Act
    done: int
    failed: int
    groups: tuple[Group, ...]

    @property
    def tone(self) -> str:
        return "ok" if not self.failed else "warn" if self.done else "bad"


def result(act: Act, told: Sequence[tuple[str, Any | OMSError]]) -> Result:
    """`told` are order numbers with what was answered."""
    reasons: dict[str, list[tuple[str, OMSError]]] = defaultdict(list)
    for number, answer in told:
        if isinstance(answer, OMSError):
            reasons[answer.code].append((number, answer))
    groups = tuple(
        Group(
            sentence=found[0][1].sentence,
            remedy=found[0][1].remedy,
            count=len(found),
            sample=tuple(number for number, _ in found[:SAMPLE]),
        )
        for found in reasons.values()
    )
    failed = sum(group.count for group in groups)
    return Result(act, len(told) - failed, failed, groups)
