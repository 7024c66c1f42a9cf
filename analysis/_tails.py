"""Sums of independent whole numbers, each with the law of its block: their spread exactly, their tails by the saddlepoint.

Formula: Lugannani and Rice (Adv. Appl. Probability 12, 1980) with the correction for whole numbers of Daniels (Int. Stat.
Review 55, 1987); near the middle the series of Edgeworth, and the quantiles of Cornish and Fisher (1938).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, exp, expm1, pi, sqrt
from statistics import NormalDist

import numpy as np

from analysis._trees import Floats, Ints

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(0.975)
_MIDDLE = 0.2  # tails larger than this need no saddlepoint, and have a poor one
_NEAR = 0.5  # standard deviations above the mean within which its saddlepoint is nearly divided by nothing
_LEAST = 1e-12  # a smaller p would say more of the arithmetic than of what was seen
_ROUNDS = 60


@dataclass(frozen=True)
class Law:
    """Values with their shares, by block; ``cumulants`` has the first four of each block as columns."""

    block: Ints
    value: Floats
    share: Floats
    cumulants: Floats
    blocks: int

    @classmethod
    def of(cls, block: Ints, value: Ints, share: Floats, blocks: int) -> Law:
        """Return the laws of blocks from pieces sorted by block; the shares of a block add up to one."""
        values = value.astype(float)
        weighed = share.copy()
        moments = []
        for _ in range(4):
            weighed = weighed * values
            moments.append(np.bincount(block, weighed, blocks))
        one, two, three, four = moments
        cumulants = (
            one,
            two - one**2,
            three - 3 * one * two + 2 * one**3,
            four - 4 * one * three - 3 * two**2 + 12 * one**2 * two - 6 * one**4,
        )
        return cls(block, values, share, np.array(cumulants), blocks)

    def only(self, counts: Floats) -> tuple[Law, Floats]:
        """Return the laws of the blocks that count, and their counts."""
        kept = counts > 0
        here = kept[self.block]
        numbers = np.cumsum(kept) - 1
        law = Law(
            numbers[self.block[here]],
            self.value[here],
            self.share[here],
            self.cumulants[:, kept],
            int(kept.sum()),
        )
        return law, counts[kept]


def quantiles(sums: Floats) -> tuple[float, float]:
    """Return between which values 95 % of the sums lie, from their cumulants."""
    mean, variance, skew, peak = _standard(sums)
    if variance <= 0:
        return mean, mean
    shift = skew * (_Z**2 - 1) / 6
    width = _Z + peak * (_Z**3 - 3 * _Z) / 24 - skew**2 * (2 * _Z**3 - 5 * _Z) / 36
    return mean + sqrt(variance) * (shift - width), mean + sqrt(variance) * (shift + width)


def upper_tail(seen: int, law: Law, counts: Floats) -> float:
    """Return how probable a sum of ``seen`` or more is, ``counts`` numbers being drawn from the law of each block."""
    sums = law.cumulants @ counts
    rough = _edgeworth(seen, sums)
    if rough > _MIDDLE or seen - float(sums[0]) < _NEAR * sqrt(max(float(sums[1]), 0.0)):
        return max(rough, _LEAST)
    few, times = law.only(counts)
    return min(max(_saddlepoint(seen, few, times, sums), _LEAST), 1.0)


def _standard(sums: Floats) -> tuple[float, float, float, float]:
    mean, variance, third, fourth = (float(one) for one in sums)
    if variance <= 1e-12:
        return mean, 0.0, 0.0, 0.0
    return mean, variance, third / variance**1.5, fourth / variance**2


def _edgeworth(seen: int, sums: Floats) -> float:
    mean, variance, skew, peak = _standard(sums)
    if variance <= 0:
        return 1.0  # nothing else can come
    z = (seen - 0.5 - mean) / sqrt(variance)
    terms = skew * (z**2 - 1) / 6 + peak * (z**3 - 3 * z) / 24 + skew**2 * (z**5 - 10 * z**3 + 15 * z) / 72
    return min(max(1 - _NORMAL.cdf(z) + _density(z) * terms, 0.0), 1.0)


def _density(z: float) -> float:
    return exp(-z * z / 2) / sqrt(2 * pi)


def _saddlepoint(seen: int, law: Law, counts: Floats, sums: Floats) -> float:
    starts = np.flatnonzero(np.diff(law.block, prepend=-1))
    top = np.maximum.reduceat(law.value, starts)
    room = float(counts @ top) - seen
    if room < 0.5:  # as large as it can be: every number is the largest of its block
        at_top = np.add.reduceat(np.where(law.value == top[law.block], law.share, 0.0), starts)
        return exp(float(counts @ np.log(at_top)))
    below = law.value - top[law.block]  # so that nothing grows without bound
    tilt, low, high = min((seen - float(sums[0])) / float(sums[1]), 1.0), 0.0, np.inf
    for _ in range(_ROUNDS):
        weight = law.share * np.exp(tilt * below)
        mass = np.add.reduceat(weight, starts)
        first = np.add.reduceat(weight * below, starts) / mass
        second = np.add.reduceat(weight * below**2, starts) / mass - first**2
        slope, bend = float(counts @ first) + room, float(counts @ second)
        low, high = (tilt, high) if slope < 0 else (low, tilt)
        if abs(slope) < 1e-9 * max(sqrt(bend), 1.0):
            break
        moved = tilt - slope / bend if bend > 0 else np.inf
        tilt = moved if low < moved < high else (low + high) / 2 if np.isfinite(high) else 2 * tilt
    depth = tilt * (-room) - float(counts @ np.log(mass))  # s x - K(s)
    w, u = copysign(sqrt(2 * max(depth, 0.0)), tilt), -expm1(-tilt) * sqrt(bend)
    return 1 - _NORMAL.cdf(w) + _density(w) * (1 / u - 1 / w)
