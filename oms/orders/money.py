"""The money of a line per unit: split once, then taken unit by unit, so parts sum to the whole.

A room of its own because invoices, cancels and refunds all divide by the same split. A split is a
list of runs `[count, net_minor, tax_minor]`: so many units, each with that net price and tax.
"""

from collections.abc import Mapping, Sequence

from oms.kernel.errors import Refused

Run = tuple[int, int, int]
Split = tuple[Run, ...]


def split_units(net_minor: int, tax_minor: int, quantity: int) -> Split:
    """Spread a line's net and tax over its units by largest remainder, earlier units first.

    What the customer pays for a unit differs by at most one minor unit between units.
    """
    gross, gross_more = divmod(net_minor + tax_minor, quantity)
    tax, tax_more = divmod(tax_minor, quantity)
    runs, done = [], 0
    for end in sorted({gross_more, tax_more, quantity} - {0}):
        unit_gross, unit_tax = gross + (done < gross_more), tax + (done < tax_more)
        runs.append((end - done, unit_gross - unit_tax, unit_tax))
        done = end
    return tuple(runs)


def units_share(split: Sequence[Sequence[int]], already_taken: int, count: int) -> tuple[int, int]:
    """(net, tax) of the `count` units that follow the first `already_taken` ones.

    Invoices take from the front, and credits for returned units the front of what was invoiced.
    """
    if already_taken < 0 or count < 0 or already_taken + count > sum(run[0] for run in split):
        raise Refused(
            "line.more_units_than_sold",
            f"{already_taken} units were taken before; {count} more are more than were sold.",
            "Take at most what is left.",
        )
    net = tax = 0
    skip, left = already_taken, count
    for run_count, unit_net, unit_tax in split:
        taken = min(max(run_count - skip, 0), left)
        skip = max(skip - run_count, 0)
        left -= taken
        net, tax = net + taken * unit_net, tax + taken * unit_tax
    return net, tax


def cancelled_share(
    split: Sequence[Sequence[int]], already_cancelled: int, count: int
) -> tuple[int, int]:
    """(net, tax) of `count` units that are cancelled after `already_cancelled` ones were.

    Cancels take from the back, so they never meet the invoices, which take from the front.
    """
    quantity = sum(run[0] for run in split)
    return units_share(split, quantity - already_cancelled - count, count)


def whole_units(parts: Mapping[str, int], units: Mapping[str, int]) -> int:
    """How many whole line units the `units` per item make; `parts` says how many one needs."""
    return min(units.get(item_id, 0) // needed for item_id, needed in parts.items())
