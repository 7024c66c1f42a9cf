"""Does one series of moments come after another more often than chance: by re-drawing moments near where they were.

A common driver (day and night, news) moves both series and is slower than a share; so each moment of the follower is drawn
anew within its own block of time, which keeps what is slower than the block and breaks what is faster (interval jitter:
Amarasingham, Harrison, Hatsopoulos, Geman, J. Neurophysiology 107, 2012).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis._trees import Floats

WITHIN_S = 3600  # how soon after the leader a follower counts
FIRST, ALL = 199, 1999  # draws: a pair that 199 draws show to be plain chance gets no more
_ENOUGH = 20  # of the first draws at least as large: p is above a tenth
_CELLS = 4_000_000  # numbers held at once
_TICKS = 2_000_000  # of the clock on which lags are counted
_WIDEST_S = 6 * 3600


class Lead(NamedTuple):
    """``excess`` is D above its mean over the draws, with what 95 % of the draws leave; ``p`` is one-sided."""

    excess: float
    low: float
    high: float
    p: float
    n: int  # followers


class Clock(NamedTuple):
    """Whole ticks over the time that all series span."""

    start: float
    tick: float
    ticks: int


def clock(*series: Floats, within: float = WITHIN_S) -> Clock:
    """Return a clock that holds these moments, and wherever they may be drawn to; a second a tick, longer for months."""
    start = min(float(one.min()) for one in series) - within
    start -= start % _WIDEST_S  # blocks of any width begin with the clock
    span = max(float(one.max()) for one in series) + within + _WIDEST_S - start
    tick = max(1.0, np.ceil(span / _TICKS))
    return Clock(start, tick, int(span / tick) + 1)


def scores(leader: Floats, hands: Clock, within: float = WITHIN_S) -> npt.NDArray[np.int32]:
    """Return for each tick what a follower there adds to D: leaders in the time before it, less those in the time after."""
    at = ((leader - hands.start) / hands.tick).astype(np.int64)
    wide = int(within / hands.tick)
    so_far: npt.NDArray[np.int32] = np.cumsum(np.bincount(at, minlength=hands.ticks)).astype(np.int32)
    early, late = np.zeros(wide + 1, dtype=np.int32), np.full(wide, so_far[-1])
    held = np.concatenate([early, so_far, late])  # held[t + wide] is how many came before t
    at_tick, next_tick = held[wide:], held[wide + 1 :]
    found: npt.NDArray[np.int32] = at_tick[: hands.ticks] - held[: hands.ticks]
    found -= next_tick[wide:][: hands.ticks] - next_tick[: hands.ticks]
    return found


def lead(
    by_tick: npt.NDArray[np.int32], follower: Floats, hands: Clock, block: float, *, most: int = ALL, seed: int = 1
) -> Lead:
    """Return whether the follower comes within a time after the leader more often than the leader after it.

    D = pairs with the follower in (0, w] after the leader, less pairs the other way round, from the scores of the leader;
    p = (1 + draws with a D as large) / (1 + draws). A block divides 6 hours. Moments in seconds.
    """
    places = ((follower - hands.start) / hands.tick).astype(np.int64)
    seen = int(by_tick[places].sum())
    rng = np.random.default_rng(seed)
    drawn = _draw(rng, by_tick, places, int(block / hands.tick), FIRST)
    if most > FIRST and (drawn >= seen).sum() < _ENOUGH:
        drawn = np.concatenate([drawn, _draw(rng, by_tick, places, int(block / hands.tick), most - FIRST)])
    low, high = np.quantile(drawn, [0.025, 0.975])
    p = (1 + int((drawn >= seen).sum())) / (1 + len(drawn))
    return Lead(seen - float(drawn.mean()), seen - float(high), seen - float(low), p, len(follower))


def _draw(
    rng: np.random.Generator, by_tick: npt.NDArray[np.int32], places: npt.NDArray[np.int64], block: int, draws: int
) -> npt.NDArray[np.int64]:
    """Return D of so many draws: every follower anywhere in its own block."""
    starts = places - places % block
    step = max(1, _CELLS // len(places))
    parts = [
        by_tick[starts + rng.integers(0, block, (min(step, draws - done), len(places)))].sum(axis=1, dtype=np.int64)
        for done in range(0, draws, step)
    ]
    return np.concatenate(parts)


def false_discovery(p: npt.ArrayLike) -> Floats:
    """Return the least false-discovery rate at which each test would be called (Benjamini and Hochberg, JRSS B 57, 1995)."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    found = np.empty(len(values))
    found[order] = np.minimum(np.minimum.accumulate(values[order] * len(values) / ranks), 1.0)
    return found
