"""How fast something doubles: the growth of counts in equal steps of time."""

from __future__ import annotations

from math import inf, log, nan, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis._means import Z

_ROUNDS, _CLOSE = 50, 1e-10


class Growth(NamedTuple):
    """Growth a step, with its 95 % interval."""

    rate: float
    low: float
    high: float


def growth(counts: npt.ArrayLike) -> Growth:
    """Return the rate of log-linear growth: Poisson regression of counts on time, errors widened by the dispersion found.

    (McCullagh and Nelder, Generalized Linear Models, 1989, ch. 6 and 9; iteratively reweighted least squares.)
    """
    seen = np.asarray(counts, dtype=float)
    if len(seen) < 4 or seen.sum() == 0:
        return Growth(nan, nan, nan)
    time = np.arange(len(seen)) - (len(seen) - 1) / 2
    design = np.stack([np.ones_like(time), time], axis=1)
    found = np.array([log(seen.mean()), 0.0])
    for _ in range(_ROUNDS):
        expected = np.exp(np.clip(design @ found, -30, 30))
        information = design.T @ (design * expected[:, None])
        step = np.linalg.solve(information, design.T @ (seen - expected))
        found = found + np.clip(step, -2, 2)
        if np.abs(step).max() < _CLOSE:
            break
    expected = np.exp(np.clip(design @ found, -30, 30))
    dispersion = max(1.0, float(((seen - expected) ** 2 / expected).sum() / (len(seen) - 2)))
    error = sqrt(dispersion * np.linalg.inv(design.T @ (design * expected[:, None]))[1, 1])
    return Growth(float(found[1]), float(found[1]) - Z * error, float(found[1]) + Z * error)


def doubling(found: Growth) -> tuple[float, float, float]:
    """Return the time to double in steps, with its interval; inf where growth cannot be told from none."""
    return tuple(log(2) / rate if rate > 0 else inf for rate in (found.rate, found.high, found.low))  # type: ignore[return-value]
