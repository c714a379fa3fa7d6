"""Fields of a mapping bound to the places of their columns in one file."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TypeVar, TypeVarTuple

import msgspec

from connectors.marketplace.flat_file import cells
from connectors.marketplace.flat_file.complaints import CellRefused, Complaint
from connectors.marketplace.flat_file.layout import Cell, Field, Written, fields_of

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Misread(Exception):
    """A cell that could not be read, with its column; `row` where its reader knows it."""

    def __init__(self, column: str, complaint: Complaint, row: int | None = None) -> None:
        super().__init__(complaint.sentence)
        self.column = column
        self.complaint = complaint
        self.row = row


class Slot(msgspec.Struct, frozen=True, gc=False):
    """Where in a row a value stands: place `at`, or nowhere (-1) when `fixed` is a constant.

    `fixed` also stands for an empty cell.
    """

    column: str
    at: int
    fixed: str = ""
    scale: int = 1

    def text(self, row: Sequence[str]) -> str:
        return (row[self.at].strip() or self.fixed) if self.at >= 0 else self.fixed

    def read(self, row: Sequence[str], convert: Callable[[str, *Ts], T], *args: *Ts) -> T:
        """What `convert` makes of the cell, or `Misread` that names the column."""
        at = self.at
        try:
            return convert((row[at].strip() or self.fixed) if at >= 0 else self.fixed, *args)
        except CellRefused as refused:
            raise Misread(self.column, refused.complaint) from None

    def words(self, row: Sequence[str]) -> str:
        """The cell as it is, or `Misread` if it is longer than any text we keep."""
        return self.read(row, cells.text) if self.at >= 0 else self.fixed

    def truth(self, row: Sequence[str]) -> bool:
        """Yes or no, or `Misread`; what is not mapped is no."""
        return self is not NOWHERE and self.read(row, cells.truth)


NOWHERE = Slot("", -1)
"""A field that is not mapped: always empty."""


class Slots:
    """Makes slots for one file's columns."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._at = {column: at for at, column in enumerate(columns)}

    def picker(self, columns: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]]:
        """A fast function from a row to the cells of `columns`."""
        places = [self._at[column] for column in columns]
        if len(places) > 1:
            return itemgetter(*places)
        return lambda row: tuple(row[place] for place in places)

    def of_part(self, part: Written) -> dict[str, Slot]:
        """A slot for every field of `part` that can be mapped, mapped or not."""
        return {name: self.of(field) for name, field in fields_of(part)}

    def of(self, field: Field | None) -> Slot:
        if field is None:
            return NOWHERE
        if not isinstance(field, Cell):
            return Slot(field, self._at[field])
        if field.constant is not None:
            return Slot("", -1, field.constant, field.scale)
        return Slot(field.column, self._at[field.column], field.default, field.scale)
