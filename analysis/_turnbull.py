"""How long things last where each moment is only known to lie between two looks: Turnbull's estimate, in boxes.

Between the ends of a box the data say nothing: a line drawn through it would be made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_CLOSE = 1e-9  # of the optimality conditions
_ROUNDS = 20_000
_NEWTON = 2_000_000  # cells of the matrix that a Newton step is worth


@dataclass(frozen=True)
class _Data:
    """Of each different datum the first and the last box within it, and how often it occurs."""

    first: NDArray[np.intp]
    last: NDArray[np.intp]
    count: Floats


@dataclass(frozen=True)
class Boxes:
    """Where the losses lie: ``mass`` of them after ``start`` and up to ``end`` (the two are equal for a known moment).

    ``gap`` is how far the optimality conditions are from being met: 0 at the maximum.
    """

    start: Floats
    end: Floats
    mass: Floats
    gap: float

    def share_up(self, at: ArrayLike) -> tuple[Floats, Floats]:
        """Return bounds of the share still up at these times; they differ inside a box."""
        when = np.asarray(at, float)[:, None]
        certain = np.where(self.end <= when, self.mass, 0.0).sum(axis=1)
        begun = np.where((self.start < when) | (self.end <= when), self.mass, 0.0).sum(axis=1)
        return 1 - begun, 1 - certain


def turnbull(left: ArrayLike, right: ArrayLike) -> Boxes:
    """Return the distribution of losses in (left, right] that makes the data likeliest; infinity is not lost yet.

    Turnbull, JRSS B 38, 1976; by EM in doubled steps (Varadhan & Roland, Scand. J. Statist. 35, 2008).
    """
    pairs = np.stack([np.asarray(left, float), np.asarray(right, float)], axis=1)
    unique, count = np.unique(pairs, axis=0, return_counts=True)
    start, end, data = _innermost(unique[:, 0], unique[:, 1], count.astype(float))
    mass = np.full(len(start), 1 / len(start))
    for number in range(_ROUNDS):
        mass, gain = _double_step(mass, data)
        if gain.max() - 1 < _CLOSE:
            break
        if number % 10 == 9:
            mass = _newton(mass, gain, data)
    return Boxes(start, end, mass, float(gain.max() - 1))


def _double_step(mass: Floats, data: _Data) -> tuple[Floats, Floats]:
    """Return the mass after two steps of EM and a leap along their direction, kept only where it is no worse."""
    one = mass * _gain(mass, data)
    two = one * _gain(one, data)
    step, turn = one - mass, (two - one) - (one - mass)
    bend = float(np.sqrt((turn**2).sum()))
    if bend > 0:
        length = max(1.0, float(np.sqrt((step**2).sum())) / bend)
        leap = np.maximum(mass + 2 * length * step + length**2 * turn, 0.0)
        if (total := leap.sum()) > 0 and _likelihood(leap / total, data) >= _likelihood(two, data):
            two = leap / total
            two = two * _gain(two, data)
    return two, _gain(two, data)


def _newton(mass: Floats, gain: Floats, data: _Data) -> Floats:
    """Return the mass after a Newton step, halved until it is no worse: EM alone takes thousands of rounds to empty a box.

    The step's quadratic is solved with no mass below 0 (Wang, JRSS B 69, 2007; Lawson & Hanson's inner loop).
    """
    kept = np.where((mass == 0) & (gain > 1 + _CLOSE), 1e-6, mass)
    kept[kept < 1e-12] = 0.0
    held = np.flatnonzero(kept)
    if len(data.first) * len(held) > _NEWTON:
        return mass
    inside = (data.first[:, None] <= held) & (held <= data.last[:, None])
    scaled = inside / _covered(kept, data)[:, None]
    weighted = scaled * data.count[:, None]
    goal = kept.copy()
    goal[held] = _least(weighted.T @ scaled, 2 * weighted.sum(axis=0) - data.count.sum(), kept[held])
    old = _likelihood(mass, data)
    for halving in range(8):
        moved = kept + (goal - kept) * 0.5**halving
        moved = moved / float(moved.sum())
        if _likelihood(moved, data) >= old:
            return moved
    return mass


def _least(square: Floats, linear: Floats, point: Floats) -> Floats:
    """Return the solution of square @ x = linear with no x below 0, walking from a point that has none."""
    now, free = point.copy(), point > 0
    while free.any():
        aim = np.zeros_like(now)
        part = square[np.ix_(free, free)]
        aim[free] = np.linalg.lstsq(part, linear[free], rcond=1e-12)[0]
        below = free & (aim <= 0)
        if not below.any():
            return aim
        reach = float((now[below] / np.maximum(now[below] - aim[below], 1e-300)).min())
        now = np.asarray(np.maximum(now + reach * (aim - now), 0.0))
        free &= now > 1e-15
        now[~free] = 0.0
    return now


def _covered(mass: Floats, data: _Data) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(mass)])
    return np.asarray(np.maximum(sums[data.last + 1] - sums[data.first], 1e-300), dtype=np.float64)


def _likelihood(mass: Floats, data: _Data) -> float:
    return float(data.count @ np.log(_covered(mass, data)))


def _gain(mass: Floats, data: _Data) -> Floats:
    """Return by what EM multiplies the mass of each box; 1 where it stays, at most 1 where it has become 0."""
    weight = data.count / _covered(mass, data)
    ends = np.bincount(data.first, weight, len(mass) + 1) - np.bincount(data.last + 1, weight, len(mass) + 1)
    return np.asarray(np.cumsum(ends)[:-1] / data.count.sum())


def _innermost(low: Floats, high: Floats, count: Floats) -> tuple[Floats, Floats, _Data]:
    """Return the starts and ends of the boxes: where an end follows a beginning at once, among all that are seen.

    At one time a known moment begins before, and an open end after, the end of what closes there.
    """
    after = np.where(low == high, -1, 1)
    begins, closes = list(zip(low, after, strict=True)), [(end, 0) for end in high]
    points = sorted({*begins, *closes})
    place = {point: number for number, point in enumerate(points)}
    boxes = [n for n, (a, b) in enumerate(pairwise(points)) if a[1] != 0 and b[1] == 0]
    first = np.searchsorted(boxes, [place[point] for point in begins], side="left")
    last = np.searchsorted(boxes, [place[point] - 1 for point in closes], side="right") - 1
    starts, ends = ([points[n + more][0] for n in boxes] for more in (0, 1))
    return np.array(starts), np.array(ends), _Data(first, last, count)
