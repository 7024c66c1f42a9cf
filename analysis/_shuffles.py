"""What chance alone would give: the labels of accounts are shuffled among the posts of one clock hour, again and again.

Shuffling keeps how active each account is in each hour, what is shared, when, and how often; it breaks only who shares
what with whom. Where posts have a region and a language, labels stay within those too: people who read the same language
share the same things without any plan. Formula: FDR(k) = mean number of pairs of weight k or more over shuffles, by the
number seen, with the Monte-Carlo error of that mean; p-values over all windows and weights together by the largest
excess, on a square-root scale (Westfall and Young, Resampling-Based Multiple Testing, 1993). An hour with one post cannot
be shuffled, which makes the answer more careful, not less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis._coshares import Edges, Meetings, Shares, Whole, edges

SEED = 20250501
HOUR = 3600


class Threshold(NamedTuple):
    """Pairs of accounts that share at least so many objects within so many seconds."""

    within: int
    least: int


class Chance(NamedTuple):
    """How many pairs reach a threshold: seen, and by chance, with the standard error of that mean.

    ``p`` is how probable so large an excess is by chance at this threshold or any other.
    """

    seen: int
    expected: float
    error: float
    p: float

    def share(self) -> tuple[float, float, float] | None:
        """Return the share of what was seen that chance gives, with its 95 % Monte-Carlo interval; None of nothing."""
        if not self.seen:
            return None
        wide = 1.96 * self.error
        low, high = max(self.expected - wide, 0), self.expected + wide
        return self.expected / self.seen, low / self.seen, high / self.seen


def against_chance(
    shares: Shares, met: dict[int, Meetings], weights: Sequence[int], *, rounds: int, among: Whole | None = None
) -> dict[Threshold, Chance]:
    """Return each window's pairs of at least each weight, seen and by chance; seeded, so the same again.

    Labels are shuffled ``among`` the shares of one number, which is the clock hour unless given.
    """
    thresholds = [Threshold(within, least) for within in met for least in weights]
    counts = np.zeros((rounds + 1, len(thresholds)))
    counts[0] = _counts(shares, met, weights, shares.account)
    shuffled = Shuffled(shares, shares.at // HOUR if among is None else among)
    for place in range(1, rounds + 1):
        counts[place] = _counts(shares, met, weights, shuffled.labels())
    by_chance, p = counts[1:], _adjusted(counts)
    error = by_chance.std(axis=0, ddof=1) / np.sqrt(rounds)
    error = np.maximum(error, 1.5 / rounds)  # none in so many shuffles is up to three in as many, at 95 %
    return {
        threshold: Chance(int(counts[0, i]), float(by_chance[:, i].mean()), float(error[i]), float(p[i]))
        for i, threshold in enumerate(thresholds)
    }


class Shuffled:
    """Deals the labels of accounts out anew, each among shares of one number: a post keeps one label for all it shares."""

    def __init__(self, shares: Shares, among: Whole, seed: int = SEED) -> None:
        self._posts, first, self._post_of = np.unique(shares.post, return_index=True, return_inverse=True)
        self._account = shares.account[first]
        self._among = np.unique(among[first], return_inverse=True)[1]  # whole numbers, between which a draw fits
        self._places = np.argsort(self._among, kind="stable")
        self._draw = np.random.default_rng(seed)

    def labels(self) -> Whole:
        """Return another account for each share."""
        order = np.argsort(self._among + self._draw.random(len(self._among)))
        dealt = np.empty_like(self._account)
        dealt[self._places] = self._account[order]
        return dealt[self._post_of]


def _counts(shares: Shares, met: dict[int, Meetings], weights: Sequence[int], account: Whole) -> npt.NDArray[np.int64]:
    found = (edges(shares, m, account, least=min(weights)) for m in met.values())
    return np.concatenate([_reach(edge, weights) for edge in found])


def _reach(found: Edges, weights: Sequence[int]) -> Whole:
    return np.array([np.count_nonzero(found.weight >= least) for least in weights], np.int64)


def _adjusted(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return for each threshold how many rows, of which the first is what was seen, have its excess at any threshold."""
    excess = np.sqrt(counts + 0.375) - np.sqrt(counts.mean(axis=0) + 0.375)  # spread alike for few and many (Anscombe)
    largest = excess.max(axis=1)
    return (largest[:, None] >= excess[0] - 1e-12).mean(axis=0)  # type: ignore[no-any-return]
