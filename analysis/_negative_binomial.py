"""How many to expect in an hour, by hour of the week, and how unlikely more is: a negative-binomial predictive.

Counts of posts scatter more than Poisson: against a Poisson tail of .001, overdispersed hours cry wolf eighty times as often.
"""

from __future__ import annotations

from math import exp, inf, lgamma, log, log1p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DAY, WEEK = 24, 168
_BY_DAY, _BY_WEEK = 5.0, 10.0  # counts that pull the factor of an hour towards 1: few are seen of each
_NEGLIGIBLE = 1e-13
Floats = NDArray[np.float64]


class Expected(NamedTuple):
    """The mean of a count that is still to come, and its size: variance = mean + mean² / size."""

    mean: float
    size: float


def tail(count: int, expected: Expected) -> float:
    """Return the chance of ``count`` or more."""
    if count <= 0:
        return 1.0
    if count <= expected.mean:
        below = sum(exp(_log_chance(x, expected)) for x in range(count))
        return max(0.0, 1.0 - below)
    mean, size = expected
    term = exp(_log_chance(count, expected))
    total, x = term, count
    while term > _NEGLIGIBLE * total:
        ratio = mean / (x + 1) if size == inf else (x + size) / (x + 1) * mean / (mean + size)
        term, x = term * ratio, x + 1
        total += term
    return min(1.0, total)


def least(expected: Expected, alpha: float) -> int:
    """Return the least count whose tail is below alpha."""
    count, chance = 0, 1.0
    while chance >= alpha:
        chance -= exp(_log_chance(count, expected))
        count += 1
        if chance < 10 * alpha:  # what is left of a difference is not to be trusted
            chance = tail(count, expected)
    return count


def predict(counts: Floats, exposure: Floats, hours: NDArray[np.int64], hour: int, watched: float) -> Expected:
    """Return what to expect in an hour of the week of which this share is watched, from watched hours before it.

    The rate is common, times a factor of the hour of the day, times one of the hour of the week, each pulled towards 1.
    The scatter is estimated from each hour against the others, one standard error to the safe side; what the factors and
    the rate are unsure of is added to it.
    """
    rate = (counts.sum() + 0.5) / exposure.sum()
    scatter = max(1.0, float(np.var(counts) / max(counts.mean(), 1e-9)))
    day = _Factors(counts, rate * exposure, hours % DAY, DAY, _BY_DAY * scatter)
    week = _Factors(counts, rate * exposure * day.each, hours, WEEK, _BY_WEEK * scatter)
    means = rate * exposure * day.without * week.without
    spread = _spread(counts, means)
    mean = rate * watched * day.factor[hour % DAY] * week.factor[hour]
    unsure = scatter * (1 / (counts.sum() + 0.5) + 1 / day.weight[hour % DAY] + 1 / week.weight[hour])
    variance = spread + unsure * (1 + spread)
    return Expected(float(mean), float(1 / variance))


class _Factors:
    """By how much each slot lies above the mean; of each count also without itself."""

    def __init__(self, counts: Floats, means: Floats, slots: NDArray[np.int64], size: int, pull: float) -> None:
        seen = np.bincount(slots, weights=counts, minlength=size) + pull
        due = np.bincount(slots, weights=means, minlength=size) + pull
        self.factor, self.weight = seen / due, seen
        self.each = self.factor[slots]
        self.without = (seen[slots] - counts) / np.maximum(due[slots] - means, 1e-9)


def _spread(counts: Floats, means: Floats) -> float:
    """Return 1 / size by moments, one standard error up: a series that looks Poisson by luck must not cry wolf."""
    squares = float(np.sum(means**2))
    found = max(0.0, float(np.sum((counts - means) ** 2 - means)) / squares)
    error = float(np.sqrt(2 * np.sum((means + found * means**2) ** 2))) / squares
    return found + error


def _log_chance(x: int, expected: Expected) -> float:
    mean, size = expected
    if mean <= 0:
        return 0.0 if x == 0 else -inf
    if size == inf:
        return x * log(mean) - mean - lgamma(x + 1)
    return (
        lgamma(x + size) - lgamma(size) - lgamma(x + 1) - size * log1p(mean / size) + x * (log(mean) - log(mean + size))
    )
