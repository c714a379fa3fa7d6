"""What one row says about goods or money: how many, at what price, at what tax."""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from connectors.marketplace.flat_file import cells
from connectors.marketplace.flat_file.cells import CellReader, Ratio, nearest
from connectors.marketplace.flat_file.complaints import CellRefused, Complaint
from connectors.marketplace.flat_file.heading import Heading
from connectors.marketplace.flat_file.layout import Layout, column_of
from connectors.marketplace.flat_file.records import Record
from connectors.marketplace.flat_file.slots import Misread, Slot, Slots
from oms.kernel.money import MAX_MINOR

_CACHED: Final = 16_384
_WHOLE_RATE: Final = 10_000  # basis points
DISCOUNT_TOO_LARGE: Final = Complaint(
    "order.discount_too_large",
    "The discount is larger than what it is taken from.",
    "Correct it, or look whether it is mapped to the right column.",
)


class Sense(StrEnum):
    """How the figures of a row are meant."""

    SOLD = "sold"  # at least one unit, no price below zero
    RETURNED = "returned"  # written with or without a minus
    CHARGED = "charged"  # money asked without goods: an empty quantity is one
    CREDITED = "credited"  # money given without goods: the same, with or without a minus


class Goods(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row's figures. `net_minor` is after the row's own discount, `tax_minor` the tax on it."""

    quantity: int
    unit_price_minor: int
    total_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    rate: int


class GoodsReader:
    """Reads figures from rows of one file; the same few figures come again and again."""

    def __init__(self, layout: Layout, slots: Slots, reader: CellReader) -> None:
        line = layout.line
        fields = (
            line.quantity, line.unit_price, line.line_total, line.discount, line.tax, line.tax_rate,
        )  # fmt: skip
        columns = tuple(dict.fromkeys(filter(None, map(column_of, fields))))
        self._pick = slots.picker(columns)
        picked = Slots(columns)
        self._quantity, self._price, self._total, self._discount, self._tax, self._rate = (
            picked.of(field) for field in fields
        )
        self._reader = reader
        self._is_included = layout.tax.prices_include_tax
        self._figures = lru_cache(_CACHED)(self._read_figures)

    def read(self, record: Record, heading: Heading, sense: Sense) -> Goods:
        """The figures of a row, or `Misread`."""
        picked = self._pick(record.cells)
        return self._figures(picked, heading.currency, heading.usual_rate, sense)

    def tax_minor(self, net_minor: int, rate: int) -> int:
        """The tax at `rate` on what is left after all discounts: inside it or on top of it."""
        if not rate:
            return 0
        return nearest(net_minor * rate, _WHOLE_RATE + (rate if self._is_included else 0))

    def _read_figures(
        self, row: Sequence[str], currency: str, usual_rate: int, sense: Sense
    ) -> Goods:
        quantity = self._quantity.read(row, self._units, sense)
        total, unit_price = self._prices(row, currency, quantity, sense)
        discount = self._optional(self._discount, row, currency) or 0
        if discount > total:
            raise Misread(self._discount.column, DISCOUNT_TOO_LARGE)
        rate = self._rate.read(row, self._reader.rate) if self._rate.text(row) else usual_rate
        tax = self._optional(self._tax, row, currency)
        return Goods(
            quantity=quantity,
            unit_price_minor=unit_price,
            total_minor=total,
            discount_minor=discount,
            net_minor=total - discount,
            tax_minor=self.tax_minor(total - discount, rate) if tax is None else tax,
            rate=rate,
        )

    def _prices(
        self, row: Sequence[str], currency: str, quantity: int, sense: Sense
    ) -> tuple[int, int]:
        """What the quantity and what one unit costs; the file's own total goes before its price."""
        amount = self._positive if sense in _POSITIVE else self._unsigned
        if self._total.text(row):
            total = nearest(*self._total.read(row, amount, currency, self._total.scale))
            return total, nearest(total, quantity)
        price, parts = self._price.read(row, amount, currency, self._price.scale)
        total = nearest(price * quantity, parts)
        if total > MAX_MINOR:
            raise Misread(self._quantity.column, cells.too_large(str(quantity)).complaint)
        return total, nearest(price, parts)

    def _optional(self, slot: Slot, row: Sequence[str], currency: str) -> int | None:
        if not slot.text(row):
            return None
        return nearest(*slot.read(row, self._unsigned, currency, slot.scale))

    def _units(self, cell: str, sense: Sense) -> int:
        units = self._reader.units(cell or "1") if sense in _MONEY else self._reader.units(cell)
        if sense not in _POSITIVE:
            units = abs(units)
        if units < 1:
            raise CellRefused(
                "cell.no_units",
                f"{cells.quoted(cell)} is no quantity of an order line: it takes at least 1.",
                "If rows like this are returns or corrections, let a [[rules]] entry say so.",
            )
        return units

    def _positive(self, cell: str, currency: str, scale: int) -> Ratio:
        amount = self._reader.amount(cell, currency, scale)
        if amount[0] < 0:
            raise cells.below_zero(cell)
        return amount

    def _unsigned(self, cell: str, currency: str, scale: int) -> Ratio:
        amount, parts = self._reader.amount(cell, currency, scale)
        return abs(amount), parts


_POSITIVE: Final = frozenset({Sense.SOLD, Sense.CHARGED})
_MONEY: Final = frozenset({Sense.CHARGED, Sense.CREDITED})
