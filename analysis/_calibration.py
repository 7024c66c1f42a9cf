"""How far what was said with so much confidence held: the expected calibration error, without what chance adds to it."""

from __future__ import annotations

import numpy as np

from analysis._pooling import Array

_BINS, _LEAST = 10, 50  # bins of equally many posts, and posts of a bin


def calibration_error(said: Array, held: Array) -> float:
    """Return the mean gap between what was said and how often it held, over bins of equally many.

    ECE (Naeini et al., AAAI 2015); from each squared gap its sampling variance is taken (Kumar et al., NeurIPS 2019), which
    in small bins is most of it.
    """
    bins = min(_BINS, max(1, len(said) // _LEAST))
    total = 0.0
    for posts in np.array_split(np.argsort(said, kind="stable"), bins):
        gap = float(said[posts].mean() - held[posts].mean())
        noise = float((said[posts] * (1 - said[posts])).sum()) / len(posts) ** 2
        total += max(gap**2 - noise, 0.0) ** 0.5 * len(posts) / len(said)
    return total


def bounds(said: Array, held: Array, draws: int = 200) -> tuple[float, float]:
    """Return the 95 % interval of the calibration error, by bootstrap over posts."""
    rng = np.random.default_rng(_BINS)
    picks = (rng.integers(0, len(said), len(said)) for _ in range(draws))
    low, high = np.quantile([calibration_error(said[pick], held[pick]) for pick in picks], [0.025, 0.975])
    return float(low), float(high)
