"""Does one series of moments come after another more often than chance: against moments re-drawn near where they were.

A common driver (day and night, news) moves both series and is slower than a share; so each moment of the follower may as
well lie anywhere in its own block of time, which keeps what is slower than the block and breaks what is faster (interval
jitter: Amarasingham, Harrison, Hatsopoulos, Geman, J. Neurophysiology 107, 2012). What re-drawn moments give is a sum of
independent whole numbers whose laws are known, so nothing is drawn: mean and spread are exact, its tails come from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis._tails import Law, quantiles, upper_tail
from analysis._trees import Floats, Ints

WITHIN_S = 3600  # how soon after the leader a follower counts
FINEST_S = 5400  # cells of time of which blocks are made
WIDEST = 4  # cells in a block at most


class Lead(NamedTuple):
    """``excess`` is D above what chance gives on average, with what 95 % of chance leaves; ``p`` is one-sided."""

    excess: float
    low: float
    high: float
    p: float
    n: int  # followers


class Steps(NamedTuple):
    """What a follower adds to D, as stretches of seconds on which that is the same: in which cell, how much, how long."""

    cell: Ints
    value: Ints
    length: Ints


def cells(series: Iterable[Floats]) -> Ints:
    """Return the starts of the cells of every widest block that holds a moment; blocks begin with the clock."""
    widest = WIDEST * FINEST_S
    blocks = np.unique(np.concatenate([seconds(moments) // widest for moments in series]))
    starts: Ints = (blocks[:, None] * widest + np.arange(WIDEST) * FINEST_S).ravel()
    return starts


def seconds(moments: Floats) -> Ints:
    """Return whole seconds."""
    return np.floor(moments).astype(np.int64)


def steps(leader: Floats, starts: Ints, within: int = WITHIN_S) -> Steps:
    """Return what a follower anywhere in these cells adds: leaders in the time before it, less those in the time after."""
    at = seconds(leader)
    moves = np.concatenate([at - within, at, at + 1, at + within + 1, starts, starts + FINEST_S])
    by = np.repeat([-1, 1, 1, -1, 0, 0], [len(at)] * 4 + [len(starts)] * 2)
    order = np.argsort(moves, kind="stable")
    points, level = moves[order], np.cumsum(by[order])
    cell = np.searchsorted(starts, points[:-1], side="right") - 1
    length = np.diff(points)
    inside = (length > 0) & (cell >= 0) & (points[:-1] < starts[cell] + FINEST_S)
    return Steps(cell[inside], level[:-1][inside], length[inside])


def pairs_in_order(leader: Floats, follower: Floats, within: int = WITHIN_S) -> int:
    """Return D: pairs with the follower in (0, w] after the leader, less pairs the other way round."""
    ahead, at = np.sort(seconds(leader)), seconds(follower)
    before = np.searchsorted(ahead, at) - np.searchsorted(ahead, at - within)
    after = np.searchsorted(ahead, at + within, side="right") - np.searchsorted(ahead, at, side="right")
    return int((before - after).sum())


def law(of: Steps, wide: int, count: int) -> Law:
    """Return what one follower adds in each of ``count`` blocks of so many cells."""
    return Law.of(of.cell // wide, of.value, of.length / (wide * FINEST_S), count)


def lead(seen: int, chance: Law, places: npt.NDArray[np.int64]) -> Lead:
    """Return whether D is more than chance gives followers that stand in these blocks: p is of a D as large at least."""
    counts = np.bincount(places, minlength=chance.blocks).astype(float)
    sums = chance.cumulants @ counts
    low, high = quantiles(sums)
    return Lead(seen - float(sums[0]), seen - high, seen - low, upper_tail(seen, chance, counts), len(places))


def false_discovery(p: npt.ArrayLike) -> Floats:
    """Return the least false-discovery rate at which each test would be called (Benjamini and Hochberg, JRSS B 57, 1995)."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    found = np.empty(len(values))
    found[order] = np.minimum(np.minimum.accumulate(values[order] * len(values) / ranks), 1.0)
    return found
