"""What freight and plans cost, in exact integers.

Inside the solver money is counted in millionths of a minor unit, because grams times a rate per
kilogram is not a whole number of minor units: so sums are exact and comparisons never depend on
rounding. An answer rounds once, in the freight term of a whole plan. All other terms are whole, so
rounding keeps the order of totals: the exact minimum is also a minimum of the rounded totals.
"""

from math import ceil
from typing import Final

import msgspec

from oms.kernel.address import distance_km
from routing.model import Destination, DistanceBand, Freight, NodeFacts

MICRO: Final = 1_000_000  # per minor unit
GRAMS_PER_KG: Final = 1_000


class Lane(msgspec.Struct, frozen=True, gc=False):
    """Freight from one node to one destination: `start` for the parcel, `gram` for each gram.

    Where `band` has weight bands, they are the price and `gram` counts only beyond the heaviest.
    """

    km: int
    start: int  # micro
    gram: int  # micro
    band: DistanceBand


def lane(freight: Freight, node: NodeFacts, to: Destination) -> Lane | None:
    """The lane from `node` to `to`; None where the freight table does not reach."""
    km = whole_km(freight, node, to)
    for band in freight.bands:
        if band.up_to_km is None or km <= band.up_to_km:
            abroad = freight.abroad_minor if node.country != to.country else 0
            start = (band.base_minor + abroad) * MICRO + band.per_1000km_minor * km * 1_000
            gram = band.per_kg_minor * GRAMS_PER_KG + band.per_kg_1000km_minor * km
            return Lane(km, start, gram, band)
    return None


def whole_km(freight: Freight, node: NodeFacts, to: Destination) -> int:
    """Great-circle kilometres, rounded up; the table's assumption where coordinates lack."""
    if node.at is not None and to.at is not None:
        return ceil(distance_km(node.at, to.at))
    if node.country == to.country:
        return freight.domestic_km_if_unknown
    return freight.abroad_km_if_unknown


def freight_micro(along: Lane, weight_g: int) -> int:
    """The true price of one parcel of that weight."""
    bands = along.band.weights
    if not bands:
        return along.start + along.gram * weight_g
    for band in bands:
        if weight_g <= band.up_to_g:
            return along.start + band.price_minor * MICRO
    heaviest = bands[-1]
    beyond = along.gram * (weight_g - heaviest.up_to_g)
    return along.start + heaviest.price_minor * MICRO + beyond


def minorant(along: Lane, weight_g: int) -> tuple[int, int]:
    """A straight line (start, per gram) that no parcel of at most `weight_g` costs less than.

    Without weight bands it is the price itself. A price with bands is lowest, seen from below, at
    the ends of its steps, and any slope becomes such a line once it is lowered to the lowest end.
    The slope taken makes the line as high as it can be at half the weight, where one looks for the
    parcels of a split order. Neither number is negative: the proofs in `search` need that.
    """
    bands = along.band.weights
    if not bands:
        return along.start, along.gram
    if is_straight(along, weight_g):
        return freight_micro(along, weight_g), 0
    ends = [band.up_to_g for band in bands if band.up_to_g < weight_g]
    points = [(end, freight_micro(along, end)) for end in [*ends, weight_g]]
    slope = _slope_below(points, weight_g // 2)
    start = min(price - slope * end for end, price in points)
    if start < 0:
        slope = min(price // end for end, price in points if end)
        start = min(price - slope * end for end, price in points)
    return start, slope


def _slope_below(points: list[tuple[int, int]], middle: int) -> int:
    """The slope of the lower convex hull of `points` (by weight) over `middle`."""
    light = [point for point in points if point[0] <= middle]
    heavy = [point for point in points if point[0] > middle]
    lowest: tuple[int, int] | None = None
    for end, price in light:
        for far, dearer in heavy:
            slope = (dearer - price) // (far - end)
            height = price + slope * (middle - end)
            lowest = min(lowest, (height, slope)) if lowest else (height, slope)
    return lowest[1] if lowest else 0


def is_straight(along: Lane, weight_g: int) -> bool:
    """Whether the minorant is the price, for every parcel of at most `weight_g`."""
    bands = along.band.weights
    return not bands or weight_g <= bands[0].up_to_g


def rounded(micro: int) -> int:
    """Minor units, halves up."""
    return (micro + MICRO // 2) // MICRO
