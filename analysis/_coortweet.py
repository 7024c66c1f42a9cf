"""CooRTweet's own counting, so that its numbers can be had from the same pairs: weights are pairs, not different objects.

Its rules (version 2.1.3): accounts with fewer than ``least`` shares go before; of the pairs those stay of which one side is
of an account with ``least`` posts among all that are in pairs; edges count above a quantile of weights. We do otherwise:
one object shared ten times is one coincidence, and a quantile says nothing of chance.
"""

from __future__ import annotations

import numpy as np

from analysis._coshares import Edges, Meetings, Shares, meetings


def coshares(shares: Shares, window: int, least: int, *, loops: bool = False) -> tuple[Shares, Meetings]:
    """Return the shares that take part and their pairs; ``loops`` keeps pairs of an account with itself."""
    shares = shares.only(np.bincount(shares.account)[shares.account] >= least)
    met = meetings(shares, window)
    kept = shares.post[met.first] != shares.post[met.second]
    if not loops:
        kept &= shares.account[met.first] != shares.account[met.second]
    first, second = met.first[kept], met.second[kept]
    paired = np.isin(shares.post, shares.post[np.concatenate([first, second])])
    enough = np.bincount(shares.account[paired], minlength=int(shares.account.max()) + 1) >= least
    active = np.isin(shares.post, shares.post[paired & enough[shares.account]])
    stay = active[first] | active[second]
    return shares, Meetings(first[stay], second[stay], 0)


def network(shares: Shares, met: Meetings) -> Edges:
    """Return the pairs of accounts, weighted by how many pairs of posts they have."""
    ends = np.sort(np.stack([shares.account[met.first], shares.account[met.second]]), axis=0)
    (low, high), weight = np.unique(ends, axis=1, return_counts=True)
    return Edges(low, high, weight)


def above(found: Edges, quantile: float) -> Edges:
    """Return the edges whose weight is beyond this quantile of all weights."""
    kept = found.weight > np.quantile(found.weight, quantile)
    return Edges(found.low[kept], found.high[kept], found.weight[kept])
