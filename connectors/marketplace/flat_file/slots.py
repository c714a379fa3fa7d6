"""Fields of a mapping bound to the places of their columns in one file."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from connectors.marketplace.flat_file.complaints import CellRefused, Complaint
from connectors.marketplace.flat_file.layout import Cell, Field, Written, fields_of

P = ParamSpec("P")
T = TypeVar("T")


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

    def text(self, cells: list[str]) -> str:
        return (cells[self.at].strip() or self.fixed) if self.at >= 0 else self.fixed

    def read(
        self,
        cells: list[str],
        convert: Callable[Concatenate[str, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """What `convert` makes of the cell, or `Misread` that names the column."""
        try:
            return convert(self.text(cells), *args, **kwargs)
        except CellRefused as refused:
            raise Misread(self.column, refused.complaint) from None


NOWHERE = Slot("", -1)
"""A field that is not mapped: always empty."""


class Slots:
    """Makes slots for one file's columns."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._at = {column: at for at, column in enumerate(columns)}

    def place(self, column: str) -> int:
        return self._at[column]

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
