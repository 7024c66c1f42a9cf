"""Which accounts share more of the same things than their numbers explain, at whatever time: a second view.

Formula: the overlap of two accounts that share a and b of N objects is hypergeometric where each draws at random; pairs
are kept by Benjamini and Hochberg's rule over all pairs, those without overlap counted (Tumminello and others,
Statistically Validated Networks in Bipartite Complex Systems, PLoS ONE 6, 2011). It takes all objects for equally
popular, so it finds too much where some are in everybody's mouth: a hint, never a finding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis._coshares import Edges, Shares, Whole, edges, meetings
from analysis._jitter import false_discovery

Real = npt.NDArray[np.float64]


class Overlap(NamedTuple):
    """Pairs that overlap, with the probability of so much by chance; how many pairs there are; objects left out."""

    pairs: Edges
    p: Real
    possible: int
    crowded: int

    def validated(self, rate: float) -> Edges:
        """Return the pairs that stand at this false discovery rate over all possible pairs."""
        kept = self.p <= benjamini_hochberg(self.p, self.possible, rate)
        return Edges(*(column[kept] for column in self.pairs))


def overlap(shares: Shares, *, cap: int | None = None) -> Overlap:
    """Return all pairs of accounts with an object in common, of those that share two objects at least.

    An object that more than ``cap`` of them share costs its square and tells nothing: it is left out altogether.
    """
    once = _once(shares)
    crowd = np.bincount(once.object)
    crowded = crowd > (len(once.object) if cap is None else cap)
    once = once.only(~crowded[once.object])
    objects = int(np.count_nonzero(crowd)) - int(crowded.sum())
    active = np.bincount(once.account)[once.account] >= 2 if len(once.account) else np.empty(0, np.bool_)
    return _tested(_once(once.only(active)), objects, int(crowded.sum()))


def _once(shares: Shares) -> Shares:
    """Return one row for each account and object, all at one time, as posts of their own."""
    size = int(shares.account.max(initial=0)) + 1
    code = np.unique(shares.object * size + shares.account)
    _, thing = np.unique(code // size, return_inverse=True)
    _, account = np.unique(code % size, return_inverse=True)
    return Shares(np.arange(len(code)), thing, account, np.zeros(len(code), np.int64))


def _tested(once: Shares, objects: int, crowded: int) -> Overlap:
    pairs = edges(once, meetings(once, 0), once.account)
    has = np.bincount(once.account)
    p = at_least(pairs.weight, objects, has[pairs.low], has[pairs.high])
    return Overlap(pairs, p, len(has) * (len(has) - 1) // 2, crowded)


def at_least(common: Whole, objects: int, one: Whole, two: Whole) -> Real:
    """Return the probability that two draws of ``one`` and ``two`` of so many objects have ``common`` or more alike."""
    size = objects + 1
    code = (common * size + np.minimum(one, two)) * size + np.maximum(one, two)
    cases, place = np.unique(code, return_inverse=True)  # many pairs are alike
    return _upper_tail(cases // size**2, cases // size % size, cases % size, objects)[place]


def _upper_tail(common: Whole, one: Whole, two: Whole, objects: int) -> Real:
    log = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, objects + 1)))])  # of factorials

    def choose(n: Whole, k: Whole) -> Real:
        return log[n] - log[k] - log[n - k]  # type: ignore[no-any-return]

    rest = objects - two
    term = np.exp(choose(two, common) + choose(rest, one - common) - choose(np.full_like(one, objects), one))
    total, x = term.copy(), common.copy()
    while np.any(term > 1e-17 * total):
        term = term * ((one - x) * (two - x)) / np.maximum((x + 1) * (rest - one + x + 1), 1)
        total, x = total + term, x + 1
    return np.minimum(total, 1.0)


def benjamini_hochberg(p: Real, tests: int, rate: float) -> float:
    """Return the largest p-value that stands at this rate among so many tests, those that are not given being 1."""
    stand = p[false_discovery(p) * tests <= rate * len(p)]
    return float(stand.max()) if len(stand) else -1.0
