"""How many there are at least, from how often each was found: captures by independent routes.

Every estimate here is a lower bound. What is easy to find is found by all routes, what is hard to find by none: such
differences, and routes that lean on one another, bias all of these downwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, combinations
from math import exp, inf, lgamma, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z = NormalDist().inv_cdf(0.975)
_STEPS = 60  # of Newton; a table that has a fit needs about ten
_FLAT = 20.0  # a cell of which the fit says less than e**-20 has run off to nothing: there is no estimate

Floats = NDArray[np.float64]
History = tuple[int, ...]  # for each route whether it found the item
Terms = tuple[tuple[int, int], ...]  # pairs of routes that may lean on one another


class Estimate(NamedTuple):
    """How many there are at least: found and missed; the interval is log-normal in what was missed."""

    total: float
    se: float
    low: float
    high: float


class Model(NamedTuple):
    """A log-linear model that was fitted: its pairs, estimate, deviance and BIC."""

    pairs: Terms
    estimate: Estimate
    deviance: float
    bic: float


def at_least(found: float, missed: float, variance: float) -> Estimate:
    """Return an estimate with the interval of Chao (Biometrics 43, 1987, 783): never below what was found."""
    spread = exp(Z * sqrt(log(1 + variance / missed**2))) if missed > 0 else 1.0
    return Estimate(found + missed, sqrt(variance), found + missed / spread, found + missed * spread)


def chapman(first: int, second: int, both: int) -> Estimate:
    """Return how many there are from two routes (Chapman, 1951; variance of Seber, 1970)."""
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    found = first + second - both
    return at_least(found, total - found, variance)


def chao1(found: int, once: int, twice: int) -> Estimate:
    """Return how many there are from how many were counted once and twice (Chao, 1984, in the form without bias).

    The variance is of the delta method over the counts of counts, which are multinomial.
    """
    missed = once * (once - 1) / (2 * (twice + 1))
    by_once = 1 + (2 * once - 1) / (2 * (twice + 1))
    by_twice = 1 - once * (once - 1) / (2 * (twice + 1) ** 2)
    rest = found - once - twice
    total = found + missed
    squares = rest + once * by_once**2 + twice * by_twice**2
    variance = squares - (rest + once * by_once + twice * by_twice) ** 2 / total if total else 0.0
    return at_least(found, missed, max(variance, 0.0))


def chao2(found: int, once: int, twice: int, occasions: int) -> Estimate:
    """Return how many there are from how many were found by one and by two of the routes (Chao, 1987).

    Where nothing was found by two, the form without bias stands in, which has a value then.
    """
    a = (occasions - 1) / occasions
    if not twice:
        missed = a * once * (once - 1) / 2
        total = found + missed
        variance = missed + a**2 * once * (2 * once - 1) ** 2 / 4 - (a**2 * once**4 / (4 * total) if total else 0)
        return at_least(found, missed, max(variance, 0.0))
    ratio = once / twice
    variance = twice * (a / 2 * ratio**2 + a**2 * ratio**3 + a**2 / 4 * ratio**4)
    return at_least(found, a * once**2 / (2 * twice), variance)


def log_linear(counts: Mapping[History, int], pairs: Terms = ()) -> Model:
    """Return the Poisson log-linear model with these pairs (Fienberg, Biometrika 59, 1972, 591).

    ``missed`` is e to the intercept, its variance missed + missed**2 * var(intercept); raises ValueError without a fit.
    """
    routes = len(next(iter(counts)))
    histories = [history for history in np.ndindex(*(2,) * routes) if any(history)]
    y = np.array([counts.get(history, 0) for history in histories], dtype=float)
    design = np.array([[1, *history, *(history[i] * history[j] for i, j in pairs)] for history in histories], float)
    beta, cover = _fit(design, y)
    mean = np.exp(design @ beta)
    logs = np.log(np.where(y > 0, y, 1) / mean)
    deviance = 2 * float(np.sum(np.where(y > 0, y * logs, 0) - (y - mean)))
    missed = exp(beta[0])
    found = float(y.sum())
    fit = at_least(found, missed, missed + missed**2 * float(cover[0, 0]))
    return Model(pairs, fit, deviance, _saturated(y) + deviance + len(beta) * log(found))


def best_log_linear(counts: Mapping[History, int]) -> Model | None:
    """Return the model of least BIC among those with at least one degree of freedom to spare, or None."""
    routes = len(next(iter(counts)))
    every = list(combinations(range(routes), 2))
    spare = 2**routes - 1 - (routes + 1) - 1
    choices = chain.from_iterable(combinations(every, size) for size in range(min(len(every), spare) + 1))
    fitted = []
    for pairs in choices:
        try:
            fitted.append(log_linear(counts, pairs))
        except ValueError:
            continue  # a pair of routes that never met has no term of its own
    return min(fitted, key=lambda model: model.bic, default=None)


def _fit(design: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the coefficients of a Poisson regression and their covariance, by iteratively reweighted least squares."""
    mean = y + 0.5
    eta = np.log(mean)
    last = inf
    for _ in range(_STEPS):
        weighted = design.T * mean
        information = weighted @ design
        if np.linalg.cond(information) > 1e14:
            break
        beta = np.linalg.solve(information, weighted @ (eta + (y - mean) / mean))
        eta = design @ beta
        mean = np.exp(eta)
        score = float(np.abs(design.T @ (y - mean)).max())
        if eta.min() < -_FLAT:
            break
        if score >= last and score < 1e-6 * max(1.0, y.sum()):
            return beta.astype(np.float64), np.linalg.inv((design.T * mean) @ design).astype(np.float64)
        last = score
    raise ValueError("the table has no fit with these terms")


def _saturated(y: Floats) -> float:
    """Return minus twice the log-likelihood of the model that fits each cell exactly."""
    each: list[float] = y.tolist()
    return -2 * sum((n * log(n) if n else 0.0) - n - lgamma(n + 1) for n in each)
