"""A mean with its interval where the numbers come in groups that hang together: posts of one cascade."""

from __future__ import annotations

from math import exp, inf, log, nan, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054


class Mean(NamedTuple):
    """A mean and its 95 % interval; nan where nothing can be said."""

    value: float
    low: float
    high: float
    n: int


def mean(values: npt.ArrayLike, groups: npt.ArrayLike | None = None, *, least: float = 0.0) -> Mean:
    """Return the mean of numbers that are never below ``least``.

    The spread is taken between groups (ratio estimator, linearised: Cochran, Sampling Techniques, 1977, ch. 6), and never
    below what it would be if all numbers stood alone; the interval is symmetric in the logarithm of what is above ``least``.
    """
    numbers = np.asarray(values, dtype=float) - least
    if not len(numbers):
        return Mean(nan, nan, nan, 0)
    value = float(numbers.mean())
    if len(numbers) < 2:
        return Mean(value + least, nan, nan, 1)
    alone = _error(numbers - value, len(numbers))
    error, count = alone, len(numbers)
    if groups is not None:
        _, place = np.unique(np.asarray(groups), return_inverse=True)
        sums = np.bincount(place, numbers - value).astype(float)
        error, count = (max(alone, _error(sums, len(numbers))), len(sums)) if len(sums) > 1 else (alone, count)
    if value <= 0:  # none of n: the rule of three
        return Mean(least, least, least + 3 / len(numbers), len(numbers))
    width = _t(count - 1) * error / value
    return Mean(value + least, least + value * exp(-width), least + value * _exp(width), len(numbers))


def _error(sums: npt.NDArray[np.float64], total: int) -> float:
    return sqrt(float((sums**2).sum()) * len(sums) / (len(sums) - 1)) / total


def _exp(width: float) -> float:
    return exp(width) if width < log(1e300) else inf


def _t(degrees: int) -> float:
    """Return the 97.5 % point of Student's t (Cornish-Fisher; 1 % off at 3 degrees, which is below every floor)."""
    return Z + (Z**3 + Z) / (4 * degrees) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * degrees**2)
