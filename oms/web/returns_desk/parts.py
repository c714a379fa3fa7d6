"""What lies on the table: pieces of a parcel with their grades, as a form says them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from oms.accounting.crediting.queries import Back
from oms.web.forms import Form
from oms.web.returns_desk.words import GOES_TO, REFUSE, TARGETS, target
from returns.finishing.model import Found
from returns.model import Disposition, ReturnLine

PARTS_MAX: Final = 100
NOTE_MAX: Final = 10_000
"""A note may be long: what a customer wrote is sometimes put there whole."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Some units of one kind that are judged together; `line_id` is "" for what nobody announced.

    `most` of them can be on the table; `goes_to` is chosen by hand, "" leaves it to the grade.
    """

    line_id: str
    item_id: str
    quantity: int
    most: int
    grade: str = ""
    goes_to: str = ""
    note: str = ""

    @property
    def target(self) -> str:
        """A disposition, `refuse`, or "" while it has no grade."""
        return target(self.grade, self.goes_to)

    @property
    def is_credited(self) -> bool:
        return self.quantity > 0 and self.target not in ("", REFUSE)


def on_the_table(
    lines: Sequence[ReturnLine], waiting: Mapping[str, int], may_receive: Mapping[str, int]
) -> list[Part]:
    """One part for each line that has units here, or may get some: all of them, ungraded."""
    parts = []
    for line in lines:
        most = waiting.get(line.id, 0) + may_receive.get(line.id, 0)
        if most:
            parts.append(Part(line_id=line.id, item_id=line.item_id, quantity=most, most=most))
    return parts


def posted_parts(form: Form, lines: Sequence[ReturnLine]) -> list[Part]:
    """The parts as the form says; what it names and is not of this return is left out."""
    item_of = {line.id: line.item_id for line in lines}
    parts = []
    for number in range(form.number("parts", 0, PARTS_MAX)):
        line_id, item_id = form.text(f"line.{number}"), form.text(f"item.{number}")
        if line_id and line_id not in item_of:
            continue
        grade, goes_to = form.text(f"grade.{number}"), form.text(f"to.{number}")
        most = form.number(f"most.{number}", 0, 10**9)
        parts.append(
            Part(
                line_id=line_id,
                item_id=item_of.get(line_id, item_id),
                quantity=form.number(f"quantity.{number}", 0, max(most, 1)),
                most=most,
                grade=grade if grade in GOES_TO else "",
                goes_to=goes_to if goes_to in TARGETS else "",
                note=form.text(f"note.{number}", NOTE_MAX),
            )
        )
    return parts


def split(parts: Sequence[Part], position: int) -> list[Part]:
    """One unit of a part becomes a part of its own, before the rest of it."""
    if not 0 <= position < len(parts) or parts[position].quantity < 2:
        return list(parts)
    whole = parts[position]
    one = msgspec.structs.replace(whole, quantity=1, most=1)
    rest = msgspec.structs.replace(whole, quantity=whole.quantity - 1, most=whole.most - 1)
    return [*parts[:position], one, rest, *parts[position + 1 :]]


def with_item(parts: Sequence[Part], item_id: str) -> list[Part]:
    """With one unit more of an item that nobody announced."""
    for position, part in enumerate(parts):
        if part.item_id == item_id and not part.line_id:
            more = msgspec.structs.replace(part, quantity=part.quantity + 1, most=part.most + 1)
            return [*parts[:position], more, *parts[position + 1 :]]
    return [*parts, Part(line_id="", item_id=item_id, quantity=1, most=1)]


def found_units(parts: Sequence[Part]) -> tuple[Found, ...]:
    """What the desk is told: parts without units say nothing."""
    return tuple(
        Found(
            quantity=part.quantity,
            return_line_id=part.line_id,
            item_id=part.item_id,
            grade=part.grade,
            disposition=None if part.target in ("", REFUSE) else Disposition(part.target),
            note=part.note,
        )
        for part in parts
        if part.quantity
    )


def credited(parts: Sequence[Part], lines: Sequence[ReturnLine]) -> list[Back]:
    """The units of each part as far as they are credited, in the order of the parts."""
    sold_as = {line.id: line.line_id for line in lines}
    return [
        Back(sold_as.get(part.line_id, ""), part.item_id, part.quantity if part.is_credited else 0)
        for part in parts
    ]


def at_most(parts: Sequence[Part], lines: Sequence[ReturnLine]) -> list[Back]:
    """The same if every unit were accepted."""
    sold_as = {line.id: line.line_id for line in lines}
    return [Back(sold_as.get(part.line_id, ""), part.item_id, part.quantity) for part in parts]
