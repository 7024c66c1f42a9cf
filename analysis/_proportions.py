"""Shares and what could have been seen: exact intervals, differences, power."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, floor, inf, log, log1p, sqrt
from statistics import NormalDist

import numpy as np

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(0.975)
_MANY = 500  # hits from which Wilson's interval is as good (JASA 22, 1927) and much quicker
_STRONG = _NORMAL.inv_cdf(0.8)

Bounded = tuple[float, float, float]  # a share with its interval


def clopper_pearson(hits: float, tries: float, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share (Clopper & Pearson, Biometrika 26, 1934).

    Hits that are no whole number, as losses known only in part (Korn & Graubard, 1998), lie between their neighbours.
    """
    if 2 * hits > tries:  # the mirror image has fewer terms
        low, high = clopper_pearson(tries - hits, tries, level)
        return 1 - high, 1 - low
    if hits > _MANY:
        return _wilson(hits, tries, _NORMAL.inv_cdf((1 + level) / 2))
    below, part = floor(hits), hits - floor(hits)
    if not part:
        return _exact(below, tries, (1 - level) / 2)
    one, other = (_exact(whole, tries, (1 - level) / 2) for whole in (below, min(below + 1, tries)))
    return one[0] + part * (other[0] - one[0]), one[1] + part * (other[1] - one[1])


def _wilson(hits: float, tries: float, z: float) -> tuple[float, float]:
    share, slack = hits / tries, z * z / tries
    width = z * sqrt(share * (1 - share) / tries + slack / tries / 4)
    return (share + slack / 2 - width) / (1 + slack), (share + slack / 2 + width) / (1 + slack)


def _exact(hits: float, tries: float, tail: float) -> tuple[float, float]:
    fewer, at_most = _at_most(max(hits - 1, 0), tries), _at_most(hits, tries)
    low = 0.0 if hits <= 0 else _solve(lambda p: 1 - fewer(p), tail)
    high = 1.0 if hits >= tries else _solve(lambda p: -at_most(p), -tail)
    return low, high


def difference(one: Bounded, other: Bounded) -> Bounded:
    """Return the difference of two shares, its interval from theirs (Newcombe, Stat. Med. 17, 1998, method 10)."""
    value = one[0] - other[0]
    low = value - sqrt((one[0] - one[1]) ** 2 + (other[2] - other[0]) ** 2)
    high = value + sqrt((one[2] - one[0]) ** 2 + (other[0] - other[1]) ** 2)
    return value, max(low, -1.0), min(high, 1.0)


def ratio_of_rates(hits: int, expected: float, other_hits: int, other_expected: float) -> Bounded:
    """Return the ratio of two rates, exact given the total (Przyborowski & Wilenski, Biometrika 31, 1940)."""
    scale = other_expected / expected
    low, high = (_odds(share) * scale for share in clopper_pearson(hits, hits + other_hits))
    return _odds(hits / (hits + other_hits)) * scale, low, high


def power(share: float, other: float, n: float, other_n: float) -> float:
    """Return the chance that a two-sided test at 5 % sees these two shares differ (Fleiss et al., 2003, ch. 4)."""
    pooled = (share * n + other * other_n) / (n + other_n)
    null = sqrt(pooled * (1 - pooled) * (1 / n + 1 / other_n))
    own = sqrt(share * (1 - share) / n + other * (1 - other) / other_n)
    if own == 0:
        return float(share != other)
    return _NORMAL.cdf((abs(share - other) - _Z * null) / own)


def smallest_difference(share: float, n: float, other_n: float) -> float:
    """Return how much more than this share has to be lost to be seen in four of five cases; infinity where none would."""
    if power(1.0, share, n, other_n) < 0.8:
        return inf
    return _solve(lambda high: power(high, share, n, other_n), 0.8, share, 1.0) - share


def smallest_ratio(expected: float, part: float) -> float:
    """Return the least hazard ratio to be seen in four of five cases (Schoenfeld, Biometrika 68, 1981).

    ``expected`` losses in all are expected where there is no effect, ``part`` of them in the first group.
    """
    if expected <= 0 or not 0 < part < 1:
        return inf
    return exp((_Z + _STRONG) / sqrt(expected * part * (1 - part)))


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf


def _at_most(hits: float, tries: float) -> Callable[[float], float]:
    """Return what gives, for a chance of each, the chance of at most so many hits."""
    k = np.arange(floor(hits) + 1)
    ways = np.concatenate(
        [[0.0], np.cumsum(np.log((tries - k[1:] + 1) / k[1:]))]
    )  # logarithms, also of a part of a try

    def chance(p: float) -> float:
        if p <= 0 or p >= 1:
            return float(p <= 0 or hits >= tries)
        return min(1.0, float(np.exp(ways + k * log(p) + (tries - k) * log1p(-p)).sum()))

    return chance


def _solve(rising: Callable[[float], float], goal: float, low: float = 0.0, high: float = 1.0) -> float:
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < goal else (low, middle)
    return (low + high) / 2
