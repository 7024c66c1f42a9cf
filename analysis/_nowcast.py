"""How many of the newest hours' items will have come to light in the end: delays read backwards.

Of what is not yet seen nothing is known, so delays are counted from the longest down: among the items with a delay of at
most d that had the time to show it, how many had exactly d (Lawless, Canadian Journal of Statistics 22, 1994, 15).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST = 0.2  # of an hour of which less than this share can have been seen, nothing is said
_DRAWS = 2000
_SEED = 20260301  # the same question has the same answer


class Delays(NamedTuple):
    """For each delay of 0 and more how many had exactly it, and how many at most it, of those that had the time for it."""

    exactly: NDArray[np.int64]
    at_most: NDArray[np.int64]


class Nowcast(NamedTuple):
    """What was seen of a step, and what there is with its 95 % interval; ``share`` is of what can have been seen by now."""

    seen: int
    share: float
    total: float
    low: float
    high: float


def delays(born: NDArray[np.int64], seen: NDArray[np.int64], now: int, longest: int) -> Delays:
    """Count the delays of items by the steps in which each was born and seen; ``now`` is the last step that is whole."""
    delay = seen - born
    used = (delay >= 0) & (delay <= longest) & (seen <= now)
    born, delay = born[used], delay[used]
    exactly = np.bincount(delay, minlength=longest + 1)
    at_most = np.array([np.count_nonzero((delay <= d) & (born <= now - d)) for d in range(longest + 1)])
    return Delays(exactly, at_most)


def shares(found: Delays) -> NDArray[np.float64]:
    """Return for each delay the share F(d) of items that are seen by then: the product of 1 - g(x) over longer x."""
    hazard = np.divide(found.exactly, found.at_most, out=np.zeros(len(found.exactly)), where=found.at_most > 0)
    share: NDArray[np.float64] = _backwards(hazard[None, :])[0]
    return share


def nowcast(seen: NDArray[np.int64], found: Delays) -> list[Nowcast]:
    """Return the nowcast of each step by its age, youngest first: seen / F, with an interval; young steps are nan.

    The interval holds what is left to chance (negative binomial) and that F itself is known from few (beta).
    """
    chance = np.random.default_rng(_SEED)
    hazards = chance.beta(
        found.exactly + 0.5, np.maximum(found.at_most - found.exactly, 0) + 0.5, (_DRAWS, len(found[0]))
    )
    hazards[:, found.exactly == 0] = 0.0
    drawn = np.clip(_backwards(hazards), 1e-9, 1.0)
    share = shares(found)
    return [_one(int(n), share[age], drawn[:, age], chance) for age, n in enumerate(seen)]


def _one(seen: int, share: float, drawn: NDArray[np.float64], chance: np.random.Generator) -> Nowcast:
    if not share >= LEAST:
        return Nowcast(seen, float(share), np.nan, np.nan, np.nan)
    totals = seen + chance.negative_binomial(seen + 0.5, drawn)
    low, high = np.quantile(totals, (0.025, 0.975))
    return Nowcast(seen, float(share), seen / share, float(low), float(high))


def _backwards(hazards: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the product of 1 - g over all longer delays, for each delay of each row."""
    after = np.cumprod((1 - hazards)[:, :0:-1], axis=1)[:, ::-1]
    return np.concatenate([after, np.ones((len(hazards), 1))], axis=1)
