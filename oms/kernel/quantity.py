"""Units of several SKUs as one value, so that arithmetic on shelves reads like arithmetic."""

from collections.abc import Mapping
from typing import final

from oms.kernel.errors import Refused


@final
class Stock:
    """SKU → units, never negative. Immutable; zero units of a SKU are the same as none.

    ``+`` puts together, ``-`` takes away (`Refused` when there is less), ``&`` is what both have:
    ``packed = shelf & wanted; shelf -= packed; wanted -= packed``.
    """

    __slots__ = ("_units",)

    def __init__(self, units: Mapping[str, int] | None = None) -> None:
        self._units = {sku: count for sku, count in (units or {}).items() if count}
        wrong = [sku for sku, count in self._units.items() if count < 0]
        if wrong:
            raise ValueError(f"negative units of {', '.join(sorted(wrong))}")

    def __getitem__(self, sku: str) -> int:
        """Units of `sku`, 0 when there are none."""
        return self._units.get(sku, 0)

    def __add__(self, other: "Stock") -> "Stock":
        units = dict(self._units)
        for sku, count in other._units.items():
            units[sku] = units.get(sku, 0) + count
        return Stock(units)

    def __sub__(self, other: "Stock") -> "Stock":
        missing = {
            sku: f"{count} asked for, {self[sku]} there"
            for sku, count in other._units.items()
            if count > self[sku]
        }
        if missing:
            raise Refused(
                "stock.not_enough",
                f"There are not enough units of {', '.join(sorted(missing))}.",
                "Take at most what is there.",
                missing,
            )
        return Stock({sku: count - other[sku] for sku, count in self._units.items()})

    def __and__(self, other: "Stock") -> "Stock":
        return Stock({sku: min(count, other[sku]) for sku, count in self._units.items()})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stock) and self._units == other._units

    def __hash__(self) -> int:
        return hash(frozenset(self._units.items()))

    def __bool__(self) -> bool:
        return bool(self._units)

    def __repr__(self) -> str:
        return f"Stock({self.units()!r})"

    def units(self) -> dict[str, int]:
        """A fresh dict, in SKU order, of every SKU that has units."""
        return dict(sorted(self._units.items()))

    def total(self) -> int:
        return sum(self._units.values())
