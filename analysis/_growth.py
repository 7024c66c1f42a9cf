"""How fast counters grow, from increments over unequal stretches of time: the rate, and how it changes.

Increments of one post lean on one another and scatter far more than Poisson, so every interval comes from how a post's
own increments scatter about its fit; posts are taken for independent.
"""

from __future__ import annotations

from math import exp, isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis._interval import quantile_t

_STEPS = 50
Floats = NDArray[np.float64]


class Increments(NamedTuple):
    """How much the counter of a post grew in a stretch of time: the post's number, begin and end in hours, growth."""

    post: NDArray[np.int64]
    since: Floats
    until: Floats
    grown: Floats


class Interval(NamedTuple):
    """A value with its 95 % interval, and how many degrees of freedom its width rests on."""

    value: float
    low: float
    high: float
    df: float


def rate(found: Increments) -> Interval | None:
    """Return the sum over posts of each one's mean growth an hour, from two increments or more of each; None without growth.

    Jackknife over a post's increments, log-normal in the sum, with Satterthwaite's degrees of freedom on the effective
    number of increments (Kish): counts scatter as negative binomials do, and stretches of time are unequal.
    """
    hours = found.until - found.since
    length, grown, count = (_sum(found.post, part) for part in (hours, found.grown, np.ones(len(hours))))
    each = grown / length
    value = float(each.sum())
    if not value > 0:
        return None
    apart = (found.grown - each[found.post] * hours) / (length[found.post] - hours)
    variances = _sum(found.post, apart**2) * (count - 1) / count
    df = _satterthwaite(variances, length**2 / _sum(found.post, hours**2) - 1)
    spread = quantile_t(df) * float(np.sqrt(variances.sum())) / value
    return Interval(value, value * exp(-spread), value * exp(min(spread, 700.0)), df)


def trend(found: Increments) -> Interval | None:
    """Return by how much an hour growth itself grows (the slope of its logarithm), common to all posts; None without a fit.

    Poisson regression of the increments on time with an intercept for each post, exact for exponential growth over long
    stretches; the variance is robust against all overdispersion, one cluster a post (Wooldridge, Journal of Econometrics
    90, 1999, 77), each score divided by what the post leaves of the information (as the jackknife does).
    """
    found = _growing(found)
    if not len(found.post):
        return None
    total = _sum(found.post, found.grown)
    width = (found.until - found.since).max()
    slope = 0.0
    for _ in range(_STEPS):
        score, information = _score(found, total, slope)
        if not information.sum() > 0:
            return None
        step = float(score.sum() / information.sum())
        slope += float(np.clip(step, -1 / width, 1 / width))
        if abs(step) * width < 1e-9:
            return _slope(slope, *_score(found, total, slope))
    return None


def _slope(slope: float, score: Floats, information: Floats) -> Interval | None:
    weight = information / information.sum()
    if weight.max() > 0.999 or not isfinite(slope):
        return None
    variance = float(np.sum((score / (1 - weight)) ** 2)) / float(information.sum()) ** 2
    df = 1 / float(np.sum(weight**2)) - 1
    spread = quantile_t(df) * variance**0.5
    return Interval(slope, slope - spread, slope + spread, df)


def _score(found: Increments, total: Floats, slope: float) -> tuple[Floats, Floats]:
    """Return for each post the score and the information of the slope, given how much the post grew in all."""
    middle, half = (found.since + found.until) / 2, (found.until - found.since) / 2
    x = np.clip(slope * half, -300, 300)
    small = np.abs(x) < 1e-4
    safe = np.where(small, 1.0, x)
    mass = half * np.where(small, 1.0, np.sinh(safe) / safe)
    centre = middle + half * np.where(small, x / 3, 1 / np.tanh(safe) - 1 / safe)  # where the growth of a stretch lies
    logs = slope * middle + np.log(mass)
    share = np.exp(logs - _most(found.post, logs)[found.post])
    share /= _sum(found.post, share)[found.post]
    mean = _sum(found.post, share * centre)
    score = _sum(found.post, found.grown * centre) - total * mean
    return score, total * _sum(found.post, share * (centre - mean[found.post]) ** 2)


def _growing(found: Increments) -> Increments:
    """Return the posts that grew, numbered anew: one that stood still has no growth that could change."""
    kept = (_sum(found.post, found.grown) > 0)[found.post]
    return Increments(np.unique(found.post[kept], return_inverse=True)[1], *(part[kept] for part in found[1:]))


def _satterthwaite(variances: Floats, df: Floats) -> float:
    whole = float(variances.sum())
    return whole**2 / float(np.sum(variances**2 / df)) if whole > 0 else float(df.sum())


def _sum(post: NDArray[np.int64], part: Floats) -> Floats:
    return np.bincount(post, weights=part).astype(np.float64)


def _most(post: NDArray[np.int64], part: Floats) -> Floats:
    most = np.full(int(post.max()) + 1, -np.inf)
    np.maximum.at(most, post, part)
    return most
