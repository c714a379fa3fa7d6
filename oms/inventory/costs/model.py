"""What units on our books are worth: the moving average, without losing a minor unit."""

import msgspec


class Cost(msgspec.Struct, frozen=True, gc=False):
    """Units of an item on our books and their value: the moving average in two whole numbers."""

    units: int = 0
    value_minor: int = 0

    def worth(self, units: int) -> int:
        """Value of `units` at the average, halves to even; nothing is known of an empty cost."""
        if self.units == 0:
            return 0
        quotient, remainder = divmod(self.value_minor * units, self.units)
        twice = 2 * remainder
        return quotient + (twice > self.units or (twice == self.units and quotient % 2 == 1))

    def worth_taking(self, units: int) -> int:
        """Value that leaves with `units`: the last ones take all that is left."""
        return self.value_minor if units >= self.units else self.worth(units)

    def plus(self, units: int, value_minor: int) -> "Cost":
        return Cost(self.units + units, self.value_minor + value_minor)

    def minus(self, units: int, value_minor: int) -> "Cost":
        """The cost when these are gone. Units we never knew the cost of leave without any."""
        return Cost(max(0, self.units - units), max(0, self.value_minor - value_minor))
