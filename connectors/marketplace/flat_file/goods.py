"""What one row says about goods or money: how many, at what price, at what tax."""

from collections.abc import Callable
from typing import Final

import msgspec

from connectors.marketplace.flat_file import cells
from connectors.marketplace.flat_file.cells import CellReader, Ratio, nearest
from connectors.marketplace.flat_file.complaints import CellRefused, Complaint
from connectors.marketplace.flat_file.heading import Heading
from connectors.marketplace.flat_file.layout import Layout
from connectors.marketplace.flat_file.records import Record
from connectors.marketplace.flat_file.slots import Misread, Slot, Slots
from oms.kernel.money import MAX_MINOR

Units = Callable[[str], int]
Amounts = Callable[[str, str, int], Ratio]

_WHOLE_RATE: Final = 10_000  # basis points
DISCOUNT_TOO_LARGE: Final = Complaint(
    "order.discount_too_large",
    "The discount is larger than what it is taken from.",
    "Correct it, or look whether it is mapped to the right column.",
)


class Goods(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row's figures. `total_minor` is before discounts; `stated_tax_minor` None: compute it."""

    sku: str
    quantity: int
    unit_price_minor: int
    total_minor: int
    discount_minor: int
    rate: int
    stated_tax_minor: int | None

    @property
    def net_minor(self) -> int:
        """After the row's own discount."""
        return self.total_minor - self.discount_minor


class GoodsReader:
    """Reads figures from rows of one file."""

    def __init__(self, layout: Layout, slots: Slots, reader: CellReader) -> None:
        self._reader = reader
        self.line = slots.of_part(layout.line)
        self._sku, self._quantity = self.line["sku"], self.line["quantity"]
        self._price, self._total = self.line["unit_price"], self.line["line_total"]
        self._discount, self._tax = self.line["discount"], self.line["tax"]
        self._rate = self.line["tax_rate"]
        self._rates = [
            (frozenset(rate.countries), reader.day_start(rate.since), rate.rate)
            for rate in sorted(layout.tax.rates, key=lambda rate: rate.since, reverse=True)
        ]
        self._is_included = layout.tax.prices_include_tax

    def sold(self, record: Record, heading: Heading) -> Goods:
        """An order line: at least one unit, no price below zero; else `Misread`."""
        return self._read(record, heading, self._sold_units, self._positive)

    def returned(self, record: Record, heading: Heading) -> Goods:
        """A return line: figures may be written with or without a minus."""
        return self._read(record, heading, self._returned_units, self._unsigned)

    def charged(self, record: Record, heading: Heading) -> Goods:
        """Money asked without goods: an empty quantity is one."""
        return self._read(record, heading, self._charged_units, self._positive)

    def credited(self, record: Record, heading: Heading) -> Goods:
        """Money given without goods: an empty quantity is one, a minus may stand or not."""
        return self._read(record, heading, self._credited_units, self._unsigned)

    def tax_minor(self, goods: Goods, net_minor: int) -> int:
        """The tax on what is left after all discounts: inside it or on top of it."""
        if goods.stated_tax_minor is not None:
            return goods.stated_tax_minor
        if not goods.rate:
            return 0
        whole = _WHOLE_RATE + goods.rate if self._is_included else _WHOLE_RATE
        return nearest(net_minor * goods.rate, whole)

    def _read(self, record: Record, heading: Heading, units: Units, amount: Amounts) -> Goods:
        row, currency = record.cells, heading.currency
        quantity = self._quantity.read(row, units)
        if self._total.text(row):
            total = nearest(*self._total.read(row, amount, currency, self._total.scale))
            unit_price = nearest(total, quantity)
        else:
            price, parts = self._price.read(row, amount, currency, self._price.scale)
            total, unit_price = nearest(price * quantity, parts), nearest(price, parts)
        if total > MAX_MINOR:
            raise Misread(self._quantity.column, cells.too_large(str(quantity)).complaint)
        discount = self._optional(self._discount, row, currency) or 0
        if discount > total:
            raise Misread(self._discount.column, DISCOUNT_TOO_LARGE)
        return Goods(
            sku=self._sku.read(row, cells.identifier),
            quantity=quantity,
            unit_price_minor=unit_price,
            total_minor=total,
            discount_minor=discount,
            rate=self._rate_of(row, heading),
            stated_tax_minor=self._optional(self._tax, row, currency),
        )

    def _optional(self, slot: Slot, row: list[str], currency: str) -> int | None:
        if not slot.text(row):
            return None
        return nearest(*slot.read(row, self._unsigned, currency, slot.scale))

    def _rate_of(self, row: list[str], heading: Heading) -> int:
        if self._rate.text(row):
            return self._rate.read(row, self._reader.rate)
        country, at_ms = heading.ship_to.country, heading.placed_at_ms
        for countries, since_ms, rate in self._rates:
            if since_ms <= at_ms and country in countries:
                return rate
        return 0

    def _sold_units(self, cell: str) -> int:
        units = self._reader.units(cell)
        if units < 1:
            raise CellRefused(
                "cell.no_units",
                f"{cells.quoted(cell)} is no quantity of an order line: it takes at least 1.",
                "If rows like this are returns or corrections, let a [[rules]] entry say so.",
            )
        return units

    def _returned_units(self, cell: str) -> int:
        return self._sold_units(str(abs(self._reader.units(cell))))

    def _charged_units(self, cell: str) -> int:
        return self._sold_units(cell or "1")

    def _credited_units(self, cell: str) -> int:
        return self._returned_units(cell or "1")

    def _positive(self, cell: str, currency: str, scale: int) -> Ratio:
        amount = self._reader.amount(cell, currency, scale)
        if amount[0] < 0:
            raise cells.below_zero(cell)
        return amount

    def _unsigned(self, cell: str, currency: str, scale: int) -> Ratio:
        amount, parts = self._reader.amount(cell, currency, scale)
        return abs(amount), parts
