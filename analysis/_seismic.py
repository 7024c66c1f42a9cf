"""How large a cascade will become, from the times of its shares and the followers of those who shared (SEISMIC).

Written from the paper: Zhao, Erdogdu, He, Rajaraman, Leskovec, KDD 2015. The memory kernel is what was measured on
Twitter in 2011: even for five minutes, then a power law. Times are seconds after the first post, which comes first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis._trees import Floats

THETA, EVEN_S = 0.2314843, 300.0
_HEIGHT = 1 / (EVEN_S * (1 + 1 / THETA))  # so that the kernel has the area 1
MEAN_FOLLOWERS = 100.0  # of one who shares, in the paper
_LEAST_S, _MOST_S = 300.0, 7200.0  # of the window that is looked back on
_DRAWS = 2000
_MODEL = 0.22  # spread, in the logarithm, of what the model itself is off by: half of the paper's cascades within 15 %


class Weights(NamedTuple):
    """What a cascade says at one moment: kernel weights of shares, exposure and rest to come for each follower of a post."""

    shares: Floats
    exposure: Floats
    to_come: Floats
    sofar: int  # shares so far, the first post not among them


class Size(NamedTuple):
    """A final size with its 95 % interval; inf where the cascade was supercritical."""

    value: float
    low: float
    high: float


def weigh(times: Floats, at: float) -> Weights:
    """Return the weights at a moment: the window is the last half, between 5 minutes and 2 hours, older shares weigh less."""
    so_far = times[times <= at]
    window = min(max(at / 2, _LEAST_S), _MOST_S)
    earlier = so_far[1:][so_far[1:] < at]  # what comes at this very moment counts in the size, not yet in the rate
    shares = np.maximum(1 - (at - earlier) / window, 0)
    ages = at - so_far
    exposure = _area(ages) - (_area_of_area(ages) - _area_of_area(ages - window)) / window
    return Weights(shares, exposure, 1 - _area(ages), len(so_far) - 1)


def infectiousness(weights: Weights, followers: Floats) -> float:
    """Return the chance that one who is shown it shares it: weighted shares over weighted exposure."""
    return float(weights.shares.sum() / (followers * weights.exposure).sum())


def final_size(weights: Weights, followers: Floats, *, p: npt.ArrayLike) -> Floats:
    """Return the shares there will be in the end; inf where every share brings one more at least."""
    chance = np.asarray(p, dtype=float)
    rest = (followers * weights.to_come).sum(axis=-1)
    still = chance * rest / np.maximum(1 - chance * MEAN_FOLLOWERS, 1e-300)
    return np.where(chance * MEAN_FOLLOWERS < 1, weights.sofar + still, np.inf)


def forecast(weights: Weights, magnitudes: npt.NDArray[np.int64], seed: int = 1) -> Size:
    """Return the final size where of followers only the power of two is kept.

    The interval draws followers evenly within their power of two, infectiousness from the Gamma that a weighted Poisson
    count makes (Fay and Feuer, Statistics in Medicine 16, 1997), what is still to come with the spread of branching, and
    the error of the model itself as the paper found it.
    """
    rng = np.random.default_rng(seed)
    sized = np.exp2(magnitudes[None, :] + rng.uniform(-0.5, 0.5, (_DRAWS, len(magnitudes))))
    followers = np.where(magnitudes > 0, sized, 0.0)
    total, squares = weights.shares.sum(), (weights.shares**2).sum()
    if total == 0:
        return Size(float(weights.sofar), float(weights.sofar), float("inf"))
    drawn = rng.gamma(total**2 / squares, squares, _DRAWS) / total / (followers * weights.exposure).sum(axis=1)
    still = final_size(weights, followers, p=drawn) - weights.sofar
    ends = (weights.sofar + _scattered(rng, still, drawn)) * np.exp(rng.normal(0, _MODEL, _DRAWS))
    ends = np.maximum(ends, weights.sofar)
    low, high = np.quantile(ends, [0.025, 0.975], method="inverted_cdf")
    mid = followers.mean(axis=0)
    return Size(float(final_size(weights, mid, p=infectiousness(weights, mid))), float(low), float(high))


def _scattered(rng: np.random.Generator, still: Floats, chance: Floats) -> Floats:
    """Return draws of what comes, around what is expected; a branching sum spreads by 1 / (1 - m) ** 2."""
    finite = np.isfinite(still)
    spread = 1 / np.maximum(1 - chance * MEAN_FOLLOWERS, 1e-9) ** 2
    ends = np.full(len(still), np.inf)
    ends[finite] = rng.gamma(np.maximum(still[finite] / spread[finite], 1e-9), spread[finite])
    return ends


def _area(ages: Floats) -> Floats:
    """Return the area of the kernel up to these ages."""
    late = np.maximum(ages, EVEN_S) / EVEN_S
    return _HEIGHT * (np.clip(ages, 0, EVEN_S) + EVEN_S / THETA * (1 - late**-THETA))


def _area_of_area(ages: Floats) -> Floats:
    """Return the integral of that area from 0 to these ages."""
    early, late = np.clip(ages, 0, EVEN_S), np.maximum(ages, EVEN_S)
    beyond = (1 + 1 / THETA) * (late - EVEN_S) * EVEN_S
    return _HEIGHT * (early**2 / 2 + beyond - EVEN_S**2 / THETA * ((late / EVEN_S) ** (1 - THETA) - 1) / (1 - THETA))
