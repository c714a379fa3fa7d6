"""What somebody found in a parcel, as counts and verdicts for the steps that carry them out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from oms.kernel.errors import Refused, Stale
from oms.kernel.events import SYSTEM, Cause
from returns.model import Arrived, Disposition, ReturnLine, Verdict, positive

Waiting = Mapping[str, int]
"""Units that wait for inspection at a node, by return line."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Units on the table: of a return line, or of an item nobody announced.

    Without a grade they are counted in and wait for inspection; with one and no disposition they
    are refused.
    """

    quantity: int
    return_line_id: str = ""
    item_id: str = ""
    grade: str = ""
    disposition: Disposition | None = None
    note: str = ""


class Finish(msgspec.Struct, frozen=True, kw_only=True):
    """Count in and judge what lies on the table, all of it or nothing.

    `seen` is the return's mark when it was looked at ("" for whatever it is now). `is_over`: what
    is missing then is not expected any more.
    """

    return_id: str
    node_id: str
    found: tuple[Found, ...]
    seen: str = ""
    is_over: bool = False
    cause: Cause = SYSTEM


def mark(lines: Iterable[ReturnLine]) -> str:
    """How far a return is: another one when anything was counted in or judged meanwhile."""
    received = judged = given_up = 0
    for line in lines:
        received += line.received
        judged += line.received - line.to_inspect
        given_up += line.not_coming
    return f"{received}.{judged}.{given_up}"


def refuse_stale(command: Finish, lines: Iterable[ReturnLine]) -> None:
    """`Stale` when somebody else worked on the return since it was looked at."""
    if command.seen and command.seen != mark(lines):
        raise Stale(
            "return.changed_meanwhile",
            "Somebody counted in or judged goods of this return since it was opened here.",
            "Look at it again: what is still on the table is shown anew.",
        )


def arrivals(found: Sequence[Found], waiting: Waiting) -> tuple[Arrived, ...]:
    """What of the found units is not counted in yet."""
    left, counted = Counter(waiting), Counter[tuple[str, str]]()
    for each in found:
        here = min(positive(each.quantity), max(0, left[each.return_line_id]))
        left[each.return_line_id] -= here
        counted[each.return_line_id, each.item_id] += each.quantity - here
    return tuple(
        Arrived(quantity=units, return_line_id=line_id, item_id="" if line_id else item_id)
        for (line_id, item_id), units in counted.items()
        if units
    )


def verdicts(
    found: Sequence[Found], lines: Sequence[ReturnLine], waiting: Waiting
) -> tuple[Verdict, ...]:
    """The grades for what waits at the node now that everything is counted in.

    Units beyond what was announced may have got another line of the same item: they are judged
    there. `Refused` when not so many wait.
    """
    left = Counter(waiting)
    judged: list[Verdict] = []
    for each in (each for each in found if each.grade):
        missing = each.quantity
        for line in _lines_for(each, lines):
            count = min(missing, max(0, left[line.id]))
            if count:
                left[line.id] -= count
                missing -= count
                judged.append(_verdict(each, line, count))
        if missing:
            raise Refused(
                "return.nothing_to_inspect",
                f"{missing} graded units do not wait for inspection at this node.",
                "Look at the return again and count once more.",
            )
    return tuple(judged)


def _lines_for(found: Found, lines: Sequence[ReturnLine]) -> Iterator[ReturnLine]:
    """The named line, then others of its item."""
    named = [line for line in lines if line.id == found.return_line_id]
    item_id = named[0].item_id if named else found.item_id
    yield from named
    yield from (line for line in lines if line.item_id == item_id and line not in named)


def _verdict(found: Found, line: ReturnLine, count: int) -> Verdict:
    return Verdict(
        return_line_id=line.id,
        quantity=count,
        grade=found.grade,
        disposition=found.disposition,
        note=found.note,
    )
