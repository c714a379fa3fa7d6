"""Chance that can be repeated: a draw depends on the demo's seed and the name of what it is for."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import exp, log
from random import Random
from typing import Final, TypeVar

from oms.simulator.world import Hours, Quantiles, Shares

T = TypeVar("T")

_Z95: Final = 1.6449  # standard deviations between the median and the 95th percentile


def drawn_for(*name: object) -> Random:
    """A source of chance of its own: the same name, the same draws, in every process."""
    return Random("/".join(map(str, name)))


def one_of(rng: Random, weighted: Mapping[T, float]) -> T:
    """A key, as likely as its weight says."""
    return rng.choices(list(weighted), list(weighted.values()))[0]


def count_by_shares(rng: Random, shares: Shares) -> int:
    return one_of(rng, dict(shares))


def count_by_quantiles(rng: Random, quantiles: Quantiles, most: int) -> int:
    """A count between the quantiles around an even draw, drawn again while it is above `most`."""
    while (count := _between(quantiles, rng.random())) > most:
        pass
    return count


def _between(quantiles: Quantiles, point: float) -> int:
    """What stands at `point`; beyond the last quantile it goes on as it went before."""
    at = bisect_right(quantiles, point, key=lambda each: each[0])
    (low_share, low), (high_share, high) = (
        quantiles[at - 1 : at + 1] if at < len(quantiles) else quantiles[-2:]
    )
    part = (point - low_share) / (high_share - low_share)
    return max(1, round(low + part * (high - low)))


def zipf_weights(count: int, s: float) -> list[float]:
    """How often the first, second, … of `count` things is wanted: 1 / rank to the power of `s`."""
    return [1 / rank**s for rank in range(1, count + 1)]


def span_h(rng: Random, hours: Hours) -> float:
    """Hours between the least and the most."""
    return rng.uniform(*hours)


def lognormal(rng: Random, median: float, p95: float) -> float:
    """A positive number with this median and 95th percentile."""
    return exp(log(median) + rng.gauss() * log(p95 / median) / _Z95)


def shuffled(rng: Random, things: Sequence[T]) -> list[T]:
    return rng.sample(list(things), len(things))
